/** A surface that drifts: which of its states map and 3D view show, so that they follow the clock. */

const STATES = 20; // figures from s = 0 to 1: each is fetched once, and a change of 0.05 is seen

/**
 * The morph over the run, evenly spread from row 0 to the last step; null while nothing moves.
 * @type {number[]|null}
 */
let path = null;
let steps = 1;
/** s of the figures shown, or on their way. @type {number|null} */
let shown = null;

/** A run has begun. @param {{s: number[]|null, steps: number}} header */
export function begin(header) {
  path = header.s ?? null;
  steps = header.steps;
  shown = path && state(0);
}

/** @param {number} step */
function state(step) {
  const s = path[Math.round((step / steps) * (path.length - 1))];
  return Math.round(s * STATES) / STATES;
}

/** Is another state to be shown at this step? @param {number} step @returns {boolean} */
export function moved(step) {
  if (!path || state(step) === shown) return false;
  shown = state(step);
  return true;
}

/** The spec with the surface as it is at the clock's step. @param {import("./scenario.mjs").Spec} spec */
export const now = (spec) => (shown === null ? spec : stateOf(spec, shown) ?? spec);

/** The same at a step; null where it does not move. @param {import("./scenario.mjs").Spec} spec @param {number} step */
export const at = (spec, step) => (path ? stateOf(spec, state(step)) : null);

/** @param {import("./scenario.mjs").Spec} spec @param {number} s */
function stateOf(spec, s) {
  if (spec.drift?.name === "none" || !("s" in spec.surface.knobs)) return null;
  return { ...spec, surface: { ...spec.surface, knobs: { ...spec.surface.knobs, s } } };
}
