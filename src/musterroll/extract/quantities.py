"""Quantities in running text: numbers with their bounds, unit and counted noun, of any subject.

`Finder.find` reads the tokens from left to right: a number or share (`numerals`), its range partner and qualifiers (`bounds`), what it is when it
counts nothing (`kinds`) and the noun (`heads`). Money, durations and the like keep their kind; the caller decides what to use.
`quantities` is the public face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache

from ..codebook import Codebook, Hit, Tokens, load, tokenise
from .bounds import Bounds, bound
from .dates import Date, find_dates
from .heads import Head, find_head
from .kinds import SKIP, Kinds
from .numerals import Numerals


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of a text. `point` is the single value given, `low` and `high` the bounds given (see the coding guide).

    `unit` is percent, money, age, the unit of a duration or measure, or "" for a count; `kind` is count, percent, vague, money, duration,
    measure, age or year. i … j-1 are the tokens of the whole expression, `head` the token of the noun (-1 where it is left out).
    """

    point: float | None
    low: float | None
    high: float | None
    qualifier: str
    unit: str
    noun: str | None
    text: str
    start: int
    end: int
    kind: str = "count"
    i: int = 0
    j: int = 0
    head: int = -1
    noun_key: str | None = None
    partitive: str = ""
    word: bool = False

    @property
    def value(self) -> float:
        """One number to compare sizes with: the point, else the middle of the bounds, else the bound."""
        if self.point is not None:
            return self.point
        if self.low is not None and self.high is not None:
            return (self.low + self.high) / 2
        return self.low if self.low is not None else self.high or 0.0


@dataclass(frozen=True, slots=True)
class _Core:
    """A number expression without its qualifiers, tokens i … j-1."""

    kind: str
    j: int
    point: float | None = None
    low: float | None = None
    high: float | None = None
    qualifier: str = "exact"


class Finder:
    """The quantity grammar over one codebook. Build once, use for many texts."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.numerals = Numerals(codebook)
        self.bounds = Bounds(codebook, self.numerals)
        self.kinds = Kinds(codebook)

    def find(self, text: str, t: Tokens, hits: Sequence[Hit], dates: Sequence[Date], *, names_count: bool = True) -> list[Quantity]:
        """All quantities of the tokens, in order. `hits` are the codebook's phrases; the tokens of `dates` are taken.

        `names_count` takes "the Institute 95" for a count, as reports with their verbs left out mean it; elsewhere it is a name, as in "Falcon 9".
        """
        taken = bytearray(len(t))
        for d in dates:
            taken[d.i : d.j] = b"\x01" * (d.j - d.i)
        nouns = {h.i: h for h in hits if h.kind == "noun"}
        names: dict[int, Hit] = {}
        for h in hits:
            if h.kind in ("origin", "group", "side"):
                names.setdefault(h.i, h)
        known = None if names_count else {k for h in names.values() for k in range(h.i, h.j)}
        out: list[Quantity] = []
        i, starts = 0, self.numerals.starts
        while i < len(t):
            if taken[i] or not (t.low[i][0].isdecimal() or t.low[i] in starts):
                i += 1
                continue
            core = self._core(text, t, i, taken, known)
            if core is None:
                i += 1
                continue
            if core.kind != SKIP:
                q = self._complete(text, t, i, core, taken, nouns, names)
                taken[q.i : q.j] = b"\x01" * (q.j - q.i)
                out.append(q)
            i = max(core.j, out[-1].j if out else 0, i + 1)
        return _share_qualifiers(t, out)

    def _core(self, text: str, t: Tokens, i: int, taken: bytearray, known: Set[int] | None) -> _Core | None:
        """The number, share or vague count at token i with its range partner."""
        num, b = self.numerals, self.bounds
        if (v := num.vague_at(t, i)) and not (t.low[i] in ("a", "an") and num.number_at(t, i)):
            return _Core("vague", v[2], None, v[0], v[1], "vague")
        if f := num.fraction_at(t, i):
            if second := b.fraction_partner(t, i, f[1]):
                return _Core("percent", second[1], None, min(f[0], second[0]), max(f[0], second[0]), "range")
            return _Core("percent", f[1], f[0])
        first = num.number_at(t, i)
        if first is None:
            return None
        if self.kinds.no_quantity(text, t, i, first) or (known is not None and self.kinds.named(t, i, first, known)):
            return _Core(SKIP, first.j)
        if self.kinds.compound(t, first):
            return _Core("compound", first.j, first.value)
        split = b.split(t, first)
        if split < 0:
            return _Core(SKIP, first.j + 2)
        if t.low[first.j : first.j + 2] in (("-", "point"), ("-", "points")):
            return _Core(SKIP, first.j + 1)
        kind = "percent" if split else "count"
        span = None if split or self.kinds.ages_near(t, i) else b.partner(t, i, first, taken)
        if span and self.kinds.lived(t, span[2]):
            span = None  # "between 14 and 69 years old": the youngest and the oldest
        core = _Core(kind, span[2], None, span[0], span[1], "range") if span else _Core(kind, first.j, first.value)
        if end := b.percent(t, core.j):
            core = replace(core, kind="percent", j=end)
            if not span and (second := b.percent_partner(t, i, end)) and second[0] > first.value:
                core = _Core("percent", second[1], None, first.value, second[0], "range")
        return core

    def _complete(self, text: str, t: Tokens, i: int, c: _Core, taken: bytearray, nouns: Mapping[int, Hit], names: Mapping[int, Hit]) -> Quantity:
        """The quantity with qualifiers, unit and noun."""
        sign = i - 1 if i and t.low[i - 1] in self.kinds.signs and not taken[i - 1] else i  # "about €3m"
        i0, before = self.bounds.left(t, sign, taken, c.qualifier == "range")
        if sign < i and not before:
            i0 = i
        j0, after = self.bounds.right(t, c.j)
        qualifier, point, lo, hi = bound(c.qualifier, c.point, c.low, c.high, before, after)
        if before == ["at_least"] and c.kind == "count" and self.kinds.spans(t, i, c.j):
            i0, before = i, []
            qualifier, point, lo, hi = bound(c.qualifier, c.point, c.low, c.high, before, after)
        kind, unit = c.kind, "percent" if c.kind == "percent" else ""
        if kind == "count":
            kind, unit, j0 = self.kinds.unit(t, i, j0)
        elif kind == "compound":
            unit = t.low[c.j + 1]
            kind = "duration" if unit in self.kinds.durations else "measure"
        if point is not None and self.kinds.negative(t, i, unit):
            point, i0 = -point, min(i0, i - 1)
        if kind == "count" and c.qualifier == "exact" and self.kinds.is_year(t, i, c.j, self.numerals.number_at(t, i), nouns):
            kind = "year"
        head = find_head(t, j0, nouns, names, self.codebook) if kind in ("count", "vague", "percent", "age") else Head()
        if kind == "count" and self.kinds.is_age(t, i, j0, point, head.token):
            kind, unit = "age", "age"
        start, end = t.start[i0], t.end[j0 - 1]
        word = not t.low[i][0].isdecimal()
        return Quantity(point, lo, hi, qualifier, unit, head.word, text[start:end], start, end, kind, i0, j0, head.token, head.key, head.part, word)


def _share_qualifiers(t: Tokens, found: list[Quantity]) -> list[Quantity]:
    """A qualifier stated once for a list holds for every member ("up to 50 from A, 30 from B")."""
    out: list[Quantity] = []
    for q in found:
        if out and q.kind == "count" == out[-1].kind and q.qualifier == "exact" and _parallel(t, out[-1], q):
            p = out[-1].qualifier
            value = q.point
            q = replace(
                q,
                qualifier=p,
                point=value if p == "about" else None,
                low=value if p == "at_least" else None,
                high=value if p == "at_most" else None,
            )
        out.append(q)
    return out


def _parallel(t: Tokens, p: Quantity, q: Quantity) -> bool:
    """Do two numbers stand in one list, each with its own "of …" or "from …", and nothing else between them?"""
    if p.qualifier not in ("about", "at_most", "at_least"):
        return False
    gap = t.low[p.j : q.i]
    if not 1 <= len(gap) <= 8 or gap[-1] not in ("and", ",", "or"):
        return False
    if not {";", ".", "were", "was", "had", "have", "are", "who", "whom", "including", "("}.isdisjoint(gap):
        return False
    link = "from" if "from" in gap else "of"
    return link in gap and t.low[q.j : q.j + 1] == (link,)


@lru_cache(maxsize=4)
def finder(codebook: Codebook) -> Finder:
    """The quantity grammar of a codebook, built once."""
    return Finder(codebook)


def quantities(text: str, *, codebook: Codebook | None = None) -> list[Quantity]:
    """Every quantity of a text of any subject: counts, percentages, money, durations, measures.

    Magnitudes are multiplied out, percentages given as 50 for "half" or "50%". Years, calendar dates, ordinals, labels and
    references are not quantities.

    >>> [(q.text, q.low, q.noun) for q in quantities("More than 2,500 people left.")]
    [('More than 2,500', 2500.0, 'people')]
    """
    book = codebook or load()
    t = tokenise(text)
    hits = book.matcher.find(t)
    return [q for q in finder(book).find(text, t, hits, find_dates(text, t, book), names_count=False) if q.kind != "year"]
