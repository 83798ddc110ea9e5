// Checks of what is seen: where words lie, what can be told from its ground, what can be hit with a finger. It adds to checks.js, and is
// loaded after it.
(() => {
  "use strict";
  const { all, name, shown, readable } = window.citystatTools;
  const checks = window.citystatChecks;

  // unseen reports whether an element is there for screen readers alone.
  const unseen = (e) => {
    for (let p = e; p && p !== document.body; p = p.parentElement) {
      const s = getComputedStyle(p);
      if (s.position === "absolute" && (s.clipPath !== "none" || s.clip !== "auto") && p.getBoundingClientRect().width <= 1) return true;
      if (s.clipPath === "inset(50%)") return true;
    }
    return false;
  };

  // texts are the text nodes that are read, outside of drawings.
  const texts = () => {
    const list = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      if (n.data.trim() && !n.parentElement.closest("svg,script,select,option") && readable(n.parentElement) && !unseen(n.parentElement)) list.push(n);
    }
    return list;
  };

  // inRegion reports whether an element lies in a part of the page that scrolls by itself.
  const inRegion = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (/auto|scroll/.test(getComputedStyle(p).overflowX)) return true;
    return false;
  };

  // seenPart returns what is seen of a box: what lies outside of a region that scrolls is not.
  const seenPart = (r, e) => {
    let { left, top, right, bottom } = r;
    for (let p = e; p && p !== document.body; p = p.parentElement) {
      const s = getComputedStyle(p);
      if (s.overflowX === "visible" && s.overflowY === "visible") continue;
      const q = p.getBoundingClientRect();
      [left, right, top, bottom] = [Math.max(left, q.left), Math.min(right, q.right), Math.max(top, q.top), Math.min(bottom, q.bottom)];
    }
    return { left, top, right, bottom, width: right - left, height: bottom - top };
  };

  // overlaps returns the pairs of texts whose lines lie upon each other.
  const overlaps = () => {
    const lines = [];
    for (const n of texts()) {
      const range = document.createRange();
      range.selectNodeContents(n);
      for (const all of range.getClientRects()) {
        const r = seenPart(all, n.parentElement);
        if (r.width > 2 && r.height > 2) lines.push({ n, e: n.parentElement, r });
      }
    }
    lines.sort((a, b) => a.r.top - b.r.top);
    const found = new Map();
    for (let i = 0; i < lines.length; i++) {
      for (let j = i + 1; j < lines.length && lines[j].r.top < lines[i].r.bottom; j++) {
        const a = lines[i], b = lines[j];
        if (a.n === b.n) continue;
        const x = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left), y = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
        if (x > 3 && y > 0.4 * Math.min(a.r.height, b.r.height)) found.set(a.n.data + "\0" + b.n.data, `${name(a.e)} lies upon ${name(b.e)}`);
      }
    }
    return found;
  };

  // cut are the elements whose words are hidden by their own edge.
  const cut = () => [...new Set(texts().map((n) => n.parentElement))].filter((e) => {
    const s = getComputedStyle(e), hides = (o) => o === "hidden" || o === "clip";
    return (hides(s.overflowX) && e.scrollWidth > e.clientWidth + 1) || (hides(s.overflowY) && e.scrollHeight > e.clientHeight + 1);
  });

  // clipped are the texts of which a part lies outside of an ancestor that hides what is outside of it.
  const clipped = () => texts().filter((n) => {
    const range = document.createRange();
    range.selectNodeContents(n);
    const r = range.getBoundingClientRect();
    for (let p = n.parentElement; p && p !== document.documentElement; p = p.parentElement) {
      const s = getComputedStyle(p), q = p.getBoundingClientRect();
      if (/auto|scroll/.test(s.overflowX + s.overflowY)) return false;
      if (/hidden|clip/.test(s.overflowX) && (r.right > q.right + 1 || r.left < q.left - 1)) return true;
      if (/hidden|clip/.test(s.overflowY) && (r.bottom > q.bottom + 2 || r.top < q.top - 2)) return true;
    }
    return false;
  }).map((n) => n.parentElement);

  // spills are the elements out of whose side their content sticks.
  const spills = () => new Set(all("body *").filter((e) => !e.closest("svg") && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 2 && readable(e) &&
    getComputedStyle(e).overflowX === "visible" && !inRegion(e)));

  // under returns what goes wrong when a reader's own rules are added to the page: words that are cut, that lie upon others or stick out.
  const under = (css, what) => {
    const before = { over: overlaps(), out: spills() };
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const bad = cut().concat(clipped()).map((e) => `${what} ${name(e)} is cut`)
      .concat([...overlaps()].filter(([key]) => !before.over.has(key)).map(([, text]) => `${what} ${text}`))
      .concat([...spills()].filter((e) => !before.out.has(e)).map((e) => `${what} the content of ${name(e)} sticks out of it`))
      .slice(0, 5).concat(checks.reflow().map((text) => `${what} ${text}`));
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
    return bad;
  };

  // Colours. Computed ones are rgb(), rgba() or color(srgb …).
  const parse = (text) => {
    const n = (text.match(/[\d.]+(?:e-?\d+)?/g) || []).map(Number);
    if (n.length < 3) return null;
    const scale = text.startsWith("color(") ? 255 : 1;
    return { c: n.slice(0, 3).map((v) => v * scale), a: n.length > 3 ? n[3] : 1 };
  };
  const blend = (top, ground) => top.c.map((v, i) => v * top.a + ground[i] * (1 - top.a));
  const luminance = (c) => c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  // groundOf is the colour on which an element lies.
  const groundOf = (e) => {
    const layers = [];
    for (let p = e; p; p = p.parentElement) {
      const c = parse(getComputedStyle(p).backgroundColor);
      if (c && c.a > 0) layers.push(c);
      if (c && c.a === 1) break;
    }
    const last = matchMedia("(forced-colors: none) and (prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
    return layers.reverse().reduce((ground, c) => blend(c, ground), last);
  };
  const paint = (e, kind) => {
    const s = getComputedStyle(e), c = s[kind] === "none" || s[kind].startsWith("url") ? null : parse(s[kind]);
    if (!c) return null;
    c.a *= parseFloat(s[kind + "Opacity"] || "1") * parseFloat(s.opacity);
    return c.a > 0.02 && (kind === "fill" || parseFloat(s.strokeWidth) > 0) ? c : null;
  };

  // Shapes that help the eye and tell nothing by themselves, and areas of a map or a grid of cells, which their edge sets off and whose value is text.
  const quiet = /(^|\s)c-(grid|band|zone|hit|none|rule|stripe|fan|halo|whisker-edge|goal-edge|(?:on|behind|off)-zone|cell|s\d|track|day|cross-edge)/;
  const shapes = (svg) => all("path,line,polyline,polygon,rect,circle,ellipse", svg).filter((e) => !e.closest("defs,pattern,clipPath,mask,symbol"));
  // beneath is the colour under a point of a drawing: that of the last shape painted before e there.
  const beneath = (e, x, y, painted, ground) => {
    let c = ground;
    for (const { s, r } of painted) {
      if (x < r.left || x > r.right || y < r.top || y > r.bottom) continue;
      if (!(s.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
      const fill = paint(s, "fill");
      if (!fill || s.tagName === "line") continue;
      const at = new DOMPoint(x, y).matrixTransform(s.getScreenCTM().inverse());
      if (s.isPointInFill(at)) c = blend(fill, c);
    }
    return c;
  };

  Object.assign(checks, {
    // WCAG 1.4.12: with wider spacing no text is cut, lies upon another or leaves its box.
    spacing() {
      return under("*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}", "with wider spacing");
    },

    // WCAG 1.4.4: nor with text twice as large.
    larger() {
      return under("html{font-size:200%!important}", "with text of 200 %");
    },

    // As the page is: no text is cut, and none lies upon another.
    whole() {
      return cut().concat(clipped()).map((e) => `${name(e)} is cut`).concat([...overlaps().values()]).slice(0, 5);
    },

    // WCAG 1.4.3 and 1.4.11 in drawings, where axe cannot tell: texts have 4.5:1, lines, points and bars 3:1.
    contrast() {
      const bad = [];
      for (const svg of all("figure svg, main svg[role=img]").filter(readable)) {
        const ground = groundOf(svg), painted = shapes(svg).map((s) => ({ s, r: s.getBoundingClientRect() }));
        for (const t of all("text", svg).filter(readable)) {
          const s = getComputedStyle(t), fill = paint(t, "fill"), halo = s.paintOrder.startsWith("stroke") && parseFloat(s.strokeWidth) >= 3 ? paint(t, "stroke") : null;
          if (!fill) { bad.push(`the text "${t.textContent.trim()}" has no colour`); continue; }
          const r = t.getBoundingClientRect();
          const under = halo && halo.a > 0.9 ? halo.c : beneath(t, r.left + r.width / 2, r.top + r.height / 2, painted, ground);
          const got = ratio(blend(fill, under), under);
          if (got < 4.5) bad.push(`the text "${t.textContent.trim()}" has ${got.toFixed(1)}:1`);
        }
        for (const { s: e, r } of painted) {
          if (quiet.test(e.getAttribute("class") || "") || (!r.width && !r.height) || getComputedStyle(e).visibility === "hidden") continue;
          const colours = [paint(e, "fill"), paint(e, "stroke")].filter(Boolean);
          if (!colours.length) continue;
          const got = Math.max(...colours.map((c) => ratio(blend(c, ground), ground)));
          if (got < 3) bad.push(`<${e.tagName} class="${e.getAttribute("class") || ""}"> has ${got.toFixed(1)}:1`);
        }
      }
      return [...new Set(bad)].slice(0, 5);
    },

    // WCAG 2.5.8: what is pressed has 24 × 24 px, or stands in a sentence, or has that much room to itself.
    targets() {
      const list = all("a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button]").filter((e) => shown(e) && !e.disabled);
      const box = (e) => {
        const own = e.getBoundingClientRect(), label = e.labels && e.labels[0] && /^(radio|checkbox)$/.test(e.type) ? e.labels[0].getBoundingClientRect() : null;
        return label && label.height >= 24 ? label : own;
      };
      const small = list.filter((e) => { const r = box(e); return r.width < 23.5 || r.height < 23.5; });
      const inSentence = (e) => {
        if (!getComputedStyle(e).display.startsWith("inline") || getComputedStyle(e).display !== "inline") return false;
        let p = e.parentElement;
        while (p && getComputedStyle(p).display === "inline") p = p.parentElement;
        return p && p.textContent.trim().length > e.textContent.trim().length + 3;
      };
      const centre = (e) => { const r = box(e); return { x: r.left + r.width / 2, y: r.top + r.height / 2 }; };
      return small.filter((e) => !e.closest(".skip") && !inSentence(e)).filter((e) => {
        const c = centre(e);
        return list.some((o) => {
          if (o === e || o.contains(e) || e.contains(o)) return false;
          const r = box(o), near = Math.hypot(Math.max(r.left - c.x, 0, c.x - r.right), Math.max(r.top - c.y, 0, c.y - r.bottom));
          const d = centre(o);
          return near < 12 || (small.includes(o) && Math.hypot(d.x - c.x, d.y - c.y) < 24);
        });
      }).slice(0, 5).map((e) => { const r = box(e); return `${name(e)} has ${r.width.toFixed(0)} × ${r.height.toFixed(0)} px and others beside it`; });
    },

    // Remembers, in the page's own colours, what has no words and shows itself by its ground. forced() asks for it again.
    remember() {
      const ground = (e, s, parent) => {
        const c = parse(s.backgroundColor);
        return s.backgroundImage !== "none" || (c && c.a > 0.1 && ratio(blend(c, parent), parent) > 1.05);
      };
      window.painted = [];
      for (const e of all("body *").filter((e) => !e.closest("svg") && shown(e) && !/^(INPUT|SELECT|TEXTAREA|PROGRESS|METER|OPTION)$/.test(e.tagName))) {
        const parent = groundOf(e.parentElement);
        if (!e.textContent.trim() && !e.querySelector("svg,img") && ground(e, getComputedStyle(e), parent)) window.painted.push([e, null]);
        for (const part of ["::before", "::after"]) {
          const s = getComputedStyle(e, part);
          if (s.content === '""' && parseFloat(s.width) > 2 && ground(e, s, groundOf(e))) window.painted.push([e, part]);
        }
      }
      return [];
    },

    // In the reader's own colours grounds are gone: what remember() found must have an edge, or have kept its colour.
    forced() {
      if (!window.painted) return ["remember() was not asked before"];
      return window.painted.filter(([e, part]) => {
        const s = getComputedStyle(e, part);
        if (part === null && !shown(e)) return false;
        const edge = ["Top", "Right", "Bottom", "Left"].some((side) => s[`border${side}Style`] !== "none" && parseFloat(s[`border${side}Width`]) > 0);
        const kept = s.forcedColorAdjust !== "auto" && parse(s.backgroundColor)?.a > 0;
        return !edge && !kept && s.outlineStyle === "none";
      }).slice(0, 5).map(([e, part]) => `${name(e)}${part || ""} is told by its ground alone`);
    },

    // WCAG 3.3.1 to 3.3.3: a form that was refused says so in the title, lists what is wrong before it, and says it at each field.
    errors() {
      const bad = [];
      const fields = all("[aria-invalid=true]");
      if (!fields.length) bad.push("no field says what is wrong with it");
      if (!/^\p{L}+\s?:/u.test(document.title)) bad.push(`the title "${document.title}" does not begin with the word for an error`);
      for (const f of fields) {
        const link = f.id && document.querySelector(`main a[href="#${CSS.escape(f.id)}"]`);
        if (!link || !readable(link) || !(link.compareDocumentPosition(f) & Node.DOCUMENT_POSITION_FOLLOWING)) bad.push(`no link before the form leads to ${name(f)}`);
        else if (!link.closest("[role=alert],[autofocus],[tabindex='-1']:not(main)")) bad.push(`the summary with "${link.textContent.trim()}" is not announced`);
        const said = (f.getAttribute("aria-describedby") || "").split(/\s+/).map((id) => document.getElementById(id)).filter((e) => e && readable(e) && e.textContent.trim());
        if (!said.length) bad.push(`${name(f)} does not say what is wrong with it`);
      }
      return bad;
    },

    // Opens everything that is folded.
    unfold() {
      for (const d of all("details")) d.open = true;
      return [];
    },

    // Whether a chart that was just drawn stands still: ECharts moves without the browser's animations.
    async steady(selector) {
      const frame = () => document.querySelector(selector).innerHTML;
      const first = frame();
      for (let i = 0; i < 4; i++) {
        await new Promise((done) => setTimeout(done, 60));
        if (frame() !== first) return [`${selector} moves`];
      }
      return [];
    },
  });
})();
