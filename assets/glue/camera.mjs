/**
 * Plotly's camera has a fixed angle of view from top to bottom, so that a narrow view cuts
 * the sheet off at its sides: step back, until the visitor turns the view.
 */

const FITS = 1.25; // width / height at which the camera of the figure shows everything
const FARTHEST = 2.2;

let touched = false;
let shown = 0; // the distance in use, relative to the figure's

const plot = () => document.querySelector("#scene .js-plotly-plot");

function distance(element) {
  const { width, height } = element.getBoundingClientRect();
  if (!width || !height) return 1;
  return Math.min(Math.max((FITS * height) / width, 1), FARTHEST);
}

function fit() {
  const element = plot();
  const camera = element?._fullLayout?.scene?.camera;
  if (!camera || touched || !window.Plotly) return;
  const wanted = distance(element);
  if (Math.abs(wanted - (shown || 1)) < 0.02) return;
  const factor = wanted / (shown || 1);
  const { x, y, z } = camera.eye;
  shown = wanted;
  window.Plotly.relayout(element, {
    "scene.camera.eye": { x: x * factor, y: y * factor, z: z * factor },
  });
}

/** Fit now and whenever the view changes its shape. */
export function watch() {
  const stage = document.getElementById("scene-stage");
  let listening = null;
  const check = () => {
    const element = plot();
    if (element && element !== listening && element.on) {
      listening = element;
      element.on("plotly_relayout", (change) => {
        if (change["scene.camera"]) touched = true; // by hand; ours names the eye alone
      });
    }
    fit();
  };
  new ResizeObserver(check).observe(stage);
  new MutationObserver(check).observe(stage, { childList: true, subtree: true });
}
