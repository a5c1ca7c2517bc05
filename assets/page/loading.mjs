/**
 * What the page asks for to show a question: its stream, anew whenever it changes, and the fine
 * slice of a training; and the figures that come of either.
 */

import * as drift from "./drift.mjs";
import { clear, morph, show } from "./exchange.mjs";
import { figures } from "./figures.mjs";
import { surfaceText } from "./query.mjs";
import { questionOf, textOf } from "./questions.mjs";
import { ask, jsonOf } from "../player/core/server.mjs";
import { lookOf } from "./runs.mjs";
import * as theme from "./theme.mjs";
import * as viewing from "./viewing.mjs";

/**
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./scenario.mjs").Declared} Declared
 * @typedef {Partial<import("../player/core/incoming.mjs").How>} Loading
 */

/** What the stream that was asked for last is of. @type {Spec|null} */
let loaded = null;
/**
 * The newest spec and how it is to be loaded, until its frame.
 * @type {{spec: Spec, declared: Declared, options: Loading}|null}
 */
let waiting = null;
let isQueued = false;
/** @type {AbortController|null} */
let refining = null;

/** What the stream that was asked for last is of. */
export const latest = () => loaded;

/** @param {import("./figures.mjs").Figures|null} made null: of a training without a plane */
export async function showFigures(made) {
  if (!made) clear();
  else if (!(await morph(made))) await show(made);
}

/**
 * The fine slice of a training, after the coarse one of its stream.
 * @param {Spec} spec @param {Declared} declared
 */
export async function refine(spec, declared) {
  refining?.abort();
  const { signal } = (refining = new AbortController());
  try {
    const made = await ask(`/slice.json?${textOf(spec, declared)}&theme=${theme.theme()}`, {
      signal, read: (answer) => (answer.ok ? jsonOf(answer, signal) : null), // refused: the coarse one stays
    });
    if (made && !signal.aborted) await showFigures(made);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Start the stream for a spec: at once, then at most once a frame, for the newest.
 * @param {Spec} spec @param {Declared} declared @param {Loading} options
 */
export function load(spec, declared, options) {
  waiting = { spec, declared, options };
  if (isQueued) return;
  isQueued = true;
  fetchRun();
  requestAnimationFrame(() => {
    isQueued = false;
    if (waiting) load(waiting.spec, waiting.declared, waiting.options);
  });
}

/** Play from the start what was asked for last, whether it has come or not. */
export function replay() {
  if (waiting) Object.assign(waiting.options, { play: true, keepStep: false });
  else window.nnopt.replay();
}

function fetchRun() {
  refining?.abort();
  const { spec, declared, options } = waiting;
  waiting = null;
  const colours = questionOf(spec).bringsFigures ? `&theme=${theme.theme()}` : "";
  loaded = spec;
  window.nnopt.load(textOf(spec, declared) + colours, { look: lookOf(viewing.current()), ...options });
}

/**
 * What lies under the runs at a step of a film: nothing new while the surface stands still.
 * @param {Spec} spec @param {Declared} declared
 * @returns {(step: number) => Promise<import("./figures.mjs").Figures|null>}
 */
export function groundsOf(spec, declared) {
  return async (step) => {
    const there = drift.at(spec, step);
    return there && figures(surfaceText(there, declared), theme.theme());
  };
}
