"""Printouts that anyone can look up: what books, papers and threads printed. Data only."""

from __future__ import annotations

from nnopt_viz.catalogue.published import books, landscapes, papers, software
from nnopt_viz.catalogue.published.record import CUT_OFF, SINGLE, Figure, Record

__all__ = ["CUT_OFF", "RECORDS", "SINGLE", "Figure", "Record"]

RECORDS: tuple[Record, ...] = (
    *books.RECORDS,
    *papers.RECORDS,
    *software.RECORDS,
    *landscapes.RECORDS,
)
