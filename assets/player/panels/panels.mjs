/** The parts of the page around the views: transport bar, outcome, key, heading of the curves. */

import { AfterPanel } from "./after.mjs";
import { Awaited } from "./awaited.mjs";
import { CurvesHead } from "../views/curves_head.mjs";
import { el } from "../core/dom.mjs";
import { MapKey } from "../views/key.mjs";
import { LabPanels } from "../../lab/panels.mjs";
import { Looker } from "./looker.mjs";
import { Transport } from "./transport.mjs";

/**
 * @typedef {import("../core/stream.mjs").Header} Header
 * @typedef {import("../core/stream.mjs").Trailer|import("../core/stream.mjs").LabTrailer} Trailer
 * @typedef {{expect(header: Header): void, show(header: Header, trailer: Trailer): void,
 *   update(clock: import("../core/clock.mjs").Clock): void}} OutcomePanel AfterPanel of a race, LabPanels of a training
 * @typedef {import("../core/store.mjs").RunStore} RunStore
 */

export class Panels {
  /** @param {import("../core/engine.mjs").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    /** @type {Record<string, {root: HTMLElement, part: unknown}>} */
    this.parts = {};
    /** @type {RunStore|null} */
    this.store = null;
    this.step = -1;
    this.isNew = false; // has begun, and nothing says so yet
  }

  /**
   * A part, made when its place is on the page, and made again when the page was.
   * @template P @param {string} id @param {(root: HTMLElement) => P} make @returns {P|null}
   */
  #part(id, make) {
    const known = this.parts[id];
    if (known?.root.isConnected) return /** @type {P} */ (known.part);
    const root = document.getElementById(id);
    if (!root) return null;
    const part = make(root);
    this.parts[id] = { root, part };
    return part;
  }

  get #transport() {
    const { clock } = this.engine;
    return this.#part("transport", (root) => {
      const bar = new Transport(root, {
        home: () => clock.seek(0), back: () => clock.move(-1), on: () => clock.move(1), end: () => clock.end(),
        toggle: () => clock.toggle(), seek: (step) => clock.seek(step), speed: (k) => (clock.speed = k),
      });
      bar.speeds.set(clock.speed);
      if (this.store?.trailer) this.#mark(bar, this.store);
      return bar;
    });
  }

  get #outcome() {
    return this.#part("outcome", (root) => {
      if (document.getElementById("lab-details")) return this.#lab(root);
      /** @type {OutcomePanel} */
      const panel = new AfterPanel(root, (step) => this.engine.clock.seek(step),
        document.getElementById("looker") ? () => this.#looker?.compare() : undefined);
      if (this.store?.trailer) panel.show(this.store.header, this.store.trailer);
      return panel;
    });
  }

  /** The lab's panels stand in several places. @param {HTMLElement} root */
  #lab(root) {
    /** @type {OutcomePanel} */
    const panel = new LabPanels(root, this.engine);
    if (this.store?.trailer) panel.show(this.store.header, this.store.trailer);
    return panel;
  }

  /** Places have been made anew: draw into them. */
  redraw() {
    if (this.store?.trailer) this.#outcome?.show(this.store.header, this.store.trailer);
  }

  /** Runs look otherwise, or have other names. */
  relabel() {
    if (this.store?.trailer) this.finished(this.store);
    else this.isNew = this.store !== null;
  }

  /** Open the comparison of two runs. @param {number} a @param {number} b */
  compare(a, b) {
    this.#looker?.compare(a, b);
  }

  get #looker() {
    return this.#part("looker", (root) => new Looker(root, this.engine));
  }

  get #head() {
    const { curves } = this.engine;
    return this.#part("curves-kind", (root) => new CurvesHead(root, curves.kind, (kind) => curves.show(kind)));
  }

  /** A new race shows its first rows: written with the next update, after the first frame. @param {RunStore} store */
  began(store) {
    this.store = store;
    this.isNew = true;
  }

  #begin() {
    if (!this.isNew) return;
    this.isNew = false;
    this.#outcome?.expect(this.store.header);
    this.#transport?.mark([], this.store.steps);
  }

  /** @param {RunStore} store */
  finished(store) {
    this.#begin();
    this.#outcome?.show(store.header, store.trailer);
    this.#mark(this.#transport, store);
  }

  /**
   * Where the runs of a race settled; a training's do not, nor many starts at one time.
   * @param {Transport|null} bar @param {RunStore} store
   */
  #mark(bar, { header, trailer, steps }) {
    if (header.kind || header.lanes_total > 1) return;
    bar?.mark(/** @type {import("../core/stream.mjs").Outcome[]} */ (trailer.outcomes), steps);
  }

  /** @param {number} k */
  speed(k) {
    this.#transport?.speeds.set(k);
  }

  /** A plain sentence for the visitor; the page may clear it. @param {string} sentence */
  say(sentence) {
    document.getElementById("notice")?.append(el("p", {}, sentence));
  }

  /**
   * Once a frame.
   * @param {import("../core/clock.mjs").Clock} clock @param {import("../core/engine.mjs").Engine} engine
   * @returns {boolean} whether the whole step changed
   */
  update(clock, { heights, map, curves, incoming }) {
    this.#begin();
    this.#transport?.update(clock, !this.store);
    this.#head?.update(curves);
    this.#part("map-key", (root) => new MapKey(root))
      ?.update({ ...heights, s: this.store?.morphAt(clock.step) }, {
        steps: clock.steps, crowded: map.crowded, paths: map.series.length, answers: map.answers.length > 0,
        axes: this.store?.header.plane?.axes, arrows: map.field !== null,
      });
    this.#part("map-stage", (root) => new Awaited(root))?.update(incoming, !this.store);
    this.#looker?.update(clock, this.store);
    this.#outcome?.update(clock);
    this.#transport?.tellUpTo(clock.isOver ? Infinity : clock.step);
    const stepped = clock.step !== this.step;
    this.step = clock.step;
    return stepped;
  }
}
