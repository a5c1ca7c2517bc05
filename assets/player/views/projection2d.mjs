/**
 * Data to pixels of a Plotly 2D graph, and back.
 *
 * Private hooks of plotly.js, kept in this file: `_fullLayout.xaxis._offset`, `._length`,
 * `.d2p()`, `.p2d()`. They follow pan and zoom while they happen.
 */

/**
 * @typedef {object} Axis affine in the value, or in its decimal logarithm
 * @property {number} offset CSS px of the axis start, from the graph's left or top
 * @property {number} length CSS px
 * @property {number} slope px per unit (or decade)
 * @property {number} zero px of 0 (or of 1 on a log axis)
 * @property {boolean} log
 *
 * @typedef {{x: Axis, y: Axis, key: string}} Projection2d
 */

/** @returns {Axis|null} @param {PlotlyAxis} axis */
function readAxis(axis) {
  if (!axis || typeof axis.d2p !== "function" || !Number.isFinite(axis._offset)) return null;
  const log = axis.type === "log", { _offset: offset, _length: length } = axis;
  // From end to end, for Plotly rounds to a hundredth of a pixel: on a unit of a long axis that is much.
  const [near, far] = [0, length].map((pixel) => axis.p2d(pixel));
  const from = log ? Math.log10(near) : near, to = log ? Math.log10(far) : far;
  const slope = (axis.d2p(far) - axis.d2p(near)) / (to - from);
  if (!Number.isFinite(slope) || slope === 0) return null;
  return { offset, length, slope, zero: offset + axis.d2p(near) - slope * from, log };
}

/**
 * The graph's present projection, or null while it is not drawn or a hook is missing.
 * @param {PlotlyGraph|null} graph
 * @returns {Projection2d|null}
 */
export function readProjection2d(graph) {
  const layout = graph?._fullLayout;
  const x = readAxis(layout?.xaxis), y = readAxis(layout?.yaxis);
  if (!x || !y) return null;
  const key = [x, y].map((a) => `${a.offset},${a.length},${a.slope},${a.zero},${a.log}`).join(";");
  return { x, y, key };
}

/** @param {Axis} axis @param {number} value @returns {number} CSS px in the graph */
export function toPixel(axis, value) {
  return axis.zero + axis.slope * (axis.log ? Math.log10(value) : value);
}

/** @param {Axis} axis @param {number} pixel @returns {number} value */
export function toValue(axis, pixel) {
  const at = (pixel - axis.zero) / axis.slope;
  return axis.log ? 10 ** at : at;
}
