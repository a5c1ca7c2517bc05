/** Sentences of the lab beside its views and fields: what an axis is, why there is no map, what a batch means. */

import { el } from "../player/core/dom.mjs";
import { compact, percent } from "../player/core/format.mjs";

/** What is shown as height. */
export const WORDS = { train: "train loss", test: "test loss", accuracy: "error" };
const MOST = 3.4e38; // what float32 can hold
const HEADS = { "map-stage": "There is no map", "scene-stage": "There is no 3D view" };

/** Say why there is no plane; an empty sentence: there is one. @param {string} sentence */
export function sayAbsent(sentence) {
  for (const [id, head] of Object.entries(HEADS)) {
    const stage = document.getElementById(id), known = stage?.querySelector(".lab-absent");
    if (!stage || (known?.lastElementChild.textContent ?? "") === sentence) continue;
    known?.remove();
    stage.classList.toggle("is-absent", sentence !== "");
    if (sentence) stage.append(el("div", { class: "lab-absent" }, el("h2", {}, head), el("p", {}, sentence)));
  }
}

/** What the axes of the 3D view are. @param {import("../player/core/stream.mjs").Plane} plane */
export function saySolid({ axes, height }) {
  const stage = document.getElementById("scene-stage");
  stage?.querySelector(".lab-axes")?.remove();
  const words = [`x: ${axes[0]}`, `y: ${axes[1]}`, `height: ${WORDS[height]}, log scale`];
  stage?.append(el("div", { class: "nn-key lab-axes" }, ...words.map((text) => el("span", {}, text))));
}

/**
 * Beside a batch of more samples than there are: what a step really takes.
 * @param {import("../player/core/stream.mjs").Header} header
 */
export function sayBatch({ spec, data }) {
  const section = document.querySelector(".section-training");
  section?.querySelector(".lab-batch")?.remove();
  if (!section || spec.batch <= data.train) return;
  const words = `A batch of ${spec.batch.toLocaleString("en")} means all samples: each step takes all ${data.train}.`;
  section.append(el("p", { class: "lab-doc lab-batch" }, words));
}

/**
 * How a run's share compares with a random walk's.
 * @param {import("../player/core/stream.mjs").LabOutcome} outcome
 * @param {import("../player/core/stream.mjs").Header} header
 */
export function besideWalk({ in_plane: share, beyond, random_walk: walk, more_than_walk: isMore }, { network }) {
  if (share === null) return beyond === null ? ": it has not moved" : ": it left at once, nothing is to be measured";
  if (network.parameters <= 2) return ": with two parameters the plane is everything";
  if (walk.high > 1 - 1e-5) {
    return ": no more than a random walk of so few steps shows of itself, which such a plane along it holds whole";
  }
  return `: ${isMore ? "more than 95 in 100" : "no more than"} random walks show of themselves `
    + `(median ${percent(walk.median)}, 95 in 100 at most ${percent(walk.high)})`;
}

/**
 * The largest curvature, beside what the method can stand.
 * @param {import("../player/core/stream.mjs").Sharpness} found @param {number} run
 * @param {number} at which of its steps @param {import("../player/core/stream.mjs").Header} header
 */
export function saySharpness(found, run, at, { runs }) {
  const value = found.value[run]?.[at] ?? null, lines = found.line[run], isScaled = found.scaled[run];
  const when = `at step ${found.steps[at].toLocaleString("en")}`, { label } = runs[run];
  const what = isScaled ? "Sharpness (largest curvature, in coordinates scaled as the method scales its steps)"
    : "Sharpness (largest curvature)";
  if (value === null) {
    const why = isScaled && found.steps[at] === 0 ? "nothing has been scaled yet" : "it is not a finite number";
    return `${what} ${when}: none, ${why}.`;
  }
  const shown = `${found.bound[run]?.[at] ? "not settled, at least " : ""}${compact(value, 3)}`;
  if (!lines) return `${what} ${when}: ${shown}. For ${label} with what is around it no stability line is known.`;
  const most = lines[at] === null ? "however large it is" : `up to ${compact(lines[at], 3)}`;
  const fixed = isScaled ? ", with this scaling kept," : "";
  return `${what} ${when}: ${shown}. With all samples a step${fixed} ${label} is stable on a parabola ${most}.`;
}

/**
 * Where a run stands; a loss that is no number has diverged.
 * @param {number|undefined} loss as float32 @param {number|null|undefined} ended the step at which it has
 */
export function sayLoss(loss, ended) {
  if (loss === undefined || loss !== loss) {
    return ended ? `diverged at step ${ended.toLocaleString("en")}` : "diverged";
  }
  return loss < Infinity ? `loss ${compact(loss, 3)}` : `loss above ${compact(MOST, 2)}`;
}

/** How many samples a step takes. @param {import("../player/core/stream.mjs").Header["data"]} data */
export function sayStep({ train, batch }) {
  const left = train % batch, last = left ? `, the last of an epoch ${left}` : "";
  return `${batch} ${batch === 1 ? "sample" : "samples"} a step${last}`;
}
