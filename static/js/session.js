/* Says when the person is about to be signed out; the server decides when that is. Its words stand in the page. */
(() => {
  "use strict";
  const bar = document.getElementById("session-end");
  const [line, link] = [bar.querySelector("span"), bar.querySelector("a")];
  const zone = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: bar.dataset.zone };
  const [SOON, LONGEST] = [2 * 60 * 1000, 24 * 60 * 60 * 1000];
  let ends = 0, last = 0, timer = 0;

  const show = () => {
    const left = ends - Date.now();
    clearTimeout(timer);
    bar.firstElementChild.hidden = left > SOON;
    if (left > 0) timer = setTimeout(show, Math.min(left > SOON ? left - SOON : left, LONGEST));
    if (left > SOON) return;
    const time = new Date(ends).toLocaleTimeString("en-GB", zone);
    line.textContent = left > 0 ? bar.dataset.soon.replace("{time}", time) : bar.dataset.over;
    if (link) link.hidden = left <= 0 || ends >= last;
  };
  // In seconds from now, since the clocks of browser and server differ: until the end without use, and the last one.
  const hear = (seconds) => {
    [ends, last] = seconds.split(" ").map((each) => Date.now() + Number(each) * 1000);
    show();
  };

  // What is done in another tab, or in a part of this page, keeps the person signed in here, too.
  const tabs = new BroadcastChannel("clinic-session");
  tabs.addEventListener("message", ({ data }) => hear(data));
  const tell = (seconds) => {
    hear(seconds);
    tabs.postMessage(seconds);
  };
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const seconds = detail.xhr && detail.xhr.getResponseHeader("X-Session-Ends");
    if (seconds) tell(seconds);
  });
  // A machine that slept finds out when somebody looks at the page again.
  document.addEventListener("visibilitychange", show);
  tell(bar.dataset.ends);
})();
