/** What runs keep: slots and names; runs that are added beside one; search; links in a sentence. */

import { linked } from "/assets/page/notice.mjs";
import { byWords, know } from "/assets/page/options.mjs";
import { asName, kept, swept, withName } from "/assets/page/runs.mjs";
import { meant, rank } from "/assets/page/search.mjs";
import { call, lookMark, slotOf, slots, wear } from "/assets/player/core/looks.mjs";
import { symbolOf } from "/assets/player/views/draw.mjs";
import { equal, ok, test } from "./harness.mjs";

const run = (name, lr = 0.1) => ({ name, knobs: { lr } });
const spec = (...runs) => ({ surface: { name: "booth", knobs: {} }, runs });
const [A, B, C] = [run("sgd"), run("adam"), run("lion")];
const none = { runs: [], surface: "" };

test("a run without a slot has the lowest that is free", () => {
  equal(slots(3), [1, 2, 3]);
  equal(slots(4, [2, 0, 1]), [2, 3, 1, 4]);
});

test("runs keep their slots when others come and go", () => {
  const gone = kept({}, spec(A, B, C), spec(B, C));
  equal(gone.styles, [2, 3]);
  equal(kept(gone, spec(B, C), spec(B, run("nadam"), C)).styles, [2, 1, 3]);
  equal(kept(gone, spec(B, C), spec(C, B)).styles, [2, 3]); // as many: the same runs, changed
  equal(kept({ styles: [2, 1] }, spec(A, B), spec(B)).styles, []); // 1 again: it goes without saying
});

test("of any changes in a row each run keeps its slot, and no two share one", () => {
  let seed = 7, viewing = {}, runs = [run("sgd")];
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let i = 0; i < 400; i++) {
    const before = runs, slot = new Map(before.map((one, at) => [one, slots(before.length, viewing.styles)[at]]));
    const isAdded = before.length < 2 || (before.length < 12 && random(2));
    runs = [...before];
    runs.splice(random(before.length), isAdded ? 0 : 1, ...(isAdded ? [run("adam")] : []));
    viewing = kept(viewing, spec(...before), spec(...runs));
    const now = slots(runs.length, viewing.styles);
    equal(new Set(now).size, runs.length);
    ok(Math.max(...now) <= 12);
    runs.forEach((one, at) => ok(!slot.has(one) || slot.get(one) === now[at], "a run lost its slot"));
  }
});

test("a name stays with its run, and goes with its rule or its surface", () => {
  const names = { runs: ["", "mine", "last"], surface: "bowl" };
  equal(kept({ names }, spec(A, B, C), spec(B, C)).names, { runs: ["mine", "last"], surface: "bowl" });
  equal(kept({ names }, spec(A, B, C), spec(A, run("nadam"), C)).names.runs, ["", "", "last"]);
  equal(kept({ names }, spec(A, B, C), { ...spec(A, B, C), surface: { name: "bowl", knobs: {} } }).names.surface, "");
  equal(withName({}, "run", 2, "x").names, { runs: ["", "", "x"], surface: "" });
  equal(withName({ names: { runs: ["a", "b"], surface: "" } }, "run", 1, "").names, { runs: ["a"], surface: "" });
  equal(withName({}, "surface", 0, "hill").names, { runs: [], surface: "hill" });
  equal(kept({}, spec(A), spec(A)), { styles: [], names: none });
});

test("a name can stand in a link", () => {
  equal(asName("  heavy,\tball \n"), "heavy ball");
  equal(asName("surface:x"), "x");
  equal([...asName("𝛼".repeat(60))].length, 40);
});

test("a sweep adds what there is room for and what the rate allows, and says the rest", () => {
  const knob = { kind: "number", low: 0, high: 0.3 };
  const declared = { optimizers: { adam: { knobs: { lr: knob } } }, max_runs: 3 };
  const one = swept(spec(run("adam", 0.01)), declared, 0);
  equal(one.next.runs.map(({ knobs }) => knobs.lr), [0.01, 0.0025, 0.04]);
  equal(one.left, []);
  equal(swept(spec(run("adam", 0.1)), declared, 0).left, ["×4 was left out: lr can't be 0.4."]);
  equal(swept(spec(run("adam", 0.04), run("adam", 0.04)), declared, 0).left,
    ["×4 was left out: there are 3 runs, the most there can be."]);
});

test("signs follow the slots, and labels the names", () => {
  const before = lookMark();
  wear({ styles: [2, 1], names: ["", "mine"], surface: "" });
  equal([slotOf(0), slotOf(1), slotOf(2)], [1, 0, 2]);
  equal([symbolOf(0), symbolOf(1)], ["diamond", "circle"]);
  const header = { runs: [{ label: "sgd" }, { label: "adam" }] };
  call(header);
  equal(header.runs.map(({ label }) => label), ["sgd", "mine"]);
  wear({ styles: [], names: [], surface: "" });
  call(header);
  equal(header.runs.map(({ label }) => label), ["sgd", "adam"]);
  equal(lookMark(), before);
});

const ABOUT = {
  adam: { about: "Momentum over size.", words: "adam adam adaptive momentum over size." },
  newton: { about: "Jumps.", words: "newton newton second order newton_raphson jumps." },
  nadam: { about: "Adam, ahead.", words: "nadam nadam adaptive adam, ahead." },
};
const options = [{ group: "All", items: Object.keys(ABOUT).map((name) => ({ value: name, label: name })) }];
const found = (search) => byWords({ options, search }).flatMap(({ items }) => items.map(({ value }) => value));

test("optimizers are found by name first, then by what they do", () => {
  know(ABOUT);
  equal(found(""), ["adam", "newton", "nadam"]);
  equal(found("adam"), ["adam", "nadam"]);
  equal(found("Second order"), ["newton"]);
  equal(found("momentum"), ["adam"]);
  equal(byWords({ options, search: "newtno" })[0].group, "Nothing found; the nearest is newton");
  equal(found("xyzzy"), []);
});

test("what may have been meant is a slip or two away", () => {
  equal(meant("rosenbooth", ["Booth", "Rosenbrock"]), "Rosenbrock");
  equal(meant("adma", ["adamax", "adam"]), "adam");
  equal(meant("xyzzy", ["adam", "sgd"]), null);
  equal(rank({ name: "sgd", words: "not normal" }, "no learning"), Infinity);
});

test("an address of ours in a sentence is a link, and nothing else is", () => {
  const shown = (piece) => (piece.href ? `[${piece.getAttribute("href")}]` : piece);
  const text = (sentence) => linked(sentence).map(shown).join("");
  equal(text("Try it: /network?run=muon. Gone."), "Try it: [/network?run=muon]. Gone.");
  equal(text("See /network."), "See [/network].");
  const other = "<a href=x>/networks</a> and //network and a/network?x";
  equal(text(other), other);
  equal(text("/network?run=adam(lr=0.1)&seeds=3, or not"), "[/network?run=adam(lr=0.1)&seeds=3], or not");
});
