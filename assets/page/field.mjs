/** The arrows on the map that point downhill: the gradient at the crossings of a grid, from the server. */

import { ask, jsonOf } from "../player/core/server.mjs";
import * as view from "./view.mjs";

const EVERY = 24; // px from arrow to arrow, about
const MOST = 90; // arrows along an axis

let asked = "";
/** @type {AbortController|null} */
let abort = null;

/** No arrows. */
export function clear() {
  abort?.abort();
  if (asked) window.nnopt.steer({ field: null });
  asked = "";
}

/**
 * Places along an axis that stay where they are when the view moves: multiples of a power of two.
 * @param {[number, number]} range @param {number} scale px to a unit
 */
function along([low, high], scale) {
  const least = Math.max(EVERY / scale, (high - low) / MOST);
  const step = 2 ** Math.round(Math.log2(least) + (least * scale > EVERY ? 0.5 : 0));
  const first = Math.ceil(low / step - 0.5), last = Math.floor(high / step + 0.5);
  return `${first * step},${last * step},${last - first + 1}`;
}

/** Arrows for what is seen. @param {string} surface as in a query */
export async function want(surface) {
  const seen = view.ranges();
  if (!seen) return;
  const scale = view.scale();
  const url = `/ground.json?${surface}&x=${along(seen.x, scale.x)}&y=${along(seen.y, scale.y)}`;
  if (url === asked) return;
  abort?.abort();
  asked = url;
  const { signal } = (abort = new AbortController());
  try {
    const field = await ask(url, { signal, read: (answer) => (answer.ok ? jsonOf(answer, signal) : null) });
    if (!signal.aborted) window.nnopt.steer({ field });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
