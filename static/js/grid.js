/* A table of links (table[data-arrows]): one stop of Tab, arrows from one link to the next. Without it each link is a stop. */
(() => {
  "use strict";
  const links = () => [...document.querySelectorAll("table[data-arrows] tbody a")].filter((each) => each.getClientRects().length);
  const stopAt = (link) => links().forEach((each) => { each.tabIndex = each === link ? 0 : -1; });
  const begin = () => {
    const all = links();
    if (all.length) stopAt(all.find((each) => each.closest(".today")) || all[0]);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !window.arrows.is(event.key)) return;
    const link = event.target.closest("table[data-arrows] tbody a");
    const next = link && window.arrows.next(link, event.key, links());
    if (!link) return;
    event.preventDefault();
    if (next) next.focus();
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target.closest("table[data-arrows] tbody a")) stopAt(target);
  });
  document.addEventListener("htmx:afterSettle", begin);
  begin();
})();
