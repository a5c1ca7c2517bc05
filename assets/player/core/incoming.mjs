/** One run as it comes in: asked for until it is whole, and shown as far as it has come. */

import { ask, whyNot } from "./server.mjs";
import { RunStore } from "./store.mjs";
import { readRun, StreamError } from "./stream.mjs";

/**
 * How it is shown; at: the step shown first; look: left out, as it is.
 * @typedef {{play: boolean, keepStep: boolean, at?: number, look?: import("./looks.mjs").Look}} How
 */

export class Incoming {
  /**
   * @param {import("./engine.mjs").Engine} engine
   * @param {string} query
   * @param {How} how
   */
  constructor(engine, query, how) {
    this.engine = engine;
    this.query = query;
    this.how = how;
    this.isLoading = true;
    this.isCut = false; // it broke off, and what comes now is not further than what is shown
    /** What of it is shown. @type {RunStore|null} */
    this.shown = null;
    /** The request, once it has failed. @type {import("./server.mjs").Entry|null} */
    this.entry = null;
    this.asked = engine.ahead.take(query);
  }

  get signal() {
    return this.asked.abort.signal;
  }

  /** Is nothing of it shown yet? */
  get isAwaited() {
    return this.isLoading && !this.shown;
  }

  /** Why nothing comes; null: it is on its way. */
  get whyNot() {
    return this.isLoading ? whyNot(this.entry) : null;
  }

  stop() {
    this.isLoading = false;
    this.asked.abort.abort();
  }

  /** Resolves when it is whole, refused or stopped. */
  async come() {
    const { engine, signal, asked } = this;
    try {
      await ask(asked.url, {
        signal, first: asked.answer, about: () => this.#matter(),
        read: (answer) => readRun(answer, this.#handlers(), signal),
        onWait: (entry) => {
          this.entry = entry;
          this.isCut = this.shown !== null;
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      this.isLoading = false;
      engine.refused();
      if (!(error instanceof StreamError)) throw error;
      engine.emit("error", { status: error.status, body: error.body, message: error.message });
    }
  }

  /** @returns {import("./waiting.mjs").Matter} */
  #matter() {
    if (this.shown) return { what: "rest", done: this.shown.lastStep, of: this.shown.steps };
    return { what: this.engine.store ? "change" : "" };
  }

  /** Is this no further than what is shown, which came before it broke off? @param {RunStore} store */
  #isBehind(store) {
    const isWhole = store.received === store.rows && !store.header.provisional;
    return this.isCut && store.received < this.shown.received && !isWhole;
  }

  /** @returns {import("./stream.mjs").Handlers} */
  #handlers() {
    const { engine } = this;
    let store = /** @type {RunStore} */ (null); // a training comes in several, each with more
    return {
      onHeader: (header) => (store = new RunStore(header)),
      onRows: (values, rows) => {
        store.accept(values, rows);
        if (this.#isBehind(store)) return;
        this.isCut = false;
        if (this.shown !== store) {
          if (this.shown) engine.show(store);
          else engine.begin(store, this.how);
          this.shown = store;
        }
        engine.clock.arrived(store.lastStep);
      },
      onTrailer: (trailer) => {
        store.trailer = trailer;
        if (this.#isBehind(store)) return;
        if ("figures" in trailer) engine.emit("figures", trailer.figures);
        engine.panels.finished(store);
        if (store.header.provisional) return;
        this.isLoading = false;
        engine.emit("done", trailer);
      },
    };
  }
}
