"""Every word of the rule language is known to all that read rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnopt_viz.compose.calls import run
from nnopt_viz.deliver.frame import trajectory
from nnopt_viz.figures.mathml_rule import rule_mathml
from nnopt_viz.formula.parse import FormulaError
from nnopt_viz.formula.roles import roles
from nnopt_viz.formula.rule import parse_rule
from nnopt_viz.formula.words import CALLS, WORDS
from nnopt_viz.judge.trace import trace
from nnopt_viz.lab.lab import default_lab, network_problem
from nnopt_viz.lab.training import train
from nnopt_viz.race.codec import decode

GIVEN = {"axis": "1"}


def rule_with(name: str) -> str:
    given = GIVEN.get(name, ", ".join(["g"] * WORDS[name].arity))
    return f"v = {name}({given}); x = x - lr*v"


@pytest.mark.parametrize("name", WORDS)
def test_a_word_can_be_read_and_typeset(name: str) -> None:
    rule = parse_rule(rule_with(name), (), matrices=True)
    assert len(roles(rule)) == 2
    assert "<code>" not in rule_mathml(rule.text)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_word_gives_the_race_and_the_closer_look_the_same_step(name: str) -> None:
    query = f'surface=booth&run=rule(text="{rule_with(name)}",lr=0.01)&start=-1,2&steps=2'
    path = trajectory(query)
    made = trace(decode(query), 0, 0, 1)
    assert made[-1].target == "x"
    assert made[-1].value == pytest.approx(path[["x", "y"]].iloc[1].to_numpy(), rel=1e-12)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_network_is_given_a_word_or_told_why_not(name: str) -> None:
    call = run("rule", text=rule_with(name), lr=1e-6)
    why = network_problem(call)
    assert (why is None) == (not WORDS[name].refused)
    if why is None:
        lab = replace(default_lab(), runs=(call,), epochs=1)
        assert list(train(lab))
    else:
        assert f"its {name} {WORDS[name].refused}" in why


@pytest.mark.parametrize("name", WORDS)
def test_a_start_value_reads_nothing_that_changes(name: str) -> None:
    given = GIVEN.get(name, ", ".join(["lr"] * WORDS[name].arity))
    text = f"v_0 = {name}({given}); v = v + g; x = x - lr*v"
    if WORDS[name].in_step:
        with pytest.raises(FormulaError, match="reads knobs only"):
            parse_rule(text, (), matrices=True)
    else:
        parse_rule(text, (), matrices=True)
