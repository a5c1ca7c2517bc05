/** Makes run streams for tests, byte for byte as the server writes them. */

/** @param {object} value @param {number} before bytes in front of it, for the padding */
function padded(value, before) {
  const text = JSON.stringify(value), length = new TextEncoder().encode(text).length;
  return new TextEncoder().encode(text + " ".repeat((4 - ((before + length) % 4)) % 4));
}

/** @param {...Uint8Array} parts */
function join(...parts) {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

const word = (value) => new Uint8Array(new Uint32Array([value]).buffer);

/**
 * @param {{runs?: string[], lanes?: number, steps?: number, stride?: number,
 *   answers?: boolean, point?: (run: number, lane: number, step: number) => number[]}} race
 */
export function makeRace({ runs = ["sgd", "adam"], lanes = 1, steps = 20, stride = 1, answers = false, point } = {}) {
  const rows = Math.ceil(steps / stride) + 1;
  const header = {
    format: 1, query: "surface=bowl",
    spec: { surface: { name: "bowl" }, runs: runs.map(() => ({ knobs: { lr: 0.1 } })) },
    runs: runs.map((name) => ({ name, label: name })), lanes, lanes_total: lanes, steps, rows, stride,
    fields: ["x", "y", "loss", "grad_norm", ...(answers ? ["x_eval", "y_eval"] : [])],
    frame_bytes: runs.length * (1 + (answers ? 6 : 4) * lanes) * 4,
    complete: stride === 1, bounds: [-5, 5, -5, 5],
  };
  const make = point ?? ((run, lane, step) => [step + lane, run, 100 / (1 + step), 2]);
  const values = [];
  for (let row = 0; row < rows; row++) {
    const step = Math.min(row * stride, steps);
    for (let run = 0; run < runs.length; run++) {
      values.push(0.1);
      for (let lane = 0; lane < lanes; lane++) values.push(...make(run, lane, step));
    }
  }
  const trailer = { outcomes: [], notes: [] };
  const head = padded(header, 8), tail = padded(trailer, 4);
  const bytes = join(
    new TextEncoder().encode("NNV1"), word(head.length), head,
    new Uint8Array(new Float32Array(values).buffer), word(tail.length), tail);
  return { header, trailer, values: new Float32Array(values), bytes };
}
