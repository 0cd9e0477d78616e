"""Sentences per second on one core: this extractor, all slots filled, beside quantulum3, which fills one of them.

usage: extract.py [FOLDER]      both on the same sentences, in turns, in one run; prints the ratio of the medians

Needs quantulum3 (`pip install --group bench`). Its classifier is off, which is its fast mode. Absolute times mean nothing on a shared machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS = 5


def main() -> None:
    """Run both and print the table."""
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    warnings.simplefilter("ignore")
    from quantulum3 import classifier, parser

    classifier.USE_CLF = False

    from musterroll.documents import read
    from musterroll.extract import extract, quantities

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "corpus/texts"
    documents = [read(p) for p in sorted(folder.glob("*.txt"))]
    sentences = [[s.of(d.text) for s in d.sentences] for d in documents]
    count = sum(map(len, sentences))

    def ours() -> int:
        return sum(len(extract(d)) for d in documents)

    def finder() -> int:
        return sum(len(quantities(s)) for d in sentences for s in d)

    def theirs() -> int:
        return sum(len(parser.parse(s)) for d in sentences for s in d)

    jobs: dict[str, Callable[[], int]] = {"muster, claims with all slots": ours, "muster, quantities only": finder, "quantulum3, quantities": theirs}
    times: dict[str, list[float]] = {name: [] for name in jobs}
    found = {}
    for job in jobs.values():
        job()  # caches filled on both sides
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            begin = time.perf_counter()
            found[name] = job()
            times[name].append(time.perf_counter() - begin)
    base = statistics.median(times["quantulum3, quantities"])
    print(f"{count} sentences of {len(documents)} documents in {folder}, one core, median of {ROUNDS} rounds")
    print(f"{'':32}{'found':>8}{'sentences/s':>14}{'times quantulum3':>18}")
    for name in jobs:
        t = statistics.median(times[name])
        print(f"{name:32}{found[name]:>8}{count / t:>14,.0f}{base / t:>18.2f}")


if __name__ == "__main__":
    main()
