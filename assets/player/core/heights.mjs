/** The height of a loss on map and sheet: log10(1 + (loss − best)/unit), as `figures.heights` draws it. */

/**
 * @typedef {object} FigureMeta what a figure says of its heights
 * @property {number} [best] the lowest loss in view
 * @property {number} [unit] of the loss @property {number} [top] the greatest height
 * @property {number} [zmax] the same of the 3D sheet
 * @property {string} [word] what is shown, when it is not the loss
 * @property {boolean} [free] runs stand at their own loss, above or below the sheet
 * @property {number} [sheet] place of the sheet among the traces
 * @property {number[]} [bounds] left, right, low, high
 * @property {{x: number, y: number, z: number}} [eye]
 */

/** @param {number} loss @param {FigureMeta} meta */
export const heightOf = (loss, { best = 0, unit = 1 }) => Math.log10(1 + Math.max(0, loss - best) / unit);

/** The loss at a height. @param {number} height @param {FigureMeta} meta */
export const lossAt = (height, { best = 0, unit = 1 }) => best + unit * (10 ** height - 1);
