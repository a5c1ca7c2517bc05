/**
 * A picture of a view as file: the runs become real Plotly traces on a copy that
 * is never shown, so that Plotly writes image and vectors itself and the live graph is untouched.
 */

import { hollow } from "../core/answer.mjs";
import { curveNames, curveTraces } from "./curves_picture.mjs";
import { symbolOf } from "../views/draw.mjs";
import { compact } from "../core/format.mjs";
import { heightOf } from "../core/heights.mjs";

/**
 * @typedef {import("../core/store.mjs").RunStore} RunStore
 * @typedef {import("../core/theme.mjs").Theme} Theme
 * @typedef {import("../core/stream.mjs").Minimum} Minimum
 * @typedef {(x: number, y: number, loss: number) => (number|null)[]} Placing a point's place in a trace
 */

const SCALE = 2; // PNG pixels a CSS pixel: sharp in print and on slides
const MOST_POINTS = 60_000; // of all runs together; above, only the ends of the runs are drawn

/**
 * Coordinates of a run's path, or its answer's, up to a row, its starts separated by gaps.
 * @param {RunStore} store @param {number} run @param {number} row @param {Placing} place @param {boolean} onlyEnds
 */
function path(store, run, row, place, onlyEnds, isAnswer = false) {
  const columns = [], x = (isAnswer ? store.xEval : store.x)[run], y = (isAnswer ? store.yEval : store.y)[run];
  for (let lane = 0; lane < store.lanes; lane++) {
    const last = Math.min(row, store.alive[run][lane] - 1);
    for (let i = onlyEnds ? Math.max(0, last) : 0; i <= last; i++) {
      const k = lane * store.rows + i;
      columns.push(place(x[k], y[k], store.loss[run][k]));
    }
    if (!onlyEnds) columns.push([null, null, null]);
  }
  return columns;
}

/** @param {(number|null)[][]} points @param {boolean} is3d */
function coordinates(points, is3d) {
  /** @param {number} i */
  const axis = (i) => points.map((p) => p[i]);
  return is3d ? { x: axis(0), y: axis(1), z: axis(2) } : { x: axis(0), y: axis(1) };
}

/**
 * The runs as Plotly traces: lines first, then the ends, then the minima.
 * @param {RunStore} store @param {number} row
 * @param {{is3d: boolean, meta: import("../core/heights.mjs").FigureMeta, minima: Minimum[], theme: Theme}} view
 */
export function runTraces(store, row, { is3d, meta, minima, theme }) {
  const top = meta.zmax ?? Infinity, lift = is3d && Number.isFinite(top) ? 0.012 * top : 0;
  const [left, right, low, high] = is3d && meta.bounds ? meta.bounds : [-Infinity, Infinity, -Infinity, Infinity];
  /** @type {Placing} */
  const place = (x, y, loss) => (x >= left && x <= right && y >= low && y <= high
    ? [x, y, Math.min(top, heightOf(loss, meta)) + lift] : [null, null, null]);
  const onlyEnds = store.runs * store.lanes * row > MOST_POINTS;
  const kind = { type: is3d ? "scatter3d" : "scatter", hoverinfo: "skip", showlegend: false };
  /** @type {{lines: PlotlyTrace[], heads: PlotlyTrace[]}} */
  const { lines, heads } = { lines: [], heads: [] };
  store.header.runs.forEach((run, i) => {
    const colour = theme.runs[i];
    const line = { ...kind, ...coordinates(path(store, i, row, place, false), is3d), mode: "lines" };
    if (!onlyEnds && !is3d) lines.push({ ...line, line: { color: theme.halo, width: 5.5 } });
    if (!onlyEnds) lines.push({ ...line, name: run.label, line: { color: colour, width: is3d ? 6 : 2.5 } });
    if (store.xEval[i] && !onlyEnds && !is3d) { // its loss, so its height in 3D, is not known here
      const [dashed, end] = [false, true].map((only) => coordinates(path(store, i, row, place, only, true), false));
      lines.push({
        ...kind, ...dashed, mode: "lines", name: `${run.label}: the answer`,
        line: { color: colour, width: 1.5, dash: "5px,4px" },
      });
      heads.push({
        ...kind, ...end, mode: "markers", marker: { symbol: hollow(i), size: 8, color: colour, line: { width: 1.75 } },
      });
    }
    heads.push({
      ...kind, ...coordinates(path(store, i, row, place, true), is3d), mode: "markers", name: run.label,
      marker: {
        symbol: symbolOf(i), color: colour, size: (is3d ? 7 : 13) * (store.runs * store.lanes > 12 ? 0.5 : 1),
        line: { color: theme.paper, width: is3d ? 0 : 1.75 },
      },
    });
  });
  if (is3d) return [...lines, ...heads, minimaWords(minima, kind, place, theme)];
  const halosFirst = [...lines.filter((t) => !t.name), ...lines.filter((t) => t.name)];
  return [...minimaTraces(minima, kind, theme), ...halosFirst, startTrace(store, kind, theme), ...heads];
}

/** The starts as small dots; one start says so. @param {RunStore} store @param {object} kind @param {Theme} theme */
function startTrace(store, kind, theme) {
  const lanes = Array.from({ length: store.lanes }, (_, lane) => lane * store.rows);
  const one = store.lanes === 1;
  return {
    ...kind, x: lanes.map((k) => store.x[0][k]), y: lanes.map((k) => store.y[0][k]),
    mode: one ? "markers+text" : "markers",
    text: one ? ["start"] : [], textposition: "bottom center",
    textfont: { family: theme.font, size: 12, color: theme.ink },
    marker: { symbol: "circle", size: one ? 8 : 4, color: theme.ink, line: { width: 0 } },
  };
}

/**
 * scatter3d has no star: the minima of the scene are written.
 * @param {Minimum[]} minima @param {object} kind @param {Placing} place @param {Theme} theme
 */
function minimaWords(minima, kind, place, theme) {
  return {
    ...kind, ...coordinates(minima.map(({ x, y, loss }) => place(x, y, loss)), true), mode: "text",
    text: minima.map(({ kind: lies, is_global: isGlobal }) => (lies === "curve" ? "•" : isGlobal ? "★" : "○")),
    textfont: { size: 16, color: theme.ink },
  };
}

/** @param {Minimum[]} minima @param {object} kind @param {Theme} theme */
function minimaTraces(minima, kind, theme) {
  return minima.map(({ x, y, loss, is_global: isGlobal, kind: lies }) => (lies === "curve" ? {
    ...kind, x: [x], y: [y], mode: "markers",
    marker: { symbol: "circle", size: 5, color: theme.ink, line: { width: 1, color: theme.paper } },
  } : {
    ...kind, x: [x], y: [y], mode: "markers+text", text: [compact(loss, 3)], textposition: "middle right",
    textfont: { family: theme.font, size: 13, color: theme.ink },
    marker: {
      symbol: isGlobal ? "star" : "circle-open", size: isGlobal ? 17 : 20, color: theme.ink,
      line: { width: isGlobal ? 1 : 2, color: isGlobal ? theme.paper : theme.ink },
    },
  }));
}

/**
 * A view's Plotly graph as it is seen now, without the overlays, and with traces of ours.
 * @param {import("../views/overlay.mjs").Overlay & {images?: (scale: number) => object[]}} view
 * @param {Theme} theme
 * @param {{format?: "png"|"svg", scale?: number, traces?: object[], annotations?: object[]}} [how]
 * @returns {Promise<string>} a data URL
 */
export function still(view, theme, { format = "png", scale = 1, traces = [], annotations } = {}) {
  const { graph } = view, { clientWidth: width, clientHeight: height, _fullLayout: full } = graph;
  const layout = structuredClone(graph.layout);
  const images = view.images?.(scale);
  Object.assign(layout, { paper_bgcolor: theme.paper, width, height, autosize: false, annotations, images });
  const camera = full.scene?._scene?.getCamera?.();
  if (camera) layout.scene.camera = camera;
  else {
    for (const axis of /** @type {const} */ (["xaxis", "yaxis"])) {
      layout[axis] = { ...layout[axis], range: [...full[axis].range] };
    }
  }
  const data = [...graph.data.filter((trace) => trace.meta !== "nn-run"), ...traces];
  return globalThis.Plotly.toImage({ data, layout, config: { staticPlot: false } }, { format, width, height, scale });
}

/**
 * @param {"map"|"scene"|"curves"} name @param {"png"|"svg"} format
 * @param {{view: import("../views/overlay.mjs").Overlay, store: RunStore|null, row: number,
 *   minima: Minimum[], theme: Theme}} shown
 * @returns {Promise<{name: string, url: string}>} a file name and a data URL
 */
export async function picture(name, format, { view, store, row, minima, theme }) {
  const meta = view.graph.layout.meta ?? {}, at = Math.floor(row);
  const curves = name === "curves" ? /** @type {import("../views/curves.mjs").CurvesOverlay} */ (view) : null;
  const runs = !store?.received ? []
    : curves ? curveTraces(curves, at, theme) : runTraces(store, at, { is3d: name === "scene", meta, minima, theme });
  const annotations = curves && store?.received ? curveNames(curves, theme) : undefined;
  const url = await still(view, theme, { format, scale: format === "png" ? SCALE : 1, traces: runs, annotations });
  return { name: `${subject(store)}-${curves ? curves.kind : name}.${format}`, url };
}

/** What a file is named after: the surface. @param {import("../core/store.mjs").RunStore|null} store */
export const subject = (store) => store?.header.spec?.surface?.name ?? store?.header.spec?.data?.name ?? "surface";

/** Hand a file to the visitor. @param {{name: string, url: string}} file */
export function download({ name, url }) {
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}
