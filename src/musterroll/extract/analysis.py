"""The words of a document made ready: tokens, known phrases, dates, quantities, sentences and clauses.

`Analysis` is frozen; each stage returns a new one. All positions are token numbers; `Tokens` maps them to characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from ..codebook import Codebook, Hit, Tokens, tokenise
from ..records import Document
from .dates import Date, find_dates, resolve_dates
from .quantities import Quantity, finder
from .sources import SourcePhrase, find_sources

LONGEST_SENTENCE = 250  # tokens
LIKE_A_YEAR = re.compile(r"(?:19|20)\d\d")
HEAD = 300  # characters of a document that are its head
MOST_HEAD = 6  # names of the head
UNNAMED = frozenset(("any", "anonymous", "np"))  # patterns of sources that have no name
LONGEST_JOIN = 14  # tokens between two members of a list
NAMING = frozenset(("noun", "origin", "group", "side"))  # the phrases by which the counted noun is found


Named = TypeVar("Named", Date, SourcePhrase)


class Salient(NamedTuple, Generic[Named]):
    """What a whole document stands under: the first date or source it names, and the one it names most, where that is more than once."""

    first: Named | None
    often: Named | None
    distinct: int


Range = tuple[int, int]  # tokens i … j-1


class Place(NamedTuple):
    """The headings of a table's cell: of its column from the top, of its row from the left, the caption, the row's cell under "source",
    whether any column of the table has a date, and the row's cell under "as of".
    """

    columns: tuple[Range, ...]
    rows: tuple[Range, ...]
    caption: Range | None
    source: Range | None
    dated: bool
    day: Range | None


class PlacesNamed(NamedTuple):
    """Mentions of places in a document: by code, in all, how many different ones, the first, and how far the commonest leads."""

    counts: Counter[str]
    total: int
    distinct: int
    first: str
    top: str


@dataclass(frozen=True)
class Analysis:
    """What is known of a document's words after some stages.

    `sentence` and `clause` number the sentence and clause of every token; `bounds` are (first, last+1) tokens of each sentence;
    `paragraph` the block of each sentence; `heading` the sentence that heads each; `places_in_tables` the headings of numbers in cells by the
    number's first token.
    """

    document: Document
    codebook: Codebook
    tokens: Tokens
    hits: tuple[Hit, ...] = ()
    dates: tuple[Date, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    sentence: tuple[int, ...] = ()
    bounds: tuple[tuple[int, int], ...] = ()
    paragraph: tuple[int, ...] = ()
    heading: tuple[int, ...] = ()
    clause: tuple[int, ...] = ()
    hit_starts: tuple[int, ...] = ()
    sources: tuple[SourcePhrase, ...] = ()
    places_in_tables: Mapping[int, Place] = field(default_factory=dict)

    def hits_in(self, i: int, j: int) -> Sequence[Hit]:
        """Known phrases that begin at tokens i … j-1."""
        return self.hits[bisect_left(self.hit_starts, i) : bisect_left(self.hit_starts, j)]

    def quantities_in(self, i: int, j: int) -> Sequence[Quantity]:
        """Quantities that begin at tokens i … j-1."""
        return self.quantities[bisect_left(self._quantity_starts, i) : bisect_left(self._quantity_starts, j)]

    def dates_in(self, i: int, j: int) -> Sequence[Date]:
        """Dates that begin at tokens i … j-1."""
        return self.dates[bisect_left(self._date_starts, i) : bisect_left(self._date_starts, j)]

    def sources_in(self, i: int, j: int) -> Sequence[SourcePhrase]:
        """Source phrases that begin at tokens i … j-1."""
        return self.sources[bisect_left(self._source_starts, i) : bisect_left(self._source_starts, j)]

    def earlier(self, s: int, most: int) -> Iterator[tuple[int, int]]:
        """Up to `most` sentences before sentence `s` in its paragraph, the nearest first, each with its distance."""
        for back in range(1, most + 1):
            if s - back < 0 or self.paragraph[s - back] != self.paragraph[s]:
                return
            yield s - back, back

    def date_before(self, i: int) -> Date | None:
        """The last date with a value before token i."""
        k = bisect_left(self._known_starts, i)
        return self.known_dates[k - 1] if k else None

    def source_before(self, i: int) -> SourcePhrase | None:
        """The last source phrase before token i."""
        k = bisect_left(self._source_starts, i)
        return self.sources[k - 1] if k else None

    def place_before(self, i: int) -> Hit | None:
        """The last place named before token i, the war's own countries left out."""
        k = bisect_left(self._place_starts, i)
        return self._places[k - 1] if k else None

    @cached_property
    def _places(self) -> tuple[Hit, ...]:
        return tuple(h for h in self.hits if h.kind == "origin" and h.value.split(":")[0] not in self.codebook.theatre)

    @cached_property
    def _place_starts(self) -> tuple[int, ...]:
        return tuple(h.i for h in self._places)

    @cached_property
    def paragraph_first(self) -> tuple[int, ...]:
        """For every sentence the first sentence of its paragraph."""
        out: list[int] = []
        for s, block in enumerate(self.paragraph):
            out.append(out[-1] if s and self.paragraph[s - 1] == block else s)
        return tuple(out)

    @cached_property
    def chains(self) -> tuple[tuple[int, int], ...]:
        """For every quantity the first and last of the list it is a member of ("31 N, 17 M and 4 K"); itself twice where it is in none."""
        firsts: list[int] = []
        for n in range(len(self.quantities)):
            firsts.append(firsts[-1] if n and self._continues(n) else n)
        lasts = {first: n for n, first in enumerate(firsts)}
        return tuple((first, lasts[first]) for first in firsts)

    def _continues(self, n: int) -> bool:
        """Does quantity `n` stand in one list with the one before it: nothing between but joining words and known names?"""
        q, last = self.quantities[n], self.quantities[n - 1]
        if self.sentence[q.i] != self.sentence[last.i] or q.i - last.j > LONGEST_JOIN:
            return False
        known = {k for h in self.hits_in(last.j, q.i) if h.kind in ("noun", "origin", "group") for k in range(h.i, h.j)}
        joins = self.codebook.words["list_joins"]
        return all(k in known or self.tokens.low[k] in joins for k in range(last.j, q.i))

    @cached_property
    def counts_like_years(self) -> frozenset[int]:
        """Where cells of tables hold a number that looks like a year ("2000") among other counts of their column."""
        return _counts_like_years(self.document)

    @cached_property
    def known_dates(self) -> tuple[Date, ...]:
        """Dates with a value."""
        return tuple(d for d in self.dates if d.value)

    @cached_property
    def salient_date(self) -> Salient[Date]:
        """The first date of the document and the commonest."""
        return _salient([d for d in self.known_dates if d.kind != "now"], lambda d: d.value or "")

    @cached_property
    def salient_source(self) -> Salient[SourcePhrase]:
        """The first source that is surely one, and the commonest."""
        return _salient([p for p in self.sources if p.sure], lambda p: p.text.casefold())

    @cached_property
    def head_sources(self) -> tuple[SourcePhrase, ...]:
        """Names in the document's title and first lines, under which the whole may stand, and the name it repeats most; each once."""
        named = [p for p in self.sources if p.pattern not in UNNAMED]
        head = [p for p in named if self.sentence[p.i] < 1 or self.tokens.start[p.i] < HEAD]
        often = _salient(named, lambda p: p.text.casefold()).often
        return tuple({p.text.casefold(): p for p in [*head, *([often] if often else [])]}.values())[:MOST_HEAD]

    @cached_property
    def habits(self) -> tuple[str, str]:
        """How many of the sentences with a number name a source, and how many a date, each as a word (see `_share`)."""
        numbered = {self.sentence[q.i] for q in self.quantities if q.kind != "age"}
        cited = {self.sentence[p.i] for p in self.sources if p.sure}
        dated = {self.sentence[d.i] for d in self.known_dates}
        return _share(len(numbered & cited), len(numbered)), _share(len(numbered & dated), len(numbered))

    @cached_property
    def _known_starts(self) -> tuple[int, ...]:
        return tuple(d.i for d in self.known_dates)

    @cached_property
    def _source_starts(self) -> tuple[int, ...]:
        return tuple(p.i for p in self.sources)

    @cached_property
    def _quantity_starts(self) -> tuple[int, ...]:
        return tuple(q.i for q in self.quantities)

    @cached_property
    def _date_starts(self) -> tuple[int, ...]:
        return tuple(d.i for d in self.dates)

    @cached_property
    def places_named(self) -> PlacesNamed:
        """How often a document names each place, the war's own countries left out."""
        codes = [h.value for h in self._places]
        counts = Counter(codes)
        top = counts.most_common(1)[0][1] / len(codes) if codes else 0.0
        return PlacesNamed(counts, len(codes), len(counts), codes[0] if codes else "", "high" if top > 0.6 else "middle" if top > 0.3 else "low")

    @cached_property
    def main_side(self) -> str | None:
        """The side a document speaks of: two mentions at least, and more than of all others together."""
        groups = self.codebook.groups
        return _leading([groups[h.value].side if h.kind == "group" else h.value for h in self.hits if h.kind in ("group", "side")])

    def words(self, i: int, j: int) -> str:
        """The text of tokens i … j-1."""
        t = self.tokens
        return self.document.text[t.start[i] : t.end[j - 1]] if j > i else ""


def _salient(named: Sequence[Named], key: Callable[[Named], str]) -> Salient[Named]:
    counts = Counter(key(n) for n in named)
    top, times = max(counts.items(), key=lambda c: c[1], default=("", 0))
    return Salient(next(iter(named), None), next((n for n in named if key(n) == top), None) if times > 1 else None, len(counts))


def _leading(named: Sequence[str]) -> str | None:
    """What is named at least twice and more often than all else together."""
    (top, n), *_ = Counter(named).most_common(1) or [("", 0)]
    return top if n >= 2 and 2 * n > len(named) else None


def _share(some: int, every: int) -> str:
    """A fraction in words that few documents can tell: of up to two sentences nothing is a habit."""
    if every < 3:
        return "few"
    return "none" if not some else "low" if some <= every / 4 else "middle" if some <= every * 0.6 else "high"


def start(document: Document, codebook: Codebook) -> Analysis:
    """The document's tokens and the known phrases among them."""
    t = tokenise(document.text)
    hits = tuple(sorted(codebook.matcher.find(t), key=lambda h: h.i))
    hits = tuple(h for h in hits if not (h.kind == "origin" and _is_person(h, t, codebook)))
    return Analysis(document, codebook, t, hits=hits, hit_starts=tuple(h.i for h in hits))


def _is_person(h: Hit, t: Tokens, book: Codebook) -> bool:
    """A place name that is here a person's: "Jordan Peters", "Mr Chad"."""
    if h.j - h.i != 1 or t.raw[h.i] not in book.given_names:
        return False
    prev = t.low[h.i - 1] if h.i else ""
    if prev in ("mr", "mrs", "ms", "dr", "sir"):
        return True
    if h.form == "adjective" or h.j >= len(t) or prev in ("in", "to", "from", "of", "and", ",", "with"):
        return False
    nxt = t.raw[h.j]
    surname = nxt[:1].isupper() and nxt[1:].islower() and t.start[h.j] - t.end[h.j - 1] == 1
    return surname and nxt.casefold() not in book.names and nxt.lower() not in book.dates.get("months", {})


def segment(a: Analysis) -> Analysis:
    """Sentences as token ranges, the block and heading each belongs to, and clauses within them."""
    doc, t = a.document, a.tokens
    bounds: list[tuple[int, int]] = []
    paragraph: list[int] = []
    heading: list[int] = []
    block_starts = [b.start for b in doc.blocks]
    current_heading = -1
    sentence = [-1] * len(t)
    for s in doc.sentences:
        i, j = bisect_left(t.start, s.start), bisect_left(t.start, s.end)
        if i == j:
            continue
        block = max(0, bisect_right(block_starts, s.start) - 1)
        kind = doc.blocks[block].kind if doc.blocks else "paragraph"
        first = len(bounds)
        for a0, a1 in _pieces(t, i, j):
            n = len(bounds)
            bounds.append((a0, a1))
            paragraph.append(block)
            heading.append(current_heading)
            for k in range(a0, a1):
                sentence[k] = n
        if kind in ("heading", "title"):
            current_heading = first
    hits = tuple(h for h in a.hits if sentence[h.i] >= 0)  # what a list of references names is no subject of the text
    return replace(
        a,
        hits=hits,
        hit_starts=tuple(h.i for h in hits),
        sentence=tuple(sentence),
        bounds=tuple(bounds),
        paragraph=tuple(paragraph),
        heading=tuple(heading),
    )


def _pieces(t: Tokens, i: int, j: int) -> list[tuple[int, int]]:
    """A sentence in pieces of at most `LONGEST_SENTENCE` tokens, cut behind a mark: longer ones are lists, and would cost their square."""
    out = []
    while j - i > LONGEST_SENTENCE:
        cut = next(
            (k + 1 for k in range(i + LONGEST_SENTENCE - 1, i + LONGEST_SENTENCE // 2, -1) if t.low[k] in (";", ",", "|", ".")), i + LONGEST_SENTENCE
        )
        out.append((i, cut))
        i = cut
    return [*out, (i, j)]


def read_dates(a: Analysis) -> Analysis:
    """Dates, resolved against each other and the day of publication, which a dateline gives where the document's metadata do not."""
    found = [replace(d, i=d.i + i, j=d.j + i) for i, j in a.bounds for d in find_dates(a.document.text, a.tokens.part(i, j), a.codebook)]
    found = [d for d in found if d.start not in a.counts_like_years]
    if a.document.published is None and (day := dateline(a, found)):
        a = replace(a, document=replace(a.document, published=day))
    return replace(a, dates=tuple(resolve_dates(found, a.document.published)))


def _counts_like_years(document: Document) -> frozenset[int]:
    """Where cells hold a number that looks like a year ("2000") among other counts of their column."""
    out: set[int] = set()
    for table in document.layout.tables:
        cells = [(c, document.text[c.start : c.end].strip()) for c in table.cells if not c.heading]
        counts = [(c.row, c.column) for c, words in cells if c.column and words[:1].isdecimal() and not LIKE_A_YEAR.search(words)]
        first = min((row for row, _ in counts), default=-1)  # what stands above is a heading
        of_column = Counter(column for _, column in counts)
        years = [c for c, words in cells if c.column and 0 <= first <= c.row and LIKE_A_YEAR.fullmatch(words)]
        many = Counter(c.column for c in years)
        out |= {c.start for c in years if of_column[c.column] >= many[c.column]}
    return frozenset(out)


def dateline(a: Analysis, found: Sequence[Date]) -> str | None:
    """The date at the head of a document: in one of its first short lines, or within the first words of its first paragraph.

    Only dates with at least a month count, so that a title that names a year dates nothing.
    """
    for b in a.document.blocks[:7]:
        text = a.document.text[b.start : b.end]
        short = (len(text) <= 160 and not text.rstrip().endswith((".", "?", "!"))) or len(text) <= 60
        for d in found:
            if d.value is None or d.kind != "absolute" or d.mark in ("since", "until", "range", "by") or len(d.value) < 7:
                continue
            if b.start <= d.start < b.end and (
                short or (d.start - b.start <= 45 and a.document.text[b.start : d.start].strip(" ,(").count(" ") <= 3 and _opens_report(a, d))
            ):
                return d.value.split("/")[-1] if "/" in d.value else d.value
        if b.kind == "paragraph" and not short:
            break
    return None


def _opens_report(a: Analysis, d: Date) -> bool:
    """ "CITY, 3 May 2016 —": a dash, colon or closing bracket follows the date."""
    rest = a.document.text[d.end : d.end + 12].lstrip()
    return rest[:1] in ("—", "–", "-", ":", ")", "(", "/", "|")


def read_quantities(a: Analysis) -> Analysis:
    """Every number that is no year, label or reference."""
    blocked = [d for d in a.dates if d.kind != "now"]
    out: list[Quantity] = []
    find = finder(a.codebook).find
    n = 0
    for i, j in a.bounds:  # sentence by sentence: no number runs over the end of a line of a table
        while n < len(blocked) and blocked[n].i < i:
            n += 1
        dates = []
        while n < len(blocked) and blocked[n].i < j:
            dates.append(replace(blocked[n], i=blocked[n].i - i, j=blocked[n].j - i))
            n += 1
        hits = [Hit(h.kind, h.value, h.form, h.i - i, h.j - i) for h in a.hits_in(i, j) if h.kind in NAMING and h.j <= j]
        for q in find(a.document.text, a.tokens.part(i, j), hits, dates):
            if q.kind == "year" and q.start in a.counts_like_years:
                q = replace(q, kind="count")
            if q.kind != "year":
                out.append(replace(q, i=q.i + i, j=q.j + i, head=q.head + i if q.head >= 0 else -1))
    return replace(a, quantities=tuple(out))


def cut_clauses(a: Analysis) -> Analysis:
    """Number the clauses: cut at ; : dashes, contrasting words, "of whom", and a comma or "and" that opens a new number."""
    t = a.tokens
    words = a.codebook.words
    opens = {q.i for q in a.quantities if q.kind in ("count", "vague", "percent")}
    # "of whom 12 …" opens a clause at "of", "12 of whom …" at the number
    parts = {q.i for q in a.quantities if q.partitive in ("of_whom", "of_which", "of_them")}
    ends = {q.j for q in a.quantities}
    parts |= {k for k in range(len(t) - 1) if t.low[k] == "of" and t.low[k + 1] == "whom" and k not in ends}
    clause = [0] * len(t)
    c = 0
    for i, j in a.bounds:
        c += 1
        seen_quantity = False
        for k in range(i, j):
            w = t.low[k]
            if (
                _cuts(t, k, i, j, w, words["clause_cut"])
                or k in parts
                or (seen_quantity and w in (",", "and") and _opens(t, k, j, opens, words["clause_fill"]))
            ):
                c += 1
                seen_quantity = False
            if k in opens:
                seen_quantity = True
            clause[k] = c
    return replace(a, clause=tuple(clause))


def read_sources(a: Analysis) -> Analysis:
    """Phrases that name who says something."""
    return replace(a, sources=tuple(find_sources(a)))


def _cuts(t: Tokens, k: int, i: int, j: int, w: str, cut: frozenset[str]) -> bool:
    """Does a clause of the sentence i … j-1 end at token k: a strong mark, a spaced dash, a contrasting word?"""
    if w in (";", ":", "—"):
        return True
    if w in ("–", "-"):
        return 0 < k < j - 1 and t.start[k] > t.end[k - 1] and t.start[k + 1] > t.end[k]
    return w in cut and k > i


def _opens(t: Tokens, k: int, j: int, opens: set[int], fill: frozenset[str]) -> bool:
    """Does a new number begin right after this comma or "and"?"""
    for m in range(k + 1, min(k + 4, j)):
        if m in opens:
            return True
        if t.low[m] not in fill:
            return False
    return False
