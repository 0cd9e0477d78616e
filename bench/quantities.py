"""Quantities in news sentences of every subject: this grammar and quantulum3 on the same sentences, F1 of the value.

usage: quantities.py     reads corpus/quantities; `never.txt` is not read by those who tune the grammar
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from test_quantities_news import f1, sentences  # noqa: E402


def peer(name: str) -> float:
    """The same figure of quantulum3, its classifier off; a range counts as right by either end, since it gives their middle and its spread."""
    from quantulum3 import classifier, parser

    classifier.USE_CLF = False

    gold = found = right = 0
    for text, tags in sentences(name):
        left = parser.parse(text)
        gold, found = gold + len(tags), found + len(left)
        for start, end, _, want in tags:
            for q in left:
                ends = {q.value, q.value - (q.uncertainty or 0), q.value + (q.uncertainty or 0)}
                scale = 100 if q.unit.name == "percentage" or not q.unit.name else 1
                near = any(abs(v * s - w) <= 0.005 * max(abs(w), 1) for v in ends for w in want for s in (1, scale))
                if q.span[0] < end and q.span[1] > start and near:
                    left.remove(q)
                    right += 1
                    break
    return 2 * right / (gold + found)


if __name__ == "__main__":
    print("sentences        value  value and bound  quantulum3, value")
    for name in ("read.txt", "never.txt"):
        value, bound = f1(name)
        print(f"{name:14} {value:7.3f} {bound:16.3f} {peer(name):18.3f}")
