/**
 * What part of the map is seen: the surface's whole region, unless the visitor or the link says
 * another one. At rest after a move it is written into the link, and whoever listens is told.
 *
 * With equal scales Plotly widens a range when the map changes its shape, and never narrows it
 * again: then the view goes back to what was asked for.
 */

import * as viewing from "./viewing.mjs";

const SETTLED = 150; // ms after the last move, or change of size, so that Plotly has measured first
const SLACK = 1.005;
const DIGITS = 1000; // a range is written to this share of its width
const MOVED = /^[xy]axis\./u;

/** @typedef {{x: [number, number], y: [number, number]}} Ranges */

/** @type {PlotlyGraph|null} */
let plot = null;
/** What the figure itself shows. @type {Ranges} */
let whole = { x: [0, 1], y: [0, 1] };
let timer = 0;
let ours = 0; // moves of our own under way
let told = ""; // the ranges that the link has and the map shows
/** @type {{rest: (() => void)[], move: (() => void)[]}} */
const listeners = { rest: [], move: [] };

/** Call back when the view rests, or when it begins to move. @param {"rest"|"move"} what @param {() => void} fn */
export const on = (what, fn) => listeners[what].push(fn);

const stage = () => document.getElementById("map-stage");

/** Is the loss of one weight shown, as a curve? It is not steered: only its whole can be had back. */
const isCurve = () => plot?.layout?.meta?.kind === "curve";

/** The map's plot, once it shows a surface from above. */
export const graph = () => (plot?.layout?.meta?.bounds && plot._fullLayout?.xaxis && !isCurve() ? plot : null);

/** The surface's region: left, right, low, high. @returns {number[]|null} */
export const bounds = () => graph()?.layout.meta.bounds ?? null;

/** What is seen. @returns {Ranges|null} */
export function ranges() {
  const full = graph()?._fullLayout;
  if (!full) return null;
  const [x, y] = [full.xaxis, full.yaxis].map(({ range: [low, high] }) => [Number(low), Number(high)]);
  return { x: [x[0], x[1]], y: [y[0], y[1]] };
}

/** Pixels to a unit of x and of y. */
export function scale() {
  const { x, y } = ranges(), { xaxis, yaxis } = graph()._fullLayout;
  return { x: xaxis._length / (x[1] - x[0]), y: yaxis._length / (y[1] - y[0]) };
}

/** What is asked for: the link's ranges, else the region's. @param {number[]} region @returns {Ranges} */
function wanted([left, right, low, high]) {
  const { x, y } = viewing.current().view ?? {};
  return { x: x ?? [left, right], y: y ?? [low, high] };
}

/** Is all of some ranges seen, as large as they fit? @param {Ranges} asked @param {Ranges} seen */
function fits(asked, seen) {
  const ratios = /** @type {("x"|"y")[]} */ (["x", "y"]).map((axis) => {
    const [a, b] = asked[axis], [low, high] = seen[axis], size = b - a;
    const isCentred = Math.abs(low + high - a - b) < 0.02 * (high - low);
    return isCentred ? (high - low) / size : Infinity;
  });
  return Math.min(...ratios) < SLACK && Math.max(...ratios) < Infinity && Math.min(...ratios) > 1 / SLACK;
}

/** Is the surface's whole region seen, and little more? */
export function isHome() {
  const seen = ranges(), region = bounds();
  if (!seen || !region) return true;
  const [left, right, low, high] = region;
  return fits({ x: [left, right], y: [low, high] }, seen);
}

/** @param {[number, number]} range @returns {[number, number]} with as many digits as one sees */
export function rounded([low, high]) {
  const step = 10 ** Math.floor(Math.log10((high - low) / DIGITS));
  const decimals = Math.min(100, Math.max(0, -Math.round(Math.log10(step))));
  /** @param {number} value */
  const written = (value) => Number((Math.round(value / step) * step).toFixed(decimals));
  return [written(low), written(high)];
}

const key = () => JSON.stringify([viewing.current().view?.x, viewing.current().view?.y]);

function rest() {
  timer = 0;
  const seen = ranges();
  if (!seen) return;
  const isAll = isHome();
  viewing.see({ x: isAll ? undefined : rounded(seen.x), y: isAll ? undefined : rounded(seen.y) });
  told = key();
  listeners.rest.forEach((fn) => fn());
}

/** The visitor moves the map: it has come to rest when nothing follows. */
export function moves() {
  if (!timer) listeners.move.forEach((fn) => fn());
  clearTimeout(timer);
  timer = setTimeout(rest, SETTLED);
}

/** Show ranges, without asking who wanted them. @param {Ranges} to */
export async function show({ x, y }) {
  if (!graph()) return;
  ours += 1;
  try {
    await window.Plotly.relayout(plot, { "xaxis.range": [...x], "yaxis.range": [...y] });
  } finally {
    ours -= 1;
  }
}

/** Show what the link asks for, or the whole region. */
async function follow() {
  told = key();
  const region = bounds();
  if (!region) return;
  await show(wanted(region));
  listeners.rest.forEach((fn) => fn());
}

/** Back to the whole region. */
export function reset() {
  clearTimeout(timer);
  timer = 0;
  if (isCurve()) return window.Plotly.relayout(plot, { "xaxis.range": [...whole.x], "yaxis.range": [...whole.y] });
  viewing.see({ x: undefined, y: undefined });
  return follow();
}

/** A figure that shows the part that is wanted. @param {PlotlyFigure} figure @returns {PlotlyFigure} */
export function place(figure) {
  const { layout } = figure;
  whole = /** @type {Ranges} */ ({ x: layout.xaxis.range, y: layout.yaxis.range });
  if (layout.meta.kind === "curve") return figure;
  const isMoving = timer && layout.uirevision === plot?.layout?.uirevision && ranges();
  const { x, y } = isMoving || wanted(layout.meta.bounds);
  told = key();
  return { ...figure, layout: {
    ...layout, xaxis: { ...layout.xaxis, range: [...x] }, yaxis: { ...layout.yaxis, range: [...y] },
  } };
}

/** After a change of the map's shape: no more than what is wanted, as far as the shape allows. */
function refit() {
  const seen = ranges(), region = bounds();
  if (!seen || timer || !graph()._fullLayout.yaxis.scaleanchor) return;
  if (!fits(wanted(region), seen)) follow();
}

/** Watch the map. */
export function watch() {
  let resized = 0;
  const resize = () => {
    clearTimeout(resized);
    resized = setTimeout(refit, SETTLED);
  };
  const find = () => {
    /** @type {PlotlyGraph|null} */
    const element = stage().querySelector(".js-plotly-plot");
    if (!element?.on || element === plot) return;
    plot = element;
    plot.on("plotly_relayouting", () => moves());
    plot.on("plotly_relayout", (change) => {
      if ("autosize" in change) resize();
      else if (!ours && Object.keys(change).some((name) => MOVED.test(name))) moves();
    });
  };
  new ResizeObserver(resize).observe(stage());
  new MutationObserver(find).observe(stage(), { childList: true, subtree: true });
  find();
  viewing.onChange(() => {
    if (key() !== told) follow();
  });
}
