/** The charts of an experiment, drawn by Plotly in the colours of the theme. */

import { el } from "../player/core/dom.mjs";
import { compact } from "../player/core/format.mjs";
import { ink, layout } from "./layout.mjs";

/**
 * A chart as nnopt_viz/experiments/study.py says it; which data there are depends on the kind.
 * @typedef {object} Chart
 * @property {string} key @property {string} title @property {string} note
 * @property {"lines"|"strip"|"surface"} kind
 * @property {string} x title of the axis
 * @property {string} y likewise
 * @property {string} log which of its axes are logarithmic
 * @property {object} data
 * @property {Line[]} [data.series] of lines
 * @property {Group[]} [data.groups] of a strip
 * @property {Panel[]} [data.panels] of a surface
 * @property {Panel[]} [data.every] of a surface that shows one panel: all of them
 * @property {boolean} [data.slides] one panel is shown, and a slider moves through them
 * @property {[number, number]} [data.range]
 * @property {{at: number, words: string}} [data.line] a horizontal line
 *
 * @typedef {{name: string, colour: number, x: number[], y: (number|null)[],
 *   low?: number[], high?: number[], dash?: boolean, real?: (number|null)[]}} Line real: before they
 *   were moved to the edge of the axis
 * @typedef {{name: string, colour: number, values: number[], value: number, low: number, high: number,
 *   real?: (number|null)[]}} Group
 * @typedef {{title: string, x: number[], y: number[], z: (number|null)[][], paths: Line[]}} Panel
 * @typedef {{chart: Chart, plot: HTMLElement, data: string, at?: number}} Held
 */

const CONFIG = { displayModeBar: false, responsive: true, showTips: false };

/** @type {Map<string, Held>} */
const drawn = new Map();

/** Has Dash brought Plotly? */
export const isDrawable = () => Boolean(window.Plotly);

/** @param {number} i */
const colour = (i) => ink(`run-${i % 8}`);
/** @param {string} hex @param {number} alpha */
const faint = (hex, alpha) => {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${parts.join(",")},${alpha})`;
};

let waiting = 0; // the timer of what is to be drawn once Plotly is there: the latest only

/** Draw what is new or has changed. @param {HTMLElement} place @param {Chart[]} charts */
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
      const isSingle = chart.data.panels?.length === 1 || chart.data.slides;
      const name = `study-chart is-${chart.kind}${isSingle ? " is-single" : ""}`;
      const figure = el("figure", { class: name, "data-key": chart.key }, el("figcaption", {}), plot);
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

/** @param {Held} held */
function paint(held) {
  const { plot } = held;
  let { chart } = held;
  if (chart.data.slides && chart.data.panels.length) chart = slide(held);
  plot.previousElementSibling.replaceChildren(el("b", {}, chart.title), " ", el("span", {}, chart.note),
    el("div", { class: "study-key" }, ...key(chart)));
  const traces = { lines, strip, surface }[chart.kind](chart);
  window.Plotly.react(plot, traces, layout(chart), CONFIG);
}

/** The panels of a chart as one that a slider moves. @param {Held} held */
function slide(held) {
  const { chart, plot } = held, { panels } = chart.data, last = panels.length - 1;
  let slider = plot.parentElement.querySelector("input");
  if (!slider) {
    const slid = () => {
      held.at = Number(slider.value);
      paint(held);
    };
    slider = el("input", {
      type: "range", min: 0, step: 1, value: 0, "aria-label": `${chart.title}: shift`, oninput: slid,
    });
    plot.parentElement.append(el("div", { class: "study-slide" }, el("span", {}, "shift"), slider, el("output", {})));
  }
  slider.max = String(last);
  const at = Math.min(held.at ?? last, last);
  slider.value = String(at);
  plot.parentElement.querySelector("output").textContent = panels[at].title;
  return { ...chart, data: { ...chart.data, panels: [{ ...panels[at], title: "" }], every: panels } };
}

/** Who is who. @param {Chart} chart */
function key({ kind, data }) {
  const paths = (data.panels ?? []).flatMap((panel) => panel.paths);
  const named = kind === "lines" ? data.series
    : paths.filter((path, i) => paths.findIndex((other) => other.name === path.name) === i);
  return kind === "strip" ? [] : named.map((one) => el("span", {
    class: one.dash ? "is-dashed" : null, style: `--run: var(--run-${one.colour % 8})`,
  }, one.name));
}

/**
 * What is said of a point: what was measured, also where it is drawn at the edge of the axis.
 * @param {{real?: (number|null)[]}} one @param {string} [before] @param {string} [after]
 */
export function told({ real }, before = "", after = "") {
  if (!real) return { hovertemplate: `${before}%{y:.3g}${after}` };
  const customdata = real.map((value) => (value === null ? "∞" : compact(value)));
  return { customdata, hovertemplate: `${before}%{customdata}${after}` };
}

/** @param {Chart} chart */
function lines({ data }) {
  return data.series.flatMap((one) => {
    const hue = colour(one.colour), shared = { x: one.x, legendgroup: one.name };
    const band = { ...shared, mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false };
    const hasBand = one.low && one.low.some((low, i) => low !== one.high[i]);
    return [
      ...(hasBand ? [
        { ...band, y: one.high }, { ...band, y: one.low, fill: "tonexty", fillcolor: faint(hue, 0.16) },
      ] : []),
      {
        ...shared, y: one.y, name: one.name, mode: one.x.length < 40 ? "lines+markers" : "lines",
        line: { color: hue, width: 2, dash: one.dash ? "dot" : "solid" },
        marker: { size: 5, symbol: one.colour % 8 }, ...told(one),
      },
    ];
  });
}

/** @param {Chart} chart */
function strip({ data }) {
  return data.groups.flatMap((one, at) => {
    const hue = colour(one.colour), n = one.values.length;
    const [low, high] = data.range ?? [-Infinity, Infinity];
    const mark = (/** @type {number} */ value) =>
      (value >= high ? "triangle-up" : value <= low ? "triangle-down" : one.colour % 8);
    const spread = one.values.map((_, i) => at + (n > 1 ? (((i * 0.618) % 1) - 0.5) * 0.5 : 0));
    return [
      {
        x: spread, y: one.values, mode: "markers", showlegend: false, cliponaxis: false,
        marker: { size: 6, color: faint(hue, 0.45), symbol: one.values.map(mark) },
        ...told(one, `${one.name}: `, "<extra></extra>"),
      },
      {
        x: [at - 0.32, at + 0.32], y: [one.value, one.value], mode: "lines", line: { color: hue, width: 3 },
        hoverinfo: "skip",
      },
      { x: [at, at], y: [one.low, one.high], mode: "lines", line: { color: hue, width: 1.5 }, hoverinfo: "skip" },
    ];
  });
}

/** @param {Chart} chart */
function surface({ data, log }) {
  const panels = data.panels, isLog = log.includes("z");
  const values = (data.every ?? panels).flatMap((panel) => panel.z.flat())
    .filter((z) => z !== null && (!isLog || z > 0));
  /** @param {number|null} z */
  const height = (z) => (z === null ? null : isLog ? Math.log10(Math.max(z, 1e-12)) : z);
  const bottom = height(Math.min(...values)), most = height(quantile(values, 0.9));
  const top = most > bottom ? most : bottom + 1; // of one height everywhere: one colour, not none
  const scale = [0, 1, 2, 3].map((i) => [i / 3, ink(`ramp-${i}`)]);
  return panels.flatMap((panel, i) => {
    const n = i ? i + 1 : "", axes = { xaxis: `x${n}`, yaxis: `y${n}` };
    return [
      {
        ...axes, type: "contour", x: panel.x, y: panel.y, z: panel.z.map((rows) => rows.map(height)),
        zmin: bottom, zmax: top, autocontour: false,
        contours: { start: bottom, end: top, size: (top - bottom) / 14 || 1 }, colorscale: scale, showscale: false,
        line: { width: 1, color: ink("quiet") }, customdata: panel.z,
        hovertemplate: "loss %{customdata:.3g}<extra></extra>",
      },
      ...panel.paths.map((path) => ({
        ...axes, x: path.x, y: path.y, name: path.name, mode: "lines+markers", hoverinfo: "name",
        line: { color: colour(path.colour), width: 2 },
        marker: {
          color: colour(path.colour), size: path.x.map((_, at) => (at === path.x.length - 1 ? 10 : 0)),
          symbol: path.colour % 8, opacity: 1,
        },
      })),
    ];
  });
}

/** @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}
