"""Random queries, made from the declarations: whatever is declared occurs, and so does what isn't.

A question of each kind with any of its knobs, formulas and rules at the limits of what is read,
keys of one question beside those of another, and all of that broken. The same dice, the same text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nnopt_viz.compose.own import MAX_KNOBS, MAX_OPERATIONS
from nnopt_viz.experiments import codec as experiment
from nnopt_viz.figures.palette import THEMES
from nnopt_viz.formula.parse import MAX_DEPTH, MAX_NODES
from nnopt_viz.formula.rule import MAX_NORMALS, MAX_STATEMENTS
from nnopt_viz.formula.tokens import MAX_LENGTH
from nnopt_viz.lab import codec as lab
from nnopt_viz.query.keys import IN_KNOBS, knobs_of
from nnopt_viz.race import keys as race
from nnopt_viz.web.api import MAX_QUERY_BYTES
from tests.support.hostile_generator import Generator, formula_query, rule_query
from tests.support.hostile_requests import TEXTS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from nnopt_viz.declare.knobs import Knob
    from nnopt_viz.declare.registry import Registry
    from nnopt_viz.query.reading import Vocabulary

VOCABULARIES = (race.VOCABULARY, lab.VOCABULARY, experiment.VOCABULARY)
SCALARS: dict[str, Knob] = race.SCALARS | lab.LAB_SCALARS
FEW = 12  # above its lowest value, most whole numbers: what would only make it slow is rare
KEYS = [
    *sorted(frozenset().union(*(one.keys for one in VOCABULARIES))), "inspect", "line", "theme",
    "hide", "title", "v", "utm_source", "fbclid", "Surface", "", "a" * 300, "r%75n", "ru\u0578",
]  # fmt: skip
PIECES = [
    "&", "&", "=", "=", "(", ")", ",", "+", "%20", "%2B", "%26", "%3D", "%22", '"', ";", ".", "-",
    "rosenbrock", "himmelblau(tilt=0.5)", "bowl", "adam", "sgd(lr=0.1)", "rprop", "cosine",
    "adam(lr=", "schedule=", "adam(schedule=cosine(warmup=3))", "random(n=", "ring", "grid(n=3)",
    "point(x=1)", "true", "false", "nan", "inf", "-inf", "NaN", "None", "null", "__class__",
    "0", "1", "-1", "+1", "1.5", ".5", "5.", "1e3", "1e+3", "1E-5", "1e999", "-1e999", "1_0", "0x1",
    "9" * 30, "0" * 30, "1e", "--1", "1,2", "\u0661", "\uff11", "\u2212" + "1", "99999",
    'formula(f="x**2%20%2B%20y**2")', 'rule(text="x = x - lr*g")', '"x+-+y"', '"', "%", "%z", "%ff",
    "%00", "%C3%A9", "%F0%9F%98%80", "%u0041", "\x00", "\n", "\t", "\u00e9", "\U0001f600", "\ud800",
    "(" * 40, ")" * 40, "adam(schedule=" * 12, "&run=sgd" * 14, "a" * 3000, "v=1", "v=2",
    "torch.optim.Adam(betas=(0.9,0.999))", "run=adam&run=adam", "%25%32%30", "\u202e", "\ufeff",
]  # fmt: skip
NUMBERS = (
    "0", "-0", "1", "-1", "0.1", "1e-9", "5e-324", "1e308", "1e15", "1e16", "-1e6", "1000001",
    "1e999", "nan", "inf", "0.30000000000000004", "1.0", "1e1", "2.5", "9" * 30, "true", '"1"',
)  # fmt: skip
WIDTHS = (
    '""', '"1"', '"2,3"', '"8"', '"1,2,4"', '"4,4"', '"64"', '"0"', '"a"', '"1,"', '"65"',
    f'"{"1," * 30}1"',
)  # fmt: skip
PLACES = ("0,0,1", "0,0,3", "1,0,2", "0,1,1", "0,0,0", "9,9,9", " 0 , 0 , 2 ", "0,0,99999999999")
COMPARED = ("0,1", "1,0", "0,0", "0,1,1", "1,2,0", "9,9", " 0 , 1 ", "0,99999999999", "0,1,9999")
LINES = ("x", "y", "gradient", "path", "0,0,1,1", "-1.5,2,1e-9,3", "1,1,1,1", "1e6,0,0,1e300")


class Queries:
    """Random texts for a query; `dice` decides all of it."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.texts = Generator(0)
        self.texts.random = dice

    def text(self) -> str:
        """Any query, valid or not; not yet in bytes."""
        kinds: list[tuple[float, Callable[[], str]]] = [
            (0.5, self.question), (0.14, self.own), (0.1, self.limits), (0.12, self.mixed),
            (0.07, self.likely), (0.04, self.unlikely), (0.03, self.texts.query),
        ]  # fmt: skip
        made = self.dice.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]()
        if self.dice.random() < 0.25:
            made = self.broken(made)
        return made

    def question(self, vocabulary: Vocabulary | None = None) -> str:
        """A question of some kind, each key with something that is declared for it."""
        of = vocabulary or self.dice.choice((*VOCABULARIES[:2], *VOCABULARIES))
        wild = self.dice.choice((0.0, 0.0, 0.0, 0.03, 0.2))
        parts = []
        for key in of.examples:
            if key in of.calls:
                share = {"net": 1.0, "study": 1.0, "drift": 0.15}.get(key, 0.6)
                times = self.dice.choice((1, 1, 1, 2, 3)) if key in of.repeats else 1
                if self.dice.random() < share:
                    parts += [f"{key}={self.call(of.calls[key], wild)}" for _ in range(times)]
            elif key in SCALARS and (key in ("steps", "epochs") or self.dice.random() < 0.3):
                parts.append(f"{key}={self.value(SCALARS[key], wild)}")
            elif self.dice.random() < 0.03:
                parts.append(f"{key}={self.dice.choice(('1', *NUMBERS))}")
        if self.dice.random() < 0.2:
            self.dice.shuffle(parts)
        return "&".join(parts)

    def call(self, registry: Registry[Any], wild: float, depth: int = 0) -> str:
        """A call of an entry with some of its knobs."""
        name = self.dice.choice(list(registry))
        knobs = knobs_of(registry, name)
        if name == "point" and self.dice.random() < 0.9:
            return f"{self.value(knobs[0], wild)},{self.value(knobs[1], wild)}"
        share = self.dice.choice((0.0, 0.2, 0.2, 0.6))
        given = [
            f"{knob.name}={self.value(knob, wild, depth)}"
            for knob in knobs
            if self.dice.random() < (0.9 if _is_large(knob) else share)
        ]
        return f"{name}({','.join(given)})" if given else name

    def value(self, knob: Knob, wild: float, depth: int = 0) -> str:
        """What may stand for a knob; with probability `wild` what may not."""
        dice = self.dice
        if dice.random() < wild:
            return dice.choice((*NUMBERS, *WIDTHS, dice.choice(PIECES), dice.choice(TEXTS)))
        if knob.kind == "flag":
            return dice.choice(("true", "false"))
        if knob.kind == "choice":
            return dice.choice(knob.choices)
        if knob.kind == "call":
            return self.call(IN_KNOBS[knob.registry], wild, depth + 1)
        if knob.kind == "text":
            return f'"{knob.default}"' if dice.random() < 0.4 else dice.choice(WIDTHS)
        low, high = max(knob.low, -1e9), min(knob.high, 1e9)
        kind = dice.random()
        if kind < 0.03:
            return f"{dice.choice((low, high)):.17g}"
        if knob.kind == "integer":
            return str(dice.randint(int(low), int(min(high, low + FEW) if kind < 0.95 else high)))
        low, high = knob.soft or (max(low, -10.0), min(high, 10.0))
        return f"{low + dice.random() * (high - low):.{dice.choice((2, 4, 17))}g}"

    def own(self) -> str:
        """A formula or a rule of one's own, and other keys beside it."""
        depth = self.dice.choice((1, 2, 2, 3, 4))
        parts = [f"steps={self.dice.randint(1, 20)}"]
        if self.dice.random() < 0.6:
            text = self.texts.formula(("x", "y", "s", "a", "x", "y"), depth)
            parts.append(formula_query(text, self.dice.choice(("", ",a=2", ",a=-1e6"))))
        if len(parts) == 1 or self.dice.random() < 0.4:
            parts.append(rule_query(self.texts.rule(depth - 1)))
        if self.dice.random() < 0.25:
            parts.append(f"drift={self.call(race.CALLS['drift'], 0.0)}")
        if self.dice.random() < 0.5:
            parts.append(f"start={self.call(race.CALLS['start'], 0.0)}")
        if self.dice.random() < 0.1:
            parts.append(f"net={self.call(lab.LAB_CALLS['net'], 0.0)}")
        return "&".join(parts)

    def limits(self) -> str:
        """Just within or just beyond one limit of what is read."""
        off = self.dice.choice((-2, -1, 0, 0, 1, 2))
        pick, steps = self.dice.choice, f"&steps={self.dice.randint(1, 9)}"
        kind = pick(("length", "depth", "operations", "nodes", "knobs", "derived", "statements",
                     "normals", "bytes", "runs"))  # fmt: skip
        if kind == "bytes":
            made = f"{self.question(race.VOCABULARY)}&v="
            return f"{made}{'+' * max(0, MAX_QUERY_BYTES + off - len(made) - 1)}1"
        if kind == "runs":
            return "&".join([f"run={self.call(race.CALLS['run'], 0.0)}"] * (12 + off)) + steps
        if kind == "statements":
            lines = [f"a{k} = a{k} + g" for k in range(MAX_STATEMENTS + off - 1)]
            return rule_query("; ".join([*lines, "x = x - lr*a0"])) + steps
        if kind == "normals":
            return rule_query("x = x" + " + normal()" * (MAX_NORMALS + off)) + steps
        if kind == "knobs":
            more = "".join(f",a{k}={k}" for k in range(MAX_KNOBS + off))
            return formula_query("+".join(["x", *(f"a{k}" for k in range(12))]), more) + steps
        signs, word = pick(("+", "-", "*", "/", "**")), pick(("x", "y", "sin(x)", "0.5", "x*y"))
        if kind == "length":
            text = (f"{word}{signs}" * MAX_LENGTH)[: MAX_LENGTH + off]
        elif kind == "depth":
            call = pick((*_NESTING, "-(", "("))
            text = call * (MAX_DEPTH + off) + word + ")" * (MAX_DEPTH + off)
        elif kind == "operations":
            text = word + f"{signs}x" * (MAX_OPERATIONS + off)
        elif kind == "nodes":
            text = "+".join(f"{k}*x" for k in range(MAX_NODES // 5 + 50 * off))
        else:
            text = "*".join(f"(x**{k} + {pick(_NESTING)}{k}*y))" for k in range(1, 50 + 20 * off))
        is_rule = self.dice.random() < 0.3
        return (rule_query(f"x = x - lr*({text})") if is_rule else formula_query(text)) + steps

    def mixed(self) -> str:
        """Questions of different kinds in one, keys twice, keys of some routes beside them."""
        parts = self.question().split("&") + self.question().split("&")
        more = [f"{key}={self.value_of(key)}" for key in self.dice.sample(KEYS, 2)]
        kept = [part for part in parts if self.dice.random() < 0.6]
        kept += self.dice.sample(kept, min(len(kept), self.dice.randrange(2)))
        made = [*kept, *more[: self.dice.randrange(3)]]
        self.dice.shuffle(made)
        return "&".join(made)

    def value_of(self, key: str) -> str:
        """Something for a key, whatever question it belongs to."""
        own = {"inspect": PLACES, "line": LINES, "compare": COMPARED, "theme": THEMES}.get(key)
        if own is not None and self.dice.random() < 0.8:
            return self.dice.choice(own)
        for vocabulary in VOCABULARIES:
            if key in vocabulary.calls:
                return self.call(vocabulary.calls[key], 0.02)
        return self.value(SCALARS[key], 0.1) if key in SCALARS else self.dice.choice(TEXTS)

    def likely(self) -> str:
        """Known keys with something behind them."""
        return "&".join(
            f"{self.dice.choice(KEYS)}={self.dice.choice(PIECES)}{self.dice.choice(PIECES)}"
            for _ in range(self.dice.randrange(5))
        )

    def unlikely(self) -> str:
        """Pieces of queries, and any characters."""
        if self.dice.random() < 0.3:
            letters = (self.dice.randrange(0x110000 if k % 3 else 0x180) for k in range(30))
            return "".join(map(chr, letters))
        return "".join(self.dice.choices(PIECES, k=self.dice.randrange(8)))

    def broken(self, text: str) -> str:
        """The same with pieces put in, taken out, doubled; or encoded otherwise."""
        kind = self.dice.random()
        if kind < 0.5:
            return self.texts.mutated(text)
        if kind < 0.65:
            at = self.dice.randrange(len(text) + 1)
            return text[:at] + self.dice.choice(PIECES) + text[at:]
        if kind < 0.75:
            return quote(text, safe=self.dice.choice(("", "=&", "=&(),", "%")), errors="replace")
        if kind < 0.85:
            return re.sub(r"[a-z=&]", self._encoded, text)
        if kind < 0.95:
            return re.sub(r"[0-9.]+", lambda _: self.dice.choice(NUMBERS), text, count=2)
        return self.dice.choice(
            (text.upper(), text.replace("=", "%3D"), text + "&" * 70, f"?{text}")
        )

    def _encoded(self, found: re.Match[str]) -> str:
        if self.dice.random() < 0.8:
            return found[0]
        code = f"%{ord(found[0]):02x}"
        return self.dice.choice((code, code.upper(), f"%25{code[1:]}", f"%00{code}"))


_NESTING = ("sin(", "exp(", "sqrt(1+", "abs(x-", "log(2+", "tanh(", "minimum(x,", "atan(", "2**(")


def _is_large(knob: Knob) -> bool:
    """Would its default make an answer slow? Then it is nearly always given."""
    return knob.kind == "integer" and knob.name in ("n", "steps", "seeds", "samples")


def in_bytes(text: str) -> str:
    """A text as it stands in an environ: UTF-8, one character a byte."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")
