/** What is said on the map from the moment something is asked for until its first rows are there. */

import { el } from "../core/dom.mjs";

const TRAINING = /(?:^|&)net=/u;

/** What else is to be said than that it comes. @type {Record<string, string>} */
const WAITS = {
  lost: "It waits until the server answers.",
  broken: "It is asked for again: the connection broke off.",
  busy: "It waits for its turn: the server is busy.",
  fault: "It is asked for again: the server failed.",
};

/**
 * In plain words; empty: there is nothing to be said.
 * @param {{isAwaited: boolean, query: string, whyNot: string|null}|null} incoming
 * @param {boolean} isFirst is nothing shown yet?
 */
export function awaited(incoming, isFirst) {
  const isTraining = TRAINING.test(incoming?.query ?? "");
  if (!incoming?.isAwaited || (!isTraining && !isFirst)) return "";
  const what = isTraining ? "The training has been asked for." : "The race has been asked for.";
  const comes = WAITS[incoming.whyNot] ?? "Its first rows will come soon.";
  return `${what} ${comes}${isFirst ? "" : " What you see is the run before."}`;
}

export class Awaited {
  /** @param {HTMLElement} stage of the map */
  constructor(stage) {
    this.place = el("p", { class: "nn-awaited", role: "status" });
    stage.append(this.place);
  }

  /**
   * Once a frame. @param {import("../core/incoming.mjs").Incoming|null} incoming
   * @param {boolean} isFirst is nothing shown yet?
   */
  update(incoming, isFirst) {
    const words = awaited(incoming, isFirst);
    if (this.place.textContent !== words) this.place.textContent = words;
    this.place.classList.toggle("is-first", isFirst);
    this.place.classList.toggle("is-brief", !isFirst || !TRAINING.test(incoming?.query ?? ""));
  }
}
