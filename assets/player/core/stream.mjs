/**
 * The run stream: `/run.bin` read as it arrives, its frames put together across network reads. A
 * training comes as several such streams one after the other, each replacing the one before.
 */

/**
 * @typedef {{name: string, knobs: Record<string, any>, declared?: import("../../page/scenario.mjs").Entry}} Call
 *   an entry of a registry; its knobs hold numbers, words, or calls in their turn
 * @typedef {object} Spec a race has a surface, a start and a drift; a training the four calls below them
 * @property {Call[]} runs
 * @property {Call} [surface] @property {Call} [start] @property {Call} [drift]
 * @property {Call} [net] @property {Call} [data] @property {Call} [init] @property {Call} [plane]
 * @property {number|null} [tol]
 * @property {number} [steps] @property {number} [noise] @property {number} [seed]
 * @property {number} [batch] @property {number} [epochs] @property {number} [seeds]
 *
 * @typedef {object} Header
 * @property {number} format
 * @property {string} query canonical query text
 * @property {Spec} spec the scenario
 * @property {{name: string, label: string, own?: string}[]} runs own: the label behind a visitor's name
 * @property {number} lanes shown starts per run
 * @property {number} lanes_total
 * @property {number} steps
 * @property {number} rows frames that will follow
 * @property {number} stride steps between frames
 * @property {string[]} fields of one lane in a frame
 * @property {number} frame_bytes
 * @property {boolean} complete
 * @property {number[]|null} bounds null: there is no plane
 * @property {number[]|null} s where a drifting surface is, evenly spread over the run
 * @property {"network"} [kind] of a training of the lab, which alone has what follows
 * @property {boolean} [provisional] training goes on: another stream with more rows will follow
 * @property {number} [rows_total] when training has ended
 * @property {{parameters: number, sizes: number[], layers: string[], batchnorm: boolean, loss: string, kind: string}}
 *   [network]
 * @property {Plane} [plane]
 * @property {{name: string, train: number, test: number, batch: number}} [data] numbers of samples
 *
 * @typedef {object} Plane that a training is shown on
 * @property {string} name @property {string} title @property {string} doc
 * @property {string[]} axes what x and y are
 * @property {"train"|"test"|"accuracy"} height
 * @property {string} missing why it does not exist, in sentences; else empty
 *
 * @typedef {{x: number, y: number, loss: number, is_global: boolean, kind?: string}} Minimum
 *
 * @typedef {object} Outcome what became of a run; numbers that are not finite come as null
 * @property {number} run @property {string} optimizer
 * @property {number} lanes how many starts it had
 * @property {string} verdict @property {string} text @property {string} short @property {string} icon
 * @property {number} x @property {number} y
 * @property {number} loss
 * @property {number|null} gap to the global minimum's loss
 * @property {number|null} first_within the first step within the tolerance of the minimum
 * @property {number|null} ended the first step without a row
 * @property {string} thresholds
 * @property {Record<string, number>} counts verdict -> starts
 * @property {Record<"before"|"after"|"best"|"regret", number>|null} [shift]
 * @property {{reached: number, share: number} & Record<"lower"|"median"|"upper", number|null>|null} [starts]
 *   of more than one: how many ended in the global minimum, and quartiles of the loss (null: infinite)
 *
 * @typedef {object} LabOutcome the same of a training
 * @property {"diverged"|"trained"} state
 * @property {number|null} step at which it ended
 * @property {number|null} beyond the step at which a parameter is beyond 10,000; the path is measured before it
 * @property {number|null} in_plane how much of the path runs along the plane, 0 to 1
 * @property {{median: number, high: number}} random_walk the same of random walks
 * @property {boolean} more_than_walk
 *
 * @typedef {object} Trailer
 * @property {Outcome[]} outcomes
 * @property {import("../panels/happened.mjs").Event[]} events
 * @property {string[]} notes
 *
 * @typedef {object} LabTrailer
 * @property {LabOutcome[]} outcomes
 * @property {string[]} notes
 * @property {import("../../page/figures.mjs").Figures|null} figures null: there is no plane
 * @property {import("../../lab/data_picture.mjs").DataPicture} picture
 * @property {Record<"spread"|"dead"|"slope"|"gradient"|"update", (number|null)[][][]> & {steps: number[]}} layers
 *   by run, step and layer
 * @property {Sharpness} [sharpness]
 *
 * @typedef {object} Sharpness by run and step
 * @property {number[]} steps
 * @property {(number|null)[][]} value
 * @property {boolean[][]} bound
 * @property {((number|null)[]|null)[]} line null: none is known; at a step: it is infinitely high
 * @property {boolean[]} scaled
 *
 * @typedef {object} Handlers
 * @property {(header: Header) => void} onHeader
 * @property {(values: Float32Array, rows: number) => void} onRows whole frames, only valid during the call
 * @property {(trailer: Trailer|LabTrailer) => void} onTrailer
 */

/** @typedef {{error?: {message: string, key?: string, allowed?: string, nearest?: string}}} Refusal of the server */

import { Broken, received } from "./server.mjs";

const MAGIC = 0x31564e4e; // "NNV1", little-endian
const FIRST_BUFFER = 1 << 16;

/** An answer that is not a run: carries the HTTP status and body. */
export class StreamError extends Error {
  /** @param {string} message @param {number} status @param {Refusal|string|null} body */
  constructor(message, status = 0, body = null) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** Takes bytes in pieces of any size and hands on header, whole frames and trailer. */
export class FrameReader {
  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.bytes = new Uint8Array(FIRST_BUFFER);
    this.start = 0; // every part is a multiple of 4 bytes long, so `start` stays aligned
    this.end = 0;
    /** @type {Header|null} */
    this.header = null;
    this.rowsLeft = 0;
    this.done = false;
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    this.#append(chunk);
    do {
      if (this.done && this.end > this.start) [this.header, this.done] = [null, false]; // another one
      if (!this.header && !this.#readHeader()) return;
      this.#readRows();
      if (this.rowsLeft === 0 && !this.done) this.#readTrailer();
    } while (this.done && this.end > this.start);
  }

  /** @param {Uint8Array} chunk */
  #append(chunk) {
    if (this.end + chunk.length > this.bytes.length) {
      const kept = this.bytes.subarray(this.start, this.end);
      const needed = kept.length + chunk.length;
      const room = needed > this.bytes.length ? new Uint8Array(2 * needed) : this.bytes;
      room.set(kept, 0);
      [this.bytes, this.end, this.start] = [room, kept.length, 0];
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** @param {number} offset */
  #word(offset) {
    return new DataView(this.bytes.buffer).getUint32(this.start + offset, true);
  }

  /** @param {number} offset @param {number} length */
  #json(offset, length) {
    const from = this.start + offset;
    return JSON.parse(new TextDecoder().decode(this.bytes.subarray(from, from + length)));
  }

  #readHeader() {
    if (this.end - this.start < 8) return false;
    if (this.#word(0) !== MAGIC) throw new StreamError("The answer is not a run stream.");
    const length = this.#word(4);
    if (this.end - this.start < 8 + length) return false;
    this.header = this.#json(8, length);
    this.rowsLeft = this.header.rows;
    this.start += 8 + length;
    this.handlers.onHeader(this.header);
    return true;
  }

  #readRows() {
    const size = this.header.frame_bytes;
    const rows = Math.min(this.rowsLeft, Math.floor((this.end - this.start) / size));
    if (rows === 0) return;
    const values = new Float32Array(this.bytes.buffer, this.start, (rows * size) / 4);
    this.handlers.onRows(values, rows);
    this.start += rows * size;
    this.rowsLeft -= rows;
  }

  #readTrailer() {
    if (this.end - this.start < 4) return;
    const length = this.#word(0);
    if (this.end - this.start < 4 + length) return;
    const trailer = this.#json(4, length);
    this.done = true;
    this.start += 4 + length;
    this.handlers.onTrailer(trailer);
  }
}

/**
 * Read one run and feed the handlers until its end. Rejects with StreamError, with Broken when it
 * breaks off, or with AbortError when `signal` fires.
 * @param {Response} response fetched with the signal
 * @param {Handlers} handlers
 * @param {AbortSignal} signal
 */
export async function readRun(response, handlers, signal) {
  if (!response.ok) {
    const text = await received(response.text(), signal);
    let body = text;
    try {
      body = JSON.parse(text);
    } catch {
      // an error page of a proxy in between: keep the text
    }
    throw new StreamError(`The server answered ${response.status}.`, response.status, body);
  }
  const frames = new FrameReader(handlers);
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await received(reader.read(), signal);
    if (done) break;
    if (signal.aborted) return;
    frames.push(value);
  }
  if (!frames.done) throw new Broken("The run stopped before its end.");
}
