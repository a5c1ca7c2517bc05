/**
 * The figures of surfaces: fetched when they are needed, the last ones kept, and shown so that
 * the newest wins. While something slides one request is under way at a time, and each answer is
 * shown as it comes, so that map and 3D view follow; anything else drops what is under way.
 */

/**
 * @typedef {object} Figures what /figures.json answers
 * @property {PlotlyFigure} map
 * @property {PlotlyFigure} scene
 * @property {{
 *   minima: import("../player/core/stream.mjs").Minimum[], bounds: number[], best: number, top: number
 * }} facts
 * @property {string} summary how many minima there are, in words
 */

import { ask, jsonOf } from "../player/core/server.mjs";

export { morph } from "./exchange.mjs";

const KEPT = 24; // figures; some 350 kB each

/** The last ones, oldest first. @type {Map<string, Figures>} */
const kept = new Map();

/** @param {string} surface @param {string} theme */
const keyOf = (surface, theme) => `${surface}&theme=${theme}`;

/** @param {string} key @param {Figures} made */
function keep(key, made) {
  kept.delete(key);
  kept.set(key, made);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  return made;
}

/** A refusal of the server. */
export class FiguresError extends Error {
  /** @param {number} status @param {import("../player/core/stream.mjs").Refusal|null} body */
  constructor(status, body) {
    super(`figures: status ${status}`);
    this.status = status;
    this.body = body;
  }
}

/**
 * The figures of a surface; at once when they are among the last ones.
 * @param {string} surface as in a query: `surface=rosenbrock(b=50)`
 * @param {string} theme "light" or "dark"
 * @param {AbortSignal} [signal]
 * @returns {Promise<Figures>} rejects with FiguresError, or with AbortError
 */
export async function figures(surface, theme, signal) {
  const key = keyOf(surface, theme), known = kept.get(key);
  if (known) return keep(key, known);
  return ask(`/figures.json?${key}`, {
    signal,
    async read(answer) {
      const body = await jsonOf(answer, signal);
      if (!answer.ok) throw new FiguresError(answer.status, body);
      return keep(key, body);
    },
  });
}

/** Shows the figures that were asked for last. */
export class Showing {
  /**
   * @param {(made: Figures) => (void|Promise<void>)} show
   * @param {(problem: FiguresError) => void} fail what is shown stays
   */
  constructor(show, fail) {
    this.show = show;
    this.fail = fail;
    /** Of what is under way. @type {AbortController|null} */
    this.abort = null;
    this.last = ""; // key of what was asked for last
    /** @type {{surface: string, theme: string}|null} */
    this.next = null;
  }

  /**
   * Show the figures of a surface as soon as they are there.
   * @param {string} surface @param {string} theme
   * @param {boolean} slides more will follow at once: let each come to its end
   */
  want(surface, theme, slides) {
    const key = keyOf(surface, theme);
    if (key === this.last) return;
    this.last = key;
    this.next = { surface, theme };
    if (this.abort && slides) return;
    this.abort?.abort();
    this.#fetchNext();
  }

  async #fetchNext() {
    const { surface, theme } = this.next;
    const abort = (this.abort = new AbortController());
    this.next = null;
    try {
      const made = await figures(surface, theme, abort.signal);
      if (!abort.signal.aborted) await this.show(made);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.last = ""; // to be asked for again
      if (!(error instanceof FiguresError)) throw error;
      this.fail(error);
    } finally {
      if (this.abort === abort) {
        this.abort = null;
        if (this.next) this.#fetchNext();
      }
    }
  }
}
