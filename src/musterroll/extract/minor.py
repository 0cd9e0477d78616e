"""Fields that rules decide: unit, side, group, place, attribute, includes, basis, of, stance, wording."""

from __future__ import annotations

from typing import Any

from ..codebook import Hit
from .analysis import Analysis
from .quantities import Quantity


def fields(a: Analysis, q: Quantity, measure: str, who: str, origin: tuple[str, ...]) -> dict[str, Any]:
    """Values of the minor fields for one claim."""
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    hits = [h for h in a.hits_in(i0, j0) if not q.i <= h.i < q.j]
    own = [h for h in hits if h.kind not in ("group", "side") or not _opponent(a, h)]
    group = _nearest(a, q, own, "group")
    side = _side(a, q, own, group)
    where = _nearest(a, q, hits, "where")
    return {
        "unit": unit(a, q, measure),
        "side": side,
        "group": group,
        "place": where,
        "attribute": _attribute(a, q, measure, who, hits),
        "includes": tuple(dict.fromkeys(h.value for h in hits if h.kind == "includes")),
        "basis": next((h.value for h in hits if h.kind == "basis" and a.clause[h.i] == a.clause[q.i] and abs(h.i - q.j) <= 4), None),
        "of": None,
        "stance": _stance(a, q, hits),
        "wording": _wording(a, q, hits),
        "notes": _notes(a, q, origin),
    }


def unit(a: Analysis, q: Quantity, measure: str) -> str:
    """The unit of a claim: that of its number (percent, rates), of its noun, of its measure."""
    m = a.codebook.measures[measure]
    if q.unit == "percent":
        return "percent"
    if m.unit != "people":
        return m.unit
    per = a.codebook.wording.get("per", {})
    t = a.tokens
    k = q.head + 1 if q.head >= 0 else q.j
    window = t.low[k : k + 7]
    for d, w in enumerate(window):
        if (w in per and d and window[d - 1] in ("a", "per", "each", "every", "an")) or w in ("monthly", "weekly", "annually", "yearly"):
            name = f"people_{per.get(w, 'per_year')}"
            return name if name in a.codebook.units else m.unit
    if q.head >= 0 and q.noun_key:
        kind = a.codebook.nouns[q.noun_key].kind
        if kind in ("events", "items", "countries") and m.role == "beside" and kind in a.codebook.units:
            return kind
    return m.unit if m.unit in a.codebook.units else "people"


def _nearest(a: Analysis, q: Quantity, hits: list[Hit], kind: str) -> str | None:
    """Value of the nearest hit of a kind, those of the clause before the others."""
    best: tuple[tuple[bool, int], str] | None = None
    for h in hits:
        if h.kind == kind:
            d = h.i - q.j if h.i >= q.j else q.i - h.j
            key = (a.clause[h.i] != a.clause[q.i], d)
            if best is None or key < best[0]:
                best = (key, h.value)
    return best[1] if best else None


def _side(a: Analysis, q: Quantity, hits: list[Hit], group: str | None) -> str:
    """The side of the group or word nearest in the sentence, else of the document as a whole."""
    groups = a.codebook.groups
    if group:
        return groups[group].side
    if near := _nearest(a, q, hits, "side"):
        return near
    return a.main_side or "unknown"


def _opponent(a: Analysis, h: Hit) -> bool:
    """Is a group named as the one that holds, kills or fights the counted people: "killed by the …", "in … custody"?"""
    t, words = a.tokens, a.codebook.words
    k = h.i - 1
    while k > 0 and t.low[k] in ("the", "a", "an"):
        k -= 1
    after = h.j + 1 if t.low[h.j : h.j + 1] == ("-",) else h.j
    return (k >= 0 and t.low[k] in words["opponents_before"]) or (after < len(t) and t.low[after] in words["opponents_after"])


def _attribute(a: Analysis, q: Quantity, measure: str, who: str, hits: list[Hit]) -> str | None:
    noun = a.codebook.nouns.get(q.noun_key or "")
    if noun and noun.attribute:
        return noun.attribute
    near = [h for h in hits if h.kind == "attribute" and a.clause[h.i] == a.clause[q.i]]
    if a.codebook.measures[measure].unit == "percent":
        after = [h for h in near if h.i >= q.j and h.value != who]
        return (after or near)[0].value if near else None
    narrow = [
        h
        for h in near
        if h.value not in ("women", "children", "men", "adults", "orphans", "returned", "killed", "present", "detained", "convicted", "deported")
    ]
    return narrow[0].value if narrow else None


def _stance(a: Analysis, q: Quantity, hits: list[Hit]) -> str:
    for h in hits:
        if h.kind == "denied":
            return "denied"
    return "disputed" if any(h.kind == "disputed" for h in hits) else "asserted"


def _wording(a: Analysis, q: Quantity, hits: list[Hit]) -> str | None:
    near = {h.kind for h in hits if h.kind in ("current", "running_total") and a.clause[h.i] == a.clause[q.i]}
    if near == {"current"}:
        return "current"
    return "running_total" if near == {"running_total"} else "unclear" if near else None


def _notes(a: Analysis, q: Quantity, origin: tuple[str, ...]) -> tuple[str, ...]:
    """Warnings a reader must see, such as a place name that several places share."""
    out = []
    i0, j0 = a.bounds[a.sentence[q.i]]
    for h in a.hits_in(i0, j0):
        if h.kind == "origin" and h.form == "ambiguous" and (h.value,) == origin:
            form = a.words(h.i, h.j)
            res = a.codebook.resolve(form)
            others = [x for x in res.codes if x != h.value]
            if others and not any(x.kind == "origin" and x.value == h.value and x.form != "ambiguous" for x in a.hits):
                out.append(f"“{form}” read as {a.codebook.label(h.value)}; it could mean {', '.join(a.codebook.label(x) for x in others)}")
    return tuple(dict.fromkeys(out))
