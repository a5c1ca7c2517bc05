/**
 * The map where the grid of the whole surface ends or is too coarse: what is seen is asked for
 * once the view rests. Until it comes the old picture stays; the newest view wins.
 */

import * as exchange from "./exchange.mjs";
import { ask, jsonOf } from "../player/core/server.mjs";
import * as view from "./view.mjs";

const COARSE = 10; // px between the lines of a grid
const AROUND = 0.3; // of the view is asked for on each side, so that it may move

/** @typedef {{x: number, y: number}} Steps between grid lines @typedef {import("./view.mjs").Ranges} Ranges */

/** Of the whole surface's grid. @type {Steps|null} */
let whole = null;
/** The part that is shown in its place. @type {(Ranges & {step: Steps})|null} */
let part = null;
let asked = "";
/** @type {AbortController|null} */
let abort = null;

/** @param {ArrayLike<number>} lines */
const stepOf = (lines) => lines[(lines.length >> 1) + 1] - lines[lines.length >> 1];

/** @returns {Steps|null} */
function steps() {
  const trace = view.graph()?._fullData?.[0];
  return trace?.type === "contour" ? { x: stepOf(trace.x), y: stepOf(trace.y) } : null;
}

/** Figures have been shown whole. */
export function begin() {
  stop();
  whole = steps();
  part = null;
}

/** What is under way is wanted no more. */
export function stop() {
  abort?.abort();
  abort = null;
  asked = "";
}

/** @param {Steps} step */
function isFine({ x, y }) {
  const scale = view.scale();
  return Math.max(x * scale.x, y * scale.y) <= COARSE;
}

/** @param {Ranges} outer @param {Ranges} inner */
const holds = (outer, inner) => /** @type {("x"|"y")[]} */ (["x", "y"])
  .every((axis) => outer[axis][0] <= inner[axis][0] && outer[axis][1] >= inner[axis][1]);

/** @param {[number, number]} range @returns {[number, number]} */
function wider([low, high]) {
  const margin = AROUND * (high - low);
  return [low - margin, high + margin];
}

/**
 * Show what is seen as finely as it needs.
 * @param {string} surface as in a query, with how it is drawn
 */
export async function want(surface) {
  const seen = view.ranges();
  if (!seen || !whole) return;
  const [left, right, low, high] = view.bounds();
  if (view.isHome() || (isFine(whole) && holds({ x: [left, right], y: [low, high] }, seen))) {
    stop();
    if (part) await exchange.detail(null);
    part = null;
    return;
  }
  if (part && holds(part, seen) && isFine(part.step)) return;
  const x = wider(seen.x), y = wider(seen.y);
  const url = `/region.json?${surface}&x=${x}&y=${y}`;
  if (url === asked) return;
  stop();
  asked = url;
  const { signal } = (abort = new AbortController());
  try {
    const made = await ask(url, {
      signal, read: (answer) => (answer.ok ? jsonOf(answer, signal) : null), // refused: the old picture stays
    });
    if (!made || signal.aborted) return;
    await exchange.detail(made.map);
    if (!signal.aborted) part = { x, y, step: steps() };
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
