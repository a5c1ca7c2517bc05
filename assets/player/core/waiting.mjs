/**
 * What to do when the server does not answer as wanted: when to ask again, and what the page says
 * meanwhile. Nothing here touches the page; the time and the chance are handed in.
 */

/**
 * @typedef {"broken"|"busy"|"fault"} Kind no answer or half of one; 503 with Retry-After; another status from 500 on
 * @typedef {{kind: Kind, after?: number, status?: number}} Failure after: seconds that the server asks to wait
 * @typedef {{kind: Kind|null, tries: number, at: number, status: number}} Past of one request: how it failed last,
 *   how often, and when (in ms) it is to be sent again; `at` is 0 while it is under way
 * @typedef {{isLost: boolean, tries: number, at: number}} Pulse of the server; at: when it is felt next, in ms
 * @typedef {{what: "change"|"rest"|"", done?: number, of?: number}} Matter what a request is about: something the
 *   visitor wants to see, the rest of what is shown (up to step `done`), or nothing that needs a word
 * @typedef {{past: Past, matter: Matter}} Waiting
 */

const PAUSES = [1, 2, 4, 8, 15, 30, 60]; // s, after one failure, after two, …
const LOST_PAUSES = [1, 2, 4, 8, 10]; // s between two looks for a server that is away
const BEAT = 5; // s between two looks for one that answers
const LONGEST = 300; // s; nobody waits longer for a server that asks for it
const JITTER = 0.25; // of a pause, on top: those who were refused together come back one by one
const PATIENT = 2; // failures after which a request does not follow at once on the server's return
const NO_MATTER = 501; // the server says that it can't: it will not be able to in a minute

/** A request that has not failed yet. @type {Past} */
export const FRESH = { kind: null, tries: 0, at: 0, status: 0 };

/** @param {number[]} pauses @param {number} tries from 1 */
const pauseOf = (pauses, tries) => pauses[Math.min(tries, pauses.length) - 1];

/** A pause, and a little more, from now: ms. @param {number} now @param {number} s @param {number} chance 0 to 1 */
const later = (now, s, chance) => now + 1000 * s * (1 + JITTER * chance);

/**
 * Seconds that a Retry-After header asks for, null without one that can be read.
 * @param {string|null} text seconds or a date @param {number} now ms since 1970
 */
export function retryAfter(text, now) {
  if (!text?.trim()) return null;
  const seconds = Number(text), until = Number.isFinite(seconds) ? seconds : (Date.parse(text) - now) / 1000;
  return Number.isFinite(until) ? Math.min(Math.max(until, 1), LONGEST) : null;
}

/**
 * Has an answer failed through no fault of the question? Null: it is to be read.
 * @param {number} status @param {string|null} header Retry-After @param {number} now ms since 1970
 * @returns {Failure|null}
 */
export function failureOf(status, header, now) {
  if (status < 500 || status === NO_MATTER) return null;
  const after = retryAfter(header, now);
  return status === 503 && after !== null ? { kind: "busy", after } : { kind: "fault", status };
}

/**
 * When a request that has failed is sent again.
 * @param {Past} past @param {Failure} failure @param {number} now ms @param {number} chance from 0 to 1
 * @returns {Past}
 */
export function failed(past, { kind, after, status = 0 }, now, chance) {
  const tries = past.tries + 1;
  return { kind, tries, status, at: later(now, after ?? pauseOf(PAUSES, tries), chance) };
}

/**
 * The server is back: what had no answer is sent at once, unless it has failed often.
 * @param {Past} past @param {number} now ms @returns {Past}
 */
export const returned = (past, now) =>
  (past.kind === "broken" && past.tries <= PATIENT ? { ...past, at: Math.min(past.at, now) } : past);

/**
 * The pulse after a look for the server.
 * @param {Pulse} pulse @param {boolean} isThere did it answer? @param {number} now ms @param {number} chance 0 to 1
 * @returns {Pulse}
 */
export function felt({ tries }, isThere, now, chance) {
  if (isThere) return { isLost: false, tries: 0, at: now + 1000 * BEAT * (1 - JITTER * chance) };
  return { isLost: true, tries: tries + 1, at: later(now, pauseOf(LOST_PAUSES, tries + 1), chance) };
}

/** @type {Record<Kind, (status: number) => string>} */
const HEADS = {
  broken: () => "The connection broke off.",
  busy: () => "The server is busy.",
  fault: (status) => `The server failed, with status ${status}: that is not your fault.`,
};

/** What waits, in a sentence; an empty one when nothing does that needs a word. @param {Matter[]} matters */
function waits(matters) {
  const rest = matters.find(({ what }) => what === "rest");
  if (matters.some(({ what }) => what === "change")) return "Your last change waits.";
  return rest ? `What is shown is incomplete: it goes up to step ${rest.done} of ${rest.of}.` : "";
}

/**
 * What the page says, and when something is tried next (in ms); null: all is well.
 * @param {Pulse} pulse @param {Waiting[]} waiting @param {boolean} plays is there something that plays?
 * @returns {{text: string, at: number}|null}
 */
export function told(pulse, waiting, plays) {
  const matters = waiting.map(({ matter }) => matter);
  if (pulse.isLost) {
    const stays = waits(matters) || (plays ? "What is loaded plays on." : "What is loaded stays.");
    return { text: `The server does not answer. ${stays}`, at: pulse.at };
  }
  const held = waiting.filter(({ past }) => past.kind && (past.kind !== "broken" || past.at));
  if (!held.length) return null;
  const { past } = held.reduce((one, other) => (other.past.at < one.past.at ? other : one));
  const words = [HEADS[past.kind](past.status), waits(held.map(({ matter }) => matter))];
  return { text: words.filter(Boolean).join(" "), at: past.at };
}
