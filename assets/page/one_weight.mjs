/**
 * What the page says and shows when the surface reads x alone: its views are a curve and x over the
 * step, and there is no second coordinate to start from.
 */

import { exists, set } from "./bridge.mjs";
import { VIEW } from "./ids.mjs";

/** What the places of the views are called. @type {Record<string, [string, string]>} of two weights, and of one */
const CALLED = {
  "#map-stage": ["Map", "Curve of the loss"],
  "#map-stage > .graph-box": ["Map of the loss, seen from above", "The loss over the weight x, as a curve"],
  "#scene-stage": ["3D view", "x over the steps"],
  "#scene-stage > .graph-box": ["The loss as a surface in three dimensions", "x at each step, the steps downwards"],
};
const SWITCH = [["Map", "3D"], ["Curve", "x by step"]];

let isOne = false;

/** Does the surface that is shown read x alone? */
export const hasOneWeight = () => isOne;

/** @param {import("./figures.mjs").Figures} made */
export function tell(made) {
  const now = made.map.layout.meta.kind === "curve";
  if (now === isOne) return;
  isOne = now;
  if (now) document.documentElement.dataset.weights = "1";
  else delete document.documentElement.dataset.weights;
  for (const [place, names] of Object.entries(CALLED)) {
    document.querySelector(place)?.setAttribute("aria-label", names[Number(now)]);
  }
  const [map, scene] = SWITCH[Number(now)];
  if (!exists(VIEW)) return;
  set(VIEW, { data: [
    { value: "map", label: map }, { value: "scene", label: scene }, { value: "loss", label: "Loss" },
  ] });
}
