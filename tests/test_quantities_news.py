"""Quantities in news sentences of every subject: F1 on sentences written for this, of which `never.txt` is not read by those who tune the grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from musterroll.extract import Quantity, quantities

FOLDER = Path(__file__).parent.parent / "corpus/quantities"
TAG = re.compile(r"\{([^{}#]*)#(~?)([^{};~]*);~?([^{};]*)\}")


def tagged(line: str) -> tuple[str, list[tuple[int, int, str, list[float]]]]:
    """The sentence without its tags, and for each the span, the bound and its values: {about 40#~40;~40}, {over 5#5;}, {3 to 4#3;4}."""
    text, gold, at = "", [], 0
    for m in TAG.finditer(line):
        text += line[at : m.start()]
        words, about, low, high = m.groups()
        bound = "about" if about else "at_least" if not high else "at_most" if not low else "exact" if low == high else "range"
        gold.append((len(text), len(text) + len(words), bound, sorted({float(x) for x in (low, high) if x})))
        text, at = text + words, m.end()
    return text + line[at:], gold


def sentences(name: str) -> Iterator[tuple[str, list[tuple[int, int, str, list[float]]]]]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()[2:]:
        yield tagged(line)


def values(q: Quantity) -> list[float]:
    return sorted({v for v in (q.point, q.low, q.high) if v is not None})


def f1(name: str) -> tuple[float, float]:
    """F1 of the value, and of value and bound; a quantity is right where it overlaps the tag and no other is paired with it."""
    gold = found = right = bound_too = 0
    for text, tags in sentences(name):
        left = [q for q in quantities(text) if q.kind != "vague"]
        gold, found = gold + len(tags), found + len(left)
        for start, end, bound, want in tags:
            q = next((q for q in left if q.start < end and q.end > start and values(q) == pytest.approx(want, rel=0.005)), None)
            if q is not None:
                left.remove(q)
                right += 1
                bound_too += q.qualifier == bound
    return 2 * right / (gold + found), 2 * bound_too / (gold + found)


@pytest.mark.parametrize(("name", "value", "bound"), [("read.txt", 0.97, 0.97), ("never.txt", 0.91, 0.90)])
def test_floors_on_sentences_of_other_subjects(name: str, value: float, bound: float) -> None:
    seen = f1(name)
    assert seen[0] >= value and seen[1] >= bound, seen


def test_a_spoiled_reading_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "quantities", lambda text: quantities_without_bounds(text))
    value, bound = f1("read.txt")
    assert bound < value - 0.1


def quantities_without_bounds(text: str) -> list[Quantity]:
    from dataclasses import replace

    from musterroll.extract.quantities import quantities as real

    return [replace(q, qualifier="exact") for q in real(text)]
