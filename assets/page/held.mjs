/**
 * Dash gives up on a callback whose request fails, and says so to nobody. So its requests go through
 * the way that does not give up; of two for the same part of the page only the newer one counts.
 */

import { ask, received } from "../player/core/server.mjs";

const UPDATE = "/_dash-update-component";
const UNASKED = /^(content|curves)\./u; // parts that change by themselves, not by a visitor

/** By what they will change, as Dash names it. @type {Map<string, AbortController>} */
const under = new Map();

/** Dash's requests from here on. */
export function watch() {
  const real = window.fetch;
  window.fetch = (input, init) =>
    (typeof input === "string" && input.includes(UPDATE) && init?.body ? post(input, init, real) : real(input, init));
}

/**
 * What was asked for a property of the page is not wanted any more.
 * @param {string} property "spec.data"
 */
export function drop(property) {
  for (const [output, abort] of under) if (output.includes(property)) abort.abort();
}

/** @param {string} url @param {RequestInit} init @param {typeof fetch} real */
async function post(url, init, real) {
  /** @type {string} */
  const output = JSON.parse(String(init.body)).output;
  under.get(output)?.abort();
  const own = new AbortController();
  under.set(output, own);
  try {
    return await ask(url, {
      init, send: real, signal: own.signal, read: (answer) => whole(answer, own.signal),
      about: () => ({ what: UNASKED.test(output) ? "" : "change" }),
    });
  } catch (error) {
    if (own.signal.aborted) return new Response(null, { status: 204 }); // Dash: nothing changes
    throw error;
  } finally {
    if (under.get(output) === own) under.delete(output);
  }
}

/** An answer that can't break off any more. @param {Response} answer @param {AbortSignal} signal */
async function whole(answer, signal) {
  const body = await received(answer.arrayBuffer(), signal);
  return new Response(body.byteLength ? body : null, answer);
}
