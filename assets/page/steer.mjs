/** Steering the map: what is seen, how finely, how it is drawn, what is read off it. */

import * as camera from "./camera.mjs";
import * as detail from "./detail.mjs";
import * as field from "./field.mjs";
import * as gestures from "./gestures.mjs";
import { PAGE, VIEW } from "./ids.mjs";
import { exists, set } from "./bridge.mjs";
import { menu } from "./mapmenu.mjs";
import * as probe from "./probe.mjs";
import * as view from "./view.mjs";
import * as viewing from "./viewing.mjs";

/** What is shown, as in a query; null: nothing that the server could be asked about again. @type {string|null} */
let surface = null;
let drawing = "";
/** @type {import("./mapmenu.mjs").Menu|null} */
let bar = null;

/** How figures are to be drawn, as the end of a query: `&height=linear&levels=8`, or nothing. */
export function look() {
  const { height, levels } = viewing.current().view ?? {};
  return `${height ? `&height=${height}` : ""}${levels ? `&levels=${levels}` : ""}`;
}

function settle() {
  bar?.update();
  if (surface === null || !view.graph()) return;
  detail.want(surface + drawing);
  if (viewing.current().view?.arrows) field.want(surface);
  else field.clear();
}

/** On a small screen, show the view that the link names. */
function choose() {
  const { shows = "map" } = viewing.current().view ?? {};
  if (exists(VIEW) && document.getElementById(PAGE).dataset.view !== shows) set(VIEW, { value: shows });
}

/**
 * Figures of this surface are on their way.
 * @param {string|null} text as in a query; null: a training's slice @param {string} theme
 */
export function about(text, theme) {
  if (text !== surface) probe.about(text);
  surface = text;
  drawing = `${look()}&theme=${theme}`;
  detail.stop();
}

/** Figures are shown: the map's plot has them soon. */
export function shown() {
  const plot = view.graph(), trace = plot?._fullData?.[0];
  if (!plot || trace?.type !== "contour") return;
  detail.begin();
  settle();
}

/** @param {(place: {x: number, y: number}) => void} start a race at a place */
export function begin(start) {
  const stage = document.getElementById("map-stage");
  view.watch();
  camera.watch();
  gestures.watch();
  bar = menu(stage, start, () => surface !== null);
  view.on("move", detail.stop);
  view.on("rest", settle);
  viewing.onChange(() => {
    choose();
    settle();
  });
  choose();
}
