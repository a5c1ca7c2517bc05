/** Where views and words stand in a picture or a film. */

/**
 * @typedef {import("../core/store.mjs").RunStore} RunStore
 * @typedef {{x: number, y: number, width: number, height: number}} Box CSS px
 * @typedef {{width: number, height: number, views: Record<string, Box>, text: Box}} Plan
 */

export const PAD = 12, TITLE = 44, LINE = 22; // px
const SIDE = 216; // px of the column beside a view
const WIDE = 1.25; // times as wide as high: then who is who stands beside
export const MOST_LINES = 12; // runs that are listed

/** Lines of text: the step, the runs, the scale. @param {RunStore} store */
const linesOf = (store) => Math.min(store.runs, MOST_LINES) + 4;

/**
 * Where everything stands.
 * @param {string[]} names of the views: one of them, or all
 * @param {{width: number, height: number}} size CSS px of the whole
 * @param {RunStore} store
 * @returns {Plan}
 */
export function planned(names, { width, height }, store) {
  const body = { x: PAD, y: TITLE, width: width - 2 * PAD, height: height - TITLE - PAD };
  const text = linesOf(store) * LINE;
  if (names.length > 1) {
    const half = (body.width - PAD) / 2, tall = Math.min(0.58 * body.height, body.height - PAD - text);
    const low = body.y + tall + PAD, rest = body.height - tall - PAD;
    const right = body.x + half + PAD;
    /** @type {Record<string, Box>} */
    const all = {
      map: { ...body, width: names.includes("scene") ? half : body.width, height: tall },
      scene: { x: right, y: body.y, width: half, height: tall },
      curves: { x: body.x, y: low + LINE, width: half, height: rest - LINE },
    };
    return { width, height, text: { x: right, y: low, width: half, height: rest },
      views: Object.fromEntries(names.map((one) => [one, all[one]])) };
  }
  const [name] = names;
  if (name === "curves") {
    return { width, height, views: { curves: { ...body, y: body.y + LINE, height: body.height - 2 * LINE } },
      text: { ...body, y: body.y + body.height - LINE, height: LINE } };
  }
  if (width > WIDE * height) {
    const wide = body.width - SIDE - PAD;
    return { width, height, views: { [name]: { ...body, width: wide } },
      text: { ...body, x: body.x + wide + PAD, width: SIDE } };
  }
  return { width, height, views: { [name]: { ...body, height: body.height - PAD - text } },
    text: { ...body, y: body.y + body.height - text, height: text } };
}

/**
 * Around a view of a size as on the screen.
 * @param {string} name @param {{width: number, height: number}} view @param {RunStore} store
 */
export function plannedAround(name, { width, height }, store) {
  const below = name === "curves" ? 2 * LINE : PAD + linesOf(store) * LINE;
  return planned([name], { width: width + 2 * PAD, height: TITLE + height + below + PAD }, store);
}
