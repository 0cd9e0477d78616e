"""Candidates for the origin of the counted people: the places of the sentence and around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ..codebook import Hit
from .analysis import Analysis
from .candidates import Candidate, Context, Origin, bucket, distance
from .quantities import Quantity

# Features of a mention in the sentence itself. All others speak of its surroundings, and weigh differently where the clause (c), only the
# sentence (s) or neither (-) names a place of its own.
LOCAL = frozenset(
    (
        "pos",
        "form",
        "prep",
        "inside",
        "ishead",
        "nearest",
        "sourcey",
        "possessive",
        "ingroup",
        "opens",
        "between",
        "across",
        "gap",
        "afterhead",
        "cand",
    )
)
WORLD = "world"  # the region that stands for everyone, where a codebook has it


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
    nearest = min(here, key=lambda h: distance(q, h.i, h.j)[1], default=None)
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
    for land, people in pairwise(here):  # "Iraqi Turkmens": a community of the country named first
        if land.j == people.i and land.value.split(":")[0] != people.value.split(":")[0] and people.i not in lists:
            community = people.value.partition(":")[2] or a.tokens.low[people.j - 1].removesuffix("s")
            close = "c" if a.clause[people.i] == a.clause[q.i] else "s"
            c = get((f"{land.value.split(':')[0]}:{community}",), "clause" if close == "c" else "sentence", land.i, people.j)
            c.features += ["composed", f"composed:{close}:{'L' if land.i < q.i else 'R'}"]
    for i, j, how in ((i0, j0, "sentence"), (*(a.bounds[s - 1] if s else (0, 0)), "previous_sentence")):
        for h in a.hits_in(i, j):
            code = a.codebook.groups[h.value].origin if h.kind == "group" else None
            if code:
                same = "c" if how == "sentence" and a.clause[h.i] == a.clause[q.i] else how[0]
                get((code,), how, h.i, h.j).features += [f"group:{same}", f"group:{same}:{'L' if h.i < q.i else 'R'}"]
    for h, paired in _respectively(a, q, here):
        get((h.value,), "sentence", h.i, h.j).features.append(f"respectively:{paired}")
    for k, back in a.earlier(s, 3):
        earlier = [h for h in a.hits_in(*a.bounds[k]) if h.kind == "origin"]
        for n, h in enumerate(earlier):
            c = get((h.value,), "previous_sentence", h.i, h.j)
            c.features.append(f"ps{min(back, 2)}:{h.form}{':first' if n == 0 else ''}{':theatre' if _theatre(a, h.value) else ''}")
        for i, together in _lists(a, earlier).items():
            get(together, "previous_sentence", i, i + 1).features += ["pslist", f"pslist:{min(back, 2)}:{len(earlier) == len(together)}"]
    first = a.paragraph_first[s]
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
    last = a.place_before(i0)
    if last is not None:
        ago = s - a.sentence[last.i]
        c = get((last.value,), "previous_sentence" if ago <= 3 else "document", last.i, last.j)
        c.features += ["last", f"last:{'here' if here else 'nohere'}:{min(ago, 6)}", f"last:{last.form}:{'here' if here else 'nohere'}"]
    own = [h for h in here if not _theatre(a, h.value)]
    near_place = "c" if any(a.clause[h.i] == a.clause[q.i] for h in own) else "s" if own else "-"
    none = get((), "none")
    if ctx.origin is not None:
        near = "same" if ctx.sentence == s else "next" if ctx.sentence == s - 1 else "near" if ctx.sentence >= first else "far"
        c = get(ctx.origin, "previous_claim")
        c.features += [f"prev:{near}", f"prev:{near}:{'elided' if q.head < 0 else 'headed'}", f"prev:{near}:{'here' if here else 'nohere'}"]
        if q.partitive:
            c.features.append(f"prev:{near}:part")
        if ctx.measure == measure:
            c.features.append(f"prev:{near}:samem")
    none.features += [f"none:distinct:{min(a.places_named.distinct, 5)}", f"none:top:{a.places_named.top}"]
    none.features += ["none", f"none:m:{measure}", f"none:hk:{q.noun_key}", f"none:here:{min(len(here), 2)}", f"none:u:{q.unit}"]
    for v, c in found.items():
        if v:
            c.features.append(f"how:{c.how}")
            if len(v) == 1:
                share = _share(a, v[0])
                c.features += [f"share:{share}", f"share:{share}:{'here' if own else 'nohere'}"]
                if v[0] == a.places_named.first:
                    c.features += ["firstplace", f"firstplace:{share}"]
            sort = "multi" if len(v) > 1 else "region" if v[0] in a.codebook.regions else "one"
            sort = "theatre" if any(_theatre(a, x) for x in v) else sort
            c.features.append(f"cand:{sort}:{measure}")
            if "main" in c.features:
                c.features.append(f"main:{'here' if here else 'nohere'}")
        c.features = [f if f.partition(":")[0] in LOCAL else f"{f}@{near_place}" for f in dict.fromkeys(c.features)]
    return list(found.values())


def _respectively(a: Analysis, q: Quantity, here: Sequence[Hit]) -> list[tuple[Hit, bool]]:
    """Places of a sentence with "respectively", each with whether it has the number's rank, counted from the last of both lists."""
    i0, j0 = a.bounds[a.sentence[q.i]]
    marks = [k for k in range(i0, j0) if a.tokens.low[k] in a.codebook.words["respectively"]]
    numbers = [x for x in a.quantities_in(i0, j0) if x.kind in ("count", "percent", "vague")]
    if not marks or q not in numbers:
        return []
    rank = len(numbers) - numbers.index(q)
    places = [h for h in here if not _theatre(a, h.value)]
    return [(h, len(places) - n == rank) for n, h in enumerate(places)]


def _share(a: Analysis, code: str) -> str:
    """How much of the document's naming of places falls on one, those of the war itself apart: a coarse step."""
    named = a.places_named
    if _theatre(a, code):
        return "theatre"
    n = named.counts.get(code, 0)
    x = n / named.total if named.total else 0.0
    step = "all" if x > 0.9 else "most" if x > 0.6 else "half" if x > 0.4 else "part" if x > 0.2 else "little" if n else "none"
    return f"{step}:{'many' if n >= 4 else 'few'}"


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
    side, d = distance(q, h.i, h.j)
    same = a.clause[h.i] == a.clause[q.i]
    theatre = ":theatre" if _theatre(a, h.value) else ""
    prev = t.low[h.i - 1] if h.i else ""
    if prev == "the" and h.i > 1:
        prev = t.low[h.i - 2]
    nxt = t.low[h.j] if h.j < len(t) else ""
    form = ("m" if multi else "") + h.form
    f = [
        f"pos:{side}:{bucket(d)}:{'c' if same else 's'}",
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
    if len(between) <= 3:
        f.append(f"gap:{side}:{'_'.join(between)}")
        f.append(f"gap:{side}:{h.form}:{'_'.join(between[-1:] if side == 'R' else between[:1])}{theatre}")
    if q.head >= 0 and side == "R" and q.head < h.i and h.i - q.head <= 4:
        f.append(f"afterhead:{'_'.join(t.low[q.head + 1 : h.i])}")
    if any(q2.i >= min(h.i, q.j) and q2.j <= max(h.j, q.i) and q2 is not q for q2 in a.quantities_in(*a.bounds[a.sentence[q.i]])):
        f.append(f"between:{side}")
    if any(w in (";", ":") for w in between):
        f.append("across")
    return f


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
