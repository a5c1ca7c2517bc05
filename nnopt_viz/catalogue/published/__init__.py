"""Printouts that anyone can look up: what books, papers and threads printed. Data only."""

from __future__ import annotations

from nnopt_viz.catalogue.published import books, papers, software
from nnopt_viz.catalogue.published.record import SINGLE, Figure, Record

__all__ = ["RECORDS", "SINGLE", "Figure", "Record"]

RECORDS: tuple[Record, ...] = (*books.RECORDS, *papers.RECORDS, *software.RECORDS)
