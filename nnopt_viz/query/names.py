"""The arguments of a call as our knobs: what other libraries call them, and what they make of it.

Nothing here raises or repairs: what can't be read is handed back as a fault, for `reading`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.nearest import close
from nnopt_viz.query.grammar import Many, Named, Node, Number, shorten, show
from nnopt_viz.query.keys import knobs_of, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnopt_viz.declare.names import Form
    from nnopt_viz.declare.registry import Registry

# Arguments that say how a library computes, not what: they change no number.
IDLE = frozenset(
    {
        "foreach",
        "fused",
        "capturable",
        "differentiable",
        "jit_compile",
        "name",
        "dtype",
        "mu_dtype",
        "accumulator_dtype",
        "state_dtype",
        "dtype_momentum",
        "key",
        "print_win_rate_every_n_steps",
        "verbose",
        "last_epoch",
    }
)
# Arguments that change nothing while they are off, whatever the method.
OFF = frozenset(
    {
        "maximize",
        "nesterov",
        "amsgrad",
        "momentum",
        "dampening",
        "decoupled_weight_decay",
        "eps_root",
        "use_ema",
        "ema_momentum",
        "loss_scale_factor",
    }
)
LEFT_OUT = ("number", "integer", "flag")  # kinds of knobs for which None is nothing
NO_KNOB = Knob("", "", "", kind="text")


@dataclass(frozen=True, slots=True)
class Fault:
    """An argument that can't be used.

    Args:
        word, node: as given.
        message: a plain sentence.
        near: the knob that was probably meant, or None.
    """

    word: str
    node: Node
    message: str
    near: str | None = None


@dataclass(slots=True)
class Spoken:
    """A call in our names.

    Args:
        name: of the entry.
        given: knob -> what is given for it.
        called: knob -> what it is called there.
        said: sentences about what was read as something else.
        faults: what can't be used.
    """

    name: str
    given: dict[str, Node] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def spoken(registry: Registry[Any], name: str, arguments: tuple[tuple[str, Node], ...]) -> Spoken:
    """The arguments given to an entry, as ours."""
    made = Spoken(name)
    left = dict(arguments)
    seen: set[tuple[str, str]] = set()
    while True:
        form = _form(registry, made.name, left)
        if form is None or (made.name, form.word) in seen:
            break
        seen.add((made.name, form.word))
        _change(registry, made, form, left)
    knobs = {knob.name: knob for knob in knobs_of(registry, made.name)}
    also = {word: knob.name for knob in knobs.values() for word in knob.also}
    for word, node in left.items():
        if _is_none(node) and knobs.get(also.get(word, word), NO_KNOB).kind in LEFT_OUT:
            continue  # as Python says that nothing is given
        if word in knobs:
            _give(made, word, word, node)
        elif word in also:
            if _give(made, also[word], word, node):
                made.said.append(f"{word} of {name} was read as {also[word]}.")
        elif f"{word}[0]" in also:
            _give_each(made, word, node, [k for w, k in also.items() if w.startswith(f"{word}[")])
        else:
            _beside(registry, made, word, node, knobs)
    return made


def _form(registry: Registry[Any], name: str, left: Mapping[str, Node]) -> Form | None:
    """The first argument that makes another entry of it; what is off counts for nothing."""
    own = {knob.name for knob in knobs_of(registry, name)}
    for form in registry.names(name).forms:
        node = left.get(form.word)
        if node is None or form.word in own:
            continue
        is_flag = isinstance(node, Named) and node.name.lower() in ("true", "false", "none")
        takes_number = form.word in {knob.name for knob in knobs_of(registry, form.name)}
        if is_flag or (takes_number and isinstance(node, Number)):
            return form
    return None


def _is_off(node: Node) -> bool:
    if isinstance(node, Named):
        return node.name.lower() in ("false", "none")
    return isinstance(node, Number) and node.value == 0


def _change(registry: Registry[Any], made: Spoken, form: Form, left: dict[str, Node]) -> None:
    """Go over to another entry: its knobs take what was given, or the first one's defaults."""
    before = made.name
    if _is_off(left[form.word]):
        del left[form.word]
        return
    meant = form.name if form.name != before else ", ".join(form.renamed.values())
    made.said.append(f"{before} with {form.word} was read as {meant}.")
    made.name = form.name
    old = {knob.name: knob for knob in knobs_of(registry, before)}
    new = {knob.name: knob for knob in knobs_of(registry, form.name)}
    if form.word not in new or form.word in form.renamed.values():
        del left[form.word]
    for word, other in form.renamed.items():
        names = (word, *old[word].also)
        given = next((one for one in names if one in left), None)
        if given is not None:
            left[other] = left.pop(given)
        elif old[word].default != new[other].default:
            left[other] = Number(value_text(old[word], old[word].default))
    for word, knob in old.items():
        is_free = not any(one in left for one in (word, *knob.also)) and word in new
        if is_free and word not in form.renamed and knob.default != new[word].default:
            left[word] = Number(value_text(knob, knob.default))


def _is_none(node: Node) -> bool:
    return isinstance(node, Named) and node.is_bare and node.name == "None"


def _give(made: Spoken, knob: str, word: str, node: Node) -> bool:
    if knob in made.given:
        other = made.called[knob] if word == knob else word
        as_what = "" if other == knob else f", once as {shorten(other, 40)}"
        sentence = f"{knob} of {made.name} is given twice{as_what}."
        made.faults.append(Fault(word, node, sentence, knob))
        return False
    made.given[knob], made.called[knob] = node, word
    return True


def _give_each(made: Spoken, word: str, node: Node, knobs: list[str]) -> None:
    """Several values together, each for a knob of its own; None leaves its knob as it is."""
    inside = ",".join(knobs)
    if not isinstance(node, Many) or len(node.values) != len(knobs):
        sentence = f"{word} of {made.name} is ({inside}), {len(knobs)} numbers in parentheses."
        made.faults.append(Fault(word, node, sentence, knobs[0]))
        return
    for knob, part in zip(knobs, node.values, strict=True):
        if not _is_none(part):
            _give(made, knob, word, part)
    made.said.append(f"{word} of {made.name} was read as {inside}.")


def _beside(
    registry: Registry[Any], made: Spoken, word: str, node: Node, knobs: Mapping[str, Knob]
) -> None:
    """An argument that is no knob here: idle, fixed, known elsewhere, or a slip."""
    names, name, shown = registry.names(made.name), made.name, shorten(word, 40)
    if word in IDLE:
        made.said.append(f"{shown} changes no number of {name}: it was left out.")
        return
    if word in names.fixed:
        fixed = _shown(names.fixed[word])
        if _same(node, fixed):
            made.said.append(f"{shown} of {name} is always {fixed}: it was left out.")
            return
        if word not in names.words:
            made.faults.append(Fault(word, node, f"{shown} of {name} is always {fixed} here."))
            return
    words = {**registry.words, **names.words}
    if word in words:
        if _is_none(node) or (word in OFF and _is_off(node)):  # false, as torch has it unless told
            made.said.append(f"{shown} of {name} is off: it was left out.")
        else:
            made.faults.append(Fault(word, node, f"{name} has no {shown!r}: {words[word]}."))
        return
    if not knobs:
        sentence = f"{name} takes no values, so not {shown!r} either."
        made.faults.append(Fault(word, node, sentence))
        return
    spellings = {knob: knob for knob in knobs}  # what a name begins first: beta is beta1
    for knob in knobs.values():
        for other in knob.also:
            spellings.setdefault(other.partition("[")[0], knob.name)
    near = close(word, spellings)
    meant = spellings[near] if near is not None else None
    hint = f"; the nearest is {meant}" if meant is not None else ""
    made.faults.append(Fault(word, node, f"{name} has no {shown!r}{hint}.", meant))


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(node: Node, fixed: str) -> bool:
    """Is what is given the one value that there is?"""
    if isinstance(node, Number):
        try:
            return node.value == float(fixed)
        except ValueError:
            return False
    given = node.name if isinstance(node, Named) else show(node).strip('"')
    return given.lower() == fixed.lower()
