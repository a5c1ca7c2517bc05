/** Search of the menus: by name, by other names, by what a thing does; and what may have been meant. */

/**
 * @typedef {object} Findable
 * @property {string} name @property {string} about what it is, a sentence
 * @property {string} words all that it is found by, in small letters
 */

/** How well a thing answers a query: 0 is best, Infinity not at all. */
const [EXACT, BEGINS, NAMED, PHRASE, WORDS] = [0, 1, 2, 3, 4];
const LETTERS_A_SLIP = 3, MOST_SLIPS = 3; // as nnopt_viz/declare/nearest.py

/** Small letters, and single spaces for all that parts words. @param {string} text */
export const plain = (text) => text.toLowerCase().replace(/[\s_-]+/gu, " ").trim();

/** @param {Findable} thing @param {string} query plain @returns {number} */
export function rank({ name, words }, query) {
  const own = plain(name), all = plain(words);
  if (own === query) return EXACT;
  if (own.startsWith(query)) return BEGINS;
  if (own.includes(query)) return NAMED;
  if (` ${all}`.includes(` ${query}`)) return PHRASE;
  const starts = all.split(/[^\p{L}\p{N}]+/u);
  const isThere = query.split(" ").every((word) => starts.some((start) => start.startsWith(word)));
  return isThere ? WORDS : Infinity;
}

/** Letters to be added, dropped, replaced or swapped with the next. @param {string} a @param {string} b */
function slips(a, b) {
  /** @type {number[]} */
  let before = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const last = before;
    before = row;
    row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      let best = Math.min(before[j] + Number(a[i] !== b[j]), before[j + 1] + 1, row[j] + 1);
      if (i && j && a[i] === b[j - 1] && a[i - 1] === b[j]) best = Math.min(best, last[j - 1] + 1);
      row.push(best);
    }
  }
  return row[b.length];
}

/**
 * The name that may have been meant by a slip of the keyboard; null: none is near.
 * @param {string} query @param {string[]} names
 */
export function meant(query, names) {
  const word = plain(query).slice(0, 32);
  if (word.length < 3) return null;
  const most = Math.min(MOST_SLIPS, Math.max(1, Math.floor(word.length / LETTERS_A_SLIP)));
  let best = null, least = most + 1;
  for (const name of names) {
    // What is typed may be the beginning of it.
    const own = plain(name), found = Math.min(slips(word, own), slips(word, own.slice(0, word.length)) + 0.5);
    if (found < least) [best, least] = [name, found];
  }
  return best;
}
