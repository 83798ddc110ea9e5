// Live progress of loads, on the staff page about the data. The page works without it: "Refresh" shows where things stand. The server
// sends finished words in the language of the page; nothing of them is ever markup.
"use strict";
(() => {
  const root = document.querySelector("[data-live-events]");
  if (!root || !window.EventSource) return;
  const said = root.querySelector("[data-said]");
  const sectionOf = (id) => document.querySelector('[data-dataset="' + CSS.escape(id) + '"]');
  const reached = (el) => [...el.querySelectorAll("a[href], button, summary, [tabindex]")];

  // swap puts a fresh part in the place of an old one. What the reader had opened stays open, and the focus stays where it was.
  const swap = (old, fresh) => {
    if (!old || !fresh) return;
    const open = [...old.querySelectorAll("details")].map((d) => d.open);
    const focus = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((d, i) => { d.open ||= open[i] ?? false; });
    if (!focus) return;
    const stops = reached(fresh);
    const same = stops.find((s) => s.tagName === focus.tagName && s.textContent === focus.textContent);
    (same ?? stops[0])?.focus({ preventScroll: true });
  };

  // renew shows what has changed since a load began or ended: it takes the parts from the page as it is now.
  const renew = async (id) => {
    try {
      const res = await fetch(location.pathname, { cache: "no-store" });
      if (!res.ok) return;
      const page = new DOMParser().parseFromString(await res.text(), "text/html");
      for (const part of ["staff-lead", "trouble", "dataset-" + id]) swap(document.getElementById(part), page.getElementById(part));
    } catch {
      said.textContent = root.dataset.lost;
    }
  };

  // show says where a job stands.
  const show = (job) => {
    const section = sectionOf(job.dataset);
    if (!section) return;
    const before = section.dataset.state;
    section.dataset.state = job.state;
    const part = (name) => section.querySelector("[data-" + name + "]");
    part("job").hidden = job.state === "";
    part("bar").hidden = job.state !== "running";
    part("bar").value = job.done;
    for (const name of ["title", "started", "step", "amount"]) {
      if (part(name).textContent !== (job[name] ?? "")) part(name).textContent = job[name] ?? "";
    }
    if (before === job.state) return;
    if (job.ended) said.textContent = job.ended;
    if (before !== "" && job.state === "") renew(job.dataset);
  };

  const events = new EventSource(root.dataset.liveEvents);
  events.addEventListener("job", (e) => show(JSON.parse(e.data)));
  events.addEventListener("open", () => { if (said.textContent === root.dataset.lost) said.textContent = ""; });
  events.addEventListener("error", () => { if (events.readyState === EventSource.CLOSED) said.textContent = root.dataset.lost; });
  addEventListener("pagehide", () => events.close());
})();
