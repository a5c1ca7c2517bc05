/** The charts of an experiment, drawn by Plotly in the colours of the theme. */

import { el } from "./dom.mjs";

const CONFIG = { displayModeBar: false, responsive: true, showTips: false };
const HEIGHT = { lines: 260, strip: 260, surface: 300 };

/** @type {Map<string, {chart: object, plot: HTMLElement, data: string}>} */
const drawn = new Map();

/** Has Dash brought Plotly? */
export const isDrawable = () => Boolean(window.Plotly);

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const colour = (i) => ink(`run-${i % 8}`);
const faint = (hex, alpha) => `rgba(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(",")},${alpha})`;

let waiting = 0; // the timer of what is to be drawn once Plotly is there: the latest only

/** Draw what is new or has changed. @param {HTMLElement} place @param {object[]} charts */
export function draw(place, charts) {
  clearTimeout(waiting);
  if (!isDrawable()) {
    waiting = setTimeout(() => place.isConnected && draw(place, charts), 100);
    return;
  }
  for (const chart of charts) {
    let held = drawn.get(chart.key);
    if (!held || !place.contains(held.plot)) {
      const plot = el("div", { class: "study-plot", role: "img", "aria-label": chart.title });
      const figure = el("figure", { class: `study-chart is-${chart.kind}${chart.data.panels?.length === 1 || chart.data.slides ? " is-single" : ""}`, "data-key": chart.key }, el("figcaption", {}), plot);
      place.append(figure);
      held = { chart, plot, data: "" };
      drawn.set(chart.key, held);
    }
    const data = JSON.stringify(chart);
    if (data === held.data) continue;
    Object.assign(held, { chart, data });
    paint(held);
  }
}

/** The theme has changed. */
export function restyle() {
  for (const held of drawn.values()) if (held.plot.isConnected) paint(held);
}

/** @param {{chart: object, plot: HTMLElement, at?: number}} held */
function paint(held) {
  const { plot } = held;
  let { chart } = held;
  if (chart.data.slides && chart.data.panels.length) chart = slide(held);
  plot.previousSibling.replaceChildren(el("b", {}, chart.title), " ", el("span", {}, chart.note), el("div", { class: "study-key" }, ...key(chart)));
  const traces = { lines, strip, surface }[chart.kind](chart);
  window.Plotly.react(plot, traces, layout(chart), CONFIG);
}

/** The panels of a chart as one that a slider moves. */
function slide(held) {
  const { chart, plot } = held, { panels } = chart.data, last = panels.length - 1;
  let slider = plot.parentElement.querySelector("input");
  if (!slider) {
    slider = el("input", { type: "range", min: 0, step: 1, value: 0, "aria-label": `${chart.title}: shift`, oninput: () => { held.at = Number(slider.value); paint(held); } });
    plot.parentElement.append(el("div", { class: "study-slide" }, el("span", {}, "shift"), slider, el("output", {})));
  }
  slider.max = last;
  const at = Math.min(held.at ?? last, last);
  slider.value = at;
  plot.parentElement.querySelector("output").textContent = panels[at].title;
  return { ...chart, data: { ...chart.data, panels: [{ ...panels[at], title: "" }], every: panels } };
}

/** Who is who. */
function key({ kind, data }) {
  const paths = (data.panels ?? []).flatMap((panel) => panel.paths);
  const named = kind === "lines" ? data.series : paths.filter((path, i) => paths.findIndex((other) => other.name === path.name) === i);
  return kind === "strip" ? [] : named.map((one) => el("span", { class: one.dash ? "is-dashed" : null, style: `--run: var(--run-${one.colour % 8})` }, one.name));
}

function axis(title, isLog) {
  return {
    title: { text: title, font: { size: 12 }, standoff: 6 }, type: isLog ? "log" : "linear", gridcolor: ink("hairline"),
    linecolor: ink("quiet"), zeroline: false, tickfont: { size: 11 }, automargin: true, exponentformat: "power",
    ...(isLog ? { dtick: 1, minor: { showgrid: false } } : {}), nticks: 7,
  };
}

function layout(chart) {
  const isSurface = chart.kind === "surface", panels = chart.data.panels ?? [];
  const base = {
    height: HEIGHT[chart.kind], margin: { l: 52, r: 8, t: 8, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "Inter, system-ui, sans-serif", color: ink("ink2"), size: 12 }, hovermode: isSurface ? "closest" : "x unified",
    hoverlabel: { bgcolor: ink("paper"), bordercolor: ink("edge"), font: { color: ink("ink"), size: 11 } },
    showlegend: false,
    xaxis: axis(chart.x, chart.log.includes("x")), yaxis: axis(chart.y, chart.log.includes("y")),
  };
  if (isSurface) return { ...base, ...beside(panels, base) };
  if (chart.kind === "strip") Object.assign(base, { hovermode: "closest", xaxis: { ...base.xaxis, tickvals: chart.data.groups.map((_, i) => i), ticktext: chart.data.groups.map((one) => one.name), showgrid: false } });
  const { line, range } = chart.data;
  if (range) base.yaxis.range = chart.log.includes("y") ? range.map(Math.log10) : range;
  if (line) {
    base.shapes = [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: line.at, y1: line.at, line: { color: ink("ink2"), width: 1, dash: "dash" } }];
    base.annotations = [{ xref: "paper", x: 1, y: chart.log.includes("y") ? Math.log10(line.at) : line.at, text: line.words, showarrow: false, xanchor: "right", yanchor: "bottom", font: { size: 11, color: ink("ink2") } }];
  }
  return base;
}

/** Panels next to each other, on one scale. */
function beside(panels, base) {
  const made = { annotations: [] }, gap = 0.08, width = (1 - gap * (panels.length - 1)) / panels.length;
  base.margin.t = 24;
  panels.forEach((panel, i) => {
    const left = i * (width + gap), n = i ? i + 1 : "";
    made[`xaxis${n}`] = { ...base.xaxis, domain: [left, left + width], anchor: `y${n}`, showgrid: false, ...fit(panel.x) };
    made[`yaxis${n}`] = { ...base.yaxis, anchor: `x${n}`, showgrid: false, ...(i ? { title: { text: "" } } : {}), ...fit(panel.y) };
    made.annotations.push({ text: panel.title, xref: "paper", yref: "paper", x: left, y: 1.02, xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 12, color: ink("ink") } });
  });
  return made;
}

const fit = (values) => ({ range: [values[0], values.at(-1)], fixedrange: true });

function lines({ data }) {
  return data.series.flatMap((one) => {
    const hue = colour(one.colour), shared = { x: one.x, legendgroup: one.name };
    const band = { ...shared, mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false };
    const hasBand = one.low && one.low.some((low, i) => low !== one.high[i]);
    return [
      ...(hasBand ? [{ ...band, y: one.high }, { ...band, y: one.low, fill: "tonexty", fillcolor: faint(hue, 0.16) }] : []),
      { ...shared, y: one.y, name: one.name, mode: one.x.length < 40 ? "lines+markers" : "lines", line: { color: hue, width: 2, dash: one.dash ? "dot" : "solid" }, marker: { size: 5, symbol: one.colour % 8 }, hovertemplate: "%{y:.3g}" },
    ];
  });
}

function strip({ data }) {
  return data.groups.flatMap((one, at) => {
    const hue = colour(one.colour), n = one.values.length;
    const spread = one.values.map((_, i) => at + (n > 1 ? (((i * 0.618) % 1) - 0.5) * 0.5 : 0));
    return [
      { x: spread, y: one.values, mode: "markers", marker: { size: 6, color: faint(hue, 0.45), symbol: one.colour % 8 }, hovertemplate: `${one.name}: %{y:.3g}<extra></extra>`, showlegend: false },
      { x: [at - 0.32, at + 0.32], y: [one.value, one.value], mode: "lines", line: { color: hue, width: 3 }, hoverinfo: "skip" },
      { x: [at, at], y: [one.low, one.high], mode: "lines", line: { color: hue, width: 1.5 }, hoverinfo: "skip" },
    ];
  });
}

function surface({ data, log }) {
  const panels = data.panels, isLog = log.includes("z");
  const values = (data.every ?? panels).flatMap((panel) => panel.z.flat()).filter((z) => z !== null && (!isLog || z > 0));
  const height = (z) => (z === null ? null : isLog ? Math.log10(Math.max(z, 1e-12)) : z);
  const bottom = height(Math.min(...values)), top = height(quantile(values, 0.9));
  const scale = [0, 1, 2, 3].map((i) => [i / 3, ink(`map-${i}`)]);
  return panels.flatMap((panel, i) => {
    const n = i ? i + 1 : "", axes = { xaxis: `x${n}`, yaxis: `y${n}` };
    return [
      { ...axes, type: "contour", x: panel.x, y: panel.y, z: panel.z.map((rows) => rows.map(height)), zmin: bottom, zmax: top, autocontour: false, contours: { start: bottom, end: top, size: (top - bottom) / 14 || 1 }, colorscale: scale, showscale: false, line: { width: 1, color: ink("quiet") }, customdata: panel.z, hovertemplate: "loss %{customdata:.3g}<extra></extra>" },
      ...panel.paths.map((path) => ({ ...axes, x: path.x, y: path.y, name: path.name, mode: "lines+markers", line: { color: colour(path.colour), width: 2 }, marker: { color: colour(path.colour), size: path.x.map((_, at) => (at === path.x.length - 1 ? 10 : 0)), symbol: path.colour % 8, opacity: 1 }, hoverinfo: "name" })),
    ];
  });
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}
