"""Candidates for the date at which a number holds: those of the sentence and around it, the day of publication, none."""

from __future__ import annotations

from .analysis import Analysis
from .candidates import Candidate, Context, bucket, distance, merge, number_between
from .columns import column
from .dates import Date
from .quantities import Quantity

BACK = 4  # sentences of the paragraph looked back


def dates(a: Analysis, q: Quantity, measure: str, ctx: Context) -> list[Candidate]:
    """Candidates for the date.

    Those of the sentence, of up to four sentences before in the paragraph, of the heading; the last one before all these; the document's first and
    commonest; the day of publication; the date of the claim before; none.
    """
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    out: list[Candidate] = []
    tense, habit = _tense(a, q), a.habits[1]
    here = a.dates_in(i0, j0)
    usable = [d for d in here if d.value]
    nearest = min(usable, key=lambda d: distance(q, d.i, d.j)[1], default=None)
    for d in usable:
        side, n = distance(q, d.i, d.j)
        same = "c" if a.clause[d.i] == a.clause[q.i] else "s"
        f = [
            "here",
            f"d:{side}:{bucket(n)}:{same}",
            f"kind:{d.kind}:{same}",
            f"mark:{d.mark}:{same}",
            f"d:{side}:{d.mark}",
            f"alone:{len(usable) == 1}",
            f"fam:{tense}:{d.kind}",
        ]
        if d is nearest:
            f += ["nearest", f"nearest:{side}:{same}"]
        if d.i == i0 or d.i == i0 + 1:
            f.append("opens")
        if number_between(a, q, d.i):
            f.append(f"between:{side}")
        if _in_parenthesis(a, d):
            f.append("paren")
        prev = a.tokens.low[d.i - 1] if d.i else ""
        f.append(f"prep:{prev if prev in a.codebook.words['date_prepositions'] else '-'}:{side}")
        for value in _variants(d):
            how = f"open:{'..' in (value or '')}:{d.mark}:{value == d.other}"
            out.append(Candidate(value, "clause" if same == "c" else "sentence", d.i, d.j, [*f, how]))
    named = "here" if usable else "nohere"
    first = s
    for k, back in a.earlier(s, BACK):
        first = k
        found = [d for d in a.dates_in(*a.bounds[k]) if d.value]
        for n, d in enumerate(found):
            f = [
                f"back:{back}",
                f"back:{min(back, 2)}:{d.kind}",
                f"back:{named}",
                f"backlast:{n == len(found) - 1}",
                f"back:{tense}",
                f"backmark:{d.mark}",
                f"back:{back}:{'only' if len(found) == 1 else 'many'}",
            ]
            if q.head < 0 or q.partitive:
                f.append(f"back:{min(back, 2)}:elided")
            out.append(Candidate(_variants(d)[-1], "previous_sentence", d.i, d.j, f))
            if d.other:
                out.append(Candidate(d.other, "previous_sentence", d.i, d.j, [*f, "back:other"]))
    if (hd := a.heading[s]) >= 0:
        for d in a.dates_in(*a.bounds[hd]):
            if d.value:
                out.append(Candidate(d.value, "heading", d.i, d.j, ["heading", f"heading:{named}"]))
    if above := column(a, q):
        for d in a.dates_in(*above):
            if d.value:
                out.append(Candidate(_variants(d)[-1], "heading", d.i, d.j, ["column", f"column:{named}"]))
    if (place := a.places_in_tables.get(q.i)) and place.caption:
        for d in a.dates_in(*place.caption):
            if d.value:
                out.append(Candidate(_variants(d)[-1], "heading", d.i, d.j, ["caption", f"caption:{named}"]))
    for tag, far in elsewhere(a, first):
        if far is not None:
            f = [tag, f"{tag}:{named}", f"{tag}:{far.kind}:{far.mark}", f"{tag}:{habit}", f"{tag}:{tense}"]
            if a.salient_date.distinct == 1:
                f.append(f"{tag}:only")
            out.append(Candidate(_variants(far)[-1], "document", far.i, far.j, f))
    if a.document.published:
        out.append(
            Candidate(
                a.document.published,
                "document",
                -1,
                -1,
                [
                    "doc",
                    f"doc:{tense}",
                    f"doc:m:{measure}",
                    f"doc:{named}",
                    f"doc:now:{any(d.kind == 'now' for d in here)}",
                    f"doc:src:{ctx.source is not None}",
                ],
            )
        )
    if ctx.as_of:
        near = "same" if ctx.sentence == s else "next" if ctx.sentence == s - 1 else "far"
        f = [
            f"prev:{near}",
            f"prev:{near}:{'elided' if q.head < 0 else 'headed'}",
            f"prev:{near}:{named}",
        ]
        if ctx.measure == measure:
            f.append(f"prev:{near}:samem")
        out.append(Candidate(ctx.as_of, "previous_claim", features=f))
    none = Candidate(
        None,
        "none",
        features=[
            "none",
            f"none:here:{min(len(usable), 2)}",
            f"none:m:{measure}",
            f"none:{tense}",
            f"none:doc:{a.document.published is not None}",
            f"none:{tense}:{a.document.published is not None}",
            f"none:habit:{habit}",
            f"none:habit:{habit}:{named}",
        ],
    )
    if any(d.value is None and d.kind != "decade" for d in here):
        none.features.append("none:unresolved")
    if ctx.sentence >= 0 and ctx.as_of is None:
        none.features.append(f"none:prev:{'same' if ctx.sentence == s else 'next' if ctx.sentence == s - 1 else 'far'}")
    out.append(none)
    return merge(out)


def elsewhere(a: Analysis, s: int) -> tuple[tuple[str, Date | None], ...]:
    """Dates that may hold from far before sentence `s`: the last one, the document's first and commonest."""
    salient = a.salient_date
    return ("xd", a.date_before(a.bounds[s][0])), ("first", salient.first), ("often", salient.often)


def _variants(d: Date) -> list[str | None]:
    v = d.value
    if v is None or "/" in v:
        return [v]
    if d.mark in ("since", "after"):
        return [f"{v}/..", v]
    return [v] if d.other is None else [d.other, v]


def _tense(a: Analysis, q: Quantity) -> str:
    """Tense of the clause around a quantity, by its auxiliaries."""
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    c = a.clause[q.i]
    words = {a.tokens.low[k] for k in range(max(i0, q.i - 15), min(j0, q.j + 15)) if a.clause[k] == c}
    if words & a.codebook.words["tense_now"]:
        return "now"
    if words & {"had"}:
        return "pluperfect"
    if words & {"were", "was", "did"}:
        return "past"
    if words & {"have", "has"}:
        return "perfect"
    if words & a.codebook.words["tense_present"]:
        return "present"
    return "other"


def _in_parenthesis(a: Analysis, d: Date) -> bool:
    return d.i > 0 and d.j < len(a.tokens) and "(" in a.tokens.low[max(0, d.i - 8) : d.i] and ")" in a.tokens.low[d.j : d.j + 4]
