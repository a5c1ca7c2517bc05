/** An MP4 file of one H.264 track, from encoded frames that are all there; the index stands first. */

import { joined } from "./webm.mjs";

const UNITS = 1000; // of time, a frame
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000]; // neither turned nor stretched

/** @param {...number} values @returns {Uint8Array} four bytes each */
function longs(...values) {
  const bytes = new Uint8Array(4 * values.length), view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value));
  return bytes;
}

/** @param {...number} values @returns {Uint8Array} two bytes each */
const shorts = (...values) => new Uint8Array(values.flatMap((value) => [value >> 8, value & 255]));

const letters = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @param {string} name @param {...ArrayLike<number>} parts */
function box(name, ...parts) {
  const content = joined(parts);
  return joined([longs(content.length + 8), letters(name), content]);
}

/** A box with version and flags. @param {string} name @param {number} flags @param {...ArrayLike<number>} parts */
const full = (name, flags, ...parts) => box(name, longs(flags), ...parts);

/**
 * Where and how long the samples are.
 * @param {import("./webm.mjs").Track} track @param {Uint8Array} description of the codec: its `avcC`
 * @param {number} at where the first sample stands in the file
 */
function sampleTable({ frames, width, height }, description, at) {
  const entry = box("avc1", new Uint8Array(6), shorts(1), new Uint8Array(16), shorts(width, height),
    longs(0x480000, 0x480000, 0), shorts(1), new Uint8Array(32), shorts(24, 0xffff), box("avcC", description));
  const keys = frames.flatMap(({ isKey }, i) => (isKey ? [i + 1] : []));
  return box("stbl",
    full("stsd", 0, longs(1), entry),
    full("stts", 0, longs(1, frames.length, UNITS)),
    full("stss", 0, longs(keys.length, ...keys)),
    full("stsc", 0, longs(1, 1, frames.length, 1)), // one chunk holds them all
    full("stsz", 0, longs(0, frames.length, ...frames.map(({ data }) => data.length))),
    full("stco", 0, longs(1, at)));
}

/**
 * @param {import("./webm.mjs").Track} track @param {Uint8Array} description
 * @param {number} at where the first sample stands in the file
 */
function index(track, description, at) {
  const { frames, width, height, rate } = track;
  const scale = rate * UNITS, length = frames.length * UNITS;
  const header = full("mvhd", 0, longs(0, 0, scale, length, 0x10000), shorts(0x100, 0), longs(0, 0, ...MATRIX),
    longs(0, 0, 0, 0, 0, 0), longs(2));
  const trackHeader = full("tkhd", 3, longs(0, 0, 1, 0, length), longs(0, 0), shorts(0, 0, 0, 0), longs(...MATRIX),
    longs(width * 65536, height * 65536));
  const media = box("mdia",
    full("mdhd", 0, longs(0, 0, scale, length), shorts(0x55c4, 0)), // "und": of no language
    full("hdlr", 0, longs(0), letters("vide"), longs(0, 0, 0), letters("video\0")),
    box("minf", full("vmhd", 1, shorts(0, 0, 0, 0)),
      box("dinf", full("dref", 0, longs(1), full("url ", 1))), sampleTable(track, description, at)));
  return box("moov", header, box("trak", trackHeader, media));
}

/**
 * @param {import("./webm.mjs").Track} track @param {Uint8Array} description of the codec: its `avcC`
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function mp4(track, description) {
  const kind = box("ftyp", letters("isom"), longs(0x200), letters("isomiso2avc1mp41"));
  const before = kind.length + index(track, description, 0).length + 8; // the length does not depend on where
  const samples = track.frames.map(({ data }) => data);
  return joined([kind, index(track, description, before), box("mdat", ...samples)]);
}
