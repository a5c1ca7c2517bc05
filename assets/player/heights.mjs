/** The height of a loss on map and sheet: log10(1 + (loss − best)/unit), as `figures.heights` draws it. */

/** @param {number} loss @param {{best?: number, unit?: number}} meta of the figure */
export const heightOf = (loss, { best = 0, unit = 1 }) => Math.log10(1 + Math.max(0, loss - best) / unit);

/** The loss at a height. */
export const lossAt = (height, { best = 0, unit = 1 }) => best + unit * (10 ** height - 1);
