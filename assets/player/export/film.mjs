/**
 * A film of the race, recorded in the browser as it plays: the Plotly graphs as stills, the
 * overlays' canvases above them in every frame, and what is written beside them.
 */

import { still, subject } from "./exporter.mjs";
import { Sheet } from "./film_sheet.mjs";
import { withDuration } from "./webm.mjs";

const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const FRAMES_A_SECOND = 30;
const BITS_A_SECOND = 6_000_000;
const BEFORE = 400, AFTER = 1200; // ms that the first and the last frame stay

/**
 * @typedef {{blob: Blob, name: string, seconds: number, width: number, height: number}} Film
 * @typedef {import("../views/overlay.mjs").Overlay} View
 * @typedef {object} Recording
 * @property {string} type of the file
 * @property {import("../core/engine.mjs").Engine} engine
 * @property {import("../core/store.mjs").RunStore} store
 * @property {AbortSignal} signal
 * @property {(step: number, steps: number) => void} onStep
 */

/** What this browser can record; undefined when it can't. */
export const filmType = () => globalThis.MediaRecorder && TYPES.find((type) => MediaRecorder.isTypeSupported(type));

/** @returns {Promise<number>} */
const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

/**
 * @param {import("../views/overlay.mjs").Overlay} view
 * @param {import("../core/theme.mjs").Theme} theme @param {number} scale
 */
async function picture(view, theme, scale) {
  const image = new Image();
  image.src = await still(view, theme, { scale });
  await image.decode();
  return image;
}

/** The stills under the overlays, taken again when a drifting surface brings another figure. */
class Stills {
  /** @param {View[]} views @param {import("../core/theme.mjs").Theme} theme @param {number} scale */
  constructor(views, theme, scale) {
    this.views = views;
    this.theme = theme;
    this.scale = scale;
    /** @type {Map<View, HTMLImageElement>} */
    this.images = new Map();
    /** The traces of each still. @type {Map<View, PlotlyTrace[]>} */
    this.known = new Map();
  }

  /** @param {View} view */
  async #take(view) {
    this.known.set(view, view.graph.data);
    this.images.set(view, await picture(view, this.theme, this.scale));
  }

  takeAll = () => Promise.all(this.views.map((view) => this.#take(view)));

  /** The figure under a view may be exchanged while the surface moves. */
  refresh() {
    for (const view of this.views) {
      if (view.graph.data !== this.known.get(view)) this.#take(view).catch(() => {}); // the old one stays
    }
  }
}

/**
 * Play from the start to the end and record it.
 * @param {import("../core/engine.mjs").Engine} engine
 * @param {{signal: AbortSignal, onStep: (step: number, steps: number) => void}} how
 * @returns {Promise<Film>}
 * @throws {Error} with a sentence for the visitor; the signal's reason when it was cancelled
 */
export async function film(engine, { signal, onStep }) {
  const type = filmType(), { clock, store, theme } = engine;
  if (!type) throw new Error("This browser cannot record a film. The page as HTML plays anywhere.");
  if (!store?.trailer) throw new Error("The race has not arrived yet. Try again when it is there.");
  const views = engine.views.filter((view) => view.stack?.stage.getClientRects().length && !view.isGone);
  const sheet = new Sheet(views, store, theme), stills = new Stills(views, theme, sheet.ratio);
  for (const { stack } of views) stack.isFilmed = true;
  clock.seek(0);
  try {
    await stills.takeAll();
    await nextFrame();
    signal.throwIfAborted();
    return await record(sheet, stills, { type, engine, store, signal, onStep });
  } finally {
    for (const { stack } of views) stack.isFilmed = false;
    if (engine.store === store) clock.pause();
  }
}

/** @param {Sheet} sheet @param {Stills} stills @param {Recording} how */
async function record(sheet, stills, { type, engine, store, signal, onStep }) {
  const { clock } = engine;
  /** @type {Blob[]} */
  const pieces = [];
  const recorder = new MediaRecorder(sheet.canvas.captureStream(FRAMES_A_SECOND),
    { mimeType: type, videoBitsPerSecond: BITS_A_SECOND });
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const stopped = new Promise((done) => (recorder.onstop = done));
  const draw = () => {
    stills.refresh();
    sheet.draw(stills.images, clock.step);
    onStep(clock.step, store.steps);
  };
  /** @param {number} ms */
  const hold = async (ms) => {
    for (let left = ms, last = performance.now(); left > 0 && !signal.aborted;) {
      draw();
      const now = await nextFrame();
      left -= Math.min(100, Math.max(0, now - last));
      last = now;
    }
  };
  // No frames come while the tab is hidden: neither does time pass in the film.
  const wait = () => (document.hidden ? recorder.pause() : recorder.resume());
  draw();
  recorder.start(500);
  document.addEventListener("visibilitychange", wait);
  const began = performance.now();
  try {
    await hold(BEFORE);
    clock.play();
    while (!clock.atEnd) {
      signal.throwIfAborted();
      if (engine.store !== store) throw new Error("The race was changed while it was filmed, so there is no film.");
      if (!clock.playing) throw new Error("The race was stopped while it was filmed, so there is no film.");
      draw();
      await nextFrame();
    }
    await hold(AFTER);
    signal.throwIfAborted();
  } finally {
    document.removeEventListener("visibilitychange", wait);
    recorder.stop();
    await stopped;
    for (const track of recorder.stream.getTracks()) track.stop();
  }
  const seconds = (performance.now() - began) / 1000, container = type.split(";")[0];
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  const whole = container === "video/webm" ? withDuration(bytes, 1000 * seconds) : bytes;
  const blob = new Blob([whole], { type: container });
  const { width, height } = sheet.canvas;
  return { blob, name: `${subject(store)}-race.${container.split("/")[1]}`, seconds, width, height };
}
