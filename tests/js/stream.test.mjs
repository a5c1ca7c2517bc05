import { Broken } from "/assets/player/core/server.mjs";
import { RunStore } from "/assets/player/core/store.mjs";
import { FrameReader, readRun, StreamError } from "/assets/player/core/stream.mjs";
import { equal, ok, rejection, test } from "./harness.mjs";
import { makeRace } from "./race.mjs";

/** Feed bytes in pieces of a size; returns what came out. */
function read(bytes, size) {
  const seen = { values: [], rows: 0 };
  const reader = new FrameReader({
    onHeader: (header) => (seen.header = header),
    onRows: (values, rows) => {
      seen.values.push(...values);
      seen.rows += rows;
    },
    onTrailer: (trailer) => (seen.trailer = trailer),
  });
  for (let i = 0; i < bytes.length; i += size) reader.push(bytes.slice(i, i + size));
  return { ...seen, done: reader.done };
}

for (const size of [1, 3, 7, 64, 4096, 1e9]) {
  test(`frames are put together from reads of ${size} bytes`, () => {
    const race = makeRace({ lanes: 3, steps: 50 });
    const seen = read(race.bytes, size);
    equal(seen.header, race.header);
    equal(seen.values, [...race.values]);
    equal([seen.rows, seen.trailer, seen.done], [51, race.trailer, true]);
  });
}

test("a stream longer than the buffer is read", () => {
  const race = makeRace({ lanes: 60, steps: 3000 });
  equal(read(race.bytes, 70_000).rows, 3001);
});

test("what is not a run is refused", () => {
  let error = null;
  try {
    read(new TextEncoder().encode("<!doctype html>"), 5);
  } catch (problem) {
    error = problem;
  }
  ok(error instanceof StreamError);
});

/** Answer the next fetch with these pieces. */
async function answering(pieces, init, call) {
  const real = globalThis.fetch;
  globalThis.fetch = async () => new Response(new ReadableStream({
    start(controller) {
      pieces.forEach((piece) => controller.enqueue(piece));
      controller.close();
    },
  }), init);
  try {
    return await call();
  } finally {
    globalThis.fetch = real;
  }
}

const silent = { onHeader() {}, onRows() {}, onTrailer() {} };

test("a refusal carries status and body", async () => {
  const body = { key: "run", message: "unknown optimizer" };
  const pieces = [new TextEncoder().encode(JSON.stringify(body))];
  const error = await answering(pieces, { status: 400 }, () =>
    rejection(fetch("/run.bin").then((answer) => readRun(answer, silent, new AbortController().signal))));
  equal([error.status, error.body], [400, body]);
});

test("a stream that breaks off is broken", async () => {
  const { bytes } = makeRace();
  const error = await answering([bytes.slice(0, bytes.length - 8)], { status: 200 }, () =>
    rejection(fetch("/run.bin").then((answer) => readRun(answer, silent, new AbortController().signal))));
  ok(error instanceof Broken);
});

function stored(race) {
  const store = new RunStore(race.header);
  store.accept(race.values, race.header.rows);
  return store;
}

test("points are found by run, lane and row", () => {
  const store = stored(makeRace({ lanes: 2, steps: 9 }));
  const { step, x, y, gradNorm } = store.point(1, 1, 4);
  equal([step, x, y, gradNorm], [4, 5, 1, 2]);
  equal(store.point(0, 0, 10), null);
});

test("a lane ends at its first missing row and never comes back", () => {
  const store = stored(makeRace({
    lanes: 2, point: (run, lane, step) => (lane === 1 && step >= 7 ? [NaN, NaN, NaN, NaN] : [step, 0, 1, 1]),
  }));
  equal([[...store.alive[0]], store.point(0, 1, 7)], [[21, 7], null]);
});

test("rows of a thinned run know their steps, the last one too", () => {
  const store = stored(makeRace({ steps: 20, stride: 3 })); // 0 3 6 … 18 20
  equal([store.rows, store.stepOf(6), store.stepOf(7), store.lastStep], [8, 18, 20, 20]);
  for (const step of [0, 1, 3, 17, 18, 19, 20]) {
    const row = store.rowAt(step), below = Math.floor(row), part = row - below;
    const back = store.stepOf(below) + (part ? part * (store.stepOf(below + 1) - store.stepOf(below)) : 0);
    ok(Math.abs(back - step) < 1e-9, `step ${step} became ${back}`);
  }
});

test("a race of no steps has one row", () => {
  const store = stored(makeRace({ steps: 0 }));
  equal([store.rows, store.rowAt(0)], [1, 0]);
});
