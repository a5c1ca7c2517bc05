import { ask, Broken, jsonOf, tryNow, watch } from "/assets/player/core/server.mjs";
import { equal, rejection, test } from "./harness.mjs";

/** Answers in turn: a status, or null for none at all. */
async function answering(statuses, body) {
  const real = globalThis.fetch, asked = [];
  globalThis.fetch = async (url, init) => {
    asked.push({ url, ...init });
    const status = url === "/healthz" ? 200 : statuses.shift();
    if (!status) throw new TypeError("Failed to fetch");
    return new Response(`{"status":${status}}`, { status });
  };
  try {
    await body(asked);
  } finally {
    globalThis.fetch = real;
  }
}

/** @param {AbortSignal} [signal] */
const asking = (signal) => ask("/x", { signal, read: (answer) => jsonOf(answer), onWait: () => setTimeout(tryNow) });

test("a request is sent until it is answered, and a refusal is an answer", () =>
  answering([null, 500, 503, 400, 200], async (asked) => {
    equal(await asking(), { status: 400 });
    equal(asked.length, 4);
  }));

test("what broke off while it was read is asked for again", () => answering([200, 200, 200], async (asked) => {
  let left = 2;
  const read = async () => {
    if (left--) throw new Broken("half of it");
    return "whole";
  };
  equal(await ask("/x", { read, onWait: () => setTimeout(tryNow) }), "whole");
  equal(asked.length, 3);
}));

test("who wants it no more ends it, while it waits too", () => answering([null], async (asked) => {
  const abort = new AbortController();
  const error = await rejection(ask("/x", {
    signal: abort.signal, read: jsonOf, onWait: () => setTimeout(() => abort.abort()),
  }));
  equal([error.name, asked.length], ["AbortError", 1]);
  tryNow();
  equal(asked.length, 1);
}));

test("a fault of our own is not taken for one of the line", () => answering([200], async (asked) => {
  const read = () => Promise.reject(new TypeError("undefined is not a function"));
  const error = await rejection(ask("/x", { read }));
  equal([error.name, asked.length], ["TypeError", 1]);
}));

test("nobody looks for the server while nobody sees the page", () => answering([], async (asked) => {
  const seen = (/** @type {boolean} */ isIt) => {
    Object.defineProperty(document, "hidden", { value: !isIt, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  watch();
  seen(false);
  tryNow();
  equal(asked, []);
  seen(true);
  equal(asked.map(({ url, cache }) => [url, cache]), [["/healthz", "no-store"]]);
}));
