/**
 * What the browser's code finds on the page and does not make: Plotly, Dash and React, as far as
 * it uses them. Read by the type checker alone, never shipped.
 */

/** A trace: which fields there are depends on its type, and plotly.js brings no types for them. */
interface PlotlyTrace {
  type?: string;
  meta?: string;
  uid?: string;
  [field: string]: any;
}

interface PlotlyCamera {
  eye: { x: number; y: number; z: number };
  [field: string]: unknown;
}

interface PlotlyLayoutAxis {
  range?: number[];
  tickvals?: number[];
  [field: string]: unknown;
}

interface PlotlyLayout {
  meta?: import("../assets/player/core/heights.mjs").FigureMeta;
  uirevision?: string;
  font?: { color?: string; [field: string]: unknown };
  scene?: { camera: PlotlyCamera; zaxis: { range: number[] } };
  xaxis?: PlotlyLayoutAxis;
  yaxis?: PlotlyLayoutAxis;
  [field: string]: unknown;
}

interface PlotlyFigure {
  data: PlotlyTrace[];
  layout: PlotlyLayout;
}

/** Private: where an axis is, kept up to date while one pans and zooms. */
interface PlotlyAxis {
  type: string;
  range: [number, number];
  scaleanchor?: string;
  _offset: number;
  _length: number;
  d2p(value: number): number;
  p2d(pixel: number): number;
}

/** Private: an object of a 3D scene, drawn by WebGL. */
interface PlotlyObject {
  pickSlots?: number;
}

/** Private: the WebGL side of a 3D scene. */
interface PlotlyGlplot {
  canvas?: HTMLCanvasElement;
  contextLost?: boolean;
  cameraParams?: { model: number[]; view: number[]; projection: number[]; _ortho?: boolean };
  objects?: PlotlyObject[];
  add?(object: PlotlyObject): void;
  remove?(object: PlotlyObject): void;
  redraw?(): void;
}

/** Private: a 3D scene. */
interface PlotlyScene {
  glplot: PlotlyGlplot;
  dataScale: number[];
  getCamera?(): PlotlyCamera;
}

interface PlotlyFullLayout {
  xaxis?: PlotlyAxis;
  yaxis?: PlotlyAxis;
  scene?: { camera?: PlotlyCamera; _scene?: PlotlyScene };
}

/** The element that Plotly draws a figure into. What begins with `_` is private. */
interface PlotlyGraph extends HTMLElement {
  data?: PlotlyTrace[];
  layout?: PlotlyLayout;
  _fullLayout?: PlotlyFullLayout;
  _fullData?: PlotlyTrace[];
  on?(event: "plotly_relayout" | "plotly_relayouting", handler: (change: Record<string, unknown>) => void): void;
}

interface PlotlyApi {
  purge(graph: PlotlyGraph): void;
  addTraces(graph: PlotlyGraph, traces: PlotlyTrace[]): Promise<PlotlyGraph>;
  deleteTraces(graph: PlotlyGraph, at: number[]): Promise<PlotlyGraph>;
  react(place: HTMLElement, traces: PlotlyTrace[], layout: object, config: object): Promise<PlotlyGraph>;
  relayout(graph: PlotlyGraph, update: Record<string, unknown>): Promise<PlotlyGraph>;
  restyle(graph: PlotlyGraph, update: object, at: number[]): Promise<PlotlyGraph>;
  update(graph: PlotlyGraph, traces: object, layout: object, at: number[]): Promise<PlotlyGraph>;
  toImage(figure: object, options: object): Promise<string>;
}

/** Brought by Dash with the first graph: not there before. */
declare var Plotly: PlotlyApi | undefined;

/** A callback's event from `page/callbacks.py`: its name, its inputs and what set it off. */
type DashEvent = [name: string, values: any[], triggered: DashTrigger[]];

interface DashTrigger {
  prop_id: string;
  value: unknown;
}

interface Window {
  /** The player, for the tests and the console. */
  nnopt: typeof import("../assets/player/player.mjs");
  /** A list until `bridge.mjs` is there. */
  nnoptFirst?: import("../assets/first/look.mjs").Look;
  nnoptEvents?: DashEvent[] | { push(event: DashEvent): void };
  dash_clientside: { set_props(id: string | object, props: object): void };
  nnoptMenus?: object;
  React: { createElement(tag: string, props: object | null, ...children: unknown[]): unknown };
}

// All that is looked for on the page is HTML: the pictures in SVG and MathML are only drawn.

interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(selectors: K): HTMLElementTagNameMap[K] | null;
  querySelector<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(selectors: K): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends HTMLElement = HTMLElement>(selectors: string): NodeListOf<E>;
}

interface Element {
  closest<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
}
