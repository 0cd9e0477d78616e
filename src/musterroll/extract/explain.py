"""Why a claim is coded as it is: every candidate that was weighed for each slot of one number, with its probability and place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..codebook import Codebook, load
from ..errors import NotFound
from ..records import Document
from . import analyse
from .analysis import Analysis
from .model import NONE, model
from .walk import Trace, walk


@dataclass(frozen=True)
class Weighed:
    """One candidate of a slot: the value, its probability, how far it was fetched, and its words in the text (empty: nowhere)."""

    value: Any
    probability: float
    how: str
    start: int | None = None
    end: int | None = None
    words: str = ""


@dataclass(frozen=True)
class Explanation:
    """One number of a document: its sentence, what the grammar read, and the candidates of each slot, likeliest first.

    A number that is no claim has only the slot `measure`, with the value `none` first.
    """

    number: str
    start: int
    end: int
    sentence: str
    reading: dict[str, Any]
    slots: dict[str, tuple[Weighed, ...]]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        slots = {k: [{x: y for x, y in vars(w).items() if y not in (None, "")} | {"value": w.value} for w in v] for k, v in self.slots.items()}
        return {**vars(self), "slots": slots}


def explain(document: Document, offset: int, codebook: Codebook | None = None) -> Explanation:
    """The number at character `offset` of the document; the nearest of its sentence where none is there.

    Raises NotFound where the sentence has no number that could be a claim.
    """
    book = codebook or load()
    a = analyse(document, book)
    traces = list(walk(a, model(book)))
    sentence = next((s for s in document.sentences if s.start <= offset < s.end), None)
    numbers = [t for t in traces if sentence and sentence.start <= t.quantity.start < sentence.end]
    here = min(numbers, key=lambda t: max(t.quantity.start - offset, offset - t.quantity.end + 1, 0), default=None)
    if here is None:
        raise NotFound(
            f"{document.name}:{offset}", "there is no number that may be a claim", "Give the offset of a number, as `muster claims` prints it"
        )
    return _explanation(a, here)


def _explanation(a: Analysis, trace: Trace) -> Explanation:
    q = trace.quantity
    i, j = a.bounds[a.sentence[q.i]]
    slots = {"measure": tuple(Weighed(v, p, "clause") for v, p in trace.top)}
    if trace.measure == NONE:
        slots["measure"] = (Weighed(NONE, round(trace.probability, 4), "clause"), *slots["measure"])
    for slot, candidates in (trace.candidates or {}).items():
        slots[slot] = tuple(_weighed(a, trace, slot, len(candidates)))
    if trace.chosen:
        who, p = trace.chosen["who"]
        slots["who"] = (Weighed(who.value, round(p, 4), "noun"),)
    reading = {"point": q.point, "low": q.low, "high": q.high, "qualifier": q.qualifier, "unit": q.unit, "noun": q.noun}
    return Explanation(q.text, q.start, q.end, a.words(i, j), reading, slots)


def _weighed(a: Analysis, trace: Trace, slot: str, n: int) -> Iterator[Weighed]:
    assert trace.candidates is not None and trace.weights is not None
    t = a.tokens
    for k in sorted(range(n), key=lambda k: -trace.weights[slot][k] if trace.weights else 0):
        c, p = trace.candidates[slot][k], round(trace.weights[slot][k], 4)
        value = list(c.value) if isinstance(c.value, tuple) else c.value
        if c.i < 0:
            yield Weighed(value, p, c.how)
        else:
            yield Weighed(value, p, c.how, t.start[c.i], t.end[c.j - 1], a.words(c.i, c.j))
