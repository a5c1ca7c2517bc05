/**
 * A copy of a view beside the page, at a size of its own: its own Plotly graph, its own overlay.
 * What is taken of it is not changed by what the visitor does meanwhile.
 */

import { el } from "../core/dom.mjs";
import { lettered, read } from "./lettering.mjs";
import { viewOf } from "../core/shown.mjs";
import { Stack } from "../views/stack.mjs";
import { stepAxis } from "../views/steps.mjs";

/**
 * @typedef {import("../views/overlay.mjs").Overlay} View
 * @typedef {import("../core/theme.mjs").Theme} Theme
 * @typedef {import("../core/stream.mjs").Minimum} Minimum
 * @typedef {{width: number, height: number, density: number}} Size CSS px, and device px a CSS px
 */

/**
 * The figure of a view as it is seen now, without the runs: what it shows and from where.
 * @param {View} view @param {Theme} theme @param {{width: number, height: number}} size CSS px
 * @returns {PlotlyFigure}
 */
export function figureOf({ graph, store }, theme, { width, height }) {
  const layout = structuredClone(graph.layout), { _fullLayout: full } = graph;
  Object.assign(layout, { paper_bgcolor: theme.paper, width, height, autosize: false });
  const camera = full.scene?._scene?.getCamera?.();
  if (camera) layout.scene.camera = camera;
  else {
    for (const axis of /** @type {const} */ (["xaxis", "yaxis"])) {
      layout[axis] = { ...layout[axis], range: [...full[axis].range] };
    }
    if (layout.meta?.kind === "steps" && store) Object.assign(layout.yaxis, stepAxis(store.steps));
  }
  return { data: graph.data.filter((trace) => trace.meta !== "nn-run").map((trace) => ({ ...trace })), layout };
}

const MOST_DENSE = 4; // that Plotly takes
const LEAST_SHARP = 0.8; // px of the page's 3D view for a px of ours

/**
 * The pixels of a 3D view, taken out of the graphics memory for good: from there they would be read
 * again for every frame.
 * @param {PlotlyGlplot} glplot @param {number[]} size px: of the whole, and left, top, width and height of the view
 */
function copied(glplot, [width, height, ...box]) {
  const [seen, kept] = [0, 1].map(() => el("canvas", { width, height }).getContext("2d", { willReadFrequently: true }));
  glplot.redraw(); // what is drawn can be read until the browser gets its turn
  seen.drawImage(glplot.canvas, box[0], box[1], box[2], box[3]);
  kept.putImageData(seen.getImageData(0, 0, width, height), 0, 0);
  return kept.canvas;
}

export class Twin {
  /** @param {View} view of the page @param {Theme} theme @param {Size} size */
  constructor(view, theme, size) {
    this.of = view;
    this.theme = theme;
    this.size = size;
    const { width, height, density } = size;
    this.stage = el("div", {
      class: "nn-twin", "aria-hidden": "true", inert: true,
      style: `position:fixed;left:-20000px;top:0;visibility:hidden;width:${width}px;height:${height}px`,
    });
    this.graph = /** @type {PlotlyGraph} */ (el("div"));
    this.stage.append(this.graph);
    document.body.append(this.stage);
    const Kind = /** @type {new () => View} */ (view.constructor);
    this.view = Object.assign(new Kind(), { graph: this.graph, stack: new Stack(this.stage, { density }) });
    /** What lies under the runs, as a picture. @type {HTMLImageElement|HTMLCanvasElement} */
    this.ground = new Image();
    this.#follow();
  }

  /** What the engine tells its views, and the page its curves. */
  #follow() {
    const { of, view } = /** @type {{of: any, view: any}} */ (this);
    for (const name of ["minima", "guess", "field", "kind", "best", "highest"]) {
      if (name in of) view[name] = of[name];
    }
    if (view.axes) view.axes.isAtOnce = true;
    if (view.ground) view.isPrinted = true;
  }

  /** May the page's own 3D view be taken as it is? It is large enough, and will not change. */
  get mayBorrow() {
    const { size: { height, density }, of: { graph, store } } = this;
    const canvas = graph._fullLayout.scene?._scene?.glplot?.canvas;
    return Boolean(canvas) && !store?.header.s && canvas.height >= LEAST_SHARP * height * density;
  }

  /**
   * Take the page's own 3D view, and its camera as it is now. Another one of ours would have WebGL
   * compile everything anew, which without a graphics card takes seconds.
   */
  borrow() {
    const { of: { graph }, size: { width, height, density } } = this;
    const view = /** @type {import("../views/scene.mjs").SceneOverlay} */ (this.view);
    const { glplot } = graph._fullLayout.scene._scene, { clientWidth, clientHeight } = graph;
    const scale = Math.min(width / clientWidth, height / clientHeight);
    const [wide, tall] = [scale * clientWidth, scale * clientHeight];
    const box = { left: (width - wide) / 2, top: (height - tall) / 2, width: wide, height: tall };
    this.ground = copied(glplot, [width, height, box.left, box.top, wide, tall].map((px) => Math.round(px * density)));
    Object.assign(view, { graph, canvasBox: { of: () => box } });
    view.stack.fit();
    view.sync();
    view.sync = () => "same"; // the page's camera may turn meanwhile
  }

  /** Draw the graph. @param {PlotlyFigure} [figure] left out: what the page shows */
  async show(figure = figureOf(this.of, this.theme, this.size)) {
    const { graph, size: { density } } = this;
    const config = { displayModeBar: false, plotGlPixelRatio: Math.min(MOST_DENSE, density) };
    await globalThis.Plotly.react(graph, figure.data, figure.layout, config);
    this.#glplot?.redraw?.(); // now, not when the screen is next drawn
    this.view.dirty = true;
  }

  get #glplot() {
    return this.graph._fullLayout.scene?._scene?.glplot;
  }

  /** Take the picture of the graph: after a first `draw`, for the curves' axes follow their numbers. */
  async take() {
    const { size: { width, height, density } } = this, glplot = this.#glplot;
    if (glplot) {
      const { width: wide, height: tall } = glplot.canvas;
      this.ground = copied(glplot, [wide, tall, 0, 0, wide, tall]);
      return;
    }
    const root = await this.vectors();
    root.setAttribute("width", String(width * density));
    root.setAttribute("height", String(height * density));
    const image = this.ground = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(await lettered(root))}`;
    await image.decode();
  }

  /**
   * The graph as Plotly writes it in vectors.
   * @param {PlotlyTrace[]} [traces] of ours, above its own @param {object[]} [annotations]
   */
  async vectors(traces = [], annotations = []) {
    const { graph: { data, layout }, view, size: { width, height, density } } = this;
    const figure = { data: [...data, ...traces], layout: { ...layout, annotations, images: view.images(density) } };
    return read(await globalThis.Plotly.toImage(figure, { format: "svg", width, height }));
  }

  /**
   * The graph of another state of the same surface.
   * @param {PlotlyFigure} figure @param {Minimum[]} minima
   */
  async exchange({ data, layout: { meta, scene, yaxis } }, minima) {
    const { layout } = this.graph;
    if (meta.kind === "curve") layout.yaxis = yaxis; // its ends are losses
    if (scene) layout.scene.zaxis.range = scene.zaxis.range;
    await this.show({ data, layout: { ...layout, meta } });
    Object.assign(this.view, { minima });
    await this.take();
  }

  /**
   * Bring the overlay to a row.
   * @param {import("../views/overlay.mjs").Frame} frame @param {number} step
   */
  draw(frame, step) {
    if ("clockStep" in this.view) this.view.clockStep = step;
    this.view.draw(frame);
  }

  remove() {
    globalThis.Plotly?.purge(this.graph); // gives its WebGL context back
    this.stage.remove();
  }
}

/**
 * Copies of the page's views, drawn once.
 * @param {import("../core/engine.mjs").Engine} engine @param {string[]} names
 * @param {import("./plan.mjs").Plan} plan @param {number} density
 * @returns {Promise<Record<string, Twin>>}
 */
export async function twinsOf(engine, names, plan, density) {
  const { theme, store } = engine;
  /** @type {Record<string, Twin>} */
  const made = {};
  try {
    for (const name of names) {
      const view = viewOf(engine, /** @type {"map"|"scene"|"curves"} */ (name)), { width, height } = plan.views[name];
      made[name] = new Twin(view, theme, { width, height, density });
      if (made[name].mayBorrow) {
        made[name].borrow();
        continue;
      }
      await made[name].show();
      made[name].draw({ store, row: 0, resting: false, theme, themeVersion: 0, dotEvery: 10 }, 0);
      await made[name].take();
    }
  } catch (error) {
    for (const twin of Object.values(made)) twin.remove();
    throw error;
  }
  return made;
}
