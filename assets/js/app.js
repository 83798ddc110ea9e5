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

  // describe returns what is said about the data at an index: the name of the category, then each series with its text.
  const describe = (option, index) => {
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
            const said = describe(option, [].concat(params)[0].dataIndex);
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
    const points = Math.max(0, ...option.series.map((s) => s.data.length));
    live.style.height = Math.round(figure.dataset.kind === "bars" ? Math.max(280, 30 * points + 80) : Math.min(480, Math.max(300, live.clientWidth * 0.5)) + legendUnder(option, live.clientWidth)) + "px";
    const chart = echarts.init(live, null, { renderer: "svg" });
    chart.setOption(besideLegend(build(option), live.clientWidth));

    let at = -1;
    const show = (to) => {
      at = Math.min(points - 1, Math.max(0, to));
      chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: at });
      chart.dispatchAction({ type: "downplay", seriesIndex: 0 });
      chart.dispatchAction({ type: "highlight", seriesIndex: 0, dataIndex: at });
      const said = describe(option, at);
      spoken.textContent = [said.name, ...(said.lines.length ? said.lines : [figure.dataset.none])].join(", ");
    };
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const onKey = (e) => {
      if (e.altKey || e.ctrlKey || e.metaKey || points === 0) return;
      if (e.key in steps) show(at < 0 ? (steps[e.key] > 0 ? 0 : points - 1) : at + steps[e.key]);
      else if (e.key === "Home") show(0);
      else if (e.key === "End") show(points - 1);
      else if (e.key === "Escape") figure.querySelector("[data-explore]").click();
      else return;
      e.preventDefault();
    };
    live.addEventListener("keydown", onKey);
    const resized = new ResizeObserver(() => chart.resize());
    resized.observe(live);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolour = () => chart.setOption(besideLegend(build(option), live.clientWidth), true);
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
