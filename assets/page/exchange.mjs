/**
 * Puts the figures of a surface on the page: whole ones through Dash, or, for another state of
 * the same surface, only what depends on the knobs, straight into the plots that are there. Dash
 * draws what it was handed again on a resize, so that is brought up to date as well.
 *
 * Map and scene take their turns: each costs some 40 ms, too much together for one frame.
 */

import { exists, set } from "./bridge.mjs";
import * as camera from "./camera.mjs";
import { MAP, SCENE, SURFACE_SUMMARY } from "./ids.mjs";
import * as oneWeight from "./one_weight.mjs";
import * as view from "./view.mjs";

/** @typedef {import("./figures.mjs").Figures} Figures */

let turn = 0; // of the newest exchange: an older one must not finish after it

/** What Dash was handed. @type {{map?: PlotlyFigure, scene?: PlotlyFigure}} */
const handed = {};

/** The map's trace over the whole surface. @type {PlotlyTrace|null} */
let whole = null;

/** @param {string} id @returns {PlotlyGraph|null} */
const plotOf = (id) => document.querySelector(`#${id} .js-plotly-plot`);
const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

/** @param {Figures} made */
function tell(made) {
  if (exists(SURFACE_SUMMARY)) set(SURFACE_SUMMARY, { children: made.summary });
  window.nnopt.setSurface(made.facts);
  oneWeight.tell(made);
}

const EMPTY = {
  data: /** @type {PlotlyTrace[]} */ ([]),
  layout: {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", xaxis: { visible: false }, yaxis: { visible: false },
  },
};

/** Show no figures: there is nothing to be shown. */
export function clear() {
  turn += 1;
  for (const id of [MAP, SCENE]) set(id, { figure: structuredClone(EMPTY) });
  handed.map = handed.scene = undefined;
  window.nnopt.setSurface({ minima: [] });
}

/** Show figures whole. @param {Figures} made left as it is: Plotly writes into what it is given */
export async function show(made) {
  const own = (turn += 1);
  const { map, scene } = structuredClone({ map: made.map, scene: made.scene });
  whole = made.map.data[0];
  set(MAP, { figure: (handed.map = view.place(map)) });
  tell(made);
  await nextFrame();
  await nextFrame(); // the map has been painted
  if (own === turn) set(SCENE, { figure: (handed.scene = camera.place(scene)) });
}

/**
 * Is what a plot shows another state of the same surface, in the same colours, with the same traces?
 * @param {PlotlyGraph} plot @param {PlotlyFigure} figure
 */
function isKin(plot, figure) {
  const { layout, data } = plot ?? {};
  if (!figure.data.every(({ uid, type }, i) => data?.[i]?.type === type && (!uid || data[i].uid === uid))) return false;
  if (layout?.meta?.kind !== figure.layout.meta.kind) return false;
  return layout?.uirevision === figure.layout.uirevision && layout.font?.color === figure.layout.font.color
    && layout.meta?.bounds?.join() === figure.layout.meta.bounds.join();
}

/**
 * What of a trace depends on the knobs, as Plotly.restyle wants it.
 * @type {Record<string, (trace: PlotlyTrace) => object>}
 */
const CHANGING = {
  contour: ({ x, y, z, contours }) => ({
    x, y, z, "contours.start": contours.start, "contours.end": contours.end, "contours.size": contours.size,
  }),
  surface: ({ z, cmax, contours: { z: levels } }) => ({
    z, cmax, "contours.z.start": levels.start, "contours.z.end": levels.end, "contours.z.size": levels.size,
  }),
  mesh3d: ({ z }) => ({ z }),
  scatter: ({ x, y, customdata }) => ({ x, y, customdata }),
  scatter3d: ({ x, y, z, text, textposition }) => ({ x, y, z, text, textposition }),
};

/**
 * Exchange the traces of a plot, in one redraw; they stand first, in the figure's order.
 * @param {PlotlyGraph} plot @param {PlotlyFigure} known @param {PlotlyFigure} figure @param {object} ranges
 */
function restyle(plot, known, { data, layout }, ranges) {
  known.data.splice(0, data.length, ...data);
  known.layout.meta = layout.meta;
  if (layout.scene) known.layout.scene.zaxis.range = layout.scene.zaxis.range;
  plot.layout.meta = layout.meta; // what the heights mean: the player reads it every frame
  /** A value for each trace; Plotly leaves alone what is undefined. @type {Record<string, any[]>} */
  const given = {};
  for (const [at, trace] of data.entries()) {
    for (const [name, value] of Object.entries(CHANGING[trace.type](trace))) {
      (given[name] ??= Array(data.length).fill(undefined))[at] = value;
    }
  }
  return window.Plotly.update(plot, given, ranges, [...data.keys()]);
}

/**
 * Show another state of the surface that is shown, several times a second if need be.
 * @param {Figures} made
 * @returns {Promise<boolean>} false when nothing was shown: the plots are not there, or show
 *   another surface
 */
export async function morph(made) {
  const own = (turn += 1), map = plotOf(MAP), scene = plotOf(SCENE);
  if (!handed.scene || !isKin(map, made.map) || !isKin(scene, made.scene)) return false;
  const { map: flat, scene: deep } = structuredClone({ map: made.map, scene: made.scene });
  whole = made.map.data[0];
  // the losses of a curve are the ends of its axis
  await restyle(map, handed.map, flat, flat.layout.meta.kind === "curve" ? { yaxis: flat.layout.yaxis } : {});
  tell(made);
  await nextFrame();
  if (own !== turn) return true; // a newer one is on its way
  camera.keep(scene);
  if (deep.layout.scene) {
    await restyle(scene, handed.scene, deep, { "scene.zaxis.range": deep.layout.scene.zaxis.range });
  }
  return true;
}

/**
 * Show a part of the surface in the map's plot, or the whole again; nothing else changes.
 * @param {PlotlyFigure|null} part
 */
export async function detail(part) {
  const plot = plotOf(MAP), given = structuredClone(part?.data[0] ?? whole);
  if (!plot || !handed.map || !given) return;
  handed.map.data[0] = given;
  const changes = Object.entries(CHANGING.contour(given)).map(([name, value]) => [name, [value]]);
  await window.Plotly.restyle(plot, Object.fromEntries(changes), [0]);
}
