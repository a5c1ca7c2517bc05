/**
 * Playing without the overlays: when plotly.js no longer offers a hook that a projection
 * needs, the runs become Plotly's own traces, moved a few times a second; when there is no
 * WebGL at all, the 3D view stays empty. Either way the page says so.
 */

import { symbolOf } from "./draw.mjs";
import { heightOf } from "../core/heights.mjs";
import { lookMark } from "../core/looks.mjs";

/** @typedef {{x: number[], y: number[], z?: number[]}} Points */

const PATIENCE = 2000; // ms a graph may take to come up before its overlay counts as missing
const MAP_PAUSE = 250, SCENE_PAUSE = 1000; // ms between two restyles: they cost up to 150 and 1000

/** @type {Record<string, string>} */
const SENTENCES = {
  map: "This version of Plotly hides where its axes are; Plotly itself draws the runs, less smoothly.",
  curves: "This version of Plotly hides where its axes are; Plotly itself draws the runs, less smoothly.",
  scene: "This version of Plotly hides its camera; Plotly itself draws the runs in 3D, less smoothly.",
  webgl: "This browser offers no WebGL, so the 3D view stays empty. Map and curves play on.",
};

/** Can this browser draw in 3D at all? */
export function hasWebgl() {
  const context = document.createElement("canvas").getContext("webgl");
  context?.getExtension("WEBGL_lose_context")?.loseContext(); // contexts are few: give it back
  return Boolean(context);
}

/**
 * Rows 0..row of a run's curve, as coordinate lists.
 * @param {import("../core/store.mjs").RunStore} store @param {number} run @param {number} row
 * @param {import("../core/values.mjs").Values} values
 */
function curve(store, run, row, values) {
  const rows = Array.from({ length: Math.floor(row) + 1 }, (_, i) => i);
  return { x: rows.map((i) => store.stepOf(i)), y: rows.map((i) => values.at({ run, lane: 0 }, i)) };
}

/**
 * Rows 0..row of a run's first lane, as coordinate lists.
 * @param {import("../core/store.mjs").RunStore} store @param {number} run @param {number} row
 * @param {((loss: number) => number)|null} height
 */
function path(store, run, row, height) {
  const to = Math.min(Math.floor(row) + 1, store.alive[run][0]);
  /** @type {Points} */
  const points = { x: Array.from(store.x[run].subarray(0, to)), y: Array.from(store.y[run].subarray(0, to)) };
  if (height) points.z = Array.from(store.loss[run].subarray(0, to), height);
  return points;
}

export class Fallback {
  /**
   * @param {string} name "map", "scene" or "curves"
   * @param {import("./overlay.mjs").Overlay & {values?: import("../core/values.mjs").Values}} view
   */
  constructor(name, view) {
    this.name = name;
    this.view = view;
    this.since = NaN;
    this.active = false;
    this.reason = "";
    this.drawnAt = -Infinity;
    this.drawn = ""; // what of the runs
    this.look = ""; // of the traces
  }

  /**
   * Once a frame: notice a missing hook, and play without it.
   * @param {import("./overlay.mjs").Frame} frame @param {number} now ms
   * @param {(sentence: string) => void} say
   */
  update(frame, now, say) {
    const { graph, isGone } = this.view;
    if (!isGone || !graph?._fullLayout || !this.#isDrawn(graph)) {
      this.since = NaN;
      this.active = false;
      return;
    }
    if (Number.isNaN(this.since)) this.since = now;
    if (!this.active && now - this.since > PATIENCE) this.#begin(say);
    if (this.active && this.reason !== "webgl") this.#play(frame, now);
  }

  /** Is Plotly done with this graph, so that a missing hook is really missing? @param {PlotlyGraph} graph */
  #isDrawn(graph) {
    if (this.name === "curves") return this.view.values?.rows > 0;
    const type = this.name === "map" ? "contour" : "surface";
    return graph.data?.some((trace) => trace.type === type);
  }

  /** @param {(sentence: string) => void} say */
  #begin(say) {
    this.active = true;
    const reason = this.name === "scene" && !hasWebgl() ? "webgl" : this.name;
    if (reason !== this.reason) say(SENTENCES[reason]);
    this.reason = reason;
  }

  /** @param {import("./overlay.mjs").Frame} frame @param {number} now */
  #play({ store, row, theme }, now) {
    const { name, view: { graph, values } } = this, is3d = name === "scene";
    const look = lookMark(), key = `${store?.header.query}|${Math.floor(row)}|${store?.received}|${look}`;
    const isThere = graph.data.some((trace) => trace.meta === "nn-run");
    if (!store?.received || (key === this.drawn && isThere)) return;
    if (now - this.drawnAt < (is3d ? SCENE_PAUSE : MAP_PAUSE)) return;
    [this.drawn, this.drawnAt] = [key, now];
    const meta = graph.layout.meta ?? {}, { zmax = Infinity } = meta;
    /** @type {((loss: number) => number)|null} */
    const height = is3d ? (loss) => Math.min(zmax, heightOf(loss, meta)) + 0.012 * zmax : null;
    /** @type {Points[]} */
    const paths = store.header.runs.map((_, run) =>
      name === "curves" ? curve(store, run, row, values) : path(store, run, row, height));
    const old = graph.data.flatMap((trace, i) => (trace.meta === "nn-run" ? [i] : []));
    const { Plotly } = globalThis;
    if (old.length === paths.length && look === this.look) {
      /** @type {Record<string, number[][]>} */
      const update = { x: paths.map((p) => p.x), y: paths.map((p) => p.y) };
      if (height) update.z = paths.map((p) => p.z);
      Plotly.restyle(graph, update, old);
      return;
    }
    this.look = look;
    if (old.length) Plotly.deleteTraces(graph, old);
    Plotly.addTraces(graph, paths.map((points, run) => ({
      ...points, type: is3d ? "scatter3d" : "scatter", mode: "lines", meta: "nn-run", hoverinfo: "skip",
      showlegend: false, line: { color: theme.runs[run], width: is3d ? 5 : 2.5 },
      marker: { symbol: symbolOf(run), color: theme.runs[run] },
    })));
  }
}
