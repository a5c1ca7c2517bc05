/** A GIF from frames: one palette for all, and of every frame only what differs from the one before. */

import { applyPalette, GIFEncoder, quantize } from "../../vendor/gifenc.mjs";

const FORMAT = "rgb565";
const SEEN_OF = 8; // of a frame's pixels, one in so many is looked at for the palette
const SAMPLES = 8; // frames that the palette is made from, spread over the film
const LAST = 1500; // ms that the last frame stays before it begins anew

/** "#0062C4" → [0, 98, 196] @param {string} colour */
const rgb = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

export class GifFile {
  /** @param {import("./encoders.mjs").Shape} shape */
  constructor({ width, height, rate, colours }) {
    Object.assign(this, { width, height });
    this.width = width;
    this.height = height;
    this.delay = 1000 / rate;
    this.exact = colours.filter((colour) => /^#[0-9a-f]{6}$/iu.test(colour)).map(rgb);
    this.encoder = GIFEncoder();
    /** @type {number[][]|null} */
    this.palette = null;
    /** The colours of the picture so far. @type {Uint8Array|null} */
    this.shown = null;
    /** The frame that is not written yet: how long it stays is known with the next. @type {Uint8Array|null} */
    this.waiting = null;
  }

  /** @param {HTMLCanvasElement} canvas */
  #pixels(canvas) {
    return canvas.getContext("2d").getImageData(0, 0, this.width, this.height).data;
  }

  /**
   * Choose the colours, from frames that show all there will be. One index is left for "as before".
   * @param {Iterable<HTMLCanvasElement>} frames
   */
  prepare(frames) {
    /** @type {Uint32Array[]} */
    const parts = [];
    for (const canvas of frames) {
      const all = new Uint32Array(this.#pixels(canvas).buffer);
      parts.push(all.filter((_, i) => i % SEEN_OF === 0));
    }
    const seen = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (seen.set(part, at), at + part.length), 0);
    const made = quantize(new Uint8ClampedArray(seen.buffer), 255 - this.exact.length, { format: FORMAT });
    this.palette = [...this.exact, ...made];
  }

  /** @param {HTMLCanvasElement} canvas */
  async add(canvas) {
    const now = applyPalette(this.#pixels(canvas), this.palette, FORMAT), { shown } = this;
    const same = this.palette.length, differs = now.slice();
    if (shown) for (let i = 0; i < now.length; i++) if (now[i] === shown[i]) differs[i] = same;
    this.shown = now;
    this.#write(this.delay);
    this.waiting = differs;
  }

  /** @param {number} delay ms */
  #write(delay) {
    if (!this.waiting) return;
    const isFirst = this.encoder.bytesView().length === 0;
    this.encoder.writeFrame(this.waiting, this.width, this.height, {
      palette: isFirst ? [...this.palette, [0, 0, 0]] : undefined, delay, dispose: 1,
      transparent: !isFirst, transparentIndex: this.palette.length,
    });
  }

  async finish() {
    this.#write(LAST);
    this.encoder.finish();
    return new Blob([this.encoder.bytes()], { type: "image/gif" });
  }

  close() {}
}

export const GIF_SAMPLES = SAMPLES;
