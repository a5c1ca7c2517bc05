/**
 * The player's face, as the page, the tests and the console use it (`window.nnopt`).
 * It attaches to the page by itself as soon as its places are there.
 */

import { Engine } from "./core/engine.mjs";
import { viewsOf } from "./core/shown.mjs";
import { tangent as tangentOf } from "./views/one_weight.mjs";

const engine = new Engine();
const { clock } = engine;

/**
 * Fetch and show a run: `load("surface=…&run=…", {play: true, keepStep: false})`; `at`: the step shown first.
 * @param {string} query @param {Partial<import("./core/incoming.mjs").How>} [how]
 */
export const load = (query, how) => engine.load(query, how);

/**
 * A run that will be loaded in a moment, if at all: ask for it now; null: it will not be.
 * @param {string|null} query
 */
export const expect = (query) => engine.ahead.expect(query);

/** @param {{minima?: {x: number, y: number, loss: number, is_global: boolean, kind?: string}[]}} facts */
export const setSurface = ({ minima } = {}) => engine.setMinima(minima);

/** Compare two runs, in the closer look. @param {number} a @param {number} b */
export const compare = (a, b) => engine.panels.compare(a, b);

/** Receive no more of what is loading. */
export const stop = () => engine.stop();

/** Each run's colour, shape and name. @param {import("./core/looks.mjs").Look} how */
export const look = (how) => engine.look(how);

/** The places that are drawn in have been made anew. */
export const redraw = () => engine.panels.redraw();

/**
 * Listen to "press", "pick", "double", "header", "done", "step" or "error". Returns a function that stops it.
 * @type {Engine["on"]}
 */
export const on = (name, fn) => engine.on(name, fn);

/** Is the map drawn, or can't it be? */
export const hasMap = () => engine.map.isDrawn || engine.fallbacks.some((one) => one.active);

/** The map can't be had: the race does not wait for it. */
export function groundless() {
  engine.isGroundless = true;
}

/** The fractional step of the clock. */
export const time = () => clock.time;

/** Play on from a step: the race has been seen up to there. @param {number} step */
export const goFrom = (step) => clock.goFrom(step);

export const play = () => clock.play();
export const pause = () => clock.pause();
/** @param {number} step */
export const seek = (step) => clock.seek(step);
/** @param {number} by */
export const step = (by) => clock.move(by);
export const home = () => clock.seek(0);
export const end = () => clock.end();

/** Play from the start: what is shown, or, where another run is awaited, that one when it comes. */
export function replay() {
  const { incoming } = engine;
  if (incoming?.isAwaited) Object.assign(incoming.how, { play: true, keepStep: false });
  else {
    clock.seek(0);
    clock.play();
  }
}

/** Stay at the start and show nothing of what is to come; false: run. @param {boolean} on */
export const hold = (on) => engine.hold(on);

/** Mark a place on the map as a guess; null: none. @param {{x: number, y: number}|null} place */
export function guess(place) {
  engine.map.guess = place;
  engine.map.dirty = true;
}

/**
 * Show what helps to read the map; null: nothing.
 * @param {{field?: import("./views/steering.mjs").Field|null, cross?: {x: number, y: number}|null}} marks
 */
export function steer(marks) {
  Object.assign(engine.map, marks);
  engine.map.dirty = true;
}

/** The place on the map under a CSS pixel of the window; null beside it. @param {number} x @param {number} y */
export function placeAt(x, y) {
  const { map } = engine;
  if (!map.isDrawn) return null;
  const { left, top } = map.stack.stage.getBoundingClientRect();
  return map.toData(x - left, y - top);
}

/** @param {number} k 0.25, 1, 2 or 4 */
export function speed(k) {
  clock.speed = k;
  engine.panels.speed(k);
}

/** Read colours and sizes again. */
export const themeChanged = () => engine.themeChanged();

/**
 * A place in a view, in the window; NaN until the view has drawn.
 * @template {{x: number, y: number}} P
 * @param {import("./views/overlay.mjs").Overlay} view @param {() => P|undefined} find in CSS px of its stage
 */
function inWindow(view, find) {
  const place = view.isDrawn && find();
  if (!place) return { x: NaN, y: NaN };
  const { left, top } = view.stack.stage.getBoundingClientRect();
  return { ...place, x: place.x + left, y: place.y + top };
}

/** CSS pixel in the window of a point on the map. @param {number} x @param {number} y */
export const project2d = (x, y) => inWindow(engine.map, () => engine.map.toPixels(x, y));

/**
 * CSS pixel in the window of a point of the 3D scene; z in the scene's units.
 * @param {number} x @param {number} y @param {number} z
 */
export const project3d = (x, y, z) =>
  inWindow(engine.scene, () => engine.scene.projection.project(x, y, z, { x: NaN, y: NaN }));

/**
 * CSS pixel in the window of a run's recorded point, or answer, in a view: "map", "scene", "steps" or "curves".
 * @param {"map"|"scene"|"steps"|"curves"} name @param {number} run @param {number} lane @param {number} row
 */
export function locate(name, run, lane, row, answer = false) {
  const view = engine[name], list = answer ? view.answers : view.series;
  return inWindow(view, () => {
    const series = list.find((s) => s.run === run && s.lane === lane);
    return series && view.locate(series, row, false);
  });
}

/**
 * The tangent of a run on the curve of one weight at a whole row, in CSS px; null elsewhere.
 * @param {number} run @param {number} row
 */
export function tangent(run, row) {
  const { map } = engine, series = map.series.find((s) => s.run === run);
  return map.isDrawn && map.curve && series ? tangentOf(map, series, row) : null;
}

/** What is shown now, for tests. */
export function state() {
  const { store } = engine;
  return {
    step: clock.step, time: clock.time, steps: clock.steps, playing: clock.playing, speed: clock.speed,
    query: store?.header.query ?? null, runs: store?.header.runs.map((run) => run.label) ?? [],
    lanes: store?.lanes ?? 0, rows: store?.rows ?? 0, rowsReceived: store?.received ?? 0,
    complete: Boolean(store?.trailer) && !store.header.provisional, outcomes: store?.trailer?.outcomes ?? null,
    frameMs: [...engine.times.ms], firstPaintAfterPick: engine.times.afterPick,
    views: store ? viewsOf(engine) : [], isOneWeight: engine.steps.isShown,
    fallback: engine.fallbacks.filter((f) => f.active).map((f) => f.name),
    field: engine.map.field, cross: engine.map.cross,
    /** @type {import("./core/store.mjs").RunStore["point"]} */
    point: (run, lane, row) => store?.point(run, lane, row) ?? null, project2d, project3d,
  };
}

/** What is taken away is loaded when it is asked for. */
const exporting = () => import("./export/exporter.mjs");

/**
 * Write a view, or all of them ("race"), with the runs up to a step, to a file.
 * @param {import("./export/exporter.mjs").Taken} name @param {"png"|"svg"} format
 * @param {{size?: import("./export/exporter.mjs").Size, step?: number, save?: boolean}} [how] size: as on the
 *   screen when left out; step: the present one; save: false only returns it
 */
export async function exportPicture(name = "map", format = "png",
  { size = "screen", step = clock.step, save = true } = {}) {
  const { picture, download } = await exporting();
  const file = await picture(engine, name, format, { size, step });
  if (save) download(file);
  return file;
}

/** The kinds of film that this browser can make. */
export const filmKinds = async () => (await import("./export/encoders.mjs")).filmKinds();

/**
 * Film the race from its start to its end.
 * @param {Partial<import("./export/film.mjs").FilmWish> & {save?: boolean}} wish
 * @returns {Promise<import("./export/film.mjs").Film>}
 */
export async function exportFilm({ kind = "webm", seconds = 10, height = 720, signal = new AbortController().signal,
  onShare = () => {}, groundAt = async () => null, save = true } = {}) {
  const [{ film }, { download }] = await Promise.all([import("./export/film.mjs"), exporting()]);
  const made = await film(engine, { kind, seconds, height, signal, onShare, groundAt });
  if (save) download(made);
  return made;
}
