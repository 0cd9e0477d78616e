"""What is learnt from: one example a number, noted by a teacher that answers in the judge's place on the same walk that extraction makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .analysis import Analysis
from .candidates import Candidate
from .features import gap_features
from .model import NONE, Decision, Judge
from .quantities import Quantity
from .scoring import same_date, same_origin, same_source, same_value
from .walk import walk

SLOTS: dict[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "origin": lambda g, v: same_origin(g, {"origin": list(v or ())}),
    "as_of": lambda g, v: same_date(g, {"as_of": v}),
    "source": lambda g, v: same_source(g, {"source": v}),
}


class Choice(NamedTuple):
    """Candidates of one slot: features, first and last tokens (-1: nowhere), how fetched, which are right."""

    features: list[list[str]]
    first: list[int]
    last: list[int]
    how: list[str]
    right: list[bool]


@dataclass
class Example:
    """One number: its first, last and noun token (-1: none), and what is to be learnt of it."""

    at: tuple[int, int, int]
    gap: list[str]
    features: list[str]
    measure: str
    allowed: frozenset[str] | None
    who: tuple[list[str], str] | None = None
    choices: dict[str, Choice] = field(default_factory=dict)


class Teacher:
    """A judge that knows the answers of one document.

    With `pupil` it notes the right answers but gives the pupil's, so that the features of what follows are those that a model's own
    decisions lead to, mistakes included (Ross, Gordon & Bagnell 2011, DAgger).
    """

    def __init__(self, gold: Sequence[Mapping[str, Any]], pupil: Judge | None = None) -> None:
        self.gold = list(gold)
        self.pupil = pupil
        self.noted: list[Example] = []
        self._used: set[int] = set()
        self._current: Mapping[str, Any] | None = None

    def open(self, a: Analysis, numbers: Sequence[int]) -> Judge:
        """Begin a document."""
        self._a = a
        self._index = {a.quantities[n].i: n for n in numbers}
        if self.pupil is not None:
            self.pupil = self.pupil.open(a, numbers)
        return self

    def _match(self, q: Quantity) -> Mapping[str, Any] | None:
        p = {"point": q.point, "low": q.low, "high": q.high, "unit": "percent" if q.unit == "percent" else ""}
        best, size = None, 0
        for n, g in enumerate(self.gold):
            overlap = min(g["end"], q.end) - max(g["start"], q.start)
            if n not in self._used and overlap > size and same_value(g, p):
                best, size = n, overlap
        if best is None:
            return None
        self._used.add(best)
        return self.gold[best]

    def measure(self, q: Quantity, features: Sequence[str], allowed: frozenset[str] | None) -> Decision:
        """The coded measure, or NONE where the number is not coded."""
        g = self._current = self._match(q)
        label = str(g["measure"]) if g else NONE
        self.noted.append(Example((q.i, q.j - 1, q.head), gap_features(self._a, self._index[q.i]), list(features), label, allowed))
        if self.pupil is not None:
            said = self.pupil.measure(q, features, allowed)
            return said if said.value != NONE else Decision(label, 1.0)
        return Decision(label, 1.0)

    def who(self, q: Quantity, features: Sequence[str]) -> Decision:
        """The coded part of the population."""
        label = ""
        if self._current is not None:
            label = str(self._current["who"])
            self.noted[-1].who = (list(features), label)
        return self.pupil.who(q, features) if self.pupil is not None else Decision(label, 1.0)

    def weigh(self, slot: str, q: Quantity, candidates: Sequence[Candidate]) -> Sequence[float]:
        """All weight on a right candidate; where none is right, none is learnt and "none" is carried on."""
        g = self._current
        if g is None:
            assert self.pupil is not None
            return self.pupil.weigh(slot, q, candidates)
        right = [SLOTS[slot](g, c.value) for c in candidates]
        if any(right):
            spans = [(c.i, c.j - 1) if c.i >= 0 else (-1, -1) for c in candidates]
            self.noted[-1].choices[slot] = Choice(
                [c.features for c in candidates], [i for i, _ in spans], [j for _, j in spans], [c.how for c in candidates], right
            )
        if self.pupil is not None:
            return self.pupil.weigh(slot, q, candidates)
        best = right.index(True) if any(right) else next(k for k, c in enumerate(candidates) if c.how == "none")
        return [float(k == best) for k in range(len(candidates))]


def examples(a: Analysis, gold: Sequence[Mapping[str, Any]], pupil: Judge | None = None) -> list[Example]:
    """What the teacher notes on one analysed document."""
    teacher = Teacher(gold, pupil)
    for _ in walk(a, teacher):
        pass
    return teacher.noted
