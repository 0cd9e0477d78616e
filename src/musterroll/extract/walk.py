"""From quantities to claims: one walk over a document, asking a judge at every slot.

Each quantity is offered to the measure scorer, which may say it is no claim; what passes gets who, origin, date and source from scored
candidates, and side, group, place and the minor fields from rules. Decisions carry over through `Context`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..records import Claim, Slot, Span
from . import minor
from .analysis import Analysis
from .candidates import Candidate, Context
from .citing import sources
from .dating import dates
from .features import measure_features, who_features
from .model import NONE, Judge
from .origins import main_origin, often, origins
from .quantities import Quantity

OFFERED = frozenset(("count", "vague", "percent", "age"))


@dataclass(frozen=True)
class Trace:
    """One decided quantity with everything that was weighed."""

    quantity: Quantity
    measure: str
    probability: float
    top: tuple[tuple[str, float], ...]
    who: str = ""
    chosen: dict[str, tuple[Candidate, float]] | None = None
    candidates: dict[str, list[Candidate]] | None = None
    weights: dict[str, Sequence[float]] | None = None


def offered(a: Analysis) -> Iterator[tuple[int, Quantity, frozenset[str] | None]]:
    """Quantities that may be claims, each with the measures its unit allows (None: any but those of the other units)."""
    by_unit: dict[str, set[str]] = {}
    for m in a.codebook.measures.values():
        by_unit.setdefault(m.unit, set()).add(m.code)
    percent = frozenset(by_unit.get("percent", set()) | {NONE})
    years = frozenset(by_unit.get("years", set()) | {NONE})
    plain = frozenset(set(a.codebook.measures) - percent - years | {NONE})
    for n, q in enumerate(a.quantities):
        if q.kind not in OFFERED:
            continue
        if q.kind == "age":
            if not _age_statistic(a, q, years):
                continue
            yield n, q, years
        elif q.unit == "percent":
            yield n, q, percent
        elif q.value >= 2:
            yield n, q, plain


def _age_statistic(a: Analysis, q: Quantity, years: frozenset[str]) -> bool:
    """An age is offered only where the sentence speaks of a population's ages, by a phrase of an age measure."""
    i, j = a.bounds[a.sentence[q.i]]
    return any(h.kind in ("phrase", "measure") and h.value in years for h in a.hits_in(i, j))


def walk(a: Analysis, judge: Judge) -> Iterator[Trace]:
    """Decide every offered quantity in reading order."""
    ctx = Context(main_origin=main_origin(a), places=often(a))
    numbers = tuple(offered(a))
    judge = judge.open(a, [n for n, _, _ in numbers])
    for n, q, allowed in numbers:
        s = a.sentence[q.i]
        near = ctx.sentence == s
        known = ctx.sentence >= 0 and s - ctx.sentence <= 3
        d = judge.measure(q, measure_features(a, n, ctx.measure if known else None, near), allowed)
        if d.value == NONE:
            yield Trace(q, NONE, d.probability, d.top)
            continue
        w = judge.who(q, who_features(a, n, d.value, ctx.who if known else None, near))
        offers: dict[str, list[Candidate]] = {"origin": origins(a, q, d.value, ctx)}
        chosen: dict[str, tuple[Candidate, float]] = {}
        weights: dict[str, Sequence[float]] = {}
        for slot in ("origin", "source", "as_of"):
            if slot == "source":
                offers[slot] = sources(a, q, d.value, ctx)
            elif slot == "as_of":
                offers[slot] = dates(a, q, d.value, ctx)
            p = weights[slot] = judge.weigh(slot, q, offers[slot])
            k = max(range(len(p)), key=p.__getitem__)
            chosen[slot] = (offers[slot][k], p[k])
        yield Trace(q, d.value, d.probability, d.top, w.value, {**chosen, "who": (Candidate(w.value, "noun"), w.probability)}, offers, weights)
        origin, as_of, source = (chosen[k][0].value for k in ("origin", "as_of", "source"))
        ctx = Context(
            d.value,
            w.value,
            tuple(origin or ()),
            as_of if isinstance(as_of, str) else None,
            source if isinstance(source, str) else None,
            s,
            n,
            ctx.main_origin,
            ctx.places,
            ctx.source if ctx.source and ctx.source != source else ctx.older_source,
        )


def claims(a: Analysis, judge: Judge, version: str) -> list[Claim]:
    """The document's claims, in order."""
    out: list[Claim] = []
    t = a.tokens
    for tr in walk(a, judge):
        if tr.measure == NONE or tr.chosen is None:
            continue
        q = tr.quantity
        origin, p_origin = tr.chosen["origin"]
        as_of, p_date = tr.chosen["as_of"]
        source, p_source = tr.chosen["source"]
        p_who = tr.chosen["who"][1]
        slots = {
            "measure": Slot("clause", round(tr.probability, 4), q.start, q.end),
            "who": Slot("noun", round(p_who, 4), *((t.start[q.head], t.end[q.head]) if q.head >= 0 else (None, None))),
            "origin": _slot(a, origin, p_origin),
            "as_of": _slot(a, as_of, p_date),
            "source": _slot(a, source, p_source),
        }
        values = tuple(origin.value or ()), _text(as_of.value), _text(source.value)
        out.append(
            build(a, q, tr.measure, tr.who, *values, confidence=tr.probability * p_who * p_origin, slots=slots, candidates=tr.top, version=version)
        )
    return out


def build(
    a: Analysis,
    q: Quantity,
    measure: str,
    who: str,
    origin: tuple[str, ...],
    as_of: str | None,
    source: str | None,
    *,
    confidence: float,
    slots: Mapping[str, Slot],
    candidates: tuple[tuple[str, float], ...],
    version: str,
    notes: tuple[str, ...] = (),
) -> Claim:
    """The claim on a quantity whose chief fields are decided; its value is the quantity's, the minor fields follow from rules."""
    doc, t = a.document, a.tokens
    i, j = a.bounds[a.sentence[q.i]]
    fields = minor.fields(a, q, measure, who, origin)
    fields["notes"] = (*fields["notes"], *notes)
    return Claim.build(
        doc,
        q.start,
        q.end,
        number=q.text,
        quote=_quote(a, q, i, j),
        point=q.point,
        low=q.low,
        high=q.high,
        qualifier=q.qualifier,
        measure=measure,
        who=who,
        origin=origin,
        as_of=as_of,
        source=source,
        sentence=Span(t.start[i], t.end[j - 1]),
        heading=doc.heading_at(q.start),
        confidence=round(confidence, 4),
        slots=slots,
        candidates=candidates,
        extractor=version,
        **fields,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _slot(a: Analysis, c: Candidate, p: float) -> Slot:
    t = a.tokens
    if c.i >= 0:
        return Slot(c.how, round(p, 4), t.start[c.i], t.end[c.j - 1])
    return Slot(c.how, round(p, 4))


def _quote(a: Analysis, q: Quantity, i: int, j: int) -> str:
    """The clause that carries the number: from the last strong cut before it to the first one after; the sentence where that is short."""
    t = a.tokens
    s, e = i, j
    if t.end[j - 1] - t.start[i] > 160:
        for k in range(q.i - 1, i, -1):
            if t.low[k] in (";", "—"):
                s = k + 1
                break
        for k in range(q.j, j):
            if t.low[k] in (";", "—"):
                e = k
                break
    return a.document.text[t.start[s] : t.end[e - 1]]
