"""What the text offers for a slot: candidates with features, "none" among them.

`origins`, `dates` and `sources` each return candidates for one quantity. A candidate carries the value, where it stands, how far it was fetched
(`how`), and the named features by which a `Chooser` weighs it. "None" is a candidate with features of its own: abstaining is learnt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..codebook import Hit
from .analysis import Analysis
from .dates import Date
from .quantities import Quantity
from .sources import SourcePhrase

Origin = tuple[str, ...]
WORLD = "world"  # the region that stands for everyone, where a codebook has it


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


def _distance(q: Quantity, i: int, j: int) -> tuple[str, int]:
    if i >= q.j:
        return "R", i - q.j
    return "L", q.i - j


def _bucket(d: int) -> str:
    return "0" if d <= 0 else "2" if d <= 2 else "5" if d <= 5 else "10" if d <= 10 else "20" if d <= 20 else "far"


# -- origin ------------------------------------------------------------------------------------------------------------------------------


def origins(a: Analysis, q: Quantity, measure: str, ctx: Context) -> list[Candidate]:
    """Candidates for the origin: every place of the sentence, of the sentence before, of the heading and title, and the claim before."""
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    found: dict[Origin, Candidate] = {}

    def get(value: Origin, how: str, i: int = -1, j: int = -1) -> Candidate:
        c = found.get(value)
        if c is None:
            c = found[value] = Candidate(value, how, i, j)
        return c

    here = [h for h in a.hits_in(i0, j0) if h.kind == "origin" and not q.i <= h.i < q.j]
    lists = _lists(a, here)
    nearest = min(here, key=lambda h: _distance(q, h.i, h.j)[1], default=None)
    for h in here:
        values: list[Origin] = [(h.value,)]
        if h.i in lists:
            values.append(lists[h.i])
        for v in values:
            how = "clause" if a.clause[h.i] == a.clause[q.i] else "sentence"
            c = get(v, how, h.i, h.j)
            if how == "clause" and c.how != "clause":
                c.how, c.i, c.j = how, h.i, h.j
            c.features.extend(_place_features(a, q, h, len(v) > 1, h is nearest))
    offset = 1
    while offset <= 3 and s - offset >= 0 and a.paragraph[s - offset] == a.paragraph[s]:
        p0, p1 = a.bounds[s - offset]
        earlier = [h for h in a.hits_in(p0, p1) if h.kind == "origin"]
        for n, h in enumerate(earlier):
            c = get((h.value,), "previous_sentence", h.i, h.j)
            c.features.append(f"ps{min(offset, 2)}:{h.form}{':first' if n == 0 else ''}{':theatre' if _theatre(a, h.value) else ''}")
        offset += 1
    first = next((k for k in range(s, -1, -1) if k == 0 or a.paragraph[k - 1] != a.paragraph[k]), s)
    if first < s:
        for h in a.hits_in(*a.bounds[first]):
            if h.kind == "origin":
                get((h.value,), "previous_sentence", h.i, h.j).features.append(f"para1{':theatre' if _theatre(a, h.value) else ''}")
    if (hd := a.heading[s]) >= 0:
        hs = [h for h in a.hits_in(*a.bounds[hd]) if h.kind == "origin"]
        for h in hs:
            get((h.value,), "heading", h.i, h.j).features.append(
                f"heading{':only' if len({x.value for x in hs}) == 1 else ''}{':theatre' if _theatre(a, h.value) else ''}"
            )
    if a.bounds and s:
        ts = [h for h in a.hits_in(*a.bounds[0]) if h.kind == "origin"]
        for h in ts:
            get((h.value,), "document", h.i, h.j).features.append(
                f"title{':only' if len(ts) == 1 else ''}{':theatre' if _theatre(a, h.value) else ''}"
            )
    if ctx.main_origin:
        get((ctx.main_origin,), "document").features.append("main")
    for rank, code in enumerate(ctx.places):
        get((code,), "document").features += [
            f"often:{rank}",
            f"often:{rank}:{'here' if here else 'nohere'}",
            f"often:{'theatre' if _theatre(a, code) else ''}",
        ]
    if WORLD in a.codebook.regions:
        get((WORLD,), "document").features += ["world", f"world:m:{measure}", f"world:{'here' if here else 'nohere'}"]
    none = get((), "none")
    if ctx.origin is not None:
        near = "same" if ctx.sentence == s else "next" if ctx.sentence == s - 1 else "near" if ctx.sentence >= first else "far"
        c = get(ctx.origin, "previous_claim")
        c.features += [f"prev:{near}", f"prev:{near}:{'elided' if q.head < 0 else 'headed'}", f"prev:{near}:{'here' if here else 'nohere'}"]
        if q.partitive:
            c.features.append(f"prev:{near}:part")
        if ctx.measure == measure:
            c.features.append(f"prev:{near}:samem")
    none.features += ["none", f"none:m:{measure}", f"none:hk:{q.noun_key}", f"none:here:{min(len(here), 2)}", f"none:u:{q.unit}"]
    for v, c in found.items():
        if v:
            c.features.append(f"how:{c.how}")
            sort = "multi" if len(v) > 1 else "region" if v[0] in a.codebook.regions else "one"
            sort = "theatre" if any(_theatre(a, x) for x in v) else sort
            c.features.append(f"cand:{sort}:{measure}")
            if "main" in c.features:
                c.features.append(f"main:{'here' if here else 'nohere'}")
        c.features = list(dict.fromkeys(c.features))
    return list(found.values())


def _theatre(a: Analysis, code: str) -> bool:
    return code.split(":")[0] in a.codebook.theatre


def _lists(a: Analysis, here: Sequence[Hit]) -> dict[int, Origin]:
    """Start token → all codes, for places joined by commas and "and" alone ("France, Belgium and Germany")."""
    t = a.tokens
    out: dict[int, Origin] = {}
    run: list[Hit] = []

    def close() -> None:
        codes = tuple(dict.fromkeys(h.value for h in run))
        if len(codes) > 1:
            for h in run:
                out[h.i] = codes

    for h in here:
        if (
            run
            and h.form == run[-1].form
            and all(w in a.codebook.words["place_joins"] for w in t.low[run[-1].j : h.i])
            and h.i - run[-1].j <= 3
            and h.i > run[-1].j
        ):
            run.append(h)
        else:
            close()
            run = [h]
    close()
    return out


def _place_features(a: Analysis, q: Quantity, h: Hit, multi: bool, nearest: bool) -> list[str]:
    t = a.tokens
    side, d = _distance(q, h.i, h.j)
    same = a.clause[h.i] == a.clause[q.i]
    theatre = ":theatre" if _theatre(a, h.value) else ""
    prev = t.low[h.i - 1] if h.i else ""
    if prev == "the" and h.i > 1:
        prev = t.low[h.i - 2]
    nxt = t.low[h.j] if h.j < len(t) else ""
    form = ("m" if multi else "") + h.form
    f = [
        f"pos:{side}:{_bucket(d)}:{'c' if same else 's'}",
        f"form:{form}{theatre}",
        f"form:{form}:{side}:{'c' if same else 's'}{theatre}",
        f"prep:{prev if prev in a.codebook.words['place_prepositions'] else '-'}:{form}{theatre}",
        f"prep:{prev if prev in a.codebook.words['place_prepositions'] else '-'}:{side}{theatre}",
    ]
    if q.j <= h.i <= max(q.head, q.j):
        f.append(f"inside:{form}{theatre}")
    if q.head == h.j - 1:
        f.append("ishead")
    if nearest:
        f.append("nearest")
        f.append(f"nearest:{side}{theatre}")
    if any(x.kind in ("source_head", "role", "report") and x.i <= h.j + 1 for x in a.hits_in(h.j, h.j + 2)):
        f.append(f"sourcey{theatre}")
    if nxt == "'":
        f.append(f"possessive{theatre}")
    if any(x.kind == "group" for x in a.hits_in(h.i, h.j + 1)):
        f.append("ingroup")
    if h.i == a.bounds[a.sentence[h.i]][0]:
        f.append(f"opens:{h.form}{theatre}")
    between = t.low[h.j : q.i] if side == "L" else t.low[q.j : h.i]
    if any(q2.i >= min(h.i, q.j) and q2.j <= max(h.j, q.i) and q2 is not q for q2 in a.quantities if a.sentence[q2.i] == a.sentence[q.i]):
        f.append(f"between:{side}")
    if any(w in (";", ":") for w in between):
        f.append("across")
    return f


# -- date --------------------------------------------------------------------------------------------------------------------------------


def dates(a: Analysis, q: Quantity, measure: str, ctx: Context) -> list[Candidate]:
    """Candidates for the date: those of the sentence, of the three sentences before it in the paragraph, of the heading; publication; none."""
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    out: list[Candidate] = []
    here = [d for d in a.dates if i0 <= d.i < j0]
    usable = [d for d in here if d.value]
    nearest = min(usable, key=lambda d: _distance(q, d.i, d.j)[1], default=None)
    for d in usable:
        side, n = _distance(q, d.i, d.j)
        same = "c" if a.clause[d.i] == a.clause[q.i] else "s"
        f = [
            "here",
            f"d:{side}:{_bucket(n)}:{same}",
            f"kind:{d.kind}:{same}",
            f"mark:{d.mark}:{same}",
            f"d:{side}:{d.mark}",
            f"alone:{len(usable) == 1}",
            f"fam:{_tense(a, q)}:{d.kind}",
        ]
        if d is nearest:
            f += ["nearest", f"nearest:{side}:{same}"]
        if d.i == i0 or d.i == i0 + 1:
            f.append("opens")
        if any(
            q2 is not q and min(d.i, q.i) < q2.i < max(d.i, q.i)
            for q2 in a.quantities
            if a.sentence[q2.i] == s and q2.kind in ("count", "percent", "vague")
        ):
            f.append(f"between:{side}")
        if _in_parenthesis(a, d):
            f.append("paren")
        prev = a.tokens.low[d.i - 1] if d.i else ""
        f.append(f"prep:{prev if prev in a.codebook.words['date_prepositions'] else '-'}:{side}")
        for value in _variants(d):
            out.append(Candidate(value, "clause" if same == "c" else "sentence", d.i, d.j, [*f, f"open:{'..' in (value or '')}:{d.mark}"]))
    k, back = s - 1, 1
    while k >= 0 and back <= 4 and a.paragraph[k] == a.paragraph[s]:
        p0, p1 = a.bounds[k]
        found = [d for d in a.dates if p0 <= d.i < p1 and d.value]
        for n, d in enumerate(found):
            f = [
                f"back:{back}",
                f"back:{min(back, 2)}:{d.kind}",
                f"back:{'here' if usable else 'nohere'}",
                f"backlast:{n == len(found) - 1}",
                f"back:{_tense(a, q)}",
                f"backmark:{d.mark}",
                f"back:{back}:{'only' if len(found) == 1 else 'many'}",
            ]
            if q.head < 0 or q.partitive:
                f.append(f"back:{min(back, 2)}:elided")
            out.append(Candidate(_variants(d)[-1], "previous_sentence", d.i, d.j, f))
        k, back = k - 1, back + 1
    if (hd := a.heading[s]) >= 0:
        for d in a.dates:
            if a.bounds[hd][0] <= d.i < a.bounds[hd][1] and d.value:
                out.append(Candidate(d.value, "heading", d.i, d.j, ["heading", f"heading:{'here' if usable else 'nohere'}"]))
    if a.document.published:
        out.append(
            Candidate(
                a.document.published,
                "document",
                -1,
                -1,
                [
                    "doc",
                    f"doc:{_tense(a, q)}",
                    f"doc:m:{measure}",
                    f"doc:{'here' if usable else 'nohere'}",
                    f"doc:now:{any(d.kind == 'now' for d in here)}",
                    f"doc:src:{ctx.source is not None}",
                ],
            )
        )
    if ctx.as_of:
        near = "same" if ctx.sentence == s else "next" if ctx.sentence == s - 1 else "far"
        kept = next((c for c in out if c.value == ctx.as_of), None)
        if kept is None:
            kept = Candidate(ctx.as_of, "previous_claim")
            out.append(kept)
        kept.features += [
            f"prev:{near}",
            f"prev:{near}:{'elided' if q.head < 0 else 'headed'}",
            f"prev:{near}:{'here' if usable else 'nohere'}",
        ]
        if ctx.measure == measure:
            kept.features.append(f"prev:{near}:samem")
    none = Candidate(
        None,
        "none",
        features=[
            "none",
            f"none:here:{min(len(usable), 2)}",
            f"none:m:{measure}",
            f"none:{_tense(a, q)}",
            f"none:doc:{a.document.published is not None}",
            f"none:{_tense(a, q)}:{a.document.published is not None}",
        ],
    )
    if any(d.value is None and d.kind != "decade" for d in here):
        none.features.append("none:unresolved")
    if ctx.sentence >= 0 and ctx.as_of is None:
        none.features.append(f"none:prev:{'same' if ctx.sentence == s else 'next' if ctx.sentence == s - 1 else 'far'}")
    out.append(none)
    return _merge(out)


def _variants(d: Date) -> list[str | None]:
    v = d.value
    if v is None or "/" in v:
        return [v]
    if d.mark in ("since", "after"):
        return [f"{v}/..", v]
    if d.mark == "until":
        return [f"../{v}", v]
    return [v]


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


# -- source ------------------------------------------------------------------------------------------------------------------------------


def sources(a: Analysis, phrases: Sequence[SourcePhrase], q: Quantity, measure: str, ctx: Context) -> list[Candidate]:
    """Candidates for the source: phrases of the sentence, of up to four sentences before in the paragraph, the claim before's; none."""
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    out: list[Candidate] = []
    here = [p for p in phrases if i0 <= p.i < j0 and not (q.i <= p.i < q.j)]
    carry = next((h.value for h in a.hits_in(i0, min(j0, i0 + 3)) if h.kind == "source_carry"), None)
    nearest = min(here, key=lambda p: _distance(q, p.cue, p.cue)[1], default=None)
    block = a.document.blocks[a.paragraph[s]].kind if a.document.blocks else "paragraph"
    for p in here:
        side, d = _distance(q, p.i, p.j)
        same = "c" if a.clause[p.cue] == a.clause[q.i] else "s"
        f = [
            "here",
            f"pat:{p.pattern}:{same}",
            f"pat:{p.pattern}:{side}",
            f"d:{side}:{_bucket(d)}:{same}",
            f"lemma:{p.lemma}",
            f"n:{min(len(here), 3)}",
        ]
        if p is nearest:
            f += ["nearest", f"nearest:{p.pattern}"]
        f += _phrase_features(a, p)
        if any(
            q2 is not q and min(p.i, q.i) < q2.i < max(p.i, q.i)
            for q2 in a.quantities
            if a.sentence[q2.i] == s and q2.kind in ("count", "percent", "vague")
        ):
            f.append(f"between:{side}:{p.pattern}")
        out.append(Candidate(p.text, "clause" if same == "c" else "sentence", p.i, p.j, f))
    k, back = s - 1, 1
    while k >= 0 and back <= 4 and a.paragraph[k] == a.paragraph[s]:
        p0, p1 = a.bounds[k]
        found = [p for p in phrases if p0 <= p.i < p1]
        for p in found:
            f = [
                f"back:{back}",
                f"back:{min(back, 2)}:{p.pattern}",
                f"back:{'here' if here else 'nohere'}",
                f"back:carry:{carry is not None}",
                f"back:{back}:n{min(len(found), 2)}",
            ]
            if carry:
                f.append(f"carry:{carry}")
            if q.head < 0 or q.partitive:
                f.append("back:elided")
            f += [f"b{x}" for x in _phrase_features(a, p)]
            out.append(Candidate(p.text, "previous_sentence", p.i, p.j, f))
        k, back = k - 1, back + 1
    if ctx.source and ctx.sentence >= 0:
        near = "same" if ctx.sentence == s else "next" if ctx.sentence == s - 1 else "para" if a.paragraph[ctx.sentence] == a.paragraph[s] else "far"
        c = next((x for x in out if x.value == ctx.source), None)
        if c is None:
            c = Candidate(ctx.source, "previous_claim")
            out.append(c)
        c.features += [
            f"prev:{near}",
            f"prev:{near}:{'here' if here else 'nohere'}",
            f"prev:{near}:{'elided' if q.head < 0 else 'headed'}",
            f"prev:{near}:carry:{carry}",
        ]
        if ctx.measure == measure:
            c.features.append(f"prev:{near}:samem")
    if ctx.older_source:
        older = next((x for x in out if x.value == ctx.older_source), None)
        if older is None:
            older = Candidate(ctx.older_source, "previous_claim")
            out.append(older)
        older.features += ["older", f"older:{'here' if here else 'nohere'}", f"older:prev:{ctx.source is not None}"]
    before = [p for p in phrases if p.i < a.bounds[k + 1][0]] if k >= 0 else []
    if before:
        p = before[-1]
        c = next((x for x in out if x.value == p.text), None)
        if c is None:
            c = Candidate(p.text, "previous_sentence", p.i, p.j)
            out.append(c)
        c.features += ["xp", f"xp:{'here' if here else 'nohere'}", f"xp:{p.pattern}"]
    none = Candidate(
        None,
        "none",
        features=["none", f"none:here:{min(len(here), 2)}", f"none:carry:{carry is not None}", f"none:m:{measure}", f"none:block:{block}"],
    )
    if here:
        none.features += [f"none:pat:{p.pattern}" for p in here]
    if ctx.sentence >= 0 and ctx.source is None:
        none.features.append(f"none:prev:{'same' if ctx.sentence == s else 'next' if ctx.sentence == s - 1 else 'far'}")
    out.append(none)
    return _merge(out)


def _phrase_features(a: Analysis, p: SourcePhrase) -> list[str]:
    hits = a.hits_in(p.i, p.j)
    kinds = {h.kind for h in hits}
    head = next((h.value for h in reversed(hits) if h.kind == "source_head"), "")
    f = [f"head:{head}", f"known:{'source_known' in kinds}", f"anon:{'source_anonymous' in kinds}"]
    if "group" in kinds:
        f.append("hasgroup")
    if not head and "source_known" not in kinds:
        f.append("nohead:person" if p.j - p.i <= 3 else "nohead")
    return f


def _merge(candidates: Sequence[Candidate]) -> list[Candidate]:
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


def main_origin(a: Analysis) -> str | None:
    """The place a document speaks of most, the war's own countries left out; None where no place leads clearly."""
    counts = Counter(h.value for h in a.hits if h.kind == "origin" and not _theatre(a, h.value) and h.form != "region")
    if not counts:
        return None
    (code, n), *rest = counts.most_common(2)
    return code if n >= 3 and (not rest or n >= 2 * rest[0][1]) else None


def often(a: Analysis, most: int = 3) -> tuple[str, ...]:
    """The places a document names most, the commonest first."""
    return tuple(c for c, n in Counter(h.value for h in a.hits if h.kind == "origin").most_common(most) if n >= 2)
