/** Runs asked for while it is not yet certain that they will be loaded: one at a time. */

const EXPECTED_FOR = 1000; // ms; the server gives up on who does not read

/** @typedef {{query: string, url: string, abort: AbortController, answer: Promise<Response>}} Asked */

/** @param {string} query @returns {Asked} */
function ask(query) {
  const abort = new AbortController(), url = `/run.bin?${query.replace(/^\?/, "")}`;
  return { query, url, abort, answer: fetch(url, { signal: abort.signal }) };
}

export class Ahead {
  constructor() {
    /** @type {Asked|null} */
    this.asked = null;
  }

  /**
   * A run that will be loaded, if at all, in a moment: ask for it now.
   * @param {string|null} query null: it will not be
   */
  expect(query) {
    this.asked?.abort.abort();
    this.asked = query === null ? null : ask(query);
    if (!this.asked) return;
    const { asked } = this;
    asked.answer.catch(() => {}); // whoever takes it hears of it
    setTimeout(() => this.asked === asked && this.expect(null), EXPECTED_FOR);
  }

  /** The answer to a query, asked for by now or only now. @param {string} query @returns {Asked} */
  take(query) {
    const { asked } = this;
    this.asked = null;
    if (asked?.query === query) return asked;
    asked?.abort.abort();
    return ask(query);
  }
}
