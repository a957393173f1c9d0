/* A table of links (table[data-arrows]): one stop of Tab, arrows from one link to the next. Without it each link is a stop. */
(() => {
  "use strict";
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const links = () => [...document.querySelectorAll("table[data-arrows] tbody a")].filter((each) => each.getClientRects().length);
  const stopAt = (link) => links().forEach((each) => { each.tabIndex = each === link ? 0 : -1; });
  const middle = (link) => {
    const box = link.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  // The nearest link in a direction: of those that lie further that way, the one that is least aside.
  const beside = (link, [right, down]) => {
    const [x, y] = middle(link);
    let [found, least] = [null, Infinity];
    for (const each of links()) {
      const [toX, toY] = middle(each);
      const [ahead, aside] = right ? [(toX - x) * right, Math.abs(toY - y)] : [(toY - y) * down, Math.abs(toX - x)];
      const far = ahead + aside * 20;
      if (ahead > 1 && far < least) [found, least] = [each, far];
    }
    return found;
  };
  const begin = () => {
    const all = links();
    if (all.length) stopAt(all.find((each) => each.closest(".today")) || all[0]);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !ways[event.key]) return;
    const link = event.target.closest("table[data-arrows] tbody a");
    const next = link && beside(link, ways[event.key]);
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
