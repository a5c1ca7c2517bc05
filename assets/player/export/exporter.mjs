/**
 * A picture of a view as file: pixels as the overlays draw them; in vectors, which Plotly writes, the
 * runs become real traces. Both on copies, so that the page is untouched.
 */

import { hollow } from "../core/answer.mjs";
import { curveNames, curveTraces } from "./curves_picture.mjs";
import { symbolOf } from "../views/draw.mjs";
import { stepTraces } from "../views/steps.mjs";
import { compact } from "../core/format.mjs";
import { heightOf } from "../core/heights.mjs";
import { lettered } from "./lettering.mjs";
import { planned, plannedAround } from "./plan.mjs";
import { Sheet } from "./sheet.mjs";
import { SvgPen, svgNode } from "./svg_pen.mjs";
import { subject } from "./title.mjs";
import { viewOf, viewsOf } from "../core/shown.mjs";
import { twinsOf } from "./twin.mjs";

/**
 * @typedef {import("../core/store.mjs").RunStore} RunStore
 * @typedef {import("../core/theme.mjs").Theme} Theme
 * @typedef {import("./twin.mjs").Twin} Twin
 * @typedef {import("../core/stream.mjs").Minimum} Minimum
 * @typedef {import("../core/heights.mjs").FigureMeta} FigureMeta
 * @typedef {(x: number, y: number, loss: number) => [number, number]} Placing where a point is drawn
 */

const MOST_POINTS = 60_000; // of all runs together; above, only the ends of the runs are drawn

/**
 * Coordinates of a run's path, or its answer's, up to a row, its starts separated by gaps.
 * @param {RunStore} store @param {number} run @param {number} row @param {Placing} place @param {boolean} onlyEnds
 */
function path(store, run, row, place, onlyEnds, isAnswer = false) {
  /** @type {(number|null)[][]} */
  const columns = [];
  const x = (isAnswer ? store.xEval : store.x)[run], y = (isAnswer ? store.yEval : store.y)[run];
  for (let lane = 0; lane < store.lanes; lane++) {
    const last = Math.min(row, store.alive[run][lane] - 1);
    for (let i = onlyEnds ? Math.max(0, last) : 0; i <= last; i++) {
      const k = lane * store.rows + i;
      columns.push(place(x[k], y[k], store.loss[run][k]));
    }
    if (!onlyEnds) columns.push([null, null]);
  }
  return columns;
}

/** @param {(number|null)[][]} points */
const coordinates = (points) => ({ x: points.map(([x]) => x), y: points.map(([, y]) => y) });

/**
 * The runs as Plotly traces on the map, or on the curve of one weight: minima, halos, lines, the
 * start, then the ends.
 * @param {RunStore} store @param {number} row
 * @param {{meta: FigureMeta, minima: Minimum[], theme: Theme}} view
 */
export function runTraces(store, row, { meta, minima, theme }) {
  const isCurve = meta.kind === "curve";
  /** @param {number} loss */
  const upward = (loss) => (meta.scale === "linear" ? loss : heightOf(loss, meta));
  /** @type {Placing} */
  const place = isCurve ? (x, _y, loss) => [x, upward(loss)] : (x, y) => [x, y];
  const onlyEnds = store.runs * store.lanes * row > MOST_POINTS;
  const kind = { type: "scatter", hoverinfo: "skip", showlegend: false };
  /** @type {Record<"halos"|"lines"|"heads", PlotlyTrace[]>} */
  const { halos, lines, heads } = { halos: [], lines: [], heads: [] };
  store.header.runs.forEach((run, i) => {
    const colour = theme.runs[i];
    const line = { ...kind, ...coordinates(path(store, i, row, place, false)), mode: "lines" };
    if (!onlyEnds) halos.push({ ...line, line: { color: theme.halo, width: 5.5 } });
    if (!onlyEnds) lines.push({ ...line, name: run.label, line: { color: colour, width: 2.5 } });
    if (store.xEval[i] && !onlyEnds && !isCurve) { // its loss, so its height on a curve, is not known here
      const [dashed, end] = [false, true].map((only) => coordinates(path(store, i, row, place, only, true)));
      lines.push({
        ...kind, ...dashed, mode: "lines", name: `${run.label}: the answer`,
        line: { color: colour, width: 1.5, dash: "5px,4px" },
      });
      heads.push({
        ...kind, ...end, mode: "markers", marker: { symbol: hollow(i), size: 8, color: colour, line: { width: 1.75 } },
      });
    }
    heads.push({
      ...kind, ...coordinates(path(store, i, row, place, true)), mode: "markers", name: run.label,
      marker: {
        symbol: symbolOf(i), color: colour, size: 13 * (store.runs * store.lanes > 12 ? 0.5 : 1),
        line: { color: theme.paper, width: 1.75 },
      },
    });
  });
  const lows = isCurve ? minima.map((low) => ({ ...low, y: upward(low.loss) })) : minima;
  return [...minimaTraces(lows, kind, theme), ...halos, ...lines, startTrace(store, kind, theme, place), ...heads];
}

/**
 * The starts as small dots; one start says so.
 * @param {RunStore} store @param {object} kind @param {Theme} theme @param {Placing} place
 */
function startTrace(store, kind, theme, place) {
  const lanes = Array.from({ length: store.lanes }, (_, lane) => lane * store.rows);
  const one = store.lanes === 1;
  return {
    ...kind, ...coordinates(lanes.map((k) => place(store.x[0][k], store.y[0][k], store.loss[0][k]))),
    mode: one ? "markers+text" : "markers",
    text: one ? ["start"] : [], textposition: "bottom center",
    textfont: { family: theme.font, size: 12, color: theme.ink },
    marker: { symbol: "circle", size: one ? 8 : 4, color: theme.ink, line: { width: 0 } },
  };
}

/** @param {Minimum[]} minima @param {object} kind @param {Theme} theme */
function minimaTraces(minima, kind, theme) {
  return minima.map(({ x, y, loss, is_global: isGlobal, kind: lies }) => (lies === "curve" ? {
    ...kind, x: [x], y: [y], mode: "markers",
    marker: { symbol: "circle", size: 5, color: theme.ink, line: { width: 1, color: theme.paper } },
  } : {
    ...kind, x: [x], y: [y], mode: "markers+text", text: [compact(loss, 3)], textposition: "bottom right",
    textfont: { family: theme.font, size: 13, color: theme.ink },
    marker: {
      symbol: isGlobal ? "star" : "circle-open", size: isGlobal ? 17 : 20, color: theme.ink,
      line: { width: isGlobal ? 1 : 2, color: isGlobal ? theme.paper : theme.ink },
    },
  }));
}

/** What is seen of the race, and a size for it: px of the file, and CSS px that it is laid out in. */
export const SIZES = {
  "1920×1080": { width: 960, height: 540, scale: 2 },
  "3840×2160": { width: 960, height: 540, scale: 4 },
  "1080×1080": { width: 640, height: 640, scale: 1080 / 640 },
};
const SCREEN = 2; // px a CSS px of a picture as large as the view on the screen

/**
 * @typedef {"map"|"scene"|"curves"|"race"} Taken "race": all of them
 * @typedef {keyof typeof SIZES|"screen"} Size
 * @typedef {import("../core/engine.mjs").Engine} Engine
 */

/** @param {Engine} engine @param {Taken} name @param {Size} size */
function planOf(engine, name, size) {
  const { store } = engine;
  if (name === "race") {
    const { scale, ...box } = SIZES[size === "screen" ? "1920×1080" : size];
    return { plan: planned(viewsOf(engine), box, store), scale };
  }
  if (size !== "screen") return { plan: planned([name], SIZES[size], store), scale: SIZES[size].scale };
  const { clientWidth: width, clientHeight: height } = viewOf(engine, name).graph;
  return { plan: plannedAround(name, { width, height }, store), scale: SCREEN };
}

/**
 * @param {Engine} engine @param {Taken} name @param {"png"|"svg"} format
 * @param {{size: Size, step: number}} how
 * @returns {Promise<{name: string, blob: Blob}>} a file
 * @throws {Error} with a sentence for the visitor
 */
export async function picture(engine, name, format, { size, step }) {
  const { store, theme, curves } = engine;
  if (!store?.received) throw new Error("The race has not arrived yet. Try again when it is there.");
  if (name !== "race" && !viewsOf(engine).includes(name)) throw new Error("That view is not there to be taken.");
  const { plan, scale } = planOf(engine, name, size);
  const twins = await twinsOf(engine, Object.keys(plan.views), plan, format === "svg" ? 1 : scale);
  try {
    const sheet = new Sheet(plan, twins, store, theme, scale), at = Math.min(step, store.lastStep);
    const blob = format === "png" ? await pixels(sheet, at)
      : await vectors(await within(engine, twins, at), sheet, at, scale);
    return { name: `${subject(store)}-${name === "curves" ? curves.kind : name}.${format}`, blob };
  } finally {
    for (const twin of Object.values(twins)) twin.remove();
  }
}

/** @param {Sheet} sheet @param {number} step @returns {Promise<Blob>} a PNG */
function pixels(sheet, step) {
  sheet.begin();
  sheet.draw(step);
  return new Promise((done) => sheet.canvas.toBlob(done, "image/png"));
}

/**
 * The graphs as Plotly writes them in vectors, the runs among them as traces of its own.
 * @param {Engine} engine @param {Record<string, Twin>} twins @param {number} step
 */
async function within({ store, theme, map: { minima } }, twins, step) {
  const row = Math.floor(store.rowAt(step) + 1e-6);
  /** @type {Record<string, Element>} */
  const made = {};
  for (const [name, twin] of Object.entries(twins)) {
    const curves = name === "curves" ? /** @type {import("../views/curves.mjs").CurvesOverlay} */ (twin.view) : null;
    const meta = twin.graph.layout.meta ?? {};
    made[name] = await (curves ? twin.vectors(curveTraces(curves, row, theme), curveNames(curves, theme))
      : twin.vectors(meta.kind === "steps" ? stepTraces(store, row, minima, theme)
        : runTraces(store, row, { meta, minima, theme }), captions(meta, theme)));
  }
  return made;
}

/** What the pictures of one weight show. @param {FigureMeta} meta @param {Theme} theme */
function captions({ kind }, theme) {
  if (!kind) return [];
  const isCurve = kind === "curve", font = { family: theme.font, size: 12, color: theme.ink2 };
  return [{
    text: isCurve ? "loss" : "x at each step", xref: "paper", yref: "paper", x: Number(!isCurve), y: 1, font,
    xanchor: isCurve ? "left" : "right", yanchor: "top", xshift: isCurve ? 8 : -8, yshift: -8, showarrow: false,
  }];
}

/**
 * @param {Record<string, Element>} graphs @param {Sheet} sheet @param {number} step @param {number} scale
 */
async function vectors(graphs, sheet, step, scale) {
  const { theme, plan: { width, height, views } } = sheet;
  const root = svgNode("svg", {
    xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width: width * scale, height: height * scale,
  }, svgNode("rect", { width, height, fill: theme.paper }));
  for (const [name, graph] of Object.entries(graphs)) {
    graph.setAttribute("x", String(views[name].x));
    graph.setAttribute("y", String(views[name].y));
    root.append(graph);
  }
  sheet.write(/** @type {any} */ (new SvgPen(root)), step);
  return new Blob([await lettered(root)], { type: "image/svg+xml" });
}

/** Hand a file to the visitor. @param {{name: string, blob: Blob}} file */
export function download({ name, blob }) {
  const url = URL.createObjectURL(blob), link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser has taken it by then
}
