/* The day desk: arrows through its cells, one panel, and a day that renews itself. Without it the same is links and forms. */
(() => {
  "use strict";
  const desk = document.querySelector(".desk");
  if (!desk) return;
  const EVERY = 20 * 1000;
  const day = () => document.getElementById("desk-day");
  const panel = () => document.getElementById("desk-panel");
  const cells = () => [...day().querySelectorAll(".grid tbody a, .grid .frees a")];
  const keyOf = (link) => link.id || link.getAttribute("href");
  const same = (key) => cells().find((link) => keyOf(link) === key);
  let opener = null;

  // --- the cells: one stop of Tab, arrows from one to the next ---------------------------------------------------------
  const rove = (link) => {
    cells().forEach((each) => { each.tabIndex = each === link ? 0 : -1; });
  };
  const begin = () => {
    const all = cells();
    const now = day().querySelector(".grid .now a");
    const current = day().querySelector(".grid [aria-current]");
    if (all.length) rove(current || now || all[0]);
  };
  const focus = (link) => {
    if (!link) return;
    rove(link);
    link.focus();
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  // --- the panel -------------------------------------------------------------------------------------------------------
  const mark = (link) => {
    day().querySelectorAll(".grid [aria-current]").forEach((each) => each.removeAttribute("aria-current"));
    if (link) link.setAttribute("aria-current", "true");
  };
  const open = (link) => {
    opener = keyOf(link);
    const address = link.getAttribute("href");
    htmx.ajax("GET", address.split("#")[0], { target: "#desk-panel", swap: "outerHTML" }).then(() => {
      desk.classList.add("opened");
      history.replaceState(history.state, "", address.split("#")[0]);
      const cell = same(keyOf(link)) || link;
      mark(cell.closest(".grid") && cell);
      const first = document.getElementById("desk-q") || panel();
      first.focus({ preventScroll: matchMedia("(min-width: 48.01rem)").matches });
      cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  };
  const shut = () => {
    const link = panel().querySelector("[data-shuts]");
    if (!link) return;
    history.replaceState(history.state, "", link.getAttribute("href"));
    const current = day().querySelector(".grid [aria-current]");
    panel().replaceChildren();
    desk.classList.remove("opened");
    mark(null);
    focus(current || same(opener) || cells()[0]);
  };
  document.addEventListener("click", ({ target }) => {
    const keys = document.getElementById("desk-keys");
    if (!target.closest("[data-keys]")) return;
    if (keys.open) keys.close();
    else keys.showModal();
  });
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
    const link = event.target.closest("a");
    if (!link || !desk.contains(link)) return;
    if (link.closest(".grid tbody") || link.hasAttribute("data-opens")) {
      event.preventDefault();
      open(link);
    } else if (link.hasAttribute("data-shuts")) {
      event.preventDefault();
      shut();
    }
  });

  // --- keys: letters act only while a cell or the panel has the focus, and never while somebody types ------------------------
  const typing = (node) => node.closest("input:not([type=radio]), textarea, select");
  const letter = (key, at) => {
    const cell = at.closest(".grid a");
    if (!cell && !panel().contains(at)) return false;
    if (cell && cell.getAttribute("aria-current") !== "true") return false;
    const deed = panel().querySelector(`[aria-keyshortcuts="${key}"]`);
    if (deed) deed.click();
    return Boolean(deed);
  };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = document.getElementById("desk-keys");
    if (key === "Escape" && !(keys && keys.open) && panel().childElementCount) {
      event.preventDefault();
      shut();
      return;
    }
    if (typing(target)) return;
    const cell = target.closest(".grid a");
    if (cell && window.arrows.is(key)) {
      event.preventDefault();
      focus(window.arrows.next(cell, key, cells(), (each) => each.closest("td, th")));
    } else if (key === "/") {
      event.preventDefault();
      document.getElementById("q").focus();
    } else if (key === "?" && keys) {
      event.preventDefault();
      keys.showModal();
    } else if ((key === "c" || key === "m") && letter(key, target)) {
      event.preventDefault();
    }
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches && target.matches(".grid tbody a, .grid .frees a")) rove(target);
  });

  // --- the day renews itself: asked quietly, swapped only where it is another, with scroll, focus and folds as they were ------
  const keep = () => {
    const box = document.getElementById("desk-box");
    const active = document.activeElement;
    return {
      left: box ? box.scrollLeft : 0,
      top: box ? box.scrollTop : 0,
      focused: active && day().contains(active) ? keyOf(active) : null,
      current: [...day().querySelectorAll(".grid [aria-current]")].map(keyOf)[0],
      open: [...day().querySelectorAll("details[open]")].map((each) => each.id).filter(Boolean),
      waiting: active && active.closest("#desk-waiting") ? true : false,
    };
  };
  const restore = (kept) => {
    for (const id of kept.open) {
      const fold = document.getElementById(id);
      if (fold) fold.open = true;
    }
    const box = document.getElementById("desk-box");
    if (box) [box.scrollLeft, box.scrollTop] = [kept.left, kept.top];
    begin();
    mark(kept.current && same(kept.current));
    if (!kept.focused) return;
    const again = same(kept.focused) || (kept.waiting && document.querySelector("#desk-waiting summary")) || null;
    if (again) again.focus({ preventScroll: true });
    if (again && again.closest(".grid")) rove(again);
  };
  let [kept, asking] = [null, false];
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id === "desk-day") kept = keep();
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const { target } = detail;
    if (target.id === "desk-day" && kept) {
      restore(kept);
      kept = null;
    }
    // What was done in the panel shows in the table.
    if (target.id === "desk-panel" && detail.requestConfig && detail.requestConfig.verb === "post") {
      const { visit, here } = panel().dataset;
      if (visit) {
        opener = `v${visit}`;
        history.replaceState(history.state, "", here);
      }
      ask().then(() => { if (visit) mark(same(opener)); });
      panel().focus({ preventScroll: true });
    }
  });
  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(day().dataset.changes, {
        headers: { "HX-Request": "true", "HX-Target": "desk-day" }, redirect: "error", cache: "no-store",
      });
      if (answer.status !== 200 || answer.headers.get("HX-Redirect")) return;
      const words = await answer.text();
      const fresh = new DOMParser().parseFromString(words, "text/html").getElementById("desk-day");
      // A press that is on its way in the list answers with the day itself.
      if (!fresh || day().querySelector("form[data-sent]")) return;
      const before = keep();
      day().replaceWith(document.adoptNode(fresh));
      htmx.process(day());
      restore(before);
    } catch { /* The server is asked again in a moment. */ } finally {
      asking = false;
    }
  };
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);

  begin();
  const now = day().querySelector(".grid .now");
  const box = document.getElementById("desk-box");
  if (now && box && !day().querySelector(".grid [aria-current]")) box.scrollTop = now.offsetTop - box.offsetHeight / 2;
})();
