/* The arrow keys in a table of links: which one lies next. What is done with it is the page's. */
(() => {
  "use strict";
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const middle = (node) => {
    const box = node.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  window.arrows = {
    is: (key) => key in ways,
    // The nearest of `links` in the direction of `key`: of those that lie further that way, the one that is least aside.
    // `placeOf` tells which box stands for a link.
    next: (link, key, links, placeOf = (each) => each) => {
      const [right, down] = ways[key];
      const [x, y] = middle(placeOf(link));
      let [found, least] = [null, Infinity];
      for (const each of links) {
        if (!each.getClientRects().length) continue;
        const [toX, toY] = middle(placeOf(each));
        const [ahead, aside] = right ? [(toX - x) * right, Math.abs(toY - y)] : [(toY - y) * down, Math.abs(toX - x)];
        const far = ahead + aside * 20;
        if (ahead > 1 && far < least) [found, least] = [each, far];
      }
      return found;
    },
  };
})();
