/** What a tooltip says about a point. */

import { compact } from "../core/format.mjs";

/**
 * The lines of a tooltip about a recorded point.
 * @param {import("../core/store.mjs").RunStore} store @param {{run: number, lane: number}} series @param {number} row
 * @returns {[string, string][]}
 */
export function pointLines(store, { run, lane }, row) {
  const point = store.point(run, lane, row);
  if (!point) return [];
  return [
    ["step", String(point.step)], ["x", compact(point.x)], ["y", compact(point.y)],
    ["loss", compact(point.loss)], ["gradient norm", compact(point.gradNorm)],
  ];
}

/**
 * The same on a surface of one weight.
 * @param {import("../core/store.mjs").RunStore} store @param {{run: number, lane: number}} series @param {number} row
 * @returns {[string, string][]}
 */
export function curveLines(store, { run, lane }, row) {
  const point = store.point(run, lane, row);
  if (!point) return [];
  return [
    ["step", String(point.step)], ["x", compact(point.x)], ["loss", compact(point.loss)],
    ["gradient, its size", compact(point.gradNorm)],
  ];
}

/**
 * The lines of a tooltip about the answer beside a path.
 * @param {import("../core/store.mjs").RunStore} store @param {{run: number, lane: number}} series @param {number} row
 * @returns {[string, string][]}
 */
export function answerLines(store, { run, lane }, row) {
  const k = lane * store.rows + row;
  return [
    ["step", String(store.stepOf(row))], ["x", compact(store.xEval[run][k])], ["y", compact(store.yEval[run][k])],
  ];
}

/**
 * The same where one line stands for the median of many starts, with the quartiles beside it.
 * @param {import("../core/values.mjs").Values} values @param {{run: number, lane: number}} series @param {number} row
 * @returns {[string, string][]}
 */
export function medianLines(values, { run, lane }, row) {
  const { store, kind } = values, name = kind === "lr" ? "learning rate" : `median ${kind}`;
  const above = values.shift ? " above the lowest" : "";
  const [low, , high] = values.quartiles?.[run].map((column) => compact(column[row])) ?? [];
  return [["step", String(store.stepOf(row))], [name + above, compact(values.at({ run, lane }, row))],
    ...(low ? [/** @type {[string, string]} */ (["quartiles", `${low} to ${high}`])] : [])];
}
