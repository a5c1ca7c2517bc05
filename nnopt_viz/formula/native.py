"""Graphs to machine code, with the extra `native`: the loop of `compile`, some ten times as fast.

Written from the same `Program` for LLVM, which is asked for nothing that IEEE 754 does not allow:
no reordering, no fused multiply-add, no functions but those of the C library that Python's own
`math` calls. So every number is the plain loop's to the bit, and whether the extra is installed
shows in nothing but time.
"""

from __future__ import annotations

import ctypes
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.formula.expand import DRIFTING, RECORDED
from nnopt_viz.formula.graph import COMPARISONS, needed

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.formula.expand import Program
    from nnopt_viz.formula.graph import Graph, Node

    Array = NDArray[np.float64]
    Chunk = Callable[
        [tuple[float, ...], float, Array, Array | None, Array | None],
        tuple[Array, tuple[float, ...]],
    ]

MOST = 2_000  # nodes: what is larger takes LLVM longer than it saves
CALLED = ("pow", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "atan2", "erf")
OWN = "nnopt_"  # before these, for LLVM to know no algebra of them: pow(x, 2) stays a call of pow
POINTERS = 5  # of the compiled function: state, rates, shifts, noise, outs


@lru_cache(maxsize=1)
def has_native() -> bool:
    """Is the extra `native` installed, and does it know this machine?"""
    try:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.Target.from_default_triple()
        library = ctypes.CDLL(None if os.name == "posix" else "ucrtbase")
        for name in CALLED:
            address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
            llvm.add_symbol(OWN + name, address)
    except (ImportError, OSError, RuntimeError, AttributeError):
        return False
    return True


def native_loop(program: Program) -> Chunk | None:
    """Compile a program to machine code.

    Returns:
        chunk(state, t, rates, shifts, noise) -> recorded, state: the state tuple and the number of
        steps done; the learning rate and the value of the moving `s` of each step, shape (steps,),
        at least one; its noise, shape (steps, draws), in the program's order. The last two may be
        None where the program reads none. `recorded`: every new value of what the program
        records, shape (values, steps). None: the extra is missing, or the program has more than
        `MOST` nodes.
    """
    nodes = needed(program.graph, list(program.update.values()))
    if len(nodes) > MOST or not has_native():
        return None
    machine = _compiled(_text(program, nodes))
    values = sum(name in program.update for name in RECORDED)

    def chunk(
        state: tuple[float, ...], t: float, rates: Array, shifts: Array | None, noise: Array | None
    ) -> tuple[Array, tuple[float, ...]]:
        kept, outs = np.array(state), np.empty((values, rates.size))
        given = [kept, *(None if a is None else _flat(a) for a in (rates, shifts, noise)), outs]
        machine(t, rates.size, *(None if a is None else a.ctypes.data for a in given))
        return outs, tuple(kept.tolist())

    return chunk


def _flat(array: Array) -> Array:
    return np.ascontiguousarray(array, dtype=np.float64)


def _compiled(text: str) -> Any:
    import llvmlite.binding as llvm

    machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
    module = llvm.parse_assembly(text)
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    kind = ctypes.CFUNCTYPE(
        None, ctypes.c_double, ctypes.c_int64, *(ctypes.c_void_p for _ in range(POINTERS))
    )
    made = kind(engine.get_function_address("chunk"))
    made.engine = engine  # type: ignore[attr-defined]  # the code lives as long as this
    return made


def _text(program: Program, nodes: list[Node]) -> str:
    """The loop in LLVM's own language."""
    import llvmlite.ir as ir

    number, count = ir.DoubleType(), ir.IntType(64)
    module = ir.Module("rule")
    kind = ir.FunctionType(ir.VoidType(), [number, count, *[ir.PointerType()] * POINTERS])
    function = ir.Function(module, kind, "chunk")
    done, steps, state, rates, shifts, noise, outs = function.args
    begin, step, end = (function.append_basic_block(name) for name in ("begin", "step", "end"))

    def at(array: Any, place: Any) -> Any:
        return build.gep(array, [place], source_etype=number)

    def read(array: Any, place: Any) -> Any:
        return build.load(at(array, place), typ=number)

    build = ir.IRBuilder(begin)
    first = [read(state, count(k)) for k in range(len(program.state))]
    build.branch(step)
    build.position_at_end(step)
    i, t, *before = (build.phi(count), *(build.phi(number) for _ in ("t", *program.state)))
    words = dict(zip(program.state, before, strict=True))
    words["t"] = build.fadd(t, number(1.0))
    words["lr"] = read(rates, i)
    if program.drifts:
        words[DRIFTING] = read(shifts, i)
    width = count(len(program.noise))
    for k, name in enumerate(program.noise):
        words[name] = read(noise, build.add(build.mul(i, width), count(k)))
    made = _Arithmetic(ir, module, build).all_of(program.graph, nodes, words)
    after = [made[program.update[name]] for name in program.state]
    for k, name in enumerate(name for name in RECORDED if name in program.update):
        place = build.add(i, build.mul(steps, count(k)))
        build.store(made[program.update[name]], at(outs, place))
    following = build.add(i, count(1))
    build.cbranch(build.icmp_signed("<", following, steps), step, end)
    for phi, start, later in zip(
        (i, t, *before), (count(0), done, *first), (following, words["t"], *after), strict=True
    ):
        phi.add_incoming(start, begin)
        phi.add_incoming(later, step)
    build.position_at_end(end)
    for k, value in enumerate(after):
        build.store(value, at(state, count(k)))
    build.ret_void()
    return str(module)


class _Arithmetic:
    """The operations of a graph, each as `compile` writes it where nothing raises."""

    def __init__(self, ir: Any, module: Any, build: Any) -> None:
        self.ir, self.module, self.build = ir, module, build
        self.number = ir.DoubleType()

    def all_of(self, graph: Graph, nodes: list[Node], words: dict[str, Any]) -> dict[Node, Any]:
        """Node -> its value, a number; `words`: the value of each name."""
        made: dict[Node, Any] = {}
        for node in nodes:
            known = graph.number(node)
            if graph.op[node] == "name":
                made[node] = words[str(graph.value[node])]
            elif known is not None:
                made[node] = self.number(known)
            else:
                made[node] = self.one(graph.op[node], [made[a] for a in graph.args[node]])
        return made

    def one(self, op: str, args: list[Any]) -> Any:
        """One operation of numbers; a comparison is 1.0 or 0.0."""
        build, zero, one = self.build, self.number(0.0), self.number(1.0)
        if op in COMPARISONS:
            # nan is unequal to everything, itself too, and nothing else
            compare = build.fcmp_unordered if op == "!=" else build.fcmp_ordered
            return build.select(compare(op, *args), one, zero)
        match op:
            case "+":
                return build.fadd(*args)
            case "-":
                return build.fsub(*args)
            case "*":
                return build.fmul(*args)
            case "/":
                return build.fdiv(*args)
            case "neg":
                return build.fneg(*args)
            case "where":
                return build.select(build.fcmp_unordered("!=", args[0], zero), *args[1:])
            case "minimum" | "maximum":
                is_first = build.fcmp_ordered("<=" if op == "minimum" else ">=", *args)
                return build.select(build.or_(is_first, self._is_nan(args[0])), *args)
            case "sign":
                (a,) = args
                below = build.select(build.fcmp_ordered("<", a, zero), self.number(-1.0), a)
                return build.select(build.fcmp_ordered(">", a, zero), one, below)
            case "abs":
                return self._call("llvm.fabs.f64", args)
            case "sqrt":
                return self._call("llvm.sqrt.f64", args)
            case "floor":  # Python's is a whole number: it knows no -0.0
                return build.fadd(self._call("llvm.floor.f64", args), zero)
        return self._call(OWN + ("pow" if op == "**" else op), args)

    def _is_nan(self, a: Any) -> Any:
        return self.build.fcmp_unordered("uno", a, a)

    def _call(self, name: str, args: list[Any]) -> Any:
        function = self.module.globals.get(name)
        if function is None:
            kind = self.ir.FunctionType(self.number, [self.number] * len(args))
            function = self.ir.Function(self.module, kind, name)
        return self.build.call(function, args)
