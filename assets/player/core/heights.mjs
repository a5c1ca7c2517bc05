/**
 * The height of a loss on map and sheet, as `figures.heights` draws it: log10(1 + (loss − best)/unit),
 * or (loss − best)/unit on a linear scale.
 */

/**
 * @typedef {object} FigureMeta what a figure says of its heights
 * @property {"curve"|"steps"} [kind] of a surface of one weight: its curve, and x over the step
 * @property {number} [best] the lowest loss in view
 * @property {number} [unit] of the loss @property {number} [top] the greatest height
 * @property {"log"|"linear"} [scale]
 * @property {number} [zmax] the same of the 3D sheet
 * @property {string} [word] what is shown: "loss", "test loss"
 * @property {boolean} [free] runs stand at their own loss, above or below the sheet
 * @property {number} [sheet] place of the sheet among the traces
 * @property {number[]} [bounds] left, right, low, high
 * @property {{x: number, y: number, z: number}} [eye]
 * @property {import("./relief.mjs").Look} [relief] of the map
 */

/** @param {number} loss @param {FigureMeta} meta */
export function heightOf(loss, { best = 0, unit = 1, scale }) {
  const above = Math.max(0, loss - best) / unit;
  return scale === "linear" ? above : Math.log10(1 + above);
}

/** The loss at a height. @param {number} height @param {FigureMeta} meta */
export const lossAt = (height, { best = 0, unit = 1, scale }) =>
  best + unit * (scale === "linear" ? height : 10 ** height - 1);
