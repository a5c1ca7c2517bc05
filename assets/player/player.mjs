/** The player: one clock, one store of numbers, three views. See `start()` for its face. */

import { Clock } from "./clock.mjs";
import { CurvesOverlay } from "./curves.mjs";
import { listenToKeys } from "./keyboard.mjs";
import { MapOverlay } from "./map.mjs";
import { SceneOverlay } from "./scene.mjs";
import { RunStore } from "./store.mjs";
import { readRun, StreamError } from "./stream.mjs";
import { readTheme } from "./theme.mjs";
import { Transport } from "./transport.mjs";

const FRAMES_KEPT = 300;

export class Player {
  constructor() {
    this.clock = new Clock();
    /** @type {RunStore|null} */
    this.store = null;
    this.map = new MapOverlay();
    this.scene = new SceneOverlay();
    this.curves = new CurvesOverlay();
    this.theme = readTheme();
    this.themeVersion = 0;
    this.listeners = new Map();
    this.frameMs = [];
    this.abort = null;
    this.lastFrame = performance.now();
    const root = document.getElementById("transport");
    if (root) this.transport = new Transport(root, {
      home: () => this.home(), back: () => this.step(-1), on: () => this.step(1), end: () => this.end(),
      toggle: () => this.toggle(), seek: (s) => this.seek(s), speed: (k) => this.speed(k),
    });
    listenToKeys({ toggle: () => this.toggle(), move: (by) => this.step(by), home: () => this.home(), end: () => this.end() });
    requestAnimationFrame((now) => this.#frame(now));
  }

  on(name, fn) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(fn);
    return () => this.listeners.get(name).delete(fn);
  }

  emit(name, detail) {
    for (const fn of this.listeners.get(name) ?? []) fn(detail);
  }

  async load(query, { play = true, keepStep = false } = {}) {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    let store = null;
    const handlers = {
      onHeader: (header) => {
        store = new RunStore(header);
      },
      onRows: (values, rows) => {
        store.accept(values, rows);
        if (this.store !== store) {
          const from = keepStep ? this.clock.step : 0;
          this.store = store;
          this.clock.start(store.steps, { play, from });
          this.emit("header", store.header);
        }
        this.clock.arrived(store.lastStep);
      },
      onTrailer: (trailer) => {
        store.trailer = trailer;
        this.transport?.mark(trailer.outcomes, store.steps);
        this.emit("done", trailer);
      },
    };
    try {
      await readRun(`/run.bin?${query.replace(/^\?/, "")}`, handlers, abort.signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof StreamError)) console.error(error);
      this.emit("error", { status: error.status ?? 0, body: error.body ?? null, message: error.message });
    }
  }

  setSurface({ minima }) {
    this.map.minima = this.scene.minima = minima;
    this.map.dirty = this.scene.dirty = true;
  }

  play() { this.clock.play(); }
  pause() { this.clock.pause(); }
  toggle() { this.clock.playing ? this.pause() : this.play(); }
  seek(step) { this.clock.seek(step); }
  step(by) { this.clock.move(by); }
  home() { this.clock.seek(0); }
  end() { this.clock.end(); }
  speed(k) { this.clock.speed = k; this.transport?.speeds.set(k); }

  themeChanged() {
    this.theme = readTheme();
    this.themeVersion++;
  }

  state() {
    const { clock, store } = this;
    return {
      step: clock.step, time: clock.time, steps: clock.steps, playing: clock.playing,
      rowsReceived: store?.received ?? 0, rows: store?.rows ?? 0, frameMs: this.frameMs,
      complete: Boolean(store?.trailer),
    };
  }

  #frame(now) {
    requestAnimationFrame((next) => this.#frame(next));
    this.clock.tick(now - this.lastFrame);
    this.lastFrame = now;
    const began = performance.now();
    const { store, clock, theme, themeVersion } = this;
    const frame = {
      store, row: store?.received ? Math.min(store.rowAt(clock.time), store.received - 1) : 0,
      resting: !clock.playing, theme, themeVersion, dotRows: 10,
    };
    this.curves.clockStep = clock.time;
    let drawn = false;
    for (const view of [this.map, this.scene, this.curves]) drawn = view.draw(frame) || drawn;
    this.transport?.update(clock);
    if (drawn) {
      this.frameMs.push(performance.now() - began);
      if (this.frameMs.length > FRAMES_KEPT) this.frameMs.shift();
    }
  }
}
