"""What is measured on an open page, in the page itself: widths, targets, texts that are cut or lie on each other, focus."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

#: WCAG 2.2, target size (minimum). Links inside a sentence are excepted there.
TARGET = 24
#: WCAG, contrast of what shows the focus.
CONTRAST = 3.0
#: A page has fewer places than this to stop at by Tab.
MOST_STOPS = 400

_WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(node => node.getBoundingClientRect().right > innerWidth + 1 && !node.closest('.days, .vh, .skip, .scroll'))
  .slice(0, 4).map(node => node.outerHTML.slice(0, 90))"""


def wider(page: Page) -> list[str]:
    """What makes the page scroll sideways, nothing where it doesn't."""
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    found: list[str] = page.evaluate(_WIDER) if too_wide else []
    return ["scrolls sideways: " + "; ".join(found)] if too_wide else []


# A link whose ::after covers its card is as large as the card; a radio button as large as its label. What is there for the
# Enter key alone, and what is folded away, nobody presses.
_SMALL = """(least) => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
  .filter(node => !node.closest('.skip, [aria-hidden=true]') && node.getClientRects().length && node.checkVisibility())
  .filter(node => !(node.tagName === 'A' && getComputedStyle(node).display === 'inline' && node.closest('p, li, dd, td')))
  .filter(node => getComputedStyle(node, '::after').position !== 'absolute')
  .map(node => node.closest('label, .choice') || node)
  .filter(node => { const box = node.getBoundingClientRect(); return box.width < least || box.height < least })
  .map(node => node.outerHTML.slice(0, 100))"""


def small(page: Page) -> list[str]:
    """What a thumb can't hit."""
    found: list[str] = page.evaluate(_SMALL, TARGET)
    return [f"too small: {each}" for each in found]


# Texts for screen readers (.vh and the like, clipped on purpose) and what scrolls by itself are left out; what sticks to an
# edge of the window may lie on others. A text's box is a quarter lower than its line: fonts draw their lines into each other.
_TEXTS = """() => {
  const faults = [];
  const told = (node) => node.tagName.toLowerCase() + (node.className ? '.' + node.className : '') + ' ' +
    node.textContent.trim().replace(/\\s+/g, ' ').slice(0, 50);
  const silent = (node) => {
    if (!node.checkVisibility()) return true;
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.clipPath !== 'none' || style.visibility === 'hidden' || style.position === 'fixed') return true;
      if (at.matches('.skip, svg, option') || /auto|scroll/.test(style.overflowX)) return true;
    }
    return false;
  };
  const sticks = (node) => node && (getComputedStyle(node).position === 'sticky' || sticks(node.parentElement));
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.textContent.trim() || silent(text.parentElement) || sticks(text.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      const cut = box.height / 4;
      boxes.push({ text, left: box.left, right: box.right, top: box.top + cut, bottom: box.bottom - cut });
    }
  }
  for (const [index, one] of boxes.entries()) {
    for (const other of boxes.slice(index + 1)) {
      if (one.text === other.text) continue;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 2 && down > 2) faults.push('lies on another text: ' + told(one.text.parentElement) + ' / ' + told(other.text.parentElement));
    }
  }
  for (const node of document.querySelectorAll('body *')) {
    if (silent(node) || !node.textContent.trim() || !node.clientWidth) continue;
    const style = getComputedStyle(node);
    const hides = /hidden|clip/;
    const box = node.matches('.btn, .pill, .tagx, .pick, .card, .note, .tile, .person, .visit, .slip-top, .slip-body, .msg, td, th, .field, label');
    if ((hides.test(style.overflowX) || box) && node.scrollWidth > node.clientWidth + 2) faults.push('text runs out at the side: ' + told(node));
    if (hides.test(style.overflowY) && node.scrollHeight > node.clientHeight + 2) faults.push('text is cut below: ' + told(node));
  }
  return [...new Set(faults)].slice(0, 8);
}"""


def lost_texts(page: Page) -> list[str]:
    """Texts that are cut off, run out of their box or lie on each other."""
    found: list[str] = page.evaluate(_TEXTS)
    return found


# Words in the places of the header or of the bar on a phone, and clock times, which no line may part.
_PLACES = """() => {
  const faults = [];
  const words = [...document.querySelectorAll('.nav a')].map((link) => {
    const range = document.createRange();
    range.selectNodeContents(link);
    return { name: link.textContent.trim(), box: range.getBoundingClientRect() };
  });
  for (const [index, { name, box }] of words.entries()) {
    if (box.left < -1 || box.right > innerWidth + 1) faults.push('a place leaves the screen: ' + name);
    for (const other of words.slice(index + 1)) {
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across > 1 && down > 1) faults.push('places lie on each other: ' + name + ' / ' + other.name);
    }
  }
  return faults;
}"""

_BROKEN_TIMES = """() => {
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const shown = text.parentElement.checkVisibility() && !text.parentElement.closest('.vh, svg, option');
    for (const found of shown ? text.textContent.matchAll(/\\d\\d:\\d\\d/g) : []) {
      const range = document.createRange();
      range.setStart(text, found.index);
      range.setEnd(text, found.index + found[0].length);
      const hidden = text.parentElement.clientWidth === 1;
      if (!hidden && new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1)
        faults.push('a time is parted: ' + text.textContent.trim().slice(0, 50));
    }
  }
  return faults;
}"""


def places_lost(page: Page) -> list[str]:
    """Places of the header that leave the screen or lie on each other."""
    found: list[str] = page.evaluate(_PLACES)
    return found


def parted_times(page: Page) -> list[str]:
    """Clock times that stand on two lines."""
    found: list[str] = page.evaluate(_BROKEN_TIMES)
    return found


def enlarge(page: Page, percent: int) -> None:
    """Let the page's text have so many percent of its size."""
    page.evaluate("percent => { document.documentElement.style.fontSize = percent + '%' }", percent)


# The tabbable elements that can be seen, in the order of the page; of radio buttons of a group one is a stop.
_STOPS = """() => {
  const groups = new Set();
  window.stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter((node) => {
    if (node.tabIndex < 0 || node.disabled || node.type === 'hidden' || !node.getClientRects().length) return false;
    if (getComputedStyle(node).visibility === 'hidden' || !node.checkVisibility()) return false;
    if (node.type !== 'radio') return true;
    const name = node.form ? [...document.forms].indexOf(node.form) + node.name : node.name;
    const group = [...document.querySelectorAll(`input[type=radio][name="${node.name}"]`)];
    const first = group.find((each) => each.checked) || group[0];
    if (groups.has(name) || node !== first) return false;
    groups.add(name);
    return true;
  });
  window.stood = [];
  if (document.activeElement) document.activeElement.blur();
  // Tab begins at the top again, wherever the page had put the focus.
  const top = document.body; top.tabIndex = -1; top.focus(); top.removeAttribute('tabindex');
  scrollTo(0, 0);
  return { stops: stops.length, forward: stops.filter((node) => node.tabIndex > 0).map((node) => node.outerHTML.slice(0, 90)) };
}"""

_STOP = """(least) => {
  const node = document.activeElement;
  if (!node || node === document.body || node === document.documentElement) return null;
  const faults = [];
  const index = stops.indexOf(node);
  if (index >= 0 && stood.at(-1) === index) return { index, faults: [] };
  if (index >= 0) stood.push(index);
  const told = node.outerHTML.slice(0, 110);
  const rgb = (colour) => {
    const pen = window.pen ||= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => { const f = (c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const style = getComputedStyle(node);
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('shows no focus: ' + told);
  else {
    let behind = node.parentElement;
    while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
    const [one, other] = [light(rgb(style.outlineColor)), light(behind ? rgb(getComputedStyle(behind).backgroundColor) : [255, 255, 255])];
    const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (contrast < least) faults.push('shows its focus with a contrast of ' + contrast.toFixed(2) + ' only: ' + told);
  }
  const box = node.getBoundingClientRect();
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) faults.push('has the focus outside of the window: ' + told);
  for (const bar of document.querySelectorAll('body *')) {
    const place = getComputedStyle(bar).position;
    if ((place !== 'fixed' && place !== 'sticky') || bar.contains(node) || node.contains(bar)) continue;
    const cover = bar.getBoundingClientRect();
    if (place === 'fixed' && box.top >= cover.top && box.bottom <= cover.bottom && box.left >= cover.left && box.right <= cover.right) faults.push('has the focus under a bar: ' + told);
  }
  return { index, faults };
}"""


def focus_faults(page: Page) -> list[str]:
    """Go through the page by Tab: what is never reached, out of order, hidden, or doesn't show that it has the focus."""
    begun: dict[str, Any] = page.evaluate(_STOPS)
    faults = [f"jumps ahead by tabindex: {each}" for each in begun["forward"]]
    visited: list[int] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP, CONTRAST)
        if stop is None:
            break
        faults += stop["faults"]
        if stop["index"] == 0 and len(visited) > 1:
            break
        # The parts of a date field are stops of their own within one element.
        if stop["index"] >= 0 and visited[-1:] != [stop["index"]]:
            visited.append(stop["index"])
    wanted = list(range(begun["stops"]))
    if visited != wanted:
        missed = [index for index in wanted if index not in visited]
        names = page.evaluate("missed => missed.map(each => stops[each].outerHTML.slice(0, 90))", missed)
        faults.append(f"Tab doesn't reach {names}" if missed else f"Tab goes astray: {visited}")
    return faults
