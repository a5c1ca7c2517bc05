/**
 * A film of the race: every frame is drawn and encoded by itself, beside the page, faster than it
 * plays. Nothing waits for the screen, so that it goes on in a hidden tab.
 */

import { filmFile, RATES } from "./encoders.mjs";
import { GIF_SAMPLES, GifFile } from "./gif.mjs";
import { planned } from "./plan.mjs";
import { Sheet } from "./sheet.mjs";
import { subject } from "./title.mjs";
import { viewsOf } from "../core/shown.mjs";
import { twinsOf } from "./twin.mjs";

const BASE = { width: 960, height: 540 }; // CSS px: text is as large on a slide as this makes it
const BEFORE = 0.4, AFTER = 1; // seconds that the first and the last step stay
const TURN = 12; // ms of work before the page gets its turn

/**
 * @typedef {import("./encoders.mjs").FilmKind} FilmKind
 * @typedef {{map: PlotlyFigure, scene: PlotlyFigure, facts: {minima: import("../core/stream.mjs").Minimum[]}}} Ground
 * @typedef {object} FilmWish
 * @property {FilmKind} kind
 * @property {number} seconds how long it is
 * @property {number} height px: 540, 720 or 1080
 * @property {AbortSignal} signal
 * @property {(share: number) => void} onShare how much is done, 0 to 1
 * @property {(step: number) => Promise<Ground|null>} groundAt what lies under the runs; null: always the same
 * @typedef {{blob: Blob, name: string, seconds: number, width: number, height: number}} Film
 */

/** Let everything else that waits have its turn; also in a hidden tab, where timers sleep. @returns {Promise<void>} */
const turn = () => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => done(port1.close());
  port2.postMessage(0);
});

/** The step shown at a share of the film. @param {number} at seconds @param {number} seconds @param {number} steps */
export function stepAt(at, seconds, steps) {
  const moving = seconds - BEFORE - AFTER;
  return steps * Math.min(1, Math.max(0, (at - BEFORE) / moving));
}

/**
 * @param {import("../core/engine.mjs").Engine} engine @param {FilmWish} wish
 * @returns {Promise<Film>}
 * @throws {Error} with a sentence for the visitor; the signal's reason when it was cancelled
 */
export async function film(engine, wish) {
  const { kind, seconds, height, signal } = wish, { store, theme } = engine;
  if (!store?.trailer) throw new Error("The race has not arrived yet. Try again when it is there.");
  const plan = planned(viewsOf(engine), BASE, store), density = height / BASE.height;
  const twins = await twinsOf(engine, Object.keys(plan.views), plan, density);
  try {
    signal.throwIfAborted();
    const sheet = new Sheet(plan, twins, store, theme, density), { width, height: high } = sheet.canvas;
    const colours = [...new Set(theme.runs), theme.paper, theme.ink];
    const file = await filmFile(kind, { width, height: high, rate: RATES[kind], colours });
    try {
      const blob = await encoded(sheet, file, store.steps, wish);
      return { blob, name: `${subject(store)}-race.${kind}`, seconds, width, height: high };
    } finally {
      file.close();
    }
  } finally {
    for (const twin of Object.values(twins)) twin.remove();
  }
}

/**
 * @param {Sheet} sheet @param {import("./encoders.mjs").FilmFile} file @param {number} steps @param {FilmWish} wish
 */
async function encoded(sheet, file, steps, { kind, seconds, signal, onShare, groundAt }) {
  const count = Math.round(seconds * RATES[kind]);
  sheet.begin();
  if (file instanceof GifFile) file.prepare(samples(sheet, steps));
  /** @type {Ground|null} */
  let shown = null;
  let began = performance.now();
  for (let i = 0; i < count; i++) {
    const time = stepAt((i + 0.5) / RATES[kind], seconds, steps), ground = await groundAt(Math.floor(time));
    if (ground && ground !== shown) await exchange(sheet, (shown = ground));
    sheet.draw(time);
    await file.add(sheet.canvas);
    signal.throwIfAborted();
    if (performance.now() - began < TURN) continue;
    onShare(i / count);
    await turn();
    began = performance.now();
  }
  return file.finish();
}

/** Frames from all over the film. @param {Sheet} sheet @param {number} steps */
function* samples(sheet, steps) {
  for (let i = 0; i < GIF_SAMPLES; i++) {
    sheet.draw((steps * i) / (GIF_SAMPLES - 1));
    yield sheet.canvas;
  }
  sheet.draw(0);
}

/** Another state of a surface that drifts. @param {Sheet} sheet @param {Ground} ground */
async function exchange(sheet, ground) {
  for (const name of /** @type {const} */ (["map", "scene"])) {
    await sheet.twins[name]?.exchange(structuredClone(ground[name]), ground.facts.minima);
  }
  sheet.begin();
}
