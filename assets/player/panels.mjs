/** The parts of the page around the views: transport bar, outcome, key, heading of the curves. */

import { AfterPanel } from "./after.mjs";
import { CurvesHead } from "./curves_head.mjs";
import { el } from "./dom.mjs";
import { MapKey } from "./key.mjs";
import { LabPanels } from "./lab.mjs";
import { Looker } from "./looker.mjs";
import { Transport } from "./transport.mjs";

export class Panels {
  /** @param {import("./engine.mjs").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    this.parts = {};
    this.store = null;
    this.step = -1;
    this.isNew = false; // has begun, and nothing says so yet
  }

  /** A part, made when its place is on the page, and made again when the page was. */
  #part(id, make) {
    const known = this.parts[id];
    if (known?.root.isConnected) return known.part;
    const root = document.getElementById(id);
    if (!root) return null;
    const part = make(root);
    this.parts[id] = { root, part };
    return part;
  }

  get #transport() {
    const { engine } = this, { clock } = engine;
    return this.#part("transport", (root) => {
      const bar = new Transport(root, {
        home: () => clock.seek(0), back: () => clock.move(-1), on: () => clock.move(1), end: () => clock.end(),
        toggle: () => engine.toggle(), seek: (step) => clock.seek(step), speed: (k) => (clock.speed = k),
      });
      bar.speeds.set(clock.speed);
      if (this.store?.trailer && !this.store.header.kind) bar.mark(this.store.trailer.outcomes, this.store.steps);
      return bar;
    });
  }

  get #outcome() {
    return this.#part("outcome", (root) => {
      if (document.getElementById("lab-details")) return this.#lab(root);
      const panel = new AfterPanel(root, (step) => this.engine.clock.seek(step));
      if (this.store?.trailer) panel.show(this.store.header, this.store.trailer);
      return panel;
    });
  }

  /** The lab's panels stand in several places. */
  #lab(root) {
    const panel = new LabPanels(root, this.engine);
    if (this.store?.trailer) panel.show(this.store.header, this.store.trailer);
    return panel;
  }

  /** Places have been made anew: draw into them. */
  redraw() {
    if (this.store?.trailer) this.#outcome?.show(this.store.header, this.store.trailer);
  }

  get #head() {
    const { curves } = this.engine;
    return this.#part("curves-kind", (root) => new CurvesHead(root, curves.kind, (kind) => curves.show(kind)));
  }

  /** A new race shows its first rows: written with the next update, after the first frame. */
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

  finished(store) {
    this.#begin();
    this.#outcome?.show(store.header, store.trailer);
    if (!store.header.kind) this.#transport?.mark(store.trailer.outcomes, store.steps);
  }

  speed(k) {
    this.#transport?.speeds.set(k);
  }

  /** A plain sentence for the visitor; the page may clear it. @param {string} sentence */
  say(sentence) {
    document.getElementById("notice")?.append(el("p", {}, sentence));
  }

  /** Once a frame. @returns {boolean} whether the whole step changed */
  update(clock, { best, top, unit, word, map, curves }) {
    this.#begin();
    this.#transport?.update(clock);
    this.#head?.update(curves);
    this.#part("map-key", (root) => new MapKey(root))
      ?.update({ best, top, unit, word, s: this.store?.morphAt(clock.step) }, {
        steps: clock.steps, crowded: map.crowded, paths: map.series.length, answers: map.answers.length > 0,
      });
    this.#part("looker", (root) => new Looker(root, this.engine))?.update(clock, this.store);
    this.#outcome?.update(clock.step);
    const stepped = clock.step !== this.step;
    this.step = clock.step;
    return stepped;
  }
}
