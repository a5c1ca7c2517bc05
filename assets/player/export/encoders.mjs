/**
 * What a film can be encoded as here: frames in, a file out, as fast as the machine allows. Nothing
 * waits for the screen, so it goes on while the tab is hidden.
 */

import { GifFile } from "./gif.mjs";
import { mp4 } from "./mp4.mjs";
import { webm } from "./webm.mjs";

/**
 * @typedef {"webm"|"mp4"|"gif"} FilmKind
 * @typedef {{width: number, height: number, rate: number, colours: string[]}} Shape
 *   px, frames a second, and the colours that must be right (a GIF has 256)
 * @typedef {object} FilmFile
 * @property {(canvas: HTMLCanvasElement) => Promise<void>} add @property {() => Promise<Blob>} finish
 * @property {() => void} close
 */

const KEY_EVERY = 2; // seconds: a player can begin there
const BITS_A_PIXEL = 0.12; // lines on flat colour need little
const MOST_WAITING = 4; // frames
const CODECS = {
  webm: [["vp09.00.40.08", "V_VP9"], ["vp8", "V_VP8"]],
  mp4: [["avc1.42e028", ""], ["avc1.420028", ""]], // H.264, the profile in which frames keep their order
};
export const RATES = { webm: 30, mp4: 30, gif: 20 }; // frames a second; a GIF counts in 1/100 s

/** @param {string} codec @param {Shape} shape @param {FilmKind} kind @returns {VideoEncoderConfig} */
const configured = (codec, { width, height, rate }, kind) => ({
  codec, width, height, framerate: rate, bitrate: Math.round(BITS_A_PIXEL * width * height * rate),
  ...(kind === "mp4" ? { avc: { format: "avc" } } : {}),
});

/**
 * The codec that this browser encodes for a kind of file; null where it has none.
 * @param {"webm"|"mp4"} kind @param {Shape} shape
 */
async function codecFor(kind, shape) {
  for (const [codec, name] of globalThis.VideoEncoder ? CODECS[kind] : []) {
    const config = configured(codec, shape, kind);
    const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({ supported: false }));
    if (supported) return { config, name };
  }
  return null;
}

const TRIED = { width: 1280, height: 720, rate: 30, colours: /** @type {string[]} */ ([]) };

/** The kinds of film that can be made here. @returns {Promise<FilmKind[]>} */
export async function filmKinds() {
  const video = /** @type {const} */ (["webm", "mp4"]);
  const can = await Promise.all(video.map((kind) => codecFor(kind, TRIED)));
  return [...video.filter((_, i) => can[i]), "gif"];
}

class VideoFile {
  /** @param {"webm"|"mp4"} kind @param {Shape} shape @param {{config: VideoEncoderConfig, name: string}} codec */
  constructor(kind, shape, { config, name }) {
    this.kind = kind;
    this.shape = shape;
    this.name = name;
    /** @type {import("./webm.mjs").EncodedFrame[]} */
    this.frames = [];
    /** @type {Uint8Array|null} */
    this.description = null;
    /** @type {Error|null} */
    this.problem = null;
    this.count = 0;
    this.encoder = new VideoEncoder({
      output: (chunk, more) => this.#take(chunk, more), error: (problem) => (this.problem = problem),
    });
    this.encoder.configure(config);
  }

  /** @param {EncodedVideoChunk} chunk @param {EncodedVideoChunkMetadata} [more] */
  #take(chunk, more) {
    const data = new Uint8Array(chunk.byteLength), given = more?.decoderConfig?.description;
    chunk.copyTo(data);
    this.frames.push({ data, isKey: chunk.type === "key" });
    if (given) this.description ??= ArrayBuffer.isView(given)
      ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength).slice() : new Uint8Array(given).slice();
  }

  /** @param {HTMLCanvasElement} canvas */
  async add(canvas) {
    const { rate } = this.shape, { encoder } = this, ms = 1e6 / rate;
    const frame = new VideoFrame(canvas, { timestamp: Math.round(this.count * ms), duration: Math.round(ms) });
    encoder.encode(frame, { keyFrame: this.count % (KEY_EVERY * rate) === 0 });
    frame.close();
    this.count += 1;
    while (!this.problem && encoder.encodeQueueSize > MOST_WAITING) {
      await new Promise((done) => encoder.addEventListener("dequeue", done, { once: true }));
    }
    if (this.problem) throw this.problem;
  }

  async finish() {
    await this.encoder.flush();
    if (this.problem) throw this.problem;
    const track = { frames: this.frames, ...this.shape };
    const bytes = this.kind === "webm" ? webm(track, this.name) : mp4(track, this.description);
    return new Blob([bytes], { type: `video/${this.kind}` });
  }

  close() {
    if (this.encoder.state !== "closed") this.encoder.close();
  }
}

/**
 * A file that takes frames.
 * @param {FilmKind} kind @param {Shape} shape
 * @returns {Promise<FilmFile>}
 * @throws {Error} with a sentence for the visitor
 */
export async function filmFile(kind, shape) {
  if (kind === "gif") return new GifFile(shape);
  const codec = await codecFor(kind, shape);
  if (!codec) throw new Error(`This browser cannot encode ${kind.toUpperCase()}. A GIF can be made anywhere.`);
  return new VideoFile(kind, shape, codec);
}
