/** The outcome table: what became of each run, by when, and how good. Cards on a phone (CSS). */

import { el } from "../core/dom.mjs";
import { symbolIcon, verdictIcon } from "../views/draw.mjs";
import { compact, counted } from "../core/format.mjs";
import { inFull } from "../core/looks.mjs";
import { columnsOf, sorted } from "./outcome_columns.mjs";

/**
 * @typedef {import("../core/stream.mjs").Header} Header
 * @typedef {import("../core/stream.mjs").Outcome} Outcome
 */

/** @type {Record<string, string>} */
const ICON_OF = { global_minimum: "star", local_minimum: "ring" };
/** @type {Record<string, string>} */
const SHORT = {
  global_minimum: "global minimum", local_minimum: "local minimum", saddle: "saddle",
  crease: "crease", flat: "flat ground", unmoved: "does not move", cycle: "cycle",
  moving: "still moving", diverged: "diverged", left: "left the region", undefined: "undefined at the start",
};

/** The verdicts that have a word of their own. @type {Record<string, string>} */
const WORDS = {
  global_minimum: "global minimum", local_minimum: "local minimum", saddle: "saddle", diverged: "diverged",
};

/** "3 of 12 starts" for each verdict there is, most frequent first. @param {Record<string, number>} counts */
export function tally(counts) {
  return Object.entries(counts).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
}

/**
 * @typedef {object} Shown what the table shows
 * @property {Header} header @property {Outcome[]} outcomes @property {string} thresholds @property {string[]} notes
 */

export class OutcomeTable {
  /** @param {HTMLElement} root empty @param {() => void} tell the visitor wants the outcome now */
  constructor(root, tell) {
    this.root = root;
    this.tell = tell;
    root.classList.add("nn-outcome");
    /** By which column, and turned round? @type {{name: string, isTurned: boolean}|null} */
    this.order = null;
    /** @type {Shown|null} */
    this.shown = null;
  }

  /** While a race is under way: its runs, still without an outcome. @param {Header} header */
  race(header) {
    const outcomes = header.runs.map((_, run) => /** @type {Outcome} */ ({ run }));
    this.#render({ header, outcomes, thresholds: "", notes: [] });
  }

  /** @param {Header} header @param {import("../core/stream.mjs").Trailer} trailer */
  show(header, { outcomes, notes }) {
    this.#render({ header, outcomes, thresholds: outcomes[0]?.thresholds ?? "", notes });
  }

  /** @param {Shown} shown */
  #render(shown) {
    const { header, outcomes, thresholds, notes } = (this.shown = shown);
    const isRacing = !outcomes[0]?.verdict;
    const isAsked = (header.spec?.tol ?? null) !== null;
    const columns = columnsOf(outcomes, header.steps, header.lanes_total > 1, rank, isAsked);
    const column = columns.find(({ name }) => name === this.order?.name);
    const head = el("tr", { role: "row" }, ...columns.map((one) => this.#head(one, columns[1].head)));
    const rows = sorted(outcomes, column, this.order?.isTurned ?? false)
      .map((outcome) => this.#row(header, outcome, columns));
    const wasOpen = this.root.querySelector("details")?.open ?? false;
    this.root.classList.toggle("nn-gaps", columns.some(({ name }) => name === "gap"));
    this.root.replaceChildren(
      el("h2", { class: "nn-title" }, "Outcome", el("span", {}, `after ${counted(header.steps, "step")}`)),
      el("table", { role: "table" },
        el("thead", { role: "rowgroup" }, head), el("tbody", { role: "rowgroup" }, ...rows)),
      ...(isRacing ? [el("p", { class: "nn-note nn-racing" }, "The outcome comes when the race has run. ",
        el("button", { type: "button", class: "nn-tell", onclick: this.tell }, "Tell it now"))] : []),
      ...shifted(header, outcomes),
      ...notes.map((note) => el("p", { class: "nn-note" }, note)),
      ...(thresholds ? [el("details", { open: wasOpen },
        el("summary", {}, "How this is decided"), el("p", {}, thresholds))] : []),
    );
  }

  /** @param {import("./outcome_columns.mjs").Column} column @param {string} present heading in Present mode */
  #head({ name, head, title, isDown = false }, present) {
    const { order } = this, isIt = order?.name === name;
    const sort = isIt ? (order.isTurned !== isDown ? "descending" : "ascending") : null;
    const button = el("button", { type: "button", class: "nn-sort", title: title ?? null, "data-sort": name,
      onclick: () => this.#sort(name) }, head);
    return el("th", { role: "columnheader", scope: "col", class: `nn-${name}`, "aria-sort": sort,
      "data-present": name === "name" ? present : null }, button);
  }

  /** By a column, then turned round, then as the runs stand. @param {string} name */
  #sort(name) {
    const { order } = this;
    if (order?.name !== name) this.order = { name, isTurned: false };
    else this.order = order.isTurned ? null : { name, isTurned: true };
    this.#render(this.shown);
    /** @type {HTMLElement} */ (this.root.querySelector(`[data-sort="${name}"]`)).focus();
  }

  /** @param {Header} header @param {Outcome} outcome @param {import("./outcome_columns.mjs").Column[]} columns */
  #row(header, outcome, columns) {
    const rate = header.spec?.runs?.[outcome.run]?.knobs?.lr;
    /** @param {string} name @param {...(Node|string)} children */
    const cell = (name, ...children) => el("td", { role: "cell", class: `nn-${name}` }, ...children);
    const name = cell("name", ...named(header, outcome.run));
    if (rate !== undefined) name.append(el("span", { class: "nn-lr", "data-word": "lr" }, `lr ${compact(rate)}`));
    const isRacing = !outcome.verdict;
    const ended = isRacing ? ["racing …"] : outcome.lanes > 1 ? tallied(outcome.counts) : single(outcome);
    return el("tr", { role: "row" }, name, cell("verdict", ...ended), ...columns.slice(2).map((column) => {
      const text = isRacing ? "" : column.text(outcome);
      return cell(text === "–" ? `${column.name} nn-none` : column.name, text);
    }));
  }
}

/**
 * A run's sign and name; shortened by the style sheet, in full where it is pointed at.
 * @param {Header} header @param {number} run
 */
function named({ runs, spec }, run) {
  const full = inFull(runs[run]), word = spec?.runs?.[run]?.name;
  const title = full === word ? null : full; // what the word means is said there
  return [symbolIcon(run, 14), el("b", { class: "nn-called", title, "data-word": word }, runs[run].label)];
}

/** @param {string} verdict */
const rank = (verdict) => Object.keys(SHORT).indexOf(verdict);

/**
 * What the places found are worth when the world has changed: for a surface with a morph s.
 * @param {Header} header @param {Outcome[]} outcomes
 */
function shifted(header, outcomes) {
  const known = outcomes.filter((outcome) => outcome.shift);
  if (!known.length) return [];
  const s = header.spec?.surface?.knobs?.s ?? 0;
  const heads = ["When the world changes", `loss, s = ${compact(s)}`, "loss, s = 1", "best there", "regret"];
  /** @param {string} text */
  const cell = (text) => el("td", { role: "cell" }, text);
  const rows = known.map(({ run, shift: { before, after, best, regret } }) => el("tr", { role: "row" },
    el("td", { role: "cell", class: "nn-name" }, ...named(header, run)),
    ...[before, after, best, regret].map((value) => cell(compact(value)))));
  const head = el("tr", { role: "row" }, ...heads.map((text) =>
    el("th", { role: "columnheader", scope: "col", title: MEANS[text] }, text)));
  const table = el("table", { role: "table", class: "nn-shift" },
    el("thead", { role: "rowgroup" }, head), el("tbody", { role: "rowgroup" }, ...rows));
  const whose = "Of one start of each run: the best of those that ended as most did.";
  return header.lanes_total > 1 ? [table, el("p", { class: "nn-note" }, whose)] : [table];
}

/** @type {Record<string, string>} */
const MEANS = {
  "best there": "the lowest minimum found when s is 1",
  regret: "loss at s = 1, minus the best there: what it costs to stay where training ended",
};

/** The verdict of one run, in words for the page and in two words for Present mode. @param {Outcome} outcome */
function single({ icon, text, short, ended, verdict }) {
  const when = verdict === "diverged" && ended !== null ? ` at step ${ended}` : ""; // `text` says it itself
  return [
    verdictIcon(icon), el("span", { class: "nn-long", "data-word": WORDS[verdict] }, text),
    el("span", { class: "nn-short" }, short + when),
  ];
}

/** How many starts ended how. @param {Outcome["counts"]} counts */
function tallied(counts) {
  return tally(counts).map(([verdict, n]) => el("span", { class: "nn-count" },
    verdictIcon(ICON_OF[verdict] ?? verdict), el("b", {}, String(n)), ` ${SHORT[verdict] ?? verdict}`));
}
