"""What the text offers for a slot: candidates with features, "none" among them.

`origins`, `dating` and `citing` each list the candidates of one slot for one quantity. A candidate carries the value, where it stands, how far it was
fetched (`how`), and the named features by which a `Chooser` weighs it. "None" is a candidate with features of its own: abstaining is learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .analysis import Analysis
from .quantities import Quantity

Origin = tuple[str, ...]


@dataclass
class Candidate:
    """One value a slot may take. `i`, `j` are its tokens (-1 where it stands nowhere)."""

    value: Origin | str | None
    how: str
    i: int = -1
    j: int = -1
    features: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What was decided just before: the previous claim's values and where it stands; and what the document speaks of."""

    measure: str | None = None
    who: str | None = None
    origin: Origin | None = None
    as_of: str | None = None
    source: str | None = None
    sentence: int = -1
    quantity: int = -1
    main_origin: str | None = None
    places: tuple[str, ...] = ()
    older_source: str | None = None


def distance(q: Quantity, i: int, j: int) -> tuple[str, int]:
    if i >= q.j:
        return "R", i - q.j
    return "L", q.i - j


def number_between(a: Analysis, q: Quantity, i: int) -> bool:
    """Does another count or share of the sentence stand between the quantity and token i?"""
    first, last = min(i, q.i), max(i, q.i)
    sentence = a.quantities_in(*a.bounds[a.sentence[q.i]])
    return any(other is not q and first < other.i < last and other.kind in ("count", "percent", "vague") for other in sentence)


def bucket(d: int) -> str:
    return "0" if d <= 0 else "2" if d <= 2 else "5" if d <= 5 else "10" if d <= 10 else "20" if d <= 20 else "far"


def merge(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One candidate a value: the features of all its mentions, the place of the first (nearest) one."""
    out: dict[object, Candidate] = {}
    for c in candidates:
        key = c.value.lower() if isinstance(c.value, str) else c.value
        if key in out:
            out[key].features.extend(c.features)
        else:
            out[key] = c
    for c in out.values():
        c.features = list(dict.fromkeys(c.features))
    return list(out.values())
