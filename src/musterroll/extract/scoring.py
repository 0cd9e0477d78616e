"""Compare extracted claims with coded ones: found, core and full F1, and the share of right slots.

A predicted claim matches a coded one of the same document when their number spans overlap and their values agree; pairs are made one to
one, best overlap first. Rules: docs/coding-guide.md; `derived` claims that match nothing do not count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..records import interval

Row = Mapping[str, Any]

STOP = frozenset("the a an of and s by from its to in report estimate estimates official officials".split())  # noqa: SIM905
# Country names and adjectives count as one word when sources are compared.
ALIAS = dict(
    pair.split("=")
    for pair in (  # noqa: SIM905 - a list of pairs reads best as one line of text
        "uk=british u.k=british britain=british us=american u.s=american france=french germany=german belgium=belgian netherlands=dutch "
        "denmark=danish norway=norwegian sweden=swedish russia=russian kosovo=kosovar albania=albanian turkey=turkish iran=iranian"
    ).split()
) | {"un": "united nations"}


def _extra_alias() -> dict[str, str]:
    """The two countries of the war itself, spelled from their codes so that this file names no subject."""
    from ..codebook import load

    book = load()
    return {book.places[c].name.lower(): book.places[c].forms[-2].lower() for c in sorted(book.theatre)}


def _bounds(c: Row) -> tuple[Any, Any]:
    p, lo, hi = c.get("point"), c.get("low"), c.get("high")
    return (p, p) if lo is None and hi is None else (lo, hi)


def _close(a: Any, b: Any, tolerance: float = 0.005) -> bool:
    if a is None or b is None:
        return a is None and b is None
    return bool(abs(a - b) <= tolerance * max(abs(a), abs(b), 1))


def same_value(g: Row, p: Row) -> bool:
    """Do the numbers agree, bounds included? A vague word agrees by its order of magnitude."""
    if g.get("unit") == "percent" and p.get("unit") != "percent":
        return False
    if g.get("qualifier") == "vague":
        lo, _ = _bounds(p)
        return lo is not None and g["low"] / 2 <= lo <= g["high"]
    (gl, gh), (pl, ph) = _bounds(g), _bounds(p)
    return _close(gl, pl) and _close(gh, ph)


def same_date(g: Row, p: Row) -> bool:
    """The end of the interval decides: same year, and no contradiction at the finer precision both give."""
    a, b = interval(g.get("as_of")), interval(p.get("as_of"))
    if a is None or b is None:
        return a is None and b is None
    return a[1][:4] == b[1][:4] and a[0] <= b[1] and b[0] <= a[1]


def same_origin(g: Row, p: Row) -> bool:
    """Same set of places, communities set aside."""
    return {x.split(":")[0] for x in g.get("origin") or ()} == {x.split(":")[0] for x in p.get("origin") or ()}


_ALIASES: dict[str, str] = {}


def _words(s: str | None) -> set[str]:
    if not _ALIASES:
        _ALIASES.update(ALIAS, **_extra_alias())
    found = re.findall(r"[^\W_]+(?:\.[^\W_]+)*", (s or "").lower())
    return set(" ".join(_ALIASES.get(w, w) for w in found if w not in STOP).split())


def same_source(g: Row, p: Row) -> bool:
    """At least half of the shorter name's words are shared; both null agree."""
    a, b = _words(g.get("source")), _words(p.get("source"))
    if not a or not b:
        return not a and not b
    return len(a & b) / min(len(a), len(b)) >= 0.5


def _who(g: Row, p: Row) -> bool:
    from ..codebook import load

    return {g.get("who"), p.get("who")} <= load().everyone or g.get("who") == p.get("who")


SLOTS: dict[str, Callable[[Row, Row], bool]] = {
    "measure": lambda g, p: g.get("measure") == p.get("measure"),
    "who": _who,
    "origin": same_origin,
    "as_of": same_date,
    "source": same_source,
    "side": lambda g, p: g.get("side") == p.get("side"),
    "group": lambda g, p: g.get("group") == p.get("group"),
    "qualifier": lambda g, p: g.get("qualifier") == p.get("qualifier"),
    "unit": lambda g, p: g.get("unit") == p.get("unit"),
}
CORE = ("measure", "who", "origin")
FULL = (*CORE, "as_of", "source", "qualifier")


def pair(gold: Sequence[Row], predicted: Sequence[Row]) -> list[tuple[int, int]]:
    """(gold number, predicted number) of every match, one to one, best overlap first."""
    by_doc: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for i, g in enumerate(gold):
        by_doc[g["doc"]][0].append(i)
    for j, p in enumerate(predicted):
        by_doc[p["doc"]][1].append(j)
    pairs: list[tuple[int, int]] = []
    for gs, ps in by_doc.values():
        options = []
        for i in gs:
            for j in ps:
                g, p = gold[i], predicted[j]
                overlap = min(g["end"], p["end"]) - max(g["start"], p["start"])
                if overlap > 0 and same_value(g, p):
                    right = sum(f(g, p) for f in SLOTS.values())
                    options.append((-overlap / max(g["end"] - g["start"], p["end"] - p["start"]), -right, i, j))
        used_g: set[int] = set()
        used_p: set[int] = set()
        for _, _, i, j in sorted(options):
            if i not in used_g and j not in used_p:
                used_g.add(i)
                used_p.add(j)
                pairs.append((i, j))
    return pairs


def _prf(k: int, gold: int, predicted: int) -> dict[str, float]:
    p, r = (k / predicted if predicted else 0.0), (k / gold if gold else 0.0)
    return {"precision": round(p, 4), "recall": round(r, 4), "f1": round(2 * p * r / (p + r), 4) if p + r else 0.0}


def score(gold: Sequence[Row], predicted: Sequence[Row]) -> dict[str, Any]:
    """Figures over the documents that `gold` speaks of: found, core, full (precision, recall, F1) and right slots among matches."""
    docs = {g["doc"] for g in gold}
    rows = [p for p in predicted if p["doc"] in docs]
    pairs = pair(gold, rows)
    matched = {j for _, j in pairs}
    kept = [j for j, p in enumerate(rows) if j in matched or not p.get("derived")]

    def right(names: Sequence[str]) -> int:
        return sum(all(SLOTS[s](gold[i], rows[j]) for s in names) for i, j in pairs)

    return {
        "gold": len(gold),
        "predicted": len(kept),
        "matched": len(pairs),
        "found": _prf(len(pairs), len(gold), len(kept)),
        "core": _prf(right(CORE), len(gold), len(kept)),
        "full": _prf(right(FULL), len(gold), len(kept)),
        "slots": {s: round(right([s]) / len(pairs), 4) if pairs else 0.0 for s in SLOTS},
    }
