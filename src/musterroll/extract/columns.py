"""What the headings of a table say of a number in one of its cells.

A cell stands under its column's headings and behind its row's; both, and the caption, say what is counted, of whom, when and who says so. What
they say plainly goes before what the scorers make of the flattened words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..codebook import Hit
from ..layout import Cell
from .analysis import UNNAMED, Analysis, Place, Range
from .candidates import Candidate
from .origins import WORLD
from .quantities import Quantity

# how many times likelier a measure is for being named by a known phrase of this kind in the headings, by a verb, in the caption alone
CUES = {"phrase": 40.0, "head": 40.0, "measure": 20.0}
VERB, CAPTION = 10.0, 12.0


@dataclass(frozen=True)
class Says:
    """What a table's headings say of one number; None where they are silent. `measures` are the states they may name, each with how many times
    likelier it is for being named; `undated` says that other columns of the table have a date and this one has none; `counts` is False under a
    heading of what is no population.
    """

    measures: Mapping[str, float] = field(default_factory=dict)
    who: str | None = None
    origin: tuple[str, ...] | None = None
    date: Range | None = None
    source: Range | None = None
    undated: bool = False
    counts: bool = True

    def means(self, slot: str, c: Candidate) -> bool:
        """Is a candidate what the headings say?"""
        if slot == "origin":
            return self.origin is not None and tuple(c.value or ()) == self.origin
        if slot == "as_of" and self.undated:
            return c.value is None
        if slot == "source":
            return self.source is not None and (c.i, c.j) == self.source
        said = self.date
        return said is not None and c.i >= 0 and said[0] <= c.i and c.j <= said[1] and c.value is not None


def read_tables(a: Analysis) -> Analysis:
    """The headings of every number that stands in a cell of a table, found once."""
    out: dict[int, Place] = {}
    starts = [q.start for q in a.quantities]
    for table in a.document.layout.tables:
        counting = [_counts(a, c, starts) for c in table.cells]
        first = min((c.row for c, n in zip(table.cells, counting, strict=True) if n and c.column), default=-1)
        if first < 0:
            continue
        heads = [c for c, n in zip(table.cells, counting, strict=True) if c.row < first or (c.heading and not n)]
        labels = [c for c, n in zip(table.cells, counting, strict=True) if not n or not c.column]
        named = {c.column for c in heads if a.document.text[c.start : c.end].strip(" :*").lower() in a.codebook.words["source_heads"]}
        dates = {c.column for c in heads if a.document.text[c.start : c.end].strip(" :*()").lower() in a.codebook.words["date_heads"]}
        days = {(c.row, c.column): c for c in table.cells if c.column in dates and c.row >= first}
        cited = {c.row: c for c in table.cells if c.column in named and c.row >= first}
        above = {k: [c for c in heads if c.column <= k < c.column + c.columns] for k in {c.column for c in table.cells}}
        beside: dict[int, list[Cell]] = {}
        for c in labels:
            for r in range(c.row, c.row + min(c.rows, 1000)):
                beside.setdefault(r, []).append(c)
        width = max(c.column + c.columns for c in table.cells)
        across = [c for c in heads if c.columns >= width > 1]  # a heading over the whole table is its caption
        over = table.caption or ((across[0].start, across[0].end) if across else None)
        caption = _tokens(a, *over) if over else None
        dated = any(_date(a, _tokens(a, c.start, c.end)) for c in heads)
        for cell in table.cells:
            if cell.row < first:
                continue
            place: Place | None = None
            beside_it = sorted(
                (c for (row, _), c in days.items() if row == cell.row and c is not cell), key=lambda c: (c.column < cell.column, c.column)
            )
            for n in range(bisect_left(starts, cell.start), bisect_left(starts, cell.end)):
                place = place or Place(
                    tuple(_tokens(a, c.start, c.end) for c in above[cell.column] if c.row < cell.row and c not in across),
                    tuple(_tokens(a, c.start, c.end) for c in beside.get(cell.row, ()) if c.column < cell.column),
                    caption,
                    _tokens(a, source.start, source.end) if (source := cited.get(cell.row)) is not None and source is not cell else None,
                    dated,
                    _tokens(a, beside_it[0].start, beside_it[0].end) if beside_it else None,
                )
                out[a.quantities[n].i] = place
    return replace(a, places_in_tables=out)


def _counts(a: Analysis, c: Cell, starts: Sequence[int]) -> bool:
    """Does a cell give a number: a quantity with a digit, or one that is most of the cell?"""
    n = bisect_left(starts, c.start)
    if n == bisect_left(starts, c.end):
        return False
    q = a.quantities[n]
    return any(ch.isdigit() for ch in q.text) or 2 * (q.end - q.start) > c.end - c.start


def column(a: Analysis, q: Quantity) -> Range | None:
    """Tokens of the lowest column heading above a number; None outside tables and where no heading stands above."""
    place = a.places_in_tables.get(q.i)
    return place.columns[-1] if place and place.columns else None


def _tokens(a: Analysis, start: int, end: int) -> Range:
    return bisect_left(a.tokens.start, start), bisect_left(a.tokens.start, end)


def says(a: Analysis, numbers: Sequence[int]) -> dict[int, Says]:
    """What the tables' headings say of the quantities `numbers`, by their first token."""
    out = {}
    for n in numbers:
        q = a.quantities[n]
        if (place := a.places_in_tables.get(q.i)) is not None:
            out[q.i] = _read(a, q, place)
    return out


def _read(a: Analysis, q: Quantity, place: Place) -> Says:
    words = a.codebook.words
    heads = [*reversed(place.columns), *reversed(place.rows)]
    said = [w for i, j in place.columns for w in a.tokens.low[i:j]]
    named = _measures(a, place.columns)
    if any(w in words["not_counted"] for w in said) and not named:
        return Says(counts=False)
    of_row = _measures(a, place.rows)
    if of_row and set(named) <= {a.codebook.balance.total}:  # "foreign recruits" above a row of the killed says whose dead they are
        named = of_row
    who = next((w for r in heads if (w := _who(a, r))), None)
    origin = next((o for r in reversed(place.rows) if (o := _origin(a, r))), None) or next(
        (o for r in reversed(place.columns) if (o := _origin(a, r))), None
    )
    if origin is None and place.rows and not any(_origin(a, r) for r in place.columns):
        origin = _whole(a, q, place)
    date = next((d for r in (*([place.day] if place.day else []), *heads) if (d := _date(a, r))), None)
    if not named and place.caption is not None and (who is not None or date is not None or _plain(a, place.columns)):
        named = _of_caption(a, place.caption)
    if q.unit == "percent":
        named = {}  # shares are the scorers' to tell
    undated = date is None and place.dated and not (place.caption and _date(a, place.caption))
    source = place.source
    for r in (*reversed(place.columns), *([place.caption] if place.caption else [])):
        source = source or _cited(a, r)
    return Says(named, who, origin, date, source, undated)


def _of_caption(a: Analysis, r: Range) -> dict[str, float]:
    """The one measure that a caption names; people "from" or "by" countries without a word of their state are those who left."""
    named = _measures(a, (r,))
    found = [m for m, w in named.items() if w == max(named.values())]
    if not found and any(h.kind == "noun" and a.codebook.nouns[h.value].kind == "people" for h in _hits(a, (r,))):
        found = [a.codebook.balance.total] if any(w in ("from", "by") for w in a.tokens.low[slice(*r)]) else []
    return {found[0]: CAPTION} if len(found) == 1 else {}


def _cited(a: Analysis, r: Range) -> Range | None:
    """Who a heading or caption cites: the name behind "source:", "by" or "from", or one that is a source by its construction."""
    low, heads = a.tokens.low, a.codebook.words["source_heads"]
    for p in reversed(a.sources_in(*r)):
        if any(h.kind in ("noun", "measure", "phrase") for h in a.hits_in(p.i, p.j)):
            continue  # a counted people, not a source
        led = p.i > r[0] and low[p.i - 1] in (":", "by", "from")
        if p.pattern not in UNNAMED and p.text.lower() not in heads and (led or p.sure):
            return p.i, p.j
    return None


def _whole(a: Analysis, q: Quantity, place: Place) -> tuple[str, ...] | None:
    """The origin of a row of totals: the region of the caption, else the world where the table is of several countries; none for "unknown"."""
    label = [w for i, j in place.rows for w in a.tokens.low[i:j]]
    words = a.codebook.words
    if any(w in words["unknown_rows"] for w in label):
        return ()
    if not label or not any(w in words["total_rows"] for w in label) or any(h.kind == "origin" for h in _hits(a, place.rows)):
        return None
    if place.caption and (over := _origin(a, place.caption, people=False)):
        return over
    found = a.document.layout.cell(q.start)
    countries: set[str] = set()
    for c in found[1].cells if found else ():
        countries |= set(_origin(a, _tokens(a, c.start, c.end)) or ()) if c.column == 0 else set()
    return (WORLD,) if len(countries) > 2 else None


def _hits(a: Analysis, ranges: Sequence[Range]) -> Iterator[Hit]:
    for i, j in ranges:
        yield from (h for h in a.hits_in(i, j) if h.j <= j)


def _measures(a: Analysis, ranges: Sequence[Range]) -> dict[str, float]:
    """Measures that headings name, with how much likelier that makes each; a bare "number" or "country" names none."""
    idle = a.codebook.words["idle_heads"]
    out: dict[str, float] = {}
    for h in _hits(a, ranges):
        if h.kind in CUES and a.words(h.i, h.j).lower() not in idle:
            out[h.value] = max(out.get(h.value, 0.0), VERB if h.form == "verb" else CUES[h.kind])
    return out


def _who(a: Analysis, r: Range) -> str | None:
    """The part of the population that a heading names."""
    parts = {noun.who for h in _hits(a, (r,)) if h.kind == "noun" and (noun := a.codebook.nouns[h.value]).who not in (*a.codebook.everyone, "")}
    return parts.pop() if len(parts) == 1 else None


def _origin(a: Analysis, r: Range, *, people: bool = True) -> tuple[str, ...] | None:
    """The place that a heading names as its subject; of the war's own countries only the people, since the country is where others are, and in a
    caption (`people` false) not even these, since the "local war" is everybody's.
    """
    found = [h for h in _hits(a, (r,)) if h.kind == "origin"]
    codes = [h.value for h in found if (people and h.form != "name") or h.value.split(":")[0] not in a.codebook.theatre]
    return tuple(dict.fromkeys(codes)) if len(set(codes)) == 1 else None


def _date(a: Analysis, r: Range) -> Range | None:
    return next(((d.i, d.j) for d in a.dates_in(*r) if d.value), None)


def _plain(a: Analysis, ranges: Sequence[Range]) -> bool:
    """Do the headings say no more than that something is counted ("number", "total", "low", "estimate")?"""
    return all(w in a.codebook.words["idle_heads"] or not w[:1].isalpha() for i, j in ranges for w in a.tokens.low[i:j])
