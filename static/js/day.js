/* A doctor's day renews its queue: asked quietly, swapped only where it is another, with scroll and focus as they were. */
(() => {
  "use strict";
  const EVERY = 20 * 1000;
  const queue = () => document.getElementById("queue");
  let asking = false;
  // What was typed into another day's date, and isn't sent yet, stays.
  const typing = () => queue().contains(document.activeElement) && document.activeElement.matches("input");
  const renew = (words) => {
    const fresh = new DOMParser().parseFromString(words, "text/html").body;
    const focused = queue().contains(document.activeElement) ? document.activeElement.id : "";
    const top = queue().scrollTop;
    queue().replaceChildren(...[...fresh.children].filter((each) => each.matches("header, ul")));
    htmx.process(queue());
    queue().scrollTop = top;
    const again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
  };
  const ask = async () => {
    const head = queue() && queue().querySelector("[data-changes]");
    if (!head || asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(head.dataset.changes, {
        headers: { "HX-Request": "true", "HX-Target": "queue" }, redirect: "error", cache: "no-store",
      });
      if (answer.status !== 200 || answer.headers.get("HX-Redirect")) return;
      const words = await answer.text();
      // Another visit or day may have been opened meanwhile.
      if (head.isConnected && !typing()) renew(words);
    } catch { /* The server is asked again in a moment. */ } finally {
      asking = false;
    }
  };
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
})();
