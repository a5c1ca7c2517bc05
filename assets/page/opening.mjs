/** `at`: the step at which a link opens, paused, or from where it plays on. */

import { counted } from "../player/core/format.mjs";
import * as viewing from "./viewing.mjs";

/** The step asked for, until it is known whether there is one. @type {number|null} */
let awaited = null;

/** What the link asked for that was followed last. */
let followed = "";

/** @param {viewing.Viewing} keys */
const asks = (keys) => JSON.stringify(keys.at ?? null);

/**
 * The address asks for another step of the race that is shown.
 * @param {typeof import("../player/player.mjs")} player
 */
export function follow(player) {
  if (asks(viewing.current()) === followed) return;
  const { at = 0, play } = how(viewing.current());
  player.seek(at);
  if (play) player.play();
}

/**
 * How a race or training is loaded that an address names.
 * @param {viewing.Viewing} keys of the address @returns {import("./loading.mjs").Loading}
 */
export function how(keys) {
  const { at } = keys;
  followed = asks(keys);
  awaited = at && at.step !== "end" ? at.step : null;
  return at ? { play: at.plays, at: at.step === "end" ? Infinity : at.step } : { play: true };
}

/**
 * Of a step that there is not: a sentence, once.
 * @param {{steps: number}} header of what has come @returns {string|null}
 */
export function told({ steps }) {
  const step = awaited;
  awaited = null;
  return step !== null && step > steps
    ? `The link asks for step ${step}, but there are ${counted(steps, "step")}: the last one is shown.` : null;
}
