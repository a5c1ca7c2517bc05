/** What the player tells those who listen. */

/**
 * @typedef {import("./stream.mjs").Trailer} Trailer
 * @typedef {import("./stream.mjs").LabTrailer} LabTrailer
 *
 * @typedef {object} Events name -> what comes with it
 * @property {import("../views/pick.mjs").Place} press where a start may be picked in a moment
 * @property {import("../views/pick.mjs").Pick} pick
 * @property {{picked: boolean}} double a double click; was its first half taken for a pick?
 * @property {import("./stream.mjs").Header} header of a run that shows its first rows
 * @property {import("../../page/figures.mjs").Figures|null} figures those of a training; null: it has no plane
 * @property {Trailer|LabTrailer} done
 * @property {number} step the whole step shown
 * @property {{of: number, call: import("./stream.mjs").Call}} add a run like another one, with one thing changed
 * @property {{status: number, body: import("./stream.mjs").Refusal|string|null, message: string}} error
 */

export class Emitter {
  constructor() {
    /** @type {Map<keyof Events, Set<(detail: any) => void>>} */
    this.listeners = new Map();
  }

  /**
   * @template {keyof Events} N
   * @param {N} name @param {(detail: Events[N]) => void} fn
   * @returns {() => void} stops listening
   */
  on(name, fn) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(fn);
    return () => this.listeners.get(name).delete(fn);
  }

  /** @template {keyof Events} N @param {N} name @param {Events[N]} detail */
  emit(name, detail) {
    for (const fn of this.listeners.get(name) ?? []) fn(detail);
  }
}
