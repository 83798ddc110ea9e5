// The one script of the public site. Every page works without it. It lets a reader explore a chart: the chart library is fetched when the
// first chart is opened, and its options come from a block of plain JSON in the page. Nothing in that block is ever run as code.
"use strict";
(() => {
  const script = document.currentScript;

  // The language that a reader chooses is where / leads next time.
  for (const link of document.querySelectorAll("a[data-lang]")) {
    link.addEventListener("click", () => {
      document.cookie = "lang=" + encodeURIComponent(link.dataset.lang) + "; path=/; max-age=31536000; samesite=lax";
    });
  }

  let library;

  // load fetches the chart library once. A failure can be tried again.
  const load = () => {
    library ??= new Promise((resolve, reject) => {
      const el = document.createElement("script");
      el.src = script.dataset.echarts;
      el.onload = () => resolve(window.echarts);
      el.onerror = () => { el.remove(); library = undefined; reject(new Error("the chart library could not be fetched")); };
      document.head.append(el);
    });
    return library;
  };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name.slice(1)).trim();

  // describe returns what is said about the data at an index: the name of the category, then each series with its text. Where each datum has a
  // name of its own, as in a grid of cells, it stands for itself.
  const describe = (option, index, series = 0) => {
    const own = option.keys && option.series[series]?.data[index];
    if (own) return { name: own.title ?? "", lines: own.shown ? [own.shown] : [] };
    const axis = [].concat(option.xAxis ?? [], option.yAxis ?? []).find((a) => a.type === "category");
    const lines = [];
    let name = axis?.data[index];
    for (const s of option.series) {
      const d = s.data[index];
      if (d && typeof d === "object") {
        name ??= d.title ?? d.name;
        if (d.shown) lines.push(axis && option.series.length > 1 ? s.name + " " + d.shown : d.shown);
      }
    }
    return { name: name ?? "", lines };
  };

  // resolve gives meaning to the strings that begin with @ under the keys that may hold them, and to no other.
  const resolve = (node, option, key) => {
    if (Array.isArray(node)) return node.map((n) => resolve(n, option, key));
    if (node && typeof node === "object") {
      const out = {};
      for (const [k, v] of Object.entries(node)) {
        if (k === "formatter" && v === "@labels") {
          const labels = node.labels;
          out[k] = (_, i) => labels[i] ?? "";
        } else if (k === "formatter" && v === "@shown") {
          out[k] = (params) => {
            const first = [].concat(params)[0];
            const said = describe(option, first.dataIndex, first.seriesIndex);
            return [said.name, ...said.lines].join("\n");
          };
        } else {
          out[k] = resolve(v, option, k);
        }
      }
      return out;
    }
    const mayBeColour = key === "color" || key === "borderColor" || key === "areaColor" || key === "backgroundColor";
    return typeof node === "string" && mayBeColour && node.startsWith("@") ? colour(node) : node;
  };

  // build makes an option ready to draw, in the colours of now.
  const build = (option) => {
    const o = resolve(option, option, "");
    o.animation = false;
    o.backgroundColor = "transparent";
    o.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
    o.tooltip = { ...o.tooltip, renderMode: "richText", confine: true, backgroundColor: colour("@c-paper"), borderColor: colour("@c-axis"),
      textStyle: { color: colour("@c-strong"), fontSize: 14 } };
    return o;
  };

  // legendUnder is the room that a map leaves for its legend below it, where there is none beside it: a line for each class.
  const legendUnder = (option, width) => (option.visualMap && width < 480 ? 26 * option.visualMap[0].pieces.length + 16 : 0);

  // besideLegend keeps a map clear of its legend, and marks a chosen area by its edge: its colour is its value.
  const besideLegend = (option, width) => {
    for (const s of option.series) {
      if (s.type !== "map") continue;
      const edge = { label: { show: false }, itemStyle: { areaColor: null, borderColor: colour("@c-strong"), borderWidth: 2.5 } };
      Object.assign(s, { showLegendSymbol: false, emphasis: edge, select: { disabled: true }, top: 8, right: 8,
        bottom: legendUnder(option, width) || 8, left: legendUnder(option, width) ? 8 : 170 });
    }
    return option;
  };

  // intoFields gives the small charts of a figure their places, as many beside each other as there is room for.
  const intoFields = (option, width) => {
    const n = option.keys?.panels;
    if (!n) return option;
    const columns = Math.max(1, Math.min(n, Math.floor(width / 170)));
    const left = 44, gap = 16, w = (width - left - columns * gap) / columns;
    for (let i = 0; i < n; i++) {
      const x = left + (i % columns) * (w + gap), y = Math.floor(i / columns) * panelHeight;
      option.grid[i] = { left: x, top: y + 28, width: w, height: panelHeight - 52 };
      option.title[i] = { ...option.title[i], show: true, left: x - 5, top: y, textStyle: { ...option.title[i].textStyle, width: w } };
      if (i % columns) option.yAxis[i].axisLabel = { show: false };
    }
    return option;
  };

  const panelHeight = 132;

  // heightOf is the height of an interactive chart in a column of a width.
  const heightOf = (figure, option, points, width) => {
    switch (figure.dataset.kind) {
      case "bars": return Math.max(280, 30 * points + 80);
      case "cells": return Math.max(280, 26 * option.yAxis[0].data.length + 60 + 26 * (option.visualMap?.[0].pieces.length ?? 0));
      case "panels": return panelHeight * Math.ceil(option.keys.panels / Math.max(1, Math.min(option.keys.panels, Math.floor(width / 170)))) + 8;
    }
    return Math.min(480, Math.max(300, width * 0.5)) + legendUnder(option, width);
  };

  // moved returns the index to which a key leads, or the same one at an edge. Data that lie in a grid are moved through in both directions: keys.x
  // is how far apart two beside each other are, keys.y two above each other.
  const moved = (keys, at, key, points) => {
    if (key === "Home") return 0;
    if (key === "End") return points - 1;
    const forward = key === "ArrowRight" || key === "ArrowDown";
    if (at < 0) return forward ? 0 : points - 1;
    const { x, y } = keys ?? { x: 1, y: 1 };
    const step = key === "ArrowRight" || key === "ArrowLeft" ? x : y;
    const to = at + (forward ? step : -step);
    const line = Math.max(x, y);
    if (to < 0 || to >= points || (x !== y && step < line && Math.floor(to / line) !== Math.floor(at / line))) return at;
    return to;
  };

  const read = (figure, name) => {
    const el = figure.querySelector("script[data-" + name + "]");
    return el ? JSON.parse(el.textContent) : null;
  };

  // open shows the interactive chart in place of the drawing and returns what closes it.
  const open = (figure, echarts) => {
    const part = (name) => figure.querySelector("[data-" + name + "]");
    const [live, still, hint, spoken] = ["live", "still", "hint", "spoken"].map(part);
    const option = read(figure, "option");
    const map = read(figure, "map");
    if (map) echarts.registerMap(map.name, map.geoJSON);

    still.hidden = true;
    live.hidden = hint.hidden = false;
    const panels = option.keys?.panels;
    const points = panels ? panels * option.keys.y : Math.max(0, ...option.series.map((s) => s.data.length));
    live.style.height = Math.round(heightOf(figure, option, points, live.clientWidth)) + "px";
    const chart = echarts.init(live, null, { renderer: "svg" });
    const drawn = () => intoFields(besideLegend(build(option), live.clientWidth), live.clientWidth);
    chart.setOption(drawn());

    let at = -1;
    const show = (to) => {
      at = Math.min(points - 1, Math.max(0, to));
      const spot = panels ? { seriesIndex: Math.floor(at / option.keys.y), dataIndex: at % option.keys.y } : { seriesIndex: 0, dataIndex: at };
      chart.dispatchAction({ type: "showTip", ...spot });
      chart.dispatchAction({ type: "downplay", seriesIndex: panels ? [...Array(panels).keys()] : 0 });
      chart.dispatchAction({ type: "highlight", ...spot });
      const said = describe(option, spot.dataIndex, spot.seriesIndex);
      spoken.textContent = [said.name, ...(said.lines.length ? said.lines : [figure.dataset.none])].join(", ");
    };
    const onKey = (e) => {
      if (e.altKey || e.ctrlKey || e.metaKey || points === 0) return;
      if (e.key === "Escape") figure.querySelector("[data-explore]").click();
      else if (["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Home", "End"].includes(e.key)) show(moved(option.keys, at, e.key, points));
      else return;
      e.preventDefault();
    };
    live.addEventListener("keydown", onKey);
    const resized = new ResizeObserver(() => {
      chart.resize();
      if (panels) {
        live.style.height = Math.round(heightOf(figure, option, points, live.clientWidth)) + "px";
        chart.setOption(drawn(), true);
      }
    });
    resized.observe(live);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolour = () => chart.setOption(drawn(), true);
    dark.addEventListener("change", recolour);
    live.focus();

    return () => {
      live.removeEventListener("keydown", onKey);
      dark.removeEventListener("change", recolour);
      resized.disconnect();
      chart.dispose();
      live.hidden = hint.hidden = true;
      still.hidden = false;
      spoken.textContent = "";
    };
  };

  for (const figure of document.querySelectorAll("figure[data-figure]")) {
    const button = figure.querySelector("[data-explore]");
    if (!button || !script?.dataset.echarts) continue;
    const words = { open: button.textContent, close: button.dataset.close };
    let close = null;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (close) {
        close();
        close = null;
        button.textContent = words.open;
        button.setAttribute("aria-expanded", "false");
        button.focus();
        return;
      }
      button.disabled = true;
      try {
        const echarts = await load();
        close = open(figure, echarts);
        button.textContent = words.close;
        button.setAttribute("aria-expanded", "true");
      } catch {
        figure.querySelector("[data-spoken]").textContent = figure.dataset.failed;
        figure.querySelector("[data-still]").hidden = false;
        figure.querySelector("[data-live]").hidden = true;
      } finally {
        button.disabled = false;
      }
    });
  }
})();
