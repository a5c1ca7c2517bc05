"""A seeded generator of hostile texts: what the grammar allows, the same broken, and raw bytes."""

from __future__ import annotations

import random
from urllib.parse import quote

from nnopt_viz.formula.graph import FUNCTIONS

NUMBERS = ("0", "1", "2", "0.5", "3", "1e-3", "9", "1e9", "1e300", "1e308", "5e-324", "0.1", "pi")
CALLS = tuple(n for n, f in FUNCTIONS.items() if n.isidentifier() and f.arity == 1 and n != "neg")
RULE_CALLS = ("grad", "loss", "norm", "hessian")
NOISE = (
    "__class__", ".", "[", "]", "{", "}", "lambda ", "import os", "'", "`", "\\", "#", "@", "%",
    "~", "|", "^", "//", "**", "==", "<", ",", ",,", "(", ")", ")(", "=", ";", "\n", "\t", "\x00",
    "e", "1e", "1_0", "0x", "1j", "nan", "inf", "None", "eval(", "exec(", "__import__('os')",
    "\u0445", "\u0662", "\u2212", "\u00b2", "\ufeff", "\u202e", "\U0001f600", "9**9**9", "1/0",
    "(" * 60, "-" * 60, "**x" * 50, "sin(" * 45, "a" * 200, "where(", "x_eval", "_0", "m_0 = ",
)  # fmt: skip


class Generator:
    """Random texts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def formula(self, names: tuple[str, ...], depth: int, calls: tuple[str, ...] = CALLS) -> str:
        """A text that the grammar allows."""
        pick = self.random.choice
        kind = self.random.random()
        if depth <= 0 or kind < 0.1:
            return pick(names) if self.random.random() < 0.7 else pick(NUMBERS)
        inner = [self.formula(names, depth - 1, calls) for _ in range(2)]
        if kind < 0.55:
            return f"({inner[0]} {pick('+-*/')} {inner[1]})"
        if kind < 0.65:
            power = pick((*NUMBERS, "-1", "0.5", "1/3", inner[1]))
            return f"({inner[0]})**({power})"
        if kind < 0.75:
            sign = pick(("<", "<=", ">", ">=", "==", "!="))
            last = self.formula(names, depth - 2, calls)
            return f"where({inner[0]} {sign} {inner[1]}, {last}, {inner[0]})"
        if kind < 0.82:
            return f"{pick(('minimum', 'maximum'))}({inner[0]}, {inner[1]})"
        return f"{pick(calls)}({inner[0]})"

    def rule(self, depth: int, calls: tuple[str, ...] = (*CALLS, *RULE_CALLS)) -> str:
        """Assignments of which the last is to x."""
        names = ("x", "g", "g", "f", "t", "lr", "m", "v")
        lines = [
            f"{name} = {self.formula(names, depth, calls)}"
            for name in self.random.sample(("m", "v", "g", "x_eval"), self.random.randrange(3))
        ]
        lines += [f"{name} = g" for name in "mv" if not any(s[:1] == name for s in lines)]
        return "; ".join([*lines, f"x = x - lr*{self.formula(names, depth, calls)}"])

    def mutated(self, text: str) -> str:
        """The same with a few pieces put in, taken away, doubled or swapped."""
        for _ in range(self.random.randrange(1, 4)):
            at, to = sorted(self.random.randrange(len(text) + 1) for _ in range(2))
            kind = self.random.random()
            if kind < 0.5:
                text = text[:at] + self.random.choice(NOISE) + text[at:]
            elif kind < 0.7:
                text = text[:at] + text[min(to, at + 5) :]
            elif kind < 0.85:
                text = text[:to] + text[at:to] + text[to:]
            else:
                text = text[at:] + text[:at]
        return text[:5000]

    def query(self) -> str:
        """One hostile query."""
        kind = self.random.random()
        if kind < 0.2:  # raw bytes, as the text or as the whole query
            data = self.random.randbytes(self.random.randrange(1, 60))
            made = quote(data, safe="" if kind < 0.15 else "%&=+()\",'x")
            return made if kind < 0.05 else f"surface=formula(f=%22{made}%22)"
        depth = self.random.choice((1, 1, 2, 2, 3, 3, 4))
        is_rule = kind > 0.65
        text = self.rule(depth - 1) if is_rule else self.formula(("x", "y", "s", "x"), depth)
        if self.random.random() < 0.75:
            text = self.mutated(text)
        return rule_query(text) if is_rule else formula_query(text)


def formula_query(text: str, more: str = "") -> str:
    return f"surface=formula(f=%22{quote(text, safe='')}%22{more})"


def rule_query(text: str) -> str:
    return f"run=rule(text=%22{quote(text, safe='')}%22)"
