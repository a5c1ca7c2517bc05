/** The key in the corner of the map: what the tints mean, and what dots and dashes mean. */

import { el } from "../core/dom.mjs";
import { compact } from "../core/format.mjs";
import { lossAt } from "../core/heights.mjs";
import { FEW } from "./paint.mjs";

const INTERVALS = [10, 20, 50, 100, 200, 500, 1000], MOST_DOTS = 50;
const MOST_DIGITS = 8;
const HINT = "click to start there";

/** Steps between two dots on a line: some tens of dots however long the race. @param {number} steps */
export function dotInterval(steps) {
  return INTERVALS.find((every) => steps / every <= MOST_DOTS) ?? INTERVALS.at(-1);
}

/** Two losses in figures as round as tell them apart. @param {number} low @param {number} high */
export function apart(low, high) {
  for (let digits = 2; ; digits++) {
    const words = [low, high].map((value) => compact(value, digits));
    if (words[0] !== words[1] || digits === MOST_DIGITS) return words;
  }
}

const ROUNDING = 1e-6; // of all heights: a loss that is less is 0 but for rounding

/**
 * The losses at the two ends of the scale, as round as tell them apart.
 * @param {number} top @param {import("../core/heights.mjs").FigureMeta} heights
 */
export function ends(top, heights) {
  const high = lossAt(top, heights), least = ROUNDING * (high - heights.best);
  /** @param {number} loss */
  const plain = (loss) => (Math.abs(loss) < least ? 0 : loss);
  return apart(plain(heights.best), plain(high));
}

export class MapKey {
  /** @param {HTMLElement} root empty */
  constructor(root) {
    this.root = root;
    this.shown = "";
  }

  /**
   * @param {import("../core/heights.mjs").FigureMeta & {s?: number|null}} meta of the map's figure; s: where a
   *   drifting surface is
   * @param {{steps: number, paths: number, crowded: boolean, answers: boolean, axes?: string[],
   *   arrows?: boolean}} race
   *   axes: what x and y are, when they are directions in a larger space
   */
  update({ s = null, ...meta }, { steps, paths, crowded, answers, axes = [], arrows = false }) {
    const { best, top, unit, scale: kind = "log", word = "loss" } = meta;
    const morph = s === null ? [] : [el("span", {}, `s = ${compact(s, 3)}`)];
    const heights = [best, top, unit, kind, word, meta.kind];
    const wanted = [morph[0]?.textContent, heights, axes, steps, crowded, paths > FEW, answers, arrows].join();
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.root.classList.add("nn-key");
    const [low, high] = ends(top, meta);
    const isCurve = meta.kind === "curve";
    const scale = isCurve ? [el("span", {}, `${word}, ${kind} scale`)] : Number.isFinite(top)
      ? [el("span", { class: "nn-key-scale" }, `${word} ${low} `, el("i"), ` ${high}, ${kind} scale`)] : [];
    const directions = axes.map((name, i) => el("span", { class: "nn-key-axis" }, `${"xy"[i]}: ${name}`));
    /** @param {string} name @param {string} text */
    const mark = (name, text) => el("span", {}, el("i", { class: name }), text);
    const dots = crowded ? [mark("nn-key-head", "one start each")]
      : paths > FEW ? [] : [mark("nn-key-dot", isCurve ? "where it has been" : `every ${dotInterval(steps)} steps`)];
    if (isCurve && paths <= FEW && s === null) dots.push(mark("nn-key-tangent", "tangent"));
    if (isCurve && paths <= FEW) dots.push(mark("nn-key-step", "next step"));
    const dashes = answers ? [mark("nn-key-dashes", "dashed: the answer, often an average")] : [];
    const slopes = arrows ? [el("span", {}, "→ downhill; longer: steeper, log scale")] : [];
    this.root.replaceChildren(...morph, ...scale, ...dots, ...dashes, ...slopes, ...directions);
    this.#hint();
  }

  /** Says what a click does; in the corner opposite. */
  #hint() {
    const stage = this.root.parentElement;
    if (stage?.closest(".lab")) return; // a training starts from its start weights
    if (!stage?.querySelector(".nn-hint")) stage?.append(el("span", { class: "nn-hint", "aria-hidden": "true" }, HINT));
  }
}
