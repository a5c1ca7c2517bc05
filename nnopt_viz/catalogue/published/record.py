"""What a source printed, and the race of ours that answers for it."""

from __future__ import annotations

from dataclasses import dataclass

# Why the last digits differ where a source computes with 24 bits; the tests prove it with torch.
SINGLE = (
    "The source computes in single precision, which holds 7 digits and rounds each step to them; "
    "here it is double precision, with 16."
)
# Why the last digit is one lower; the tests cut ours off, too.
CUT_OFF = "The source cuts off the digits that follow and does not round them."


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a source, and where it stands in our race.

    Args:
        quantity: what it is: a key of QUANTITIES in `nnopt_viz.catalogue.lookup`, or a formula
            in x and y.
        step: after how many steps of ours; 0 is the start.
        text: as the source prints it, a number or a formula; it stands in the record's printout.
        run: which run of the query, from 0.
        law: the source's formula with its numbers put in, in our notation; empty where the source
            prints the number itself.
        why: where ours has other digits, the reason; empty where it must have the same.
    """

    quantity: str
    step: int
    text: str
    run: int = 0
    law: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One printout.

    Args:
        name: lower_snake, never renamed: the page's anchor for it.
        title: what it is about, short.
        who, year, work: author, year (None where none is given) and title of the source.
        where: chapter, section or thread in it.
        address: a public address at which it can be read.
        shows: what one learns from it, one sentence.
        printout: lines of the source, as printed.
        query: the race, readable; empty where none of ours can answer for it.
        runs: what the runs are called in the source, where our names say too little.
        figures: which of the printed numbers are looked up, in the order of the printout.
        note: what had to be chosen or put otherwise, and what can't be answered.
    """

    name: str
    title: str
    who: str
    year: int | None
    work: str
    where: str
    address: str
    shows: str
    printout: tuple[str, ...]
    query: str = ""
    runs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    note: str = ""


def at(step: int, run: int = 0, why: str = "", **texts: str) -> tuple[Figure, ...]:
    """Figures of one row: `at(20, x="-0.943467", y="-0.000073")`."""
    return tuple(Figure(name, step, text, run, why=why) for name, text in texts.items())
