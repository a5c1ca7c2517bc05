/** What stands where map and 3D view would be when the plane that was asked for does not exist. */

import { el } from "../player/core/dom.mjs";

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
