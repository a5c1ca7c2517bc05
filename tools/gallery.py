"""Measure the gallery's sentences and keep their figures: python -m tools.gallery [NAME …]

Without names, all of them. Ends with 1 where a sentence does not hold: then the sentence has to
change, not the seed.
"""

from __future__ import annotations

import json
import sys
import time

from nnopt_viz.gallery import GALLERY
from nnopt_viz.gallery.measure import FILE, figures_of, kept


def main(names: list[str]) -> int:
    made, wrong = {}, []
    for name, entry in GALLERY.items():
        if names and name not in names and name in kept():
            made[name] = kept()[name]
            continue
        begun = time.perf_counter()
        figures = figures_of(entry)
        made[name] = {"query": entry.query, "figures": figures}
        holds = entry.holds(figures)
        wrong += [] if holds else [name]
        took = time.perf_counter() - begun
        print(f"{took:5.2f} s  {name}: {'' if holds else 'DOES NOT HOLD: '}{entry.said(figures)}")
    lines = [f" {json.dumps(name)}: {json.dumps(one)}" for name, one in sorted(made.items())]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
