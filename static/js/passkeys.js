/* Asks the browser for a passkey (WebAuthn) and sends its answer with the form; the server decides whether it is good. */
(() => {
  "use strict";
  const fromText = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: fromText(each.id) }));

  // What the server wrote, as the browser takes it: bytes where JSON has text.
  const options = (place) => {
    const asked = JSON.parse(place.dataset.options);
    const bytes = { ...asked, challenge: fromText(asked.challenge) };
    if (asked.user) bytes.user = { ...asked.user, id: fromText(asked.user.id) };
    if (asked.excludeCredentials) bytes.excludeCredentials = named(asked.excludeCredentials);
    if (asked.allowCredentials) bytes.allowCredentials = named(asked.allowCredentials);
    return { publicKey: bytes };
  };
  // What the browser made, as the server reads it.
  const answer = ({ id, rawId, type, response }) => {
    const parts = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) parts[part] = toText(response[part]);
    }
    if (response.getTransports) parts.transports = response.getTransports();
    return JSON.stringify({ id, rawId: toText(rawId), type, response: parts });
  };

  const say = (place, words) => {
    const line = place.querySelector("[data-said]");
    line.hidden = !words;
    line.querySelector("span").textContent = words;
  };
  const ask = async (place, button) => {
    const { dataset } = place;
    if (!window.PublicKeyCredential) return say(place, dataset.unsupported);
    if (button.getAttribute("aria-busy")) return;
    say(place, "");
    button.setAttribute("aria-busy", "true");
    try {
      const made = await navigator.credentials[dataset.passkey](options(place));
      const form = place.closest("form");
      form.elements.passkey.value = answer(made);
      form.requestSubmit();
    } catch (error) {
      say(place, error.name === "InvalidStateError" ? dataset.known : dataset.failed);
    }
    button.removeAttribute("aria-busy");
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-passkey=get] button");
    if (button) ask(button.closest("[data-passkey]"), button);
  });
  // Before anybody else hears that the form is sent: first comes the passkey, and before that a name.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.passkey !== "create" || (event.submitter && event.submitter.dataset.preference)) return;
    if (form.elements.passkey.value || !form.elements.name.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter || form.querySelector("button"));
  }, true);
  // A page that is come back to asks again.
  addEventListener("pageshow", () => document.querySelectorAll("input[name=passkey]").forEach((each) => { each.value = ""; }));
})();
