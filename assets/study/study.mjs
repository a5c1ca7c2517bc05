/**
 * An experiment: its settings, and what the server finds while it streams. Going away, a new
 * setting or Cancel ends the stream, and with it the server's work.
 */

import { EXPERIMENT } from "../page/questions.mjs";
import * as viewing from "../page/viewing.mjs";
import { el } from "../player/core/dom.mjs";
import { ask, Broken, jsonOf, received } from "../player/core/server.mjs";
import { draw, isDrawable, restyle } from "./charts.mjs";
import { Form } from "./form.mjs";
import { sentences, table } from "./measured.mjs";

const ADDRESS = "/experiment";
const UNTIL = "What is shown is what had come until then: a training may not have ended.";

/**
 * @typedef {import("./form.mjs").Setting} Setting
 * @typedef {import("./measured.mjs").Found & {charts: import("./charts.mjs").Chart[]}} Finding
 * @typedef {import("./measured.mjs").Elsewhere} Elsewhere
 * @typedef {{release: string, query: string, seconds: number, elsewhere: Elsewhere[]}} Accepted
 */

/** @type {{name: string, query: string, knobs: Setting[], seconds: number, formats: string[], notes: string[]}|null} */
let study = null;
/** @type {HTMLElement|null} */
let root = null;
/** @type {Form|null} */
let form = null;
let release = ""; // that measures what is shown
/** @type {Elsewhere[]} */
let elsewhere = [];
/** Aborts the request that runs. @type {AbortController|null} */
let stream = null;
/** @type {Finding|null} */
let last = null;

/** @param {string} name */
const part = (name) => document.getElementById(`study-${name}`);

/** Look out for the page of an experiment, and for the theme. */
export function watch() {
  new MutationObserver(meet).observe(document.body, { childList: true, subtree: true });
  new MutationObserver(() => restyle()).observe(document.documentElement,
    { attributes: true, attributeFilter: ["data-theme", "style"] }); // colours, and the size of text
  viewing.onChange(() => form?.keepInView(viewing.current().knobs));
  addEventListener("popstate", () => {
    if (root?.isConnected && location.pathname === ADDRESS) location.reload();
  });
  meet();
}

function meet() {
  const found = document.getElementById("study");
  if (found === root) return;
  root = found;
  stream?.abort();
  if (!root) return;
  study = JSON.parse(root.dataset.study);
  form = new Form(study.name, study.knobs, takeAway(), (query, sent) => run(encoded(query), sent));
  form.keepInView(viewing.current().knobs);
  part("form").replaceChildren(form.root);
  /** @type {HTMLDetailsElement} */
  const settings = document.querySelector(".study-settings");
  if (matchMedia("(max-width: 800px)").matches) settings.open = false;
  run(study.query);
}

// --- settings --------------------------------------------------------------------------

function takeAway() {
  /** @param {string} kind @param {string} words */
  const link = (kind, words) =>
    el("a", { class: "plain study-take", href: `/${EXPERIMENT.route}.${kind}?${study.query}`, download: "" }, words);
  return study.formats.map((kind) => link(kind, kind.toUpperCase()));
}

/** What the fields say, as an address. @param {string} query */
const encoded = (query) => query.replaceAll("%", "%25").replaceAll("&", "%26").replaceAll("#", "%23")
  .replaceAll("+", "%2B").replaceAll(" ", "%20").replaceAll('"', "%22");

// --- running ---------------------------------------------------------------------------

/** @param {string} query @param {Record<string, string>|null} [sent] the settings in it, when they are new */
async function run(query, sent = null) {
  stream?.abort();
  const own = new AbortController(), began = performance.now(), page = root;
  stream = own;
  last = null;
  release = "";
  progress(0, study.seconds, began);
  /** @param {Response} answer */
  const read = async (answer) => {
    if (!answer.ok) return refuse((await jsonOf(answer, own.signal)).error);
    if (sent) study.notes = JSON.parse(answer.headers.get("Nnopt-Notes") ?? "[]"); // of the link no more
    for await (const made of lines(answer.body, own.signal)) {
      own.signal.throwIfAborted();
      if ("query" in made) accept(made, sent);
      else show(made, began);
    }
    if (!(last?.done >= 1)) throw new Broken("The experiment stopped before its end.");
    finish((performance.now() - began) / 1000);
  };
  try {
    await ask(`/${EXPERIMENT.route}.ndjson?${query}`, {
      signal: own.signal, read,
      onWait: (_entry, { kind }) => say(`${WAITS[kind]} ${last ? UNTIL : ""}`, cancel()),
    });
  } catch (error) {
    if (!own.signal.aborted) throw error;
    if (page === root && stream === own) say(`Cancelled. ${UNTIL}`, again());
  }
}

/** Why the experiment waits, and that it will go on. */
const WAITS = {
  broken: "The connection was lost. The experiment begins again as soon as the server answers.",
  busy: "The server is busy. The experiment waits for its turn.",
  fault: "The server failed. The experiment is asked for again.",
};

/**
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {AbortSignal} signal
 * @returns {AsyncGenerator<Finding|Accepted>}
 */
async function* lines(body, signal) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { value, done } = await received(reader.read(), signal);
    if (done) return;
    const parts = (kept + value).split("\n");
    kept = parts.pop();
    for (const line of parts) if (line) yield JSON.parse(line);
  }
}

/**
 * The server has taken the query: it is the page's address now.
 * @param {Accepted} taken @param {Record<string, string>|null} sent
 */
function accept({ query, seconds, release: measuring, elsewhere: others }, sent) {
  if (sent) form.accepted(sent);
  release = measuring;
  elsewhere = others;
  if (query !== study.query) {
    history.pushState({}, "", `${ADDRESS}?${viewing.beside(query)}`);
    part("charts").replaceChildren();
  }
  study = { ...study, query, seconds };
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(".study-take");
  for (const link of links) link.href = link.href.replace(/\?.*/u, `?${query}`);
}

/** @param {{key: string, message: string, allowed: string}} error */
function refuse({ key, message, allowed }) {
  form.refuse(key.split(".")[1], message);
  say(`${message} Allowed: ${allowed}.`);
  part("state").classList.add("is-refused");
}

/** @param {Finding} finding @param {number} began */
function show(finding, began) {
  last = finding;
  draw(part("charts"), finding.charts);
  part("numbers").replaceChildren(...table(finding.numbers));
  part("claims").replaceChildren(...sentences(finding, elsewhere, ADDRESS));
  progress(finding.done, study.seconds, began);
  part("charts").dataset.done = String(finding.done);
}

/** @param {number} done @param {number} seconds @param {number} began */
function progress(done, seconds, began) {
  const spent = (performance.now() - began) / 1000;
  const left = done > 0.1 ? (spent / done) * (1 - done) : Math.max(0, seconds - spent);
  const percent = Math.round(100 * done);
  const bar = el("span", {
    class: "study-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": percent,
    "aria-label": "Progress",
  }, el("span", { style: `width:${100 * done}%` }));
  put(bar, el("span", {}, `${percent} %, about ${Math.max(1, Math.round(left))} s left`), cancel(), ...noted());
}

/** @param {number} seconds */
function finish(seconds) {
  const took = seconds < 1 ? "in less than a second" : `in ${seconds.toFixed(1)} s`;
  put(el("span", {}, `Done ${took}${release && `, with nnopt_viz ${release}`}.`), ...noted(), again());
}

/** What was left out of the settings, or read as something else. */
const noted = () => study.notes.map((note) => el("span", { class: "study-note" }, note));

const cancel = () => el("button", { type: "button", class: "plain", onclick: () => stream.abort() }, "Cancel");
const again = () => el("button", { type: "button", class: "plain", onclick: () => run(study.query) }, "Run again");
/** @param {string} words @param {...Node} more */
const say = (words, ...more) => put(el("span", {}, words), ...more);

/** @param {...Node} nodes */
function put(...nodes) {
  const state = part("state");
  state.classList.remove("is-refused");
  state.replaceChildren(...nodes);
}

/** For tests. */
export const state = () => ({
  done: last?.done ?? null, query: study?.query ?? null, charts: last?.charts.map((chart) => chart.key) ?? [],
  isDrawable: isDrawable(),
});
