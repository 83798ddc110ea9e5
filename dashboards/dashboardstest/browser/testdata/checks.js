// What axe does not see. Each check returns a list of what is wrong; an empty list is good. The browser tests evaluate this file through
// the debugger, which a Content-Security-Policy does not hinder.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const name = (e) => {
    const text = (e.getAttribute("aria-label") || e.textContent || "").trim().replace(/\s+/g, " ").slice(0, 50);
    const kind = typeof e.className === "string" && e.className ? "." + e.className.trim().replace(/\s+/g, ".") : "";
    return `<${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${kind}> "${text}"`;
  };
  const shown = (e) => {
    const r = e.getBoundingClientRect();
    return r.width > 0 && r.height > 0 && e.checkVisibility({ checkVisibilityCSS: true, contentVisibilityAuto: true });
  };
  const readable = (e) => { // shown to the eye, not only to a screen reader
    const r = e.getBoundingClientRect();
    return shown(e) && r.width > 1 && r.height > 1;
  };
  const inScroller = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      const o = getComputedStyle(p).overflowX;
      if ((o === "auto" || o === "scroll" || o === "hidden" || o === "clip") && p.getBoundingClientRect().right <= innerWidth + 1) return true;
    }
    return false;
  };

  window.citystatTools = { all, name, shown, readable };

  const checks = {
    // WCAG 1.4.10: nothing to scroll sideways, at 320 px too. Wide tables scroll within their own region.
    reflow() {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const wide = all("body *").filter((e) => shown(e) && e.getBoundingClientRect().right > width + 1 && !inScroller(e));
      return [`the page is ${document.documentElement.scrollWidth} px wide on ${width} px: ` + wide.slice(0, 4).map(name).join(", ")];
    },

    // The style sheet came, and is the one for this page.
    style() {
      const bad = [];
      for (const link of all("link[rel=stylesheet]")) {
        let rules = 0;
        try { rules = link.sheet.cssRules.length; } catch { rules = 0; }
        if (rules < 50 && !link.href.includes("/assets/city/")) bad.push(`the style sheet ${link.href} has ${rules} rules`);
      }
      if (!all("link[rel=stylesheet]").length) bad.push("the page names no style sheet");
      if (getComputedStyle(document.body).fontFamily.includes("Times")) bad.push("the text is in the browser's own face");
      return bad;
    },

    // WCAG 3.1.1 and 3.1.2, and the language links.
    language(lang) {
      const bad = [];
      if (document.documentElement.lang !== lang) bad.push(`html lang is ${document.documentElement.lang}, not ${lang}`);
      for (const a of all("a[hreflang]")) if (a.lang !== a.hreflang) bad.push(`${name(a)} leads to ${a.hreflang} and is written in ${a.lang || "no language"}`);
      for (const e of all("[lang]")) if (!["en", "es", "pt-BR", "fr"].includes(e.lang)) bad.push(`${name(e)} has lang ${e.lang}`);
      return bad;
    },

    // One h1; headings go down one step at a time.
    headings() {
      const levels = all("h1,h2,h3,h4,h5,h6").filter(shown).map((h) => +h.tagName[1]);
      const bad = [];
      if (levels.filter((l) => l === 1).length !== 1) bad.push(`${levels.filter((l) => l === 1).length} headings of level 1`);
      levels.reduce((last, l) => { if (l > last + 1) bad.push(`a heading of level ${l} after one of level ${last}`); return l; }, 0);
      return bad;
    },

    // WCAG 1.1.1 and 1.3.1: every figure has a finding, a drawing with a name and a description, a table and a file.
    figures() {
      const bad = [];
      for (const f of all("figure")) {
        if (!f.querySelector("figcaption")) bad.push(`${name(f)} has no caption`);
        const svgs = all("svg", f).filter((s) => s.getAttribute("role") === "img");
        if (!svgs.length) bad.push(`${name(f)} has no drawing with role img`);
        for (const s of svgs) {
          const ids = `${s.getAttribute("aria-labelledby") || ""} ${s.getAttribute("aria-describedby") || ""}`.trim().split(/\s+/).filter(Boolean);
          const words = (s.getAttribute("aria-label") || "") + ids.map((id) => (document.getElementById(id) || {}).textContent || "").join(" ");
          if (!words.trim()) bad.push(`a drawing in ${name(f)} has no name`);
          else if (words.trim().length < 40) bad.push(`the drawing in ${name(f)} is described by "${words.trim()}" only`);
          if (ids.some((id) => !document.getElementById(id))) bad.push(`the drawing in ${name(f)} names an element that is not there`);
        }
        const table = f.querySelector("table");
        if (!table) bad.push(`${name(f)} has no table`);
        else {
          if (!table.caption) bad.push(`the table in ${name(f)} has no caption`);
          if (all("th", table).some((h) => !h.scope)) bad.push(`a head cell in ${name(f)} has no scope`);
        }
        if (!f.querySelector('a[href$=".csv"]')) bad.push(`${name(f)} leads to no file`);
      }
      const ids = all("[id]").map((e) => e.id);
      for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) bad.push(`the id ${id} is there twice`);
      return bad;
    },

    // WCAG 1.3.1: a table has a caption, its heads are heads, and each row begins with one.
    tables() {
      const bad = [];
      for (const t of all("main table")) {
        if (!t.caption || !t.caption.textContent.trim()) bad.push(`${name(t)} has no caption`);
        if (!t.tHead || all("td", t.tHead).length || all("th", t.tHead).some((h) => h.scope !== "col")) bad.push(`${name(t)} has a column without a head`);
        for (const r of all("tbody tr", t)) if (!r.cells.length || r.cells[0].tagName !== "TH" || r.cells[0].scope !== "row") bad.push(`a row of ${name(t)} has no head`);
      }
      return bad.slice(0, 5);
    },

    // One drawing of a figure is seen at a time, and its text is never smaller than 12 px after scaling.
    drawings() {
      const bad = [];
      for (const f of all("figure")) {
        const seen = all("svg[role=img]", f).filter(readable);
        if (seen.length !== 1) bad.push(`${seen.length} drawings are seen in ${name(f)}`);
      }
      for (const t of all("svg text").filter(readable)) {
        const m = t.getScreenCTM();
        const size = parseFloat(getComputedStyle(t).fontSize) * Math.hypot(m.a, m.b);
        if (size < 11.9) bad.push(`${size.toFixed(1)} px: the text "${t.textContent.trim()}"`);
      }
      return bad.slice(0, 5);
    },

    // WCAG 1.4.1: a status is a shape and a word, never a colour alone, and no two have the same shape.
    status() {
      const bad = [];
      const shapes = new Map();
      for (const m of all(".chip").filter((c) => readable(c) && c.querySelector("svg") && c.textContent.trim())) {
        const shape = m.querySelector("svg").innerHTML.replace(/\s+/g, " ");
        const word = [...m.classList].filter((c) => !["chip", "large"].includes(c)).join(" ") || m.textContent.trim();
        if (shapes.has(shape) && shapes.get(shape) !== word) bad.push(`"${word}" and "${shapes.get(shape)}" have the same shape`);
        shapes.set(shape, word);
      }
      for (const m of all("svg.mark").filter((m) => readable(m) && !m.parentElement.closest("[aria-hidden=true]"))) { // a picture of numbers that stand beside it in words is hidden as a whole
        const near = m.closest("li,p,tr,dt,dd,h1,h2,h3,h4,figcaption,.chip,div");
        if (!near || !/\p{L}/u.test(near.textContent)) bad.push(`a mark in ${name(near || m)} stands without a word`);
      }
      for (const s of all(".chip").filter(readable)) {
        if (!s.querySelector("svg,use")) bad.push(`${name(s)} has no shape`);
        if (!s.textContent.trim()) bad.push(`${name(s)} has no word`);
      }
      return bad;
    },

    // WCAG 2.2.2: nothing moves for those who asked for stillness.
    still() {
      const bad = document.getAnimations().filter((a) => a.playState === "running").map((a) => `${a.animationName || a.transitionProperty || "an animation"} runs`);
      return bad.concat(all("marquee,blink,animate,animateTransform,animateMotion,video[autoplay],audio[autoplay],meta[http-equiv=refresh]").map((e) => `${name(e)} moves by itself`));
    },

    // On paper every table is there, opened or not, and nothing is wider than the paper.
    paper() {
      const bad = checks.reflow();
      for (const t of all("main table")) {
        const lost = all("tr", t).filter((r) => !r.getClientRects().length || !r.checkVisibility({ checkVisibilityCSS: true, contentVisibilityAuto: true }));
        if (lost.length || !t.rows.length) bad.push(`on paper ${lost.length} rows of the table "${t.caption ? t.caption.textContent.trim() : ""}" are missing`);
      }
      if (all("header nav").some(readable)) bad.push("the menus are printed");
      return bad;
    },

    // Without a script: the finding, the statuses, the drawings, the tables and the forms are all there, and no button that does nothing.
    plain() {
      const bad = [];
      const h1 = document.querySelector("h1");
      if (!h1 || !readable(h1)) bad.push("there is no heading");
      for (const b of all("button").filter((b) => readable(b) && b.type !== "submit")) bad.push(`${name(b)} needs a script`);
      for (const f of all("form")) if (!["get", "post"].includes(f.method) || new URL(f.getAttribute("action") || "", location).origin !== location.origin || ![...f.elements].some((b) => b.type === "submit" && (readable(b) || b.closest("details:not([open])")))) bad.push(`${name(f)} cannot be sent`);
      for (const e of all("main table, main svg[role=img]")) if (!e.closest("details") && !e.closest(".c-figure") && !readable(e)) bad.push(`${name(e)} is not seen`);
      return bad.concat(checks.drawings());
    },

    // The elements that Tab should reach, in order. A group of radio buttons is one of them: the one that is chosen, or the first if none is.
    tabs() {
      const passed = (e) => {
        if (e.type !== "radio") return false;
        const group = all("input[type=radio]").filter((o) => o.name === e.name && o.form === e.form);
        return e !== (group.find((o) => o.checked) ?? group[0]);
      };
      window.tabStops = all("a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]").filter((e) =>
        e.tabIndex >= 0 && !e.disabled && !passed(e) && e.checkVisibility({ checkVisibilityCSS: true }) && e.getClientRects().length);
      if (document.activeElement) document.activeElement.blur();
      document.body.tabIndex = -1; // the next Tab starts from there, whatever had the focus before
      document.body.focus();
      document.body.removeAttribute("tabindex");
      scrollTo(0, 0);
      return window.tabStops.map(name);
    },

    // Where the focus is: the index of the stop (-1: none of them), and what is wrong with how it is shown.
    focus() {
      const e = document.activeElement;
      if (!e || e === document.body) return { index: -1, problem: "", name: "" };
      const s = getComputedStyle(e), r = e.getBoundingClientRect();
      let problem = "";
      if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) problem = "the focus is not shown";
      const x = Math.min(Math.max(r.left + r.width / 2, 0), innerWidth - 1), y = Math.min(Math.max(r.top + Math.min(r.height / 2, 8), 0), innerHeight - 1);
      const top = document.elementFromPoint(x, y);
      const rects = [...e.getClientRects()];
      const hit = top && (e.contains(top) || top.contains(e)) || rects.some((q) => {
        const t = document.elementFromPoint(q.left + q.width / 2, q.top + q.height / 2);
        return t && (e.contains(t) || t.contains(e));
      });
      if (!hit) problem = problem || `the focus is hidden behind ${top ? name(top) : "nothing"}`;
      return { index: window.tabStops.indexOf(e), parts: ["date", "time", "month", "datetime-local"].includes(e.type), problem, name: name(e) };
    },
  };
  window.citystatChecks = checks;
})();
