import { awaited } from "/assets/player/panels/awaited.mjs";
import { failed, failureOf, felt, FRESH, retryAfter, returned, told } from "/assets/player/core/waiting.mjs";
import { equal, ok, test } from "./harness.mjs";

const WELL = { isLost: false, tries: 0, at: 5000 }, LOST = { isLost: true, tries: 1, at: 7000 };
const NOW = 1000;

/** A request that has failed so often in a row. */
function after(times, failure, chance = 0) {
  let past = FRESH;
  for (let i = 0; i < times; i++) past = failed(past, failure, NOW, chance);
  return past;
}

test("Retry-After is read as seconds and as a date, and what can't be read is none", () => {
  const now = Date.UTC(2026, 10, 30, 12, 0, 0);
  equal(retryAfter("7", now), 7);
  equal(retryAfter("Mon, 30 Nov 2026 12:00:09 GMT", now), 9);
  equal([retryAfter("0", now), retryAfter("-3", now), retryAfter("1e9", now)], [1, 1, 300]);
  equal([retryAfter(null, now), retryAfter("", now), retryAfter("soon", now)], [null, null, null]);
});

test("below 500 an answer is read, and 501 too; 503 that says when is busy, the rest is the server's fault", () => {
  equal([200, 304, 400, 404, 413, 501].map((status) => failureOf(status, "9", 0)), Array(6).fill(null));
  equal(failureOf(503, "9", 0), { kind: "busy", after: 9 });
  equal(failureOf(503, null, 0), { kind: "fault", status: 503 });
  equal(failureOf(500, "9", 0), { kind: "fault", status: 500 });
});

test("a busy server is asked when it says, never before, and not by all at once", () => {
  const [first, last] = [0, 1].map((chance) => failed(FRESH, { kind: "busy", after: 8 }, NOW, chance).at - NOW);
  equal(first, 8000);
  ok(last > first && last <= 10_000);
});

test("pauses grow with every failure, up to a minute, and never end", () => {
  for (const kind of ["broken", "fault"]) {
    const waits = Array.from({ length: 30 }, (_, i) => after(i + 1, { kind }).at - NOW);
    ok(waits.every((wait, i) => !i || wait >= waits[i - 1]), String(waits));
    equal([waits[0], waits.at(-1)], [1000, 60_000]);
  }
});

test("a server that does not answer is looked for less and less often; one that is back every five seconds", () => {
  let pulse = WELL;
  const waits = [];
  for (let i = 0; i < 12; i++) waits.push((pulse = felt(pulse, false, NOW, 0)).at - NOW);
  ok(pulse.isLost && waits.every((wait, i) => !i || wait >= waits[i - 1]));
  equal([waits[0], waits.at(-1)], [1000, 10_000]);
  equal(felt(pulse, true, NOW, 0), { isLost: false, tries: 0, at: NOW + 5000 });
  ok(felt(pulse, true, NOW, 1).at < NOW + 5000); // a class does not beat as one
});

test("when the server is back what had no answer follows at once, but not what fails again and again", () => {
  equal(returned(after(1, { kind: "broken" }), NOW).at, NOW);
  const often = after(6, { kind: "broken" }), busy = after(1, { kind: "busy", after: 30 });
  equal([returned(often, NOW), returned(busy, NOW)], [often, busy]);
});

test("the line says what is wrong and what waits", () => {
  const change = { what: "change" }, rest = { what: "rest", done: 12, of: 60 }, none = { what: "" };
  /** @param {any} pulse @param {any[]} waiting */
  const said = (pulse, waiting, plays = true) => told(pulse, waiting, plays)?.text;
  const broken = after(1, { kind: "broken" }), busy = after(1, { kind: "busy", after: 9 });
  equal(said(WELL, []), undefined);
  equal(said(WELL, [{ past: FRESH, matter: change }]), undefined); // under way
  equal(said(LOST, []), "The server does not answer. What is loaded plays on.");
  equal(said(LOST, [], false), "The server does not answer. What is loaded stays.");
  equal(said(LOST, [{ past: FRESH, matter: change }]), "The server does not answer. Your last change waits.");
  equal(said(LOST, [{ past: broken, matter: rest }]),
    "The server does not answer. What is shown is incomplete: it goes up to step 12 of 60.");
  equal(said(WELL, [{ past: broken, matter: rest }]),
    "The connection broke off. What is shown is incomplete: it goes up to step 12 of 60.");
  equal(said(WELL, [{ past: { ...broken, at: 0 }, matter: rest }]), undefined); // asked for again
  equal(said(WELL, [{ past: busy, matter: none }]), "The server is busy.");
  equal(said(WELL, [{ past: { ...busy, at: 0 }, matter: change }]), "The server is busy. Your last change waits.");
  equal(said(WELL, [{ past: after(1, { kind: "fault", status: 500 }), matter: none }]),
    "The server failed, with status 500: that is not your fault.");
});

test("the line counts down to what comes first", () => {
  const [soon, late] = [3, 9].map((s) => ({ past: after(1, { kind: "busy", after: s }), matter: { what: "" } }));
  equal(told(WELL, [late, soon], true).at, soon.past.at);
  equal(told(LOST, [soon], true).at, LOST.at);
});

test("a training that is awaited says so at once, with a reason when nothing comes", () => {
  const training = { isAwaited: true, query: "data=xor&net=mlp", whyNot: null };
  equal(awaited(training, true), "The training has been asked for. Its first rows will come soon.");
  equal(awaited({ ...training, whyNot: "busy" }, false),
    "The training has been asked for. It waits for its turn: the server is busy. What you see is the run before.");
  equal(awaited({ ...training, isAwaited: false }, false), "");
  equal(awaited({ ...training, query: "surface=bowl" }, false), ""); // a race is there in a moment
  equal(awaited({ ...training, query: "surface=bowl", whyNot: "lost" }, true),
    "The race has been asked for. It waits until the server answers.");
  equal(awaited(null, true), "");
});
