import { figures, FiguresError, Showing } from "/assets/page/figures.mjs";
import { tryNow } from "/assets/player/core/server.mjs";
import { equal, ok, rejection, test } from "./harness.mjs";

/** A server that answers when told; fetch() is put back afterwards. */
async function withServer(body) {
  const real = globalThis.fetch, waiting = [], asked = [];
  globalThis.fetch = (url, { signal } = {}) => new Promise((resolve, reject) => {
    asked.push(url.split("surface=")[1]);
    const drop = () => reject(new DOMException("dropped", "AbortError"));
    signal?.addEventListener("abort", drop);
    waiting.push({
      url, lose: () => reject(new TypeError("lost")),
      answer: (status = 200, value = { url }) => resolve(
        { ok: status === 200, status, headers: new Headers(), text: async () => JSON.stringify(value) }),
    });
  });
  try {
    await body({ waiting, asked });
  } finally {
    globalThis.fetch = real;
  }
}

const settled = () => new Promise((done) => setTimeout(done));
let count = 0;
const fresh = () => `surface=bowl(a=${(count += 1)})`; // never among the kept ones

function shower() {
  const shown = [], failed = [];
  return { shown, failed, showing: new Showing(
    ({ url }) => void shown.push(url.split("&")[0].split("?")[1]), (e) => failed.push(e.status)) };
}

test("figures are fetched once, and kept", () => withServer(async ({ waiting, asked }) => {
  const one = fresh(), first = figures(one, "light");
  waiting[0].answer();
  ok((await first) === (await figures(one, "light")), "fetched twice");
  equal(asked.length, 1);
  const dark = figures(one, "dark");
  waiting[1].answer(400, { error: { message: "no" } });
  const error = await rejection(dark);
  ok(error instanceof FiguresError && error.status === 400 && error.body.error.message === "no");
}));

test("while a knob slides one request is under way, each answer shows, and the newest is last", () =>
  withServer(async ({ waiting, asked }) => {
    const { showing, shown } = shower(), [a, b, c] = [fresh(), fresh(), fresh()];
    for (const one of [a, b, c]) showing.want(one, "light", true);
    equal(asked.length, 1);
    waiting[0].answer();
    await settled();
    equal([shown, asked.length], [[a], 2]); // b was left out
    waiting[1].answer();
    await settled();
    showing.want(c, "light", false); // shown already
    showing.want(a, "light", false); // from memory
    await settled();
    equal([shown, asked.length], [[a, c, a], 2]);
  }));

test("another surface drops what is under way", () => withServer(async ({ waiting }) => {
  const { showing, shown, failed } = shower(), [a, b] = [fresh(), fresh()];
  showing.want(a, "light", true);
  showing.want(b, "light", false);
  waiting[1].answer();
  waiting[0].answer();
  await settled();
  equal([shown, failed], [[b], []]);
}));

test("figures without an answer are asked for until they come", () => withServer(async ({ waiting }) => {
  const { showing, shown, failed } = shower(), a = fresh();
  showing.want(a, "light", false);
  waiting[0].lose();
  await settled();
  showing.want(a, "light", false); // under way
  equal(waiting.length, 1);
  tryNow();
  await settled();
  waiting[1].answer(503);
  await settled();
  tryNow();
  await settled();
  equal(shown, []);
  waiting[2].answer();
  await settled();
  equal([shown, failed], [[a], []]);
}));
