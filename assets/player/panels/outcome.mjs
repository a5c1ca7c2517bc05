/** The outcome table: what became of each run, by when, and how good. Cards on a phone (CSS). */

import { el } from "../core/dom.mjs";
import { symbolIcon, verdictIcon } from "../views/draw.mjs";
import { compact, fixed } from "../core/format.mjs";

/**
 * @typedef {import("../core/stream.mjs").Header} Header
 * @typedef {import("../core/stream.mjs").Outcome} Outcome
 */

/** @type {Record<string, string>} */
const ICON_OF = { global_minimum: "star", local_minimum: "ring" };
/** @type {Record<string, (gaps: boolean) => string>} */
const TITLES = {
  "settled at": () => "the step from which it stays at the minimum",
  loss: (gaps) => (gaps ? "at the end" : "at the end; also the gap to the global minimum, whose loss is 0"),
  gap: () => "loss minus that of the global minimum; – where there is none",
};
/** @type {Record<string, string>} */
const SHORT = {
  global_minimum: "global minimum", local_minimum: "local minimum", saddle: "saddle",
  crease: "crease", flat: "flat ground", unmoved: "does not move", cycle: "cycle",
  moving: "still moving", diverged: "diverged", left: "left the region", undefined: "undefined at the start",
};

/** Decimals that tell losses of this size apart. @param {Outcome[]} outcomes */
export function lossDecimals(outcomes) {
  const largest = Math.max(...outcomes.map((o) => Math.abs(o.loss ?? 0)), 0);
  return largest >= 1 || largest < 1e-4 ? 2 : Math.min(4, 2 + Math.ceil(-Math.log10(largest)));
}

/** "3 of 12 starts" for each verdict there is, most frequent first. @param {Record<string, number>} counts */
export function tally(counts) {
  return Object.entries(counts).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
}

export class OutcomeTable {
  /** @param {HTMLElement} root empty */
  constructor(root) {
    this.root = root;
    this.key = "";
  }

  /** While a race is under way: its runs, still without an outcome. @param {Header} header */
  expect(header) {
    const key = header.runs.map((run) => run.label).join("|");
    if (key === this.key) return; // the old numbers stay until the new ones are there
    this.key = key;
    this.#render(header, header.runs.map((_, run) => /** @type {Outcome} */ ({ run })), "");
  }

  /** @param {Header} header @param {import("../core/stream.mjs").Trailer} trailer */
  show(header, { outcomes, notes }) {
    this.key = header.runs.map((run) => run.label).join("|");
    this.#render(header, outcomes, outcomes[0]?.thresholds ?? "", notes);
  }

  /** @param {Header} header @param {Outcome[]} outcomes @param {string} thresholds */
  #render(header, outcomes, thresholds, notes = /** @type {string[]} */ ([])) {
    const many = header.lanes_total > 1;
    const columns = ["Run", `After ${header.steps} steps`, many ? "where most ended" : "where, x and y",
      "settled at", "loss"];
    const decimals = lossDecimals(outcomes);
    // Where the best loss is 0, the gap to it is the loss: one column says both.
    const gaps = outcomes.some(({ gap, loss }) => Math.abs((gap ?? 0) - (loss ?? 0)) > 10 ** -decimals / 2);
    if (gaps) columns.push("gap");
    const head = el("tr", { role: "row" }, ...columns.map((text) => el("th", {
      role: "columnheader", scope: "col", "data-present": text === "Run" ? columns[1] : null,
      title: TITLES[text]?.(gaps),
    }, text)));
    const rows = outcomes.map((outcome) => this.#row(header, outcome, decimals, gaps));
    const wasOpen = this.root.querySelector("details")?.open ?? false;
    this.root.classList.add("nn-outcome");
    this.root.classList.toggle("nn-gaps", gaps);
    this.root.replaceChildren(
      el("h2", { class: "nn-title" }, "Outcome", el("span", {}, `after ${header.steps} steps`)),
      el("table", { role: "table" },
        el("thead", { role: "rowgroup" }, head), el("tbody", { role: "rowgroup" }, ...rows)),
      ...shifted(header, outcomes, decimals),
      ...notes.map((note) => el("p", { class: "nn-note" }, note)),
      ...(thresholds ? [el("details", { open: wasOpen },
        el("summary", {}, "How this is decided"), el("p", {}, thresholds))] : []),
    );
  }

  /** @param {Header} header @param {Outcome} outcome @param {number} decimals @param {boolean} gaps */
  #row(header, outcome, decimals, gaps) {
    const { label } = header.runs[outcome.run], rate = header.spec?.runs?.[outcome.run]?.knobs?.lr;
    /** @param {string} name @param {...(Node|string)} children */
    const cell = (name, ...children) => el("td", { role: "cell", class: `nn-${name}` }, ...children);
    const name = cell("name", symbolIcon(outcome.run, 14), el("b", {}, label));
    if (rate !== undefined) name.append(el("span", { class: "nn-lr" }, `lr ${compact(rate)}`));
    if (!outcome.verdict) {
      return el("tr", { role: "row" }, name, cell("verdict", "racing …"), cell("where"), cell("when"), cell("loss"));
    }
    const where = outcome.x === null ? "–" : `${fixed(outcome.x)}, ${fixed(outcome.y)}`;
    return el("tr", { role: "row" }, name,
      cell("verdict", ...(outcome.lanes > 1 ? counted(outcome.counts) : single(outcome))),
      cell("where", where),
      cell(outcome.first_within === null ? "when nn-none" : "when", String(outcome.first_within ?? "–")),
      cell("loss", loss(outcome.loss, decimals)), ...(gaps ? [cell("gap", loss(outcome.gap, decimals))] : []));
  }
}

/**
 * What the places found are worth when the world has changed: for a surface with a morph s.
 * @param {Header} header @param {Outcome[]} outcomes @param {number} decimals
 */
function shifted(header, outcomes, decimals) {
  const known = outcomes.filter((outcome) => outcome.shift);
  if (!known.length) return [];
  const s = header.spec?.surface?.knobs?.s ?? 0;
  const heads = ["When the world changes", `loss, s = ${compact(s)}`, "loss, s = 1", "best there", "regret"];
  /** @param {string} text */
  const cell = (text) => el("td", { role: "cell" }, text);
  const rows = known.map(({ run, shift: { before, after, best, regret } }) => el("tr", { role: "row" },
    el("td", { role: "cell", class: "nn-name" }, symbolIcon(run, 14), el("b", {}, header.runs[run].label)),
    ...[before, after, best, regret].map((value) => cell(loss(value, decimals)))));
  const head = el("tr", { role: "row" }, ...heads.map((text) =>
    el("th", { role: "columnheader", scope: "col", title: MEANS[text] }, text)));
  return [el("table", { role: "table", class: "nn-shift" },
    el("thead", { role: "rowgroup" }, head), el("tbody", { role: "rowgroup" }, ...rows))];
}

/** @type {Record<string, string>} */
const MEANS = {
  "best there": "the lowest minimum found when s is 1",
  regret: "loss at s = 1, minus the best there: what it costs to stay where training ended",
};

/** Fixed decimals, none from 1000 up. @param {number|null} value @param {number} decimals */
const loss = (value, decimals) => fixed(value ?? NaN, Math.abs(value) >= 1000 ? 0 : decimals);

/** The verdict of one run, in words for the page and in two words for Present mode. @param {Outcome} outcome */
function single({ icon, text, short, ended, verdict }) {
  const when = verdict === "diverged" && ended !== null ? ` at step ${ended}` : ""; // `text` says it itself
  return [
    verdictIcon(icon), el("span", { class: "nn-long" }, text), el("span", { class: "nn-short" }, short + when),
  ];
}

/** How many starts ended how. @param {Outcome["counts"]} counts */
function counted(counts) {
  return tally(counts).map(([verdict, n]) => el("span", { class: "nn-count" },
    verdictIcon(ICON_OF[verdict] ?? verdict), el("b", {}, String(n)), ` ${SHORT[verdict] ?? verdict}`));
}
