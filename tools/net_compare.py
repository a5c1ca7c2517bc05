"""Compares two records of `net_record`, and says how far apart the numbers in a body are."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
PACKED = re.compile(r'\{[^{}]*"bdata"[^{}]*\}')  # an array as Plotly packs it
GZIPPED = re.compile(r">(H4sI[A-Za-z0-9+/=]+)<")  # in an animated page
SINGLE = 2.0**-23  # from one float32 to the next, relative


class Apart(NamedTuple):
    """How far apart two bodies are that differ in numbers only.

    Args:
        count: how many numbers differ.
        largest: largest relative difference of what is text or float64.
        single: the same of float32, which a rounding moves by SINGLE.
    """

    count: int
    largest: float
    single: float

    def is_rounding(self, most: float) -> bool:
        """Is it no more than another order of the same operations makes?"""
        return self.largest <= most and self.single <= SINGLE


@dataclass(frozen=True)
class Answer:
    """One answer as it was recorded; `body` is its file."""

    status: str
    headers: dict[str, str]
    sha: str
    body: Path

    def read(self) -> bytes:
        return self.body.read_bytes()


@dataclass(frozen=True)
class Difference:
    """What two trees answer differently.

    Args:
        name: of the answer.
        what: "status", "header ETag", "body" or "answer", when only one tree has it.
        words: both sides, shortly.
        apart: for bodies that differ in numbers only.
    """

    name: str
    what: str
    words: str
    apart: Apart | None = None

    def __str__(self) -> str:
        return f"{self.name}\n    {self.what}: {self.words}"


@dataclass(frozen=True)
class Intended:
    """A change that is meant: what `before` is in the base's answers is `after` in this tree's.

    Args:
        where: pattern of the answers' names.
        before, after: texts, in a header or a body, or "sha256:…" with the first digits of the
            hashes of two whole bodies. What stands in neither stays compared.
        reason: a sentence.
    """

    where: str
    before: str
    after: str
    reason: str

    def on_text(self, text: str) -> str:
        return text.replace(self.before, self.after)

    def on_body(self, body: bytes, here: bytes) -> bytes:
        """The base's body with the change made."""
        if self.before.startswith("sha256:"):
            is_it = has_hash(body, self.before) and has_hash(here, self.after)
            return here if is_it else body
        return body.replace(self.before.encode(), self.after.encode())


@dataclass(frozen=True)
class Added:
    """What is new in this tree's answers, whatever it says: it is cut out and the rest compared.

    Args:
        where: pattern of the answers' names.
        what: pattern of what is new, in the bytes of a body.
        reason: a sentence.
    """

    where: str
    what: bytes
    reason: str

    def cut(self, body: bytes) -> bytes:
        return re.sub(self.what, b"", body)


def has_hash(body: bytes, text: str) -> bool:
    return hashlib.sha256(body).hexdigest().startswith(text.removeprefix("sha256:"))


@dataclass(frozen=True)
class Rounding:
    """Answers whose numbers may differ by rounding, and the reason."""

    where: str
    reason: str


def load(record: Path) -> tuple[dict[str, Answer], list[str]]:
    """The answers of a record by name, and what the net never asked."""
    made = json.loads((record / "record.json").read_text("utf-8"))
    answers = {
        one["name"]: Answer(
            one["status"], one["headers"], one["sha"], record / "bodies" / one["sha"]
        )
        for one in made["answers"]
    }
    return answers, made["unasked"]


def compared(
    base: dict[str, Answer],
    here: dict[str, Answer],
    intended: tuple[Intended | Added, ...] = (),
) -> tuple[list[Difference], set[Intended | Added]]:
    """Every difference that is not intended, and the intended changes that were seen."""
    found: list[Difference] = []
    used: set[Intended | Added] = set()
    for name in dict.fromkeys((*base, *here)):
        if name not in base or name not in here:
            side = "the base" if name in base else "this tree"
            found.append(Difference(name, "answer", f"only {side} has it"))
            continue
        changes = [one for one in intended if re.search(one.where, name)]
        found += _compared(name, base[name], here[name], changes, used)
    return found, used


def _compared(
    name: str,
    base: Answer,
    here: Answer,
    meant_here: list[Intended | Added],
    used: set[Intended | Added],
) -> list[Difference]:
    found = []
    changes = [change for change in meant_here if isinstance(change, Intended)]
    one, other = {"status": base.status}, {"status": here.status}
    one |= {f"header {key}": value for key, value in base.headers.items()}
    other |= {f"header {key}": value for key, value in here.headers.items()}
    for key in dict.fromkeys((*one, *other)):
        a, b = one.get(key, "none"), other.get(key, "none")
        for change in changes if a != b else ():
            meant = change.on_text(a)
            used |= {change} if meant != a else set()
            a = meant
        if a != b:
            found.append(Difference(name, key, f"{a} -> {b}"))
    if base.sha == here.sha:
        return found
    old, new = base.read(), here.read()
    for addition in (change for change in meant_here if isinstance(change, Added)):
        kept = addition.cut(new)
        used |= {addition} if kept != new else set()
        new = kept
    for change in changes:
        meant = change.on_body(old, new)
        used |= {change} if meant != old else set()
        old = meant
    if old != new:
        found.append(replace(difference(old, new), name=name))
    return found


def difference(old: bytes, new: bytes) -> Difference:
    """How two bodies differ: by how much, when only in numbers, else where at first."""
    hashes = " -> ".join(f"sha256:{hashlib.sha256(body).hexdigest()[:12]}" for body in (old, new))
    (text, arrays), (other, others) = unpacked(old), unpacked(new)
    if text is None or other is None:
        words = f"{len(old):,} -> {len(new):,} bytes, {hashes}"
        return Difference("", "body", words)
    apart = distance(text, arrays, other, others)
    if apart is None:
        return Difference("", "body", f"{first_difference(text, other)}\n    {hashes}")
    words = f"{apart.count:,} numbers differ, by at most {apart.largest:.3g} relative"
    words += f" ({apart.single:.3g} in float32)" if apart.single else ""
    where = f"\n    {first_difference(text, other)}" if text != other else ""
    return Difference("", "body", f"{words}{where}\n    {hashes}", apart)


def distance(text: str, arrays: list[Any], other: str, others: list[Any]) -> Apart | None:
    """How far apart two unpacked bodies are; None when more than numbers differs."""
    kinds = [(a.dtype, a.shape) for a in arrays]
    if NUMBER.sub("#", text) != NUMBER.sub("#", other):
        return None
    if kinds != [(b.dtype, b.shape) for b in others]:
        return None
    count, largest, single = 0, 0.0, 0.0
    for a, b in zip(NUMBER.findall(text), NUMBER.findall(other), strict=True):
        if a != b:
            count += 1
            largest = max(largest, relative(np.array([float(a)]), np.array([float(b)])))
    for a, b in zip(arrays, others, strict=True):
        if a.tobytes() == b.tobytes():
            continue
        count += int(np.count_nonzero((a != b) & ~((a != a) & (b != b))))
        if a.dtype == np.dtype("<f4"):
            single = max(single, relative(a, b))
        else:
            largest = max(largest, relative(a, b))
    return Apart(count, largest, single)


def relative(a: Any, b: Any) -> float:
    """The largest difference of two arrays, each over the larger of the two numbers."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(all="ignore"):
        gap = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    gap = np.where(same, 0.0, np.where(np.isfinite(gap), gap, np.inf))
    return float(gap.max(initial=0.0))


# --- bodies -----------------------------------------------------------------------------


def unpacked(body: bytes) -> tuple[str | None, list[Any]]:
    """A body as text and arrays of numbers; None for what is neither."""
    if body.startswith((b"NNV1", b"NET8")):
        return _stream(body)
    if body.startswith(b"PAR1"):
        return _parquet(body), []
    try:
        text = body.decode("utf-8")
    except UnicodeError:
        return None, []
    arrays: list[Any] = []

    def array(found: re.Match[str]) -> str:
        made = json.loads(found[0])
        arrays.append(np.frombuffer(base64.b64decode(made["bdata"]), np.dtype(made["dtype"])))
        return json.dumps(made | {"bdata": len(arrays)})

    text = GZIPPED.sub(lambda found: gzip.decompress(base64.b64decode(found[1])).decode(), text)
    return PACKED.sub(array, text), arrays


def _stream(body: bytes) -> tuple[str, list[Any]]:
    """The page's binary stream, its segments one after the other; or chunks of a simulation."""
    texts, arrays, at = [], [], 0
    while at < len(body):
        (size,) = struct.unpack_from("<I", body, at + 4)
        if body[at : at + 4] == b"NET8":
            (length,) = struct.unpack_from("<I", body, at + 8)
            kind, start, end = "<f8", at + 12, at + 12 + size + length
            texts.append(body[start : start + size].decode())
            arrays.append(np.frombuffer(body[start + size : end], kind))
            at = end
            continue
        start = at + 8 + size
        header = json.loads(body[at + 8 : start])
        end = start + header["rows"] * header["frame_bytes"]
        (size,) = struct.unpack_from("<I", body, end)
        texts += [json.dumps(header), body[end + 4 : end + 4 + size].decode().rstrip()]
        arrays.append(np.frombuffer(body[start:end], "<f4"))
        at = end + 4 + size
    return "\n".join(texts), arrays


def _parquet(body: bytes) -> str | None:
    try:
        from pyarrow import parquet
    except ImportError:
        return None
    table = parquet.read_table(io.BytesIO(body))
    columns = (f"{name}: {column}" for name, column in table.to_pydict().items())
    return "\n".join((str(table.schema), *columns))


def first_difference(text: str, other: str) -> str:
    """Both texts around the first place where they differ."""
    pairs = zip(text, other, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(text), len(other)))
    start = max(0, at - 40)
    line = text.count("\n", 0, at) + 1
    old, new = (part[start : at + 80].replace("\n", "\\n") for part in (text, other))
    return f"line {line}, character {at}:\n      - …{old}…\n      + …{new}…"
