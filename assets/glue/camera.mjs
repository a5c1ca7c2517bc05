/**
 * Plotly's camera has a fixed angle of view from top to bottom, so that a narrow view cuts
 * the sheet off at its sides: step back, until the visitor turns the view.
 */

const FITS = 1.24; // width / height at which the camera of the figure shows everything
const FARTHEST = 2.2;
const SAME = 0.02;

let touched = false;
let isOurs = false;

/** How far to stand back, relative to the figure's own camera. */
function distance(element) {
  const { width, height } = element.getBoundingClientRect();
  if (!width || !height) return 1;
  return Math.min(Math.max((FITS * height) / width, 1), FARTHEST);
}

function fit(element) {
  const camera = element._fullLayout?.scene?.camera;
  const home = element.layout?.meta?.eye; // where the figure itself puts the camera
  if (!camera || !home || touched || isOurs) return;
  const factor = distance(element);
  const eye = { x: home.x * factor, y: home.y * factor, z: home.z * factor };
  if (["x", "y", "z"].every((axis) => Math.abs(eye[axis] - camera.eye[axis]) < SAME)) return;
  isOurs = true; // the whole camera: only then does a constant uirevision keep it
  window.Plotly.relayout(element, { "scene.camera": { ...camera, eye } }).finally(() => {
    isOurs = false;
  });
}

/** Fit whenever the view changes its shape or its surface. */
export function watch() {
  const stage = document.getElementById("scene-stage");
  let plot = null;
  const check = () => {
    const element = stage.querySelector(".js-plotly-plot");
    if (element?.on && element !== plot) {
      plot = element;
      plot.on("plotly_relayout", (change) => {
        if (change["scene.camera"] && !isOurs) touched = true;
      });
      plot.on("plotly_afterplot", () => fit(plot));
    }
    if (plot) fit(plot);
  };
  new ResizeObserver(check).observe(stage);
  new MutationObserver(check).observe(stage, { childList: true, subtree: true });
}
