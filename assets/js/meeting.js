// Two pages of a meeting. On a slide: the keys, and a clock that counts up from when the slide was opened; nothing goes on by itself. Where things are written down: what
// others write appears without a reload. Both work without this: links, and a reload. What the server sends is finished words; nothing of it is ever markup.
"use strict";
(() => {
  const ways = document.querySelector("[data-ways]");

  // Keys: arrows and pages go on and back, Home and End to the ends, Escape leaves. Whoever types, or scrolls a table, keeps their keys.
  if (ways) {
    const go = { ArrowRight: '[rel="next"]', PageDown: '[rel="next"]', ArrowLeft: '[rel="prev"]', PageUp: '[rel="prev"]', Escape: "[data-leave]" };
    document.querySelector("[data-keys]").hidden = false;
    addEventListener("keydown", (e) => {
      if (e.defaultPrevented || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey || e.target.closest("input, select, textarea, .scroll")) return;
      let to = go[e.key] && ways.querySelector(go[e.key])?.href;
      if (e.key === "Home") to = ways.dataset.first;
      if (e.key === "End") to = ways.dataset.last;
      if (!to) return;
      e.preventDefault();
      if (new URL(to, location).pathname !== location.pathname) location.assign(to);
    });
  }

  // The clock: minutes and seconds since the slide was opened, and in words what is left. It says nothing by itself to those who listen.
  const timer = document.querySelector("[data-timer]");
  if (timer) {
    const part = (name) => timer.querySelector("[data-" + name + "]");
    const words = JSON.parse(timer.dataset.words);
    const all = Number(timer.dataset.timer);
    const hold = part("hold");
    let before = 0, since = performance.now();
    const show = () => {
      const n = Math.floor((before + (since === null ? 0 : performance.now() - since)) / 1000);
      part("clock").textContent = Math.floor(n / 60) + ":" + String(n % 60).padStart(2, "0");
      const left = n <= all ? words.left[Math.ceil((all - n) / 60)] : words.over[Math.min(words.over.length, Math.ceil((n - all) / 60)) - 1];
      if (part("left").textContent !== left) part("left").textContent = left;
      timer.classList.toggle("over", n > all);
    };
    hold.addEventListener("click", () => {
      if (since === null) since = performance.now();
      else { before += performance.now() - since; since = null; }
      hold.textContent = since === null ? timer.dataset.go : timer.dataset.pause;
      show();
    });
    show();
    timer.hidden = false;
    setInterval(show, 500);
  }

  // What others write.
  const live = document.querySelector("[data-events]");
  if (!live || !window.EventSource) return;
  const said = document.querySelector("[data-said]");
  const reached = (el) => [...el.querySelectorAll("a[href], button, summary")];
  let pending = null, again = false;

  // swap puts a fresh part in the place of an old one. What the reader had opened stays open, and the focus stays where it was.
  const swap = (old, fresh) => {
    const open = [...old.querySelectorAll("details")].map((d) => d.open);
    const focus = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((d, i) => { d.open ||= open[i] ?? false; });
    if (!focus) return;
    const stops = reached(fresh);
    const same = stops.find((s) => s.tagName === focus.tagName && s.textContent === focus.textContent && s.href === focus.href);
    (same ?? stops[0])?.focus({ preventScroll: true });
  };

  // renew takes the parts that nobody types into from the page as it is now. What is typed stays as it is.
  const renew = async () => {
    const res = await fetch(location.href, { cache: "no-store" });
    if (!res.ok) throw new Error("status " + res.status);
    const page = new DOMParser().parseFromString(await res.text(), "text/html");
    for (const old of document.querySelectorAll("[data-part]")) {
      const fresh = page.getElementById(old.id);
      if (fresh && !fresh.isEqualNode(old)) swap(old, fresh);
    }
    // A meeting that has begun, or is over, has other forms: they come with the page, as soon as nothing is typed that could be lost.
    const forms = (doc) => !!doc.querySelector(".live-form");
    const typed = [...document.querySelectorAll(".live-main input[type=text], .live-main textarea")].some((f) => f.value !== f.defaultValue);
    if (forms(page) !== forms(document) && !document.querySelector(".live-edit") && !typed) location.reload();
  };

  const changed = async (change) => {
    if (pending) { again = true; return; }
    try {
      await (pending = renew());
      if (change.said?.length) said.textContent = change.said.join(" ");
    } catch {
      said.textContent = said.dataset.lost;
    } finally {
      pending = null;
      if (again) { again = false; changed({}); }
    }
  };

  const events = new EventSource(live.dataset.events + "?seen=" + encodeURIComponent(live.dataset.seen));
  events.addEventListener("changed", (e) => changed(JSON.parse(e.data)));
  events.addEventListener("open", () => { if (said.textContent === said.dataset.lost) said.textContent = ""; });
  events.addEventListener("error", () => { if (events.readyState === EventSource.CLOSED) said.textContent = said.dataset.lost; });
  addEventListener("pagehide", () => events.close());
})();
