/* Small comforts on top of pages that work without any script. No rule of the clinic lives here. */
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Each row that is longer than the window (days, the counts of the office's day) shows what is current in it.
  const centreCurrent = () => {
    document.querySelectorAll(".days [aria-current], .counts [aria-current]").forEach((current) => {
      const row = current.parentElement;
      const [inner, outer] = [current.getBoundingClientRect(), row.getBoundingClientRect()];
      row.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
    });
  };

  // A week's link shows its first day in the row; the page moves no further than needed, and Back doesn't.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".weeks a");
    const day = link && document.getElementById(link.hash.slice(1));
    if (!day) return;
    event.preventDefault();
    day.focus({ preventScroll: true });
    day.scrollIntoView({ block: "nearest", inline: "start", behavior: calm ? "auto" : "smooth" });
  });

  // Browsers leave a link of such a row half outside when Tab comes to it.
  document.addEventListener("focusin", ({ target }) => {
    if (target.closest(".counts")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  // Colours change where one is, and nothing is loaded anew. Language needs the server's words: what is typed goes along.
  const paint = (theme) => {
    const root = document.documentElement;
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.querySelectorAll("[data-preference=theme][aria-pressed]").forEach((each) => {
      each.setAttribute("aria-pressed", String(each.value === theme));
    });
  };
  // The search on the home page is sent along once something stands in it. A filter stands in the address: what was
  // changed in it, and isn't asked for yet, goes there before the page is left. A search that leads elsewhere doesn't.
  let changed = null;
  document.addEventListener("input", ({ target }) => { changed = target.form; });
  const askFilter = () => {
    if (!changed || changed.method !== "get" || !changed.isConnected) return;
    const address = new URL(changed.action);
    if (address.pathname !== location.pathname) return;
    address.search = new URLSearchParams(new FormData(changed));
    history.replaceState(history.state, "", address);
  };
  const unsent = () => {
    const search = document.getElementById("search-box");
    return document.getElementById("details") || (search && search.elements.q.value.trim() ? search : null);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-preference]");
    if (!button) return;
    const prefs = button.closest("form");
    if (button.dataset.preference === "theme") {
      event.preventDefault();
      paint(button.value);
      const body = new URLSearchParams({ csrf_token: prefs.elements.csrf_token.value, theme: button.value });
      fetch(prefs.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
      return;
    }
    // A part of the page that came later may have brought the form, or taken it away.
    const form = unsent();
    if (!form) askFilter();
    button.name = form ? "set_language" : "language";
    button.formNoValidate = true;
    if (form) button.setAttribute("form", form.id);
    else button.removeAttribute("form");
  });
  // Such a form is answered with a whole page, which HTMX would put into a part of this one.
  document.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.dataset.preference) event.stopImmediatePropagation();
  }, true);

  // A form is sent once: the second press of an impatient finger does nothing. Coming back re-arms it.
  const free = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  }, true);
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.matches("form[data-sent]")) free(event.target);
  });

  // A button of a form that leads elsewhere than the form itself does so by HTMX too.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const elsewhere = detail.elt.getAttribute("formaction");
    if (elsewhere !== null) detail.path = elsewhere;
  });

  // A refused form's page is the answer to a POST, which Chromium won't show again on Back. Once it is left, its place in
  // the history is that of the form itself; loading it anew before that still shows what was typed.
  addEventListener("beforeunload", () => history.replaceState(history.state, "", location.href));

  // Who goes back or forward twice wants the second page: what the first still fetches must not be shown over it.
  let restoring = null;
  document.addEventListener("htmx:historyCacheMiss", ({ detail }) => {
    if (restoring) restoring.abort();
    restoring = detail.xhr;
  });

  // A link pressed with Ctrl, Cmd, Shift or Alt is the browser's: htmx would swap where a new tab was asked for.
  document.addEventListener("click", (event) => {
    const apart = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (apart && event.target.closest("a[hx-get]")) event.stopPropagation();
  }, true);

  // A password can be shown while it is typed; it is sent hidden, so that no browser keeps it among other texts.
  const reveal = (button, shown) => {
    const words = button.closest(".secret").dataset;
    document.getElementById(button.dataset.reveal).type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
  };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-reveal]");
    if (button) reveal(button, document.getElementById(button.dataset.reveal).type === "password");
  });
  document.addEventListener("submit", ({ target }) => {
    target.querySelectorAll("[data-reveal]").forEach((button) => reveal(button, false));
  }, true);

  // On a slow line a choice that leads to another page says that it was pressed; htmx marks those that stay on theirs.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.pick, .time-link");
    const apart = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || apart || link.closest("[hx-boost]")?.getAttribute("hx-boost") === "true") return;
    link.setAttribute("aria-busy", "true");
    addEventListener("pageshow", () => link.removeAttribute("aria-busy"), { once: true });
  });

  // A slip or record can be printed; the browser's own menu does the same.
  document.addEventListener("click", (event) => {
    const print = event.target.closest("[data-print]");
    if (print) window.print();
  });

  // After a choice, the next step comes into view, no further than needed (without script the link's #anchor does it).
  // So does a visit that is opened from the queue where it stands below that; whoever reads or tabs on goes on there.
  const narrow = matchMedia("(max-width: 48rem)");
  let next = null, opened = false;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    opened = detail.target.id === "day-view" && narrow.matches;
    next = detail.target.id === "booking" ? detail.pathInfo.anchor : null;
    if (next) detail.pathInfo.anchor = undefined;
  });
  document.addEventListener("htmx:afterSettle", () => {
    centreCurrent();
    const visit = opened && document.getElementById("visit");
    const place = next && document.getElementById(next);
    const step = place && place.closest("section, aside");
    next = null;
    opened = false;
    if (visit) {
      visit.querySelector("h1").focus({ preventScroll: true });
      visit.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    }
    if (step) step.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  });

  // What a list's answer says of a day in its filter, out of band, is true of the field itself.
  document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
    const place = detail.target;
    if (!place.id.endsWith("-err")) return;
    const field = document.getElementById(place.id.slice(0, -4));
    if (place.childElementCount) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  });

  // What is typed while a time is chosen stays, where Back leads to a page without its field and Forward to it again.
  const typed = new Map();
  const typedIn = (field) => `${location.pathname}#${field.id}`;
  document.addEventListener("input", ({ target }) => {
    if (target.hasAttribute("hx-preserve")) typed.set(typedIn(target), target.value);
  });
  document.addEventListener("htmx:afterSettle", () => {
    document.querySelectorAll("textarea[hx-preserve]").forEach((field) => {
      field.value = field.value || typed.get(typedIn(field)) || "";
    });
  });

  // What htmx can't swap (signed out elsewhere, an error page) is shown as a page of its own. A form isn't left for it,
  // nor any page for no answer at all: that is said where the page says what was done, and what is typed stays.
  const say = (words) => {
    const place = document.getElementById("flash");
    if (!place) return;
    const line = document.createElement("p");
    line.className = "msg error";
    line.textContent = words;
    place.replaceChildren(line);
    line.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  };
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const { requestConfig, pathInfo } = detail;
    if (requestConfig && requestConfig.verb === "get") location.assign(pathInfo.finalRequestPath);
    else say(document.body.dataset.refused);
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => say(document.body.dataset.unanswered));
  }

  centreCurrent();
})();
