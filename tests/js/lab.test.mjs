import { captionOf } from "/assets/lab/data_picture.mjs";
import { besideWalk, sayLoss, saySharpness, sayStep } from "/assets/lab/said.mjs";
import { percent } from "/assets/player/core/format.mjs";
import { Values } from "/assets/player/core/values.mjs";
import { stepTicks } from "/assets/player/views/axes.mjs";
import { apart } from "/assets/player/views/key.mjs";
import { equal, ok, test } from "./harness.mjs";

const NETWORK = { network: { parameters: 17 } }, RUNS = { runs: [{ label: "sgd lr=2" }] };
let state = 2718; // Park & Miller's generator: the same cases every time
const draw = () => (state = (state * 16807) % 2147483647) / 2147483647;

test("ticks of the step axis are whole steps, inside and not many", () => {
  for (let steps = 1; steps <= 3000; steps++) {
    const every = stepTicks(steps);
    ok(Number.isInteger(every) && every >= 1 && every <= steps && steps / every < 7, `${steps}: ${every}`);
  }
});

test("the two ends of a scale are written so that they differ", () => {
  equal(apart(0.018, 0.61), ["0.018", "0.61"]);
  for (let i = 0; i < 500; i++) {
    const low = 10 ** (12 * draw() - 6), high = low * (1 + 10 ** (-6 * draw()));
    const [a, b] = apart(low, high);
    ok(a !== b, `case ${i}: ${low} and ${high} are ${a} and ${b}`);
  }
});

test("a share far above all is written with a power of ten", () => {
  equal(percent(7.967e16), "8 × 10¹⁸%");
  equal(percent(1.381e20), "1.4 × 10²²%");
  equal(percent(0.999), "99.9%");
});

test("a share beside walks, of a path that is everything, too short, unmoved or gone", () => {
  const walk = { median: 0.9, high: 0.95 }, one = { median: 1, high: 1 };
  /** @param {object} more */
  const said = (more, header = NETWORK) => besideWalk({ in_plane: 0.5, beyond: null, random_walk: walk,
    more_than_walk: false, ...more }, header);
  ok(said({}).includes("no more than random walks"));
  ok(said({ in_plane: 0.97, more_than_walk: true }).includes("more than 95 in 100 random walks"));
  ok(!said({ in_plane: 0.16, random_walk: one }).includes("holds all"), "16 % beside all of it");
  ok(said({ random_walk: one }).includes("no more than a random walk of so few steps"));
  ok(said({ random_walk: one }, { network: { parameters: 2 } }).includes("two parameters"));
  ok(said({ in_plane: null }).includes("has not moved"));
  ok(said({ in_plane: null, beyond: 1 }).includes("left at once"));
});

test("sharpness is said with its line, without one, and where there is none", () => {
  const found = { steps: [0, 9000], value: [[null, 3]], bound: [[false, false]], line: [[20, 20]], scaled: [true] };
  ok(saySharpness(found, 0, 0, RUNS).endsWith("at step 0: none, nothing has been scaled yet."));
  ok(saySharpness(found, 0, 1, RUNS).includes("at step 9,000: 3. With all samples a step, with this scaling kept,"));
  ok(saySharpness({ ...found, scaled: [false] }, 0, 0, RUNS).endsWith("none, it is not a finite number."));
  ok(saySharpness({ ...found, line: [null] }, 0, 1, RUNS).includes("no stability line is known"));
  ok(saySharpness({ ...found, line: [[null, null]] }, 0, 1, RUNS).endsWith("however large it is."));
  ok(saySharpness({ ...found, bound: [[false, true]] }, 0, 1, RUNS).includes("not settled, at least 3"));
});

test("where a run stands, and what a step takes", () => {
  equal(sayLoss(0.0306, null), "loss 0.0306");
  equal(sayLoss(Infinity, null), "loss above 3.4 × 10³⁸");
  equal(sayLoss(NaN, 9000), "diverged at step 9,000");
  equal(sayLoss(undefined, null), "diverged");
  equal(sayStep({ train: 225, batch: 1 }), "1 sample a step");
  equal(sayStep({ train: 225, batch: 32 }), "32 samples a step, the last of an epoch 1");
  equal(sayStep({ train: 225, batch: 225 }), "225 samples a step");
});

test("a picture says nothing of a network whose outputs are no numbers", () => {
  const header = { ...RUNS, lanes: 1, data: { train: 2, test: 0 } };
  /** @param {number} byte */
  const grid = (byte) => btoa(String.fromCharCode(byte, byte));
  const picture = { inputs: 2, classes: 2, steps: [7], label: [0, 1], test: [0, 0], said: [[grid(128)]] };
  ok(captionOf(picture, 0, 0, header).endsWith("What sgd lr=2 says at step 7 is not a finite number."));
  /** @param {...number} bytes */
  const says = (...bytes) => captionOf({ ...picture, said: [[btoa(String.fromCharCode(...bytes))]] }, 0, 0, header);
  ok(says(127, 129).includes("The darker, the more sgd lr=2 says class 1 at step 7"));
  ok(says(127, 3).endsWith("sgd lr=2 says class 1 everywhere at step 7."), "there is no line then");
  ok(says(129, 0).endsWith("sgd lr=2 says class 0 everywhere at step 7."));
  const pictures = { ...picture, pictures: [[0], [1]], said: [[[0, 0]]] };
  ok(captionOf(pictures, 0, 0, header).endsWith("at step 7; wrong and framed: 1 of 2."));
  ok(captionOf({ ...pictures, said: [[[0, 1]]] }, 0, 0, header).endsWith("none of 2 is wrong."));
});

test("a gradient or a loss that begins at nothing does not leave the frame, nor does one that explodes stay", () => {
  const loss = [Float32Array.of(0, 3, 1, 1e9)], gradNorm = [Float32Array.of(1e-9, 2, 1, 1e8)];
  const store = { runs: 1, lanes: 1, rows: 4, received: 4, loss, gradNorm };
  for (const [kind, high] of [["gradient", 2], ["loss", 3]]) {
    const values = new Values(store, kind, 0, 10);
    values.update();
    ok(values.high === high, `${kind}: ${values.high}`);
  }
});

test("a gradient that explodes on the way down without end leaves the frame", () => {
  const loss = [Float32Array.of(0, -3, -1e5, -1e9)], gradNorm = [Float32Array.of(1e-9, 2, 4e4, 1e8)];
  const values = new Values({ runs: 1, lanes: 1, rows: 4, received: 4, loss, gradNorm }, "gradient", -4, 4);
  values.update();
  ok(values.high === 2, `${values.high}`);
});

test("a distance that begins at 0, or at rounding, does not decide what fits into the frame", () => {
  for (const start of [0, 1e-16]) {
    const away = [Float32Array.of(start, 0.01, 0.005)];
    const values = new Values({ runs: 1, lanes: 1, rows: 3, received: 3, away }, "away", 0);
    values.update();
    ok(Math.abs(values.high - 0.01) < 1e-8, `${start}: ${values.high}`);
  }
});
