/** A WebM file (Matroska) of one video track, from encoded frames that are all there. */

/**
 * @typedef {{data: Uint8Array, isKey: boolean}} EncodedFrame
 * @typedef {object} Track
 * @property {EncodedFrame[]} frames in the order in which they are shown, evenly spaced
 * @property {number} width @property {number} height px
 * @property {number} rate frames a second
 */

const MS = 1_000_000; // nanoseconds
const encoder = new TextEncoder();

/** @param {number} value @param {number} length bytes @returns {number[]} big-endian */
const bytesOf = (value, length) =>
  Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)) % 256);

/** As few bytes as hold it. @param {number} value */
function whole(value) {
  let length = 1;
  while (value >= 256 ** length) length++;
  return bytesOf(value, length);
}

/** @param {number} value */
function float(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

/** Id, size in eight bytes, content. @param {number} id @param {...(ArrayLike<number>)} parts */
function element(id, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0), head = [...whole(id), 1, ...bytesOf(size, 7)];
  return joined([head, ...parts]);
}

/** @param {ArrayLike<number>[]} parts */
export function joined(parts) {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (made.set(part, at), at + part.length), 0);
  return made;
}

/** @param {number} id @param {string} text */
const word = (id, text) => element(id, encoder.encode(text));
/** @param {number} id @param {number} value */
const number = (id, value) => element(id, whole(value));

/** A cluster from each key frame on, so that a player can begin there. @param {Track} track */
function clusters({ frames, rate }) {
  /** @type {{ms: number, blocks: Uint8Array[]}[]} */
  const made = [];
  frames.forEach(({ data, isKey }, i) => {
    const ms = Math.round((1000 * i) / rate);
    if (isKey) made.push({ ms, blocks: [] });
    const { ms: from, blocks } = made.at(-1);
    blocks.push(element(0xa3, [0x81, ...bytesOf(ms - from, 2), isKey ? 0x80 : 0], data));
  });
  return made.map(({ ms, blocks }) => ({ ms, bytes: element(0x1f43b675, number(0xe7, ms), ...blocks) }));
}

/**
 * @param {Track} track @param {string} codec "V_VP9" or "V_VP8"
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function webm(track, codec) {
  const { frames, width, height, rate } = track;
  const head = element(0x1a45dfa3, number(0x4286, 1), number(0x42f7, 1), number(0x42f2, 4), number(0x42f3, 8),
    word(0x4282, "webm"), number(0x4287, 4), number(0x4285, 2));
  const info = element(0x1549a966, number(0x2ad7b1, MS), element(0x4489, float((1000 * frames.length) / rate)),
    word(0x4d80, "nnopt_viz"), word(0x5741, "nnopt_viz"));
  const video = element(0xe0, number(0xb0, width), number(0xba, height));
  const tracks = element(0x1654ae6b, element(0xae, number(0xd7, 1), number(0x73c5, 1), number(0x83, 1),
    word(0x86, codec), number(0x23e383, Math.round((1000 * MS) / rate)), video));
  const parts = clusters(track);
  // Where the clusters are, which depends on how long this itself is: once for its length, then for good.
  const cues = (/** @type {number} */ first) => {
    let at = first;
    return element(0x1c53bb6b, ...parts.map(({ ms, bytes }) => {
      const place = element(0xb7, number(0xf7, 1), element(0xf1, bytesOf(at, 8)));
      at += bytes.length;
      return element(0xbb, number(0xb3, ms), place);
    }));
  };
  const before = info.length + tracks.length;
  const index = cues(before + cues(0).length);
  return joined([head, element(0x18538067, info, tracks, index, ...parts.map(({ bytes }) => bytes))]);
}
