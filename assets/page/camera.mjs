/**
 * The camera of the 3D view. Plotly's has a fixed angle of view from top to bottom, so that a
 * narrow view cuts the sheet off at its sides: step back, until the visitor turns the view.
 *
 * Every figure gets the camera in use before Plotly sees it. `uirevision` alone would lose it:
 * Dash hands Plotly the same layout object again on each resize, with the turned camera in it,
 * which Plotly then takes for the figure's own.
 */

import * as viewing from "./viewing.mjs";

const FITS = 1.32; // width / height at which the figure's own camera shows everything
const FARTHEST = 2.2;
const SAME = 0.02;
const AXES = /** @type {const} */ (["x", "y", "z"]);

/** @type {PlotlyGraph|null} */
let plot = null;
let isTurned = false;
let isOurs = false;
let isHeld = false; // a button is down on the view
/** The figure's own. @type {PlotlyCamera|null} */
let own = null;
let told = ""; // the eye that the link has and the view shows

const stage = () => document.getElementById("scene-stage");

/** How far to stand back, relative to the figure's own camera. */
function distance() {
  const { width, height } = stage().getBoundingClientRect();
  return width && height ? Math.min(Math.max((FITS * height) / width, 1), FARTHEST) : 1;
}

/** The eye for the present shape of the view. @param {{x: number, y: number, z: number}} home */
function fitted(home) {
  const factor = distance();
  return { x: home.x * factor, y: home.y * factor, z: home.z * factor };
}

/** Where the view is turned to at this moment; null while there is none. @param {PlotlyGraph} plotted */
function present(plotted) {
  const scene = plotted?._fullLayout?.scene;
  return scene?._scene?.getCamera?.() ?? scene?.camera ?? null;
}

/** Where the visitor has turned the view to, or is turning it; null when they have not. */
const turned = () => (isTurned || isHeld ? present(plot) : null);

/**
 * Let a change of the plot's traces find the camera where it is, also in the middle of a turn.
 * @param {PlotlyGraph} plotted
 */
export function keep(plotted) {
  const camera = present(plotted);
  if (camera) plotted.layout.scene.camera = camera;
}

/** The eye that the link asks for, else the figure's own. @param {{x: number, y: number, z: number}} own */
function home(own) {
  const { eye } = viewing.current().view ?? {};
  return eye ? { x: eye[0], y: eye[1], z: eye[2] } : own;
}

/** A figure with the camera in use. @param {PlotlyFigure} figure */
export function place(figure) {
  const { scene, meta } = figure.layout;
  if (!scene) return figure; // of one weight
  own = scene.camera;
  const camera = turned() ?? { ...scene.camera, eye: fitted(home(meta.eye)) };
  return { ...figure, layout: { ...figure.layout, scene: { ...scene, camera } } };
}

function fit() {
  const camera = plot?.layout?.scene?.camera;
  const wanted = plot?.layout?.meta?.eye;
  if (!camera || !wanted || isTurned || isOurs) return;
  const eye = fitted(home(wanted));
  if (AXES.every((axis) => Math.abs(eye[axis] - camera.eye[axis]) < SAME)) return;
  isOurs = true;
  window.Plotly.relayout(plot, { "scene.camera": { ...camera, eye } }).finally(() => {
    isOurs = false;
  });
}

/** Write where the visitor has turned the view to into the link, as for a view of the usual shape. */
function write() {
  const eye = present(plot)?.eye, factor = distance();
  if (!eye) return;
  const [x, y, z] = AXES.map((axis) => Number((eye[axis] / factor).toFixed(3)));
  viewing.see({ eye: [x, y, z] });
  told = key();
}

const key = () => JSON.stringify(viewing.current().view?.eye);

/** Back to the figure's own camera. */
export function reset() {
  viewing.see({ eye: undefined });
  return follow();
}

/** Show what the link asks for. */
async function follow() {
  told = key();
  isTurned = false;
  const eye = plot?.layout?.meta?.eye;
  if (!eye || !own) return;
  isOurs = true;
  try {
    await window.Plotly.relayout(plot, { "scene.camera": { ...structuredClone(own), eye: fitted(home(eye)) } });
  } finally {
    isOurs = false;
  }
}

/** Fit whenever the view changes its shape. */
export function watch() {
  stage().addEventListener("pointerdown", () => (isHeld = true), { capture: true });
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(end, () => (isHeld = false), { capture: true });
  }
  const check = () => {
    /** @type {PlotlyGraph|null} */
    const element = stage().querySelector(".js-plotly-plot");
    if (element?.on && element !== plot) {
      plot = element;
      plot.on("plotly_relayout", (change) => {
        if (!change["scene.camera"] || isOurs) return;
        isTurned = true;
        write();
      });
    }
    fit();
  };
  stage().addEventListener("dblclick", reset);
  told = key();
  viewing.onChange(() => {
    if (key() !== told) follow();
  });
  new ResizeObserver(check).observe(stage());
  new MutationObserver(check).observe(stage(), { childList: true, subtree: true });
}
