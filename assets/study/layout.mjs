/** The axes, sizes and colours of an experiment's charts, as Plotly wants them. */

import { compact, power } from "../player/core/format.mjs";

/**
 * @typedef {import("./charts.mjs").Chart} Chart
 * @typedef {import("./charts.mjs").Panel} Panel
 * @typedef {PlotlyLayout & {margin: Record<"l"|"r"|"t"|"b", number>, shapes?: object[],
 *   annotations?: object[]}} ChartLayout
 */

const HEIGHT = { lines: 260, strip: 260, surface: 300 };

/** A colour of the theme. @param {string} name */
export const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** By how much text grows while presenting: page/present.mjs. */
const grown = () => Number(document.documentElement.style.getPropertyValue("--grown")) || 1;

const FEW = 8, LETTERS = 60; // labels, and letters of level ones, that fit on an axis

/**
 * @param {string} title
 * @param {boolean} isLog
 * @param {number[]} values that it shows, or its two ends
 */
function axis(title, isLog, values) {
  const by = grown();
  return {
    title: { text: title, font: { size: 12 * by }, standoff: 6 * by }, type: isLog ? "log" : "linear",
    gridcolor: ink("hairline"), linecolor: ink("quiet"), zeroline: false, tickfont: { size: 11 * by }, automargin: true,
    exponentformat: "power", nticks: 7, ...(isLog ? ticks(values) : {}),
  };
}

/**
 * Where a logarithmic axis is labelled: at what was tried, if that is a few whole numbers; else at
 * powers of ten, or also between them, so that there are always some to read a value by.
 * @param {number[]} values
 */
export function ticks(values) {
  const tried = [...new Set(values.filter((value) => value > 0))].sort((a, b) => a - b);
  const { [0]: low, length } = tried, high = tried[length - 1];
  if (!length) return {};
  const isCount = length > 2 && length <= FEW && tried.every(Number.isInteger);
  const inside = (/** @type {number[]} */ steps) => decades(low, high)
    .flatMap((power) => steps.map((step) => step * power))
    .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  const choices = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]].map(inside);
  let tickvals = isCount ? tried : choices.find((some) => some.length > 2) ?? even(low, high);
  while (tickvals.length > FEW) tickvals = tickvals.filter((_, at) => at % 2 === 0);
  return { tickmode: "array", tickvals, ticktext: tickvals.map(short), minor: { showgrid: false } };
}

/** @param {number} low @param {number} high */
function decades(low, high) {
  const first = Math.floor(Math.log10(low)), last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}

/** Round numbers between two that are close. @param {number} low @param {number} high */
function even(low, high) {
  const step = 10 ** Math.floor(Math.log10((high - low) / 2 || low / 10));
  const first = Math.ceil(low / step), last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first) + 1 }, (_, at) => (first + at) * step);
}

/** A number on an axis: 0.05, 20, 10⁻³. @param {number} value */
function short(value) {
  const exponent = Math.round(Math.log10(value)), isPower = Math.abs(value / 10 ** exponent - 1) < 1e-9;
  return isPower && (exponent < -2 || exponent > 3) ? power(exponent) : compact(value);
}

/** @param {Chart} chart */
export function layout(chart) {
  const isSurface = chart.kind === "surface", panels = chart.data.panels ?? [];
  /** @type {ChartLayout} */
  const base = {
    height: HEIGHT[chart.kind] * grown(), margin: { l: 52 * grown(), r: 8, t: 8, b: 40 * grown() },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "Inter, system-ui, sans-serif", color: ink("ink2"), size: 12 * grown() },
    hovermode: isSurface ? "closest" : "x unified",
    hoverlabel: { bgcolor: ink("paper"), bordercolor: ink("edge"), font: { color: ink("ink"), size: 11 * grown() } },
    showlegend: false,
    xaxis: axis(chart.x, chart.log.includes("x"), chart.data.series?.flatMap((one) => one.x) ?? []),
    yaxis: axis(chart.y, chart.log.includes("y"), chart.data.range ?? []),
  };
  if (isSurface) return { ...base, ...beside(panels, base) };
  if (chart.kind === "strip") {
    const { groups } = chart.data, tickvals = groups.map((_, i) => i);
    const ticktext = groups.map((one) => one.name.replace(" ", "<br>")), sides = [-0.5, groups.length - 0.5];
    const longest = Math.max(...groups.map((one) => one.name.length));
    const tickangle = longest * groups.length > LETTERS ? -30 : 0; // to the left: none is cut at the right end
    const xaxis = { ...base.xaxis, tickvals, ticktext, tickangle, range: sides, showgrid: false };
    Object.assign(base, { hovermode: "closest", xaxis });
  }
  const { line, range } = chart.data;
  if (range) base.yaxis.range = chart.log.includes("y") ? range.map(Math.log10) : range;
  if (line) {
    const dashes = { color: ink("ink2"), width: 1, dash: "dash" };
    base.shapes = [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: line.at, y1: line.at, line: dashes }];
    base.annotations = [{
      xref: "paper", x: 1, y: chart.log.includes("y") ? Math.log10(line.at) : line.at, text: line.words,
      showarrow: false, xanchor: "right", yanchor: "bottom", font: { size: 11 * grown(), color: ink("ink2") },
    }];
  }
  return base;
}

/** Panels next to each other, on one scale. @param {Panel[]} panels @param {ChartLayout} base */
function beside(panels, base) {
  /** @type {PlotlyLayout & {annotations: object[]}} */
  const made = { annotations: [] };
  const gap = 0.08, width = (1 - gap * (panels.length - 1)) / panels.length;
  base.margin.t = 24 * grown();
  panels.forEach((panel, i) => {
    const left = i * (width + gap), n = i ? i + 1 : "";
    made[`xaxis${n}`] = {
      ...base.xaxis, domain: [left, left + width], anchor: `y${n}`, showgrid: false, ...fit(panel.x),
    };
    made[`yaxis${n}`] = {
      ...base.yaxis, anchor: `x${n}`, showgrid: false, ...(i ? { title: { text: "" } } : {}), ...fit(panel.y),
    };
    made.annotations.push({
      text: panel.title, xref: "paper", yref: "paper", x: left, y: 1.02, xanchor: "left", yanchor: "bottom",
      showarrow: false, font: { size: 12 * grown(), color: ink("ink") },
    });
  });
  return made;
}

/** @param {number[]} values */
const fit = (values) => ({ range: [values[0], values.at(-1)], fixedrange: true });
