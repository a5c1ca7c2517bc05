/**
 * The way to the server: requests that do not give up, and the server's pulse. A request that has
 * no answer, half of one, or one of a server that is busy or at fault, is sent again until it is
 * answered or whoever asked wants it no more. `waiting.mjs` says when; nothing is sent while nobody
 * sees the page.
 */

import { failed, failureOf, felt, FRESH, returned, told } from "./waiting.mjs";

/**
 * @typedef {import("./waiting.mjs").Failure} Failure
 * @typedef {import("./waiting.mjs").Matter} Matter
 *
 * @typedef {object} Entry a request, from when it is made until it has been read
 * @property {import("./waiting.mjs").Past} past
 * @property {() => Matter} about
 * @property {() => void} wake send it again now; does nothing while it is under way
 */

const LOOK = 4000; // ms after which a server that has not said that it lives does not answer
const QUIET = 4000; // ms; who has said something since need not be asked

/** @type {Set<Entry>} */
const entries = new Set();
let pulse = { isLost: false, tries: 0, at: 0 };
let lastHeard = 0;
let timer = 0;
let isWatching = false;
let isLooking = false;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Nothing came, or the rest did not. */
export class Broken extends Error {}

/** Listen to changes of what `trouble` tells. @param {() => void} fn */
export const onChange = (fn) => listeners.add(fn);
const changed = () => listeners.forEach((fn) => fn());

/** What the page has to say of the server, null when all is well. @param {boolean} plays */
export const trouble = (plays) =>
  told(pulse, [...entries].map(({ past, about }) => ({ past, matter: about() })), plays);

/** Why nothing comes: the server is lost, or how the request failed. @param {Entry|null} entry */
export const whyNot = (entry) => (pulse.isLost ? "lost" : (entry?.past.kind ?? null));

/**
 * What comes over the line; rejects with Broken when it breaks off.
 * @template T @param {Promise<T>} promise @param {AbortSignal} [signal] @returns {Promise<T>}
 */
export async function received(promise, signal) {
  try {
    const made = await promise;
    lastHeard = Date.now();
    return made;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Broken("The connection broke off.", { cause: error });
  }
}

/** The JSON of an answer; half of one is Broken. @param {Response} answer @param {AbortSignal} [signal] */
export async function jsonOf(answer, signal) {
  const text = await received(answer.text(), signal);
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (answer.ok) throw new Broken("The answer is incomplete.", { cause });
    return { error: { message: `The server answered with status ${answer.status}.` } }; // a page of a proxy in between
  }
}

/**
 * Ask until it is answered; rejects when `signal` fires, or with what `read` throws besides Broken.
 * @template T
 * @param {string} url
 * @param {object} how
 * @param {(answer: Response) => Promise<T>} how.read takes an answer below 500, whole
 * @param {AbortSignal} [how.signal]
 * @param {RequestInit} [how.init]
 * @param {Promise<Response>|null} [how.first] the answer to the first request, when it has been sent already
 * @param {typeof fetch} [how.send]
 * @param {() => Matter} [how.about]
 * @param {(entry: Entry, failure: Failure) => void} [how.onWait] it has failed, and will be sent again
 * @returns {Promise<T>}
 */
export async function ask(url, { read, signal, init, first, send = fetch, about = () => ({ what: "" }), onWait }) {
  /** @type {Entry} */
  const entry = { past: FRESH, about, wake() {} };
  entries.add(entry);
  if (pulse.isLost) changed();
  try {
    for (;;) {
      const failure = await once(first ?? send(url, { ...init, signal }));
      if ("read" in failure) return failure.read;
      first = null;
      signal?.throwIfAborted();
      entry.past = failed(entry.past, failure, Date.now(), Math.random());
      if (failure.kind !== "busy") look();
      onWait?.(entry, failure);
      await pause(entry, signal);
    }
  } finally {
    entries.delete(entry);
    changed();
  }

  /** @param {Promise<Response>} sent @returns {Promise<Failure|{read: T}>} */
  async function once(sent) {
    try {
      const answer = await received(sent, signal);
      const failure = failureOf(answer.status, answer.headers.get("Retry-After"), Date.now());
      if (!failure) return { read: await read(answer) };
      answer.body?.cancel().catch(() => {}); // of no use
      return failure;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return { kind: "broken" };
    }
  }
}

/** Until a request is to be sent again. @param {Entry} entry @param {AbortSignal} [signal] @returns {Promise<void>} */
function pause(entry, signal) {
  changed();
  return new Promise((done, fail) => {
    let due = 0;
    const stop = () => {
      clearTimeout(due);
      signal?.removeEventListener("abort", dropped);
      entry.wake = () => {};
    };
    const dropped = () => {
      stop();
      fail(signal.reason);
    };
    const go = () => {
      stop();
      entry.past = { ...entry.past, at: 0 };
      changed();
      done();
    };
    const check = () => {
      clearTimeout(due);
      if (document.hidden || (pulse.isLost && entry.past.kind === "broken")) return; // woken in time
      const left = entry.past.at - Date.now();
      if (left <= 0) go();
      else due = setTimeout(check, left);
    };
    entry.wake = check;
    signal?.addEventListener("abort", dropped);
    check();
  });
}

const wakeAll = () => [...entries].forEach((entry) => entry.wake());

/** Try again now, whatever the pauses say. */
export function tryNow() {
  for (const entry of entries) if (entry.past.at) entry.past = { ...entry.past, at: 1 };
  look();
  wakeAll();
}

/** Is the server there? */
async function look() {
  if (!isWatching || isLooking || document.hidden) return;
  isLooking = true;
  clearTimeout(timer);
  const isThere = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(LOOK) })
    .then((answer) => answer.ok, () => false);
  isLooking = false;
  if (document.hidden) return; // a page that goes away drops its requests
  const wasLost = pulse.isLost;
  pulse = felt(pulse, isThere, Date.now(), Math.random());
  if (wasLost && isThere) for (const entry of entries) entry.past = returned(entry.past, Date.now());
  if (isThere) wakeAll();
  changed();
  schedule();
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const isFresh = !pulse.isLost && Date.now() - lastHeard < QUIET;
    if (isFresh) pulse = felt(pulse, true, Date.now(), Math.random());
    if (isFresh) schedule();
    else look();
  }, Math.max(0, pulse.at - Date.now()));
}

/** Feel the server's pulse from now on, while the page is seen. */
export function watch() {
  isWatching = true;
  pulse = felt(pulse, true, Date.now(), Math.random());
  schedule();
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) return;
    look();
    wakeAll();
  });
  for (const kind of ["online", "offline"]) addEventListener(kind, () => look());
}
