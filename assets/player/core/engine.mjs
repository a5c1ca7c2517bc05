/** One clock, one store of numbers, three views: what happens on load and in every frame. */

import { Ahead } from "./ahead.mjs";
import { Clock, reducedMotion } from "./clock.mjs";
import { CurvesOverlay } from "../views/curves.mjs";
import { Emitter } from "./emitter.mjs";
import { Fallback } from "../views/fallback.mjs";
import { FrameTimes } from "./frame_times.mjs";
import { lossAt } from "./heights.mjs";
import { Hover } from "../views/hover.mjs";
import { Incoming } from "./incoming.mjs";
import { call, wear } from "./looks.mjs";
import { listenToKeys } from "../panels/keyboard.mjs";
import { dotInterval } from "../views/key.mjs";
import { MapOverlay } from "../views/map.mjs";
import { Panels } from "../panels/panels.mjs";
import { Picker } from "../views/pick.mjs";
import { SceneOverlay } from "../views/scene.mjs";
import { StepsOverlay } from "../views/steps.mjs";
import { readTheme, themeMark } from "./theme.mjs";

/**
 * @typedef {import("./store.mjs").RunStore} RunStore
 * @typedef {import("./looks.mjs").Look} Look
 */

export class Engine extends Emitter {
  constructor() {
    super();
    this.clock = new Clock();
    /** What is shown. @type {RunStore|null} */
    this.store = null;
    this.map = new MapOverlay();
    this.scene = new SceneOverlay();
    this.curves = new CurvesOverlay();
    this.steps = new StepsOverlay();
    this.views = [this.map, this.scene, this.steps, this.curves];
    this.hovers = this.views.map((view) => new Hover(view));
    this.fallbacks = [this.map, this.scene, this.curves].map((view) => new Fallback(view.graphId, view));
    this.picker = new Picker(this.map, (pick, time) => this.#picked(pick, time), (place) => this.#pressed(place),
      (picked) => this.emit("double", { picked }));
    this.panels = new Panels(this);
    /** Views that failed. @type {Set<import("../views/overlay.mjs").Overlay>} */
    this.broken = new Set();
    /** The store of the last frame. @type {RunStore|null} */
    this.shown = null;
    this.isMapAhead = false; // it drew the map alone
    this.isGroundless = false; // there will be no map: nothing is waited for
    /** What was loaded last. @type {Incoming|null} */
    this.incoming = null;
    /** May take a pick for something else. @type {((pick: import("../views/pick.mjs").Pick) => boolean)|null} */
    this.takePick = null;
    /** @type {import("./heights.mjs").FigureMeta} */
    this.heights = {};
    this.ahead = new Ahead();
    this.themeVersion = 0;
    this.themeChanged();
    this.times = new FrameTimes();
    this.lastFrame = performance.now();
    /** @type {PlotlyGlplot|null} */
    this.glplot = null;
    this.frame = (/** @type {number} */ now) => this.#frame(now);
    listenToKeys({
      toggle: () => this.clock.toggle(), move: (by) => this.clock.move(by),
      home: () => this.clock.seek(0), end: () => this.clock.end(),
    });
    document.fonts?.addEventListener("loadingdone", () => this.themeChanged());
    requestAnimationFrame(this.frame);
  }

  /**
   * Fetch a run; the one before is dropped, its picture stays until the new one has rows.
   * @param {string} query @param {Partial<import("./incoming.mjs").How>} [how]
   */
  load(query, { play = true, keepStep = false, at, look } = {}) {
    this.incoming?.stop();
    this.incoming = new Incoming(this, query, { play, keepStep, at, look });
    return this.incoming.come();
  }

  /** Does more of a run come? */
  get isLoading() {
    return this.incoming?.isLoading ?? false;
  }

  /** The first rows of a run. @param {RunStore} store @param {import("./incoming.mjs").How} how */
  begin(store, { play, keepStep, at, look }) {
    if (look) wear(look);
    const { clock } = this;
    const atEnd = keepStep && clock.atEnd;
    const plays = play && !(at !== undefined && reducedMotion()); // it stays where it was asked to open
    clock.start(store.steps, { play: plays, from: at ?? (keepStep ? clock.step : 0) });
    if (atEnd) clock.wanted = store.steps;
    this.map.dragged = null;
    this.show(store);
  }

  /** Show the rows of a run, or the same run further on. @param {RunStore} store */
  show(store) {
    call(store.header);
    this.store = store;
    this.panels.began(store);
    this.emit("header", store.header);
  }

  /** How runs look and what they are called: of what is awaited, else of what is shown. @param {Look} look */
  look(look) {
    if (this.incoming?.isAwaited) {
      this.incoming.how.look = look;
      return;
    }
    wear(look);
    if (!this.store) return;
    call(this.store.header);
    this.themeChanged();
    this.panels.relabel();
  }

  /** There will be no run: the start is where it was. */
  refused() {
    this.map.dragged = null;
    this.map.dirty = true;
  }

  /** Receive no more of a run; what has come stays. */
  stop() {
    this.incoming?.stop();
    this.panels.redraw();
  }

  /** The same run again, from where the clock is: what had come comes again, and the rest. */
  goOn() {
    this.load(this.incoming.query, { play: true, keepStep: true });
  }

  /** Show nothing of what is to come, until it is to be seen. @param {boolean} on */
  hold(on) {
    this.clock.hold(on);
    for (const view of this.views) view.dirty = true;
  }

  /** @param {import("../views/pick.mjs").Place|null} place */
  #pressed(place) {
    if (!place) this.ahead.expect(null);
    else if (!this.takePick && !this.clock.isHeld) this.emit("press", place);
  }

  /** @param {import("../views/pick.mjs").Pick} pick @param {number} time */
  #picked(pick, time) {
    if (this.takePick?.(pick)) return; // somebody wants a place on the map for something else
    if (this.clock.isHeld) {
      this.map.dragged = null; // the start stays where it is
      this.emit("pick", pick);
      return;
    }
    this.times.picked(time, this.store);
    this.emit("pick", pick);
  }

  /** @param {import("./stream.mjs").Minimum[]} minima */
  setMinima(minima) {
    this.map.minima = this.scene.minima = this.steps.minima = minima ?? [];
    this.map.dirty = this.scene.dirty = this.steps.dirty = true;
  }

  themeChanged() {
    this.themeMark = themeMark();
    this.theme = readTheme();
    this.themeVersion++;
  }

  /** Fractional row of the clock. */
  get row() {
    const { store, clock } = this;
    return store?.received ? Math.min(store.rowAt(clock.time), store.received - 1) : 0;
  }

  /** @param {number} now */
  #frame(now) {
    this.#queueAfterPlotly();
    if (this.#hasGround) this.clock.tick(now - this.lastFrame);
    this.lastFrame = now;
    const began = performance.now();
    if (themeMark() !== this.themeMark) this.themeChanged();
    this.picker.frame();
    const { store, clock, theme, themeVersion } = this;
    const frame = {
      store, row: this.row, resting: !clock.playing && !clock.isHeld, theme, themeVersion,
      dotEvery: this.map.curve ? store?.stride ?? 1 : dotInterval(store?.steps ?? 0),
    };
    this.#readHeights();
    this.curves.clockStep = clock.time;
    const isNew = store !== this.shown && !this.isMapAhead;
    this.shown = store;
    this.isMapAhead = isNew && this.#draw(this.map, frame);
    if (this.isMapAhead) { // a new race: the map answers at once, the rest follows a frame later
      this.times.drew(began, store);
      return;
    }
    const drawn = this.views.map((view) => this.#draw(view, frame));
    this.hovers.forEach((hover, i) => hover.update(frame, drawn[i]));
    this.fallbacks.forEach((fallback) => fallback.update(frame, now, (text) => this.panels.say(text)));
    const stepped = this.panels.update(clock, this);
    if (stepped) this.emit("step", clock.step);
    if (drawn.includes(true)) this.times.drew(began, store);
  }

  /**
   * One view that fails must not stop the others, nor fill the console.
   * @param {import("../views/overlay.mjs").Overlay} view @param {import("../views/overlay.mjs").Frame} frame
   */
  #draw(view, frame) {
    if (this.broken.has(view)) return false;
    try {
      return view.draw(frame);
    } catch (error) {
      this.broken.add(view);
      console.error(error);
      this.panels.say("One of the views stopped with an error. Reload the page to get it back.");
      return false;
    }
  }

  /**
   * Plotly's 3D loop must move the camera before we read it, in the same frame. Callbacks run
   * in the order they were asked for; when a scene is new, ask once more after its loop did.
   */
  #queueAfterPlotly() {
    if (this.scene.glplot === this.glplot) {
      requestAnimationFrame(this.frame);
      return;
    }
    this.glplot = this.scene.glplot;
    setTimeout(() => requestAnimationFrame(this.frame));
  }

  /** A race waits for its map: on a slow line Plotly comes long after the numbers; a training does not. */
  get #hasGround() {
    return Boolean(this.heights.top || this.store?.header.kind || window.nnoptFirst || this.isGroundless);
  }

  /** The lowest loss in view decides how curves and key are labelled. */
  #readHeights() {
    this.heights = this.map.graph?.layout?.meta ?? {};
    // While the surface moves its lowest loss does too: the curves are above the lowest seen.
    this.curves.best = this.store?.header.s ? this.store.lowest : this.heights.best ?? 0;
    const { top, free } = this.heights;
    this.curves.highest = top && !free ? lossAt(top, this.heights) : -Infinity;
  }
}
