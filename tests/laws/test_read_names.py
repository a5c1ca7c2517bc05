"""Names of other libraries and books are read as what they mean, or answered with what to write."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from nnopt_viz.cli import main
from nnopt_viz.compose.runs import run_knobs
from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.registry import Registry
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.codec import decode_study, encode_study
from nnopt_viz.lab.codec import decode_lab, encode_lab
from nnopt_viz.networks.network import LOSSES_ELSEWHERE
from nnopt_viz.optimizers import NETWORK_OPTIMIZERS, OPTIMIZERS, TRAINERS
from nnopt_viz.query.keys import IN_KNOBS, REGISTRIES, QueryError
from nnopt_viz.race.codec import decode, encode, repair
from nnopt_viz.schedules import SCHEDULES
from nnopt_viz.surfaces import SURFACES
from tests.support.laws import SCENARIOS
from tests.support.spoken_elsewhere import KERAS, OPTAX, SCHEDULERS, TORCH

if TYPE_CHECKING:
    from collections.abc import Callable

WHERE = {  # how an entry of a registry is asked for
    "surfaces": "surface={}",
    "optimizers": "run={}",
    "schedules": "run=sgd(schedule={})",
    "starts": "start={}",
    "noises": "run=sgd(noise={})",
    "drifts": "surface=covariate_shift&drift={}",
}
WHERE_LAB = {
    "network_optimizers": "run={}",
    "networks": "net={}",
    "datasets": "data={}",
    "initializers": "init={}",
}


@pytest.mark.parametrize(("query", "canonical"), [
    ("run=adam(betas=(0.9,0.99))", "run=adam(beta2=0.99)"),
    ("run=adam(betas=[0.9, 0.99])", "run=adam(beta2=0.99)"),
    ("run=adam(amsgrad=true)", "run=amsgrad"),
    ("run=adam(amsgrad=false)", "surface=rosenbrock"),
    ("run=adamw(amsgrad=True)", "run=amsgrad(decoupled_decay=0.01)"),
    ("run=adamw(amsgrad=True,weight_decay=0.3)", "run=amsgrad(decoupled_decay=0.3)"),
    ("run=adam(weight_decay=0.3,decoupled_weight_decay=true)", "run=adam(decoupled_decay=0.3)"),
    ("run=sgd(momentum=0.8,nesterov=true)", "run=nesterov(momentum=0.8)"),
    ("run=sgd(momentum=0.8,dampening=0.1)", "run=momentum(momentum=0.8,dampening=0.1)"),
    ("run=sgd(momentum=0)", "run=sgd"),
    ("run=SGD(lr=0.1, momentum=0, foreach=None, maximize=False)", "run=sgd(lr=0.1)"),
    ("run=torch.optim.Adam(learning_rate=0.1,epsilon=1e-7)", "run=adam(lr=0.1,eps=1e-7)"),
    ("run=keras.optimizers.RMSprop(rho=0.9,clipnorm=1)", "run=rmsprop(alpha=0.9,clip_norm=1)"),
    ("run=rmsprop(decay=0.9,wd=0.1)", "run=rmsprop(alpha=0.9,weight_decay=0.1)"),
    ("run=Rprop(etas=(0.4,1.3))", "run=rprop(etaminus=0.4,etaplus=1.3)"),
    ("run=heavy_ball", "run=momentum"),
    ("surface=sphere", "surface=bowl"),
    ("surface=banana", "surface=rosenbrock"),
    ("surface=StyblinskiTang", "surface=styblinski_tang"),
    ("run=sgd(schedule=StepLR(step_size=30))", "run=sgd(schedule=step(size=30))"),
    ("run=sgd(scheduler=\"cosine\")", "run=sgd(schedule=cosine)"),
    ("run=sgd(schedule=OneCycleLR(pct_start=0.4))", "run=sgd(schedule=one_cycle(rise=0.4))"),
    ("start=(1,2)", "start=1,2"),
    ("function=booth&optimizer=Adam(lr=0.1)&iterations=50",
     "surface=booth&run=adam(lr=0.1)&steps=50"),
])  # fmt: skip
def test_what_means_the_same_is_read(query: str, canonical: str) -> None:
    said: list[str] = []
    made = decode(query, said)
    assert encode(made) == canonical
    assert decode(canonical) == made
    assert repair(query) == (made, said)
    assert all(sentence.endswith(".") for sentence in said)


@pytest.mark.parametrize(("query", "canonical"), [
    ("net=mlp(hidden=(8,8),activation=ReLU,loss=MSE)", 'net=mlp(hidden="8,8",loss=squared_error)'),
    ("net=mlp(hidden=8,activation=identity)", 'net=mlp(hidden="8",activation=linear)'),
    ("data=make_moons(n_samples=100)", "data=moons(n=100)"),
    ("init=kaiming_normal_", "init=he_normal"),
    ("run=torch.optim.Muon(momentum=0.9,nesterov=True)", "run=muon(momentum=0.9)"),
    ("run=sgd(momentum=0.9)", "run=momentum"),
    ("model=mlp&dataset=xor&optimizer=SGD&batch_size=16&n_epochs=2",
     "net=mlp&data=xor&run=sgd&batch=16&epochs=2"),
])  # fmt: skip
def test_what_means_the_same_is_read_of_trainings(query: str, canonical: str) -> None:
    assert decode_lab(query) == decode_lab(canonical)
    assert decode_lab(encode_lab(decode_lab(query))) == decode_lab(canonical)


def test_what_means_the_same_is_read_of_experiments() -> None:
    said: list[str] = []
    call = decode_study("study=optimizers(hidden=(8,8),activation=ReLU)", said=said)
    assert encode_study(call) == "study=optimizers(hidden=%228,8%22,activation=relu)"
    assert said == ['hidden of optimizers was read as "8,8".']


@pytest.mark.parametrize(("query", "words", "near"), [
    ("run=adam(maximize=true)", "minus before the formula", None),
    ("run=sgd(nesterov=true)", "nesterov(momentum=0.9)", None),
    ("run=adam(nesterov=true)", "nadam", None),
    ("run=SparseAdam", "it is adam", "adam"),
    ("run=adam(alpha=0.1)", "the learning rate is lr", None),
    ("run=adam(betas=0.9)", "(beta1,beta2), 2 numbers", "beta1"),
    ("run=adam(lr=0.1,learning_rate=0.2)", "given twice", "lr"),
    ("run=Muon", "in the network lab: /network?run=muon.", None),
    ("run=sgd(schedule=CosineAnnealingLR(T_max=50))", "said by steps", None),
    ("surface=hartmann", "three or six variables", "branin"),
    ("run=galore", "There is no optimizer 'galore'.", None),
    ("learning_rate=0.1", "run=adam(lr=0.1)", None),
    ("run=adam(amsgrad=maybe)", "a method of its own", None),
    ("run=adam(decoupled_weight_decay=0.01)", "decoupled_decay=0.01", None),
    ("run=c", "There is no optimizer 'c'.", None),
    ("run=adam(foo=1)", "adam has no 'foo'.", None),
])  # fmt: skip
def test_what_is_not_here_is_answered(query: str, words: str, near: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        decode(query)
    assert words in caught.value.message
    assert caught.value.nearest == near


def choices_of(registry: Registry[Any]) -> list[tuple[str, str]]:
    return [(name, word) for name in registry for word in (name, *registry.names(name).also)]


def spelled(rng: random.Random, word: str) -> str:
    """The same word as another library or a hasty hand writes it."""
    forms = [
        word, word.upper(), word.title().replace("_", ""), word.replace("_", ""), word + "_",
        "lib." + word,
    ]  # fmt: skip
    return rng.choice(forms)


def test_every_other_name_means_its_entry_however_it_is_spelled() -> None:
    asked = [(plural, WHERE[plural], decode, encode) for plural in WHERE]
    asked += [(plural, WHERE_LAB[plural], decode_lab, encode_lab) for plural in WHERE_LAB]
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        plural, form, read, written = rng.choice(asked)
        name, word = rng.choice(choices_of(REGISTRIES[plural]))
        query = form.format(spelled(rng, word))
        try:
            made = read(query)
        except QueryError as fault:
            raise AssertionError((seed, query, fault.message)) from fault
        assert made == read(form.format(name)), (seed, query)
        assert read(written(made)) == made, (seed, query)


def test_names_are_taken_once_in_a_registry_and_argument_names_in_an_entry() -> None:
    for registry in {**REGISTRIES, "studies": STUDIES}.values():
        words = [re.sub("[^a-z0-9]", "", word.lower()) for _, word in choices_of(registry)]
        assert len(set(words)) == len(words), registry.kind
        for name, entry in registry.items():
            is_run = registry.kind == OPTIMIZERS.kind
            knobs = run_knobs(entry) if is_run else entry.knobs
            others = [word for knob in knobs for word in knob.also]
            own = {knob.name for knob in knobs}
            assert len(set(others)) == len(others), (name, others)
            names = registry.names(name)
            assert not own & (names.words.keys() | names.fixed.keys()), name
            for form in names.forms:
                assert form.name in registry, (name, form)
            for knob in knobs:
                admitted(knob)


def admitted(knob: Knob) -> None:
    """What is said of a knob is true of it."""
    assert knob.admits(knob.default)
    assert all(choice in knob.choices for _, choice in knob.spelled)
    if knob.kind == "call":
        such = knob.allowed().rpartition(" ")[2]
        assert such in IN_KNOBS[knob.registry]


def fault_of(read: Callable[[str], object], query: str) -> QueryError | None:
    try:
        read(query)
    except QueryError as fault:
        return fault
    return None


def literal(value: object) -> str:
    return f"({','.join(map(literal, value))})" if isinstance(value, list) else str(value)


@pytest.mark.parametrize("library", [TORCH, OPTAX, KERAS], ids=["torch", "optax", "keras"])
def test_optimizers_of_other_libraries_are_read_or_answered(library: dict[str, Any]) -> None:
    """With their defaults, and one argument at a time; never by a name that misleads."""
    for name, arguments in library.items():
        for given in (arguments, *({word: value} for word, value in arguments.items())):
            inside = ",".join(f"{word}={literal(value)}" for word, value in given.items())
            query = f"run={name}({inside})"
            fault = fault_of(decode_lab, query)
            if fault is not None:
                assert "; the nearest is" not in fault.message, (query, fault.message)
                assert fault.nearest is None or fault.nearest in fault.message, query


def test_torchs_own_defaults_are_ours() -> None:
    """SGD(), Adam() and so on of torch mean the bare entry, whatever is spelled out."""
    for name, arguments in TORCH.items():
        entry = TRAINERS.meant(name)
        if entry is None or name == "LBFGS":  # its memory and its steps are others, and said so
            continue
        own = {knob.name for knob in run_knobs(TRAINERS[entry])}
        other = {word: v for word, v in arguments.items() if not (word == "lr" or word in own)}
        inside = ",".join(f"{word}={literal(value)}" for word, value in other.items())
        if "ns_coefficients" in inside or "eps=(None" in inside:
            continue
        assert decode_lab(f"run={name}({inside})") == decode_lab(f"run={entry}"), name


def test_schedules_of_other_libraries_are_read_or_answered() -> None:
    for name, arguments in SCHEDULERS.items():
        for given in ({}, *({word: value} for word, value in arguments.items())):
            inside = ",".join(f"{word}={literal(value)}" for word, value in given.items())
            query = f"run=sgd(schedule={name}({inside}))"
            fault = fault_of(decode, query)
            assert fault is None or "; the nearest is" not in fault.message, (query, fault)


def test_the_nearest_name_is_near() -> None:
    """A slip finds its name; what is no slip of anything is not said to be near something."""
    names = [*SURFACES, *OPTIMIZERS, *SCHEDULES]
    for seed in range(SCENARIOS):
        rng = random.Random(seed)
        word = rng.choice([name for name in names if len(name) > 5])
        at = rng.randrange(len(word) - 1)
        slip = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        strange = "".join(rng.choice("qzxjkvw") for _ in range(rng.randrange(5, 12)))
        (registry,) = (one for one in (SURFACES, OPTIMIZERS, SCHEDULES) if word in one)
        assert (registry.meant(slip) or registry.close(slip)) is not None, (seed, slip)
        assert registry.close(strange) is None, (seed, strange, registry.close(strange))


def test_a_choice_is_spelled_as_elsewhere() -> None:
    for word, loss in LOSSES_ELSEWHERE:
        assert decode_lab(f"net=mlp(loss={word})") == decode_lab(f"net=mlp(loss={loss})")


def test_methods_of_matrices_are_known_to_a_race_too() -> None:
    for name in NETWORK_OPTIMIZERS:
        for word in (name, name.title(), *NETWORK_OPTIMIZERS.names(name).also):
            with pytest.raises(QueryError, match="/network"):
                decode(f"run={word}")


def test_an_experiment_names_the_methods_that_fit() -> None:
    with pytest.raises(QueryError) as caught:
        decode_study("study=initialization(run=newton)")
    assert caught.value.key == "study.run"
    assert caught.value.allowed.startswith("one of ")
    assert " sgd," in caught.value.allowed
    assert " newton" not in caught.value.allowed
    with pytest.raises(QueryError) as caught:
        decode_study("study=initialization(data=nothing_of_the_kind)")
    assert "moons" in caught.value.allowed


def test_the_command_line_says_what_it_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "surface=sphere&run=SGD(learning_rate=0.1)&steps=2"]) == 0
    told = capsys.readouterr()
    assert told.err == "sphere was read as bowl.\nlearning_rate of sgd was read as lr.\n"


def test_a_knob_of_ones_own_that_nothing_reads_is_said() -> None:
    """Which are read, at random; one that is not, `learning_rate` in a rule, changes nothing."""
    rng = random.Random(seed := 62)
    pool = ["a", "b", "k", "wd", "learning_rate", "momentum", "beta1", "speed"]
    for _ in range(SCENARIOS):
        given = rng.sample(pool, rng.randint(1, 4))
        used = [word for word in given if rng.random() < 0.5]
        more = "".join(f" - {word}*x" for word in used)
        knobs = ",".join(f"{word}=0.5" for word in given)
        query = rng.choice(
            [f'run=rule(text="x = x - lr*g{more}",{knobs})',
             f'surface=formula(f="x**2 - y{more}",{knobs})']
        )  # fmt: skip
        scene, notes = repair(query)
        said = {note.split(" ", 1)[0] for note in notes if "changes nothing" in note}
        assert said == {*given} - {*used}, (seed, query, notes)
        assert decode(encode(scene)) == scene
    with_both = repair("run=sgd(clipnorm=1,clip_norm=2)")[1]
    assert "clip_norm of sgd is given twice, once as clipnorm. It was left out." in with_both
