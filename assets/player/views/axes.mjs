/** Ranges, ticks and label places of the curves: plain arithmetic, no drawing. */

import { compact, decade } from "../core/format.mjs";

const MOST_DECADES = 5; // below them the interesting top would be squeezed; ends are marked ↓
const HEADROOM = 0.12; // decades above the greatest value
const MOST_TICKS = 6;
const LOG_FROM = 20; // a learning rate that varies more than this is shown on a log axis

/**
 * @typedef {object} YAxis
 * @property {"log"|"linear"} type
 * @property {[number, number]} range as Plotly wants it: exponents on a log axis
 * @property {number[]} tickvals
 * @property {string[]} ticktext
 */

/**
 * @param {number} low least positive value shown
 * @param {number} high greatest
 * @returns {YAxis}
 */
export function logAxis(low, high) {
  const top = Math.log10(high > 0 && Number.isFinite(high) ? high : 1) + HEADROOM;
  const least = Math.log10(low > 0 && Number.isFinite(low) ? low : 10 ** (top - 2));
  const bottom = Math.max(Math.ceil(top) - MOST_DECADES, Math.floor(least));
  const from = Math.min(bottom, Math.ceil(top) - 1);
  const every = Math.ceil((Math.floor(top) - from + 1) / MOST_TICKS);
  const exponents = [];
  for (let e = from; e <= top; e += every) exponents.push(e);
  // One decade or less: 2 and 5 between the decades, or there would be nothing to read off.
  const between = exponents.length > 2 ? [] : [2, 5];
  const ticks = exponents.flatMap((e) => [
    { value: 10 ** e, text: decade(e) },
    ...between.map((m) => ({ value: m * 10 ** e, text: compact(m * 10 ** e, 1) })),
  ]).filter(({ value }) => Math.log10(value) <= top);
  return {
    type: "log", range: [from, top], tickvals: ticks.map((t) => t.value), ticktext: ticks.map((t) => t.text),
  };
}

/** From 0 to a little above the greatest value. @param {number} high @returns {YAxis} */
export function linearAxis(high) {
  const top = (high > 0 && Number.isFinite(high) ? high : 1) * 1.12;
  const step = roundStep(top / 4);
  const tickvals = [];
  for (let i = 0; i * step <= top; i++) tickvals.push(i * step);
  return { type: "linear", range: [0, top], tickvals, ticktext: tickvals.map((v) => compact(v, 3)) };
}

/** Whole steps between ticks, so that the last one is the end where a round step allows it. @param {number} steps */
export function stepTicks(steps) {
  for (const parts of [4, 5, 3, 6]) {
    const step = steps / parts, size = 10 ** Math.floor(Math.log10(step));
    if (Number.isInteger(step) && [1, 1.5, 2, 2.5, 4, 5].some((m) => Math.abs(m * size - step) < 1e-9)) return step;
  }
  return Math.max(1, roundStep(steps / 5));
}

/** The nearest of 1, 2, 5 × 10ⁿ above. @param {number} rough */
export function roundStep(rough) {
  const size = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((m) => m * size).find((s) => s >= rough * 0.999);
}

/** Which axis suits a learning rate. @returns {YAxis} @param {number} low @param {number} high */
export function rateAxis(low, high) {
  return low > 0 && high / low > LOG_FROM ? logAxis(low, high) : linearAxis(high);
}

/** @typedef {{members: number[], sum: number, start?: number}} Block of touching labels; where it begins */

/**
 * Push labels apart, keeping their order and staying as near as possible to where they belong.
 * @param {number[]} wanted places @param {number} gap @param {number} low @param {number} high bounds
 * @returns {number[]} places, in the order given
 */
export function pushApart(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  // Blocks of touching labels, each centred on the mean of what its members want.
  /** @type {Block[]} */
  const blocks = [];
  for (const i of order) {
    /** @type {Block} */
    let block = { members: [i], sum: wanted[i] };
    /** @param {Block} b */
    const start = (b) => {
      const half = ((b.members.length - 1) * gap) / 2;
      const centre = b.sum / b.members.length;
      return Math.max(low, Math.min(high - 2 * half, centre - half));
    };
    block.start = start(block);
    while (blocks.length) {
      const before = blocks[blocks.length - 1];
      if (before.start + before.members.length * gap <= block.start) break;
      blocks.pop();
      block = { members: [...before.members, ...block.members], sum: before.sum + block.sum };
      block.start = start(block);
    }
    blocks.push(block);
  }
  /** @type {number[]} */
  const places = [];
  for (const { members, start } of blocks) members.forEach((i, n) => (places[i] = start + n * gap));
  return places;
}
