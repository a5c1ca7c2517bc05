/** Sentences of the lab beside its views and fields: what an axis is, why there is no map, what a batch means. */

import { el } from "../player/core/dom.mjs";
import { percent } from "../player/core/format.mjs";

/** What is shown as height. */
export const WORDS = { train: "train loss", test: "test loss", accuracy: "error" };
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
export function besideWalk({ in_plane: share, random_walk: walk, more_than_walk: isMore }, { network }) {
  if (share === null) return ": it has not moved";
  if (walk.high > 1 - 1e-5) {
    return network.parameters <= 2 ? ": with two weights the plane is everything"
      : ": of a path of so few steps any such plane holds all";
  }
  return `: ${isMore ? "more than 95 in 100" : "no more than"} random walks show of themselves `
    + `(median ${percent(walk.median)}, 95 in 100 at most ${percent(walk.high)})`;
}
