/** The panels of the network lab: where the runs stand, how honest the slice is, the layers, the data. */

import { el } from "../player/core/dom.mjs";
import { inFull, lookMark } from "../player/core/looks.mjs";
import { symbolIcon } from "../player/views/draw.mjs";
import { compact, counted, percent } from "../player/core/format.mjs";
import { captionOf, drawData } from "./data_picture.mjs";
import { chart, drawNetwork } from "./pictures.mjs";
import { besideWalk, sayAbsent, sayBatch, sayLoss, saySharpness, saySolid, sayStep, WORDS } from "./said.mjs";

/**
 * @typedef {import("../player/core/stream.mjs").Header} Header
 * @typedef {import("../player/core/store.mjs").RunStore} RunStore
 */

/** @param {number|null} value */
const number = (value) => (value === null || value !== value ? "–" : compact(value, 3));
/** @param {number} value */
const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));

/** @type {["spread"|"dead"|"gradient"|"update", string, string, (value: number|null) => string][]} */
const LAYER_COLUMNS = [
  ["spread", "activation spread", "standard deviation of what the layer gives, over all training samples", number],
  ["dead", "dead units", "share of its units whose slope is almost 0 for every sample: they learn nothing", percent],
  ["gradient", "gradient norm", "length of the gradient by the layer's parameters", number],
  ["update", "update / weight", "length of this step over length of the weights", percent],
];

export class LabPanels {
  /** @param {HTMLElement} root of the table @param {import("../player/core/engine.mjs").Engine} engine */
  constructor(root, engine) {
    this.root = root;
    this.engine = engine;
    /** The one looked at. @type {number|null} */
    this.run = null;
    this.shown = this.drawn = "";
    this.key = ""; // of the runs in the table
    /** @type {Header|null} */
    this.header = null;
    /** @type {import("../player/core/stream.mjs").LabTrailer|null} */
    this.trailer = null;
    root.classList.add("lab-runs");
  }

  /** @param {Header} header */
  expect(header) {
    if (this.header && header.runs.length !== this.header.runs.length) this.trailer = null;
    const { knobs } = header.spec.plane;
    this.header = header;
    sayAbsent(header.plane.missing);
    saySolid(header.plane);
    this.run = Math.min(this.run ?? knobs.of ?? knobs.a, header.runs.length - 1); // the run at the centre
  }

  /** @param {Header} header @param {import("../player/core/stream.mjs").LabTrailer} trailer */
  show(header, trailer) {
    this.expect(header);
    this.trailer = trailer;
    this.shown = "";
    /** @param {string} selector @param {string} words */
    const text = (selector, words) => {
      const place = document.querySelector(selector);
      if (place) place.textContent = words;
    };
    text(".section-net .section-head span", counted(header.network.parameters, "parameter"));
    text(".section-training .section-head span", `${counted(header.steps, "step")} a run`);
    text(".section-data .section-head span", `${header.data.train} to train, ${header.data.test} to test`);
    sayBatch(header);
    drawNetwork(document.getElementById("net-picture"), header.network);
    this.drawn = "";
    this.update(this.engine.clock);
  }

  /** Once a frame. @param {{step: number}} clock */
  update({ step }) {
    const { store } = this.engine;
    if (!this.header || !store?.received || !store.more.length) return;
    const row = Math.min(Math.round(store.rowAt(step)), store.received - 1);
    const { theme } = document.documentElement.dataset;
    const wanted = `${row}|${this.run}|${store.received}|${Boolean(this.trailer)}|${theme}`;
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.#runs(store, row);
    this.#details(store, row);
    this.#data(store.stepOf(row), theme);
  }

  /**
   * Made once for these runs, then only its words change: what is made anew in every frame can't be clicked.
   * @param {RunStore} store @param {number} row
   */
  #runs(store, row) {
    const { header, trailer } = this, isNumbers = header.network.kind === "regression";
    const key = [isNumbers, lookMark(), ...header.runs.map(({ label }) => label)].join("|");
    if (key !== this.key || !this.root.firstChild) this.#build(header, key);
    this.atStep.textContent = `at step ${store.stepOf(row).toLocaleString("en")}`;
    header.runs.forEach((_, run) => {
      const at = store.point(run, 0, row), state = trailer?.outcomes?.[run];
      const right = isNumbers ? [number(store.loss[run][row]), number(store.testLoss[run][row])]
        : [percent(store.accuracy[run][row]), percent(store.testAccuracy[run][row])];
      const words = [sayLoss(at?.loss, state?.step), ...right, percent(state?.in_plane ?? null)];
      const { line, button, cells } = this.lines[run];
      cells.forEach((cell, i) => (cell.textContent = words[i]));
      line.classList.toggle("is-lit", run === this.run);
      button.setAttribute("aria-pressed", String(run === this.run));
    });
    this.#training();
  }

  /** @param {Header} header @param {string} key */
  #build(header, key) {
    this.key = key;
    const titles = [null, "loss on all training samples",
      "share of training samples that are right (loss, for numbers)",
      "the same of the test samples", "how much of the path, by squared distance from its end, runs along the plane"];
    const heads = ["Run", "at step 0", "train", "test", "in plane"]
      .map((words, i) => el("th", { scope: "col", title: titles[i] }, words));
    this.atStep = heads[1];
    this.lines = header.runs.map((one, run) => {
      const choose = () => this.#choose(run);
      const button = el("button", { type: "button", title: `Look at ${inFull(one)}`, onclick: choose },
        symbolIcon(run, 14), el("span", { class: "nn-called" }, one.label));
      const cells = ["lab-now", null, null, null].map((name) => el("td", { class: name }));
      return { button, cells, line: el("tr", { onclick: choose }, el("th", { scope: "row" }, button), ...cells) };
    });
    this.said = el("span", {});
    this.button = el("button", {
      type: "button", onclick: () => (this.engine.isLoading ? this.engine.stop() : this.engine.goOn()),
    });
    this.root.replaceChildren(
      el("h2", { class: "nn-title" }, "Where the runs stand",
        el("span", { class: "lab-training" }, this.said, this.button)),
      el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...this.lines.map(({ line }) => line))));
  }

  /** The data, with what the chosen run's network says at the moment nearest to the clock. @param {number} step */
  #data(step, theme = "") {
    const picture = this.trailer?.picture, place = document.getElementById("data-picture");
    if (picture === undefined || !place) return;
    const moment = picture ? nearest(picture.steps, step) : 0, key = `${this.run}|${moment}|${theme}`;
    if (key === this.drawn && place.firstChild) return;
    this.drawn = key;
    drawData(place, picture, this.run, moment);
    const words = captionOf(picture, this.run, moment, this.header);
    place.setAttribute("aria-label", words);
    if (!place.nextElementSibling?.classList.contains("lab-caption")) {
      place.after(el("p", { class: "lab-doc lab-caption" }));
    }
    place.nextElementSibling.textContent = words;
  }

  /** Training goes on, was stopped, or is done: what to do about it. */
  #training() {
    const { header, engine } = this, { isLoading, incoming } = engine;
    this.button.hidden = !header.provisional;
    this.button.textContent = isLoading ? "Stop" : "Go on";
    const rows = `row ${engine.store.received} of ${header.rows_total}`;
    this.said.textContent = !header.provisional ? sayStep(header.data)
      : `${incoming?.isCut ? "incomplete" : isLoading ? "training" : "stopped"}: ${rows} `;
  }

  /** @param {number} run */
  #choose(run) {
    if (run === this.run) return;
    this.run = run;
    this.shown = "";
  }

  /** @param {RunStore} store @param {number} row */
  #details(store, row) {
    const place = document.getElementById("lab-details");
    if (!place) return;
    const { header, trailer, run } = this, { label } = header.runs[run];
    const outcome = trailer?.outcomes?.[run], share = outcome?.in_plane ?? null, walk = outcome?.random_walk;
    const away = store.away[run][row], gap = store.height[run][row] - store.sliceLoss[run][row];
    /** @param {string} value @param {string} words @param {...Node} more */
    const figure = (value, words, ...more) =>
      el("div", { class: "lab-figure" }, el("b", {}, value), el("span", {}, words), ...more);
    const mark = el("i", {
      class: "lab-share", title: "by squared distance from the path's own end; the marked range: random walks",
      style: `--share: ${share ?? 0}; --walk: ${walk?.median ?? 0}; --high: ${walk?.high ?? 0}`,
    });
    const isThere = !header.plane.missing;
    const honest = el("div", { class: "lab-honest" },
      el("h2", { class: "nn-title" }, isThere ? "How honest is this slice?" : "There is no slice",
        isThere ? el("span", {}, symbolIcon(run, 12), ` ${label}`) : "",
        isThere && header.provisional
          ? el("span", { class: "lab-provisional" }, "provisional plane, until training ends") : ""),
      ...(isThere ? [el("div", { class: "lab-figures" },
        figure(percent(share), `of the path runs along the plane${outcome ? besideWalk(outcome, header) : ""}`, mark),
        figure(number(away), "distance out of the plane now"),
        figure(signed(gap), `true ${WORDS[header.plane.height]} minus that of the slice now`)),
      el("div", { class: "lab-charts" },
        chart(`${capital(WORDS[header.plane.height])}: true (line) and in the slice (dashed)`, store, run, row,
          [store.height[run], store.sliceLoss[run]], this.engine.theme),
        chart("Distance out of the plane", store, run, row, [store.away[run]], this.engine.theme))] : []),
      ...(trailer?.notes ?? []).map((note) => el("p", { class: "lab-note" }, note)));
    place.replaceChildren(honest, el("div", { class: "lab-layers" }, ...this.#layers(store, row)));
  }

  /** @param {RunStore} store @param {number} row */
  #layers(store, row) {
    const { header, trailer, run } = this, layers = trailer?.layers;
    if (!layers) return [];
    const step = store.stepOf(row), at = nearest(layers.steps, step);
    const head = el("tr", {}, el("th", { scope: "col" }, "Layer"),
      ...LAYER_COLUMNS.map(([, words, title]) => el("th", { scope: "col", title }, words)));
    const rows = header.network.layers.map((name, i) => el("tr", {}, el("th", { scope: "row" }, name),
      ...LAYER_COLUMNS.map(([key, , , show]) => el("td", {}, show(layers[key][run]?.[at]?.[i] ?? null)))));
    return [
      el("h2", { class: "nn-title" }, "Layers",
        el("span", {}, symbolIcon(run, 12),
          ` ${header.runs[run].label}, step ${layers.steps[at].toLocaleString("en")}`)),
      el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)),
      this.#sharpness(step),
    ];
  }

  /** The largest curvature of the training loss, beside what the method can stand. @param {number} step */
  #sharpness(step) {
    const { trailer, run, header } = this, found = trailer.sharpness;
    return found ? el("p", { class: "lab-note" }, saySharpness(found, run, nearest(found.steps, step), header)) : "";
  }
}

/** @param {string} words */
const capital = (words) => words[0].toUpperCase() + words.slice(1);

/** Place of the value in a rising list that is nearest. @param {number[]} list @param {number} value */
const nearest = (list, value) => list.reduce(
  (best, one, i) => (Math.abs(one - value) < Math.abs(list[best] - value) ? i : best), 0);
