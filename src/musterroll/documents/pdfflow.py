"""Printed lines → blocks: running heads dropped, columns put in order, lines joined to paragraphs, headings by their type, footnotes apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise

from ..layout import Line, Page
from ..records import BlockKind
from . import pdftables
from .build import Builder, Content
from .pdfpage import Run, Word
from .pdftables import Found

EDGE = 0.11  # share of the page's height in which heads and feet stand
OFTEN = 0.3  # share of pages on which a line is repeated that is a running head
LARGER = 1.09  # type of a heading against the body's
SMALLER = 0.93  # type of a footnote against the body's
NEW_PARAGRAPH = 1.3  # distance of lines against the usual one
_NUMBER = re.compile(
    r"[-–—|\s]*(?:page|p\.|seite|pag\.|página|pagina)?\s*(?:\d{1,4}|[ivxl]{1,6})\s*(?:(?:of|/|von|sur|de|van)\s*\d{1,4})?[-–—|\s]*", re.I
)
_ITEM = re.compile(r"(?:[•‣▪●◦·*–-]|\(?\d{1,3}[.)]|\(?[a-z][.)]|\uf0b7|o)\s+\S")
_LETTERS = re.compile(r"[^\W\d_]+")
_FIRST = frozenset(  # first halves of compounds that no line break makes of a word
    (
        *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty"),
        *("ninety", "half", "one", "first", "second", "third", "well", "best", "better", "so", "self", "long", "short", "high", "low", "non", "anti"),
        *("ex", "mid", "early", "late", "vice", "far", "left", "right", "full", "part", "hard", "battle", "state", "government", "foreign", "single"),
    )
)
_ENDS = re.compile(r"[.!?:;…][\"”’')\]]*(?:\[\w{1,4}\])*$")
_LABEL = re.compile(r"\[?(\d{1,3}|[a-z]|\*{1,3}|[†‡§])\]?[.)]?\s+(?=\S)")
_DIGITS = re.compile(r"\d+")
_CAPTION = re.compile(r"(?:table|figure|fig\.|chart|map|annex|exhibit|tableau|tabelle|tabel|tabla|cuadro)\s+[\dA-Z]{1,3}\b", re.I)
LONGEST_HEADING = 200


@dataclass
class Sheet:
    """A page as it was read: its size, its printed number, its lines in the order of the file, its ruled tables."""

    number: int
    width: float
    height: float
    label: str | None
    runs: list[Run]
    tables: list[Found]
    notes: list[list[Run]] = field(default_factory=list)


@dataclass
class _Chunk:
    """Lines that make one block, or a table."""

    runs: list[Run]
    table: Found | None = None
    page: int = 0


def lay_out(sheets: Sequence[Sheet], b: Builder) -> None:
    """The pages' words into the document, with pages, lines and cells."""
    _drop_heads(sheets)
    body = _usual([(r.size, len(r.text)) for s in sheets for r in s.runs])
    chunks: list[_Chunk] = []
    for s in sheets:
        chunks += _page(s, body)
    advance = _advances(chunks)
    blocks = _over_pages(list(_blocks(chunks, advance, body)))
    levels = _levels(blocks, body)
    writer = _Writer(b, {w.text.strip(",.;:()").lower() for s in sheets for r in s.runs for w in r.words})
    labels: dict[tuple[int, str], str] = {}
    taken: set[str] = set()
    for s in sheets:
        for note in s.notes:
            label = _label(note)
            new = label if label not in taken else str(max((int(x) for x in taken if x.isdecimal()), default=0) + 1)
            taken.add(new)
            labels[(s.number, label)] = new
    for chunk in blocks:
        _rename(chunk, labels)
        if chunk.table is not None:
            writer.table(chunk.table, chunk.page)
        else:
            kind, level = _kind(chunk.runs, levels, body)
            _drop_bullet(chunk.runs[0])
            writer.block(chunk.runs, "title" if kind == "heading" and level == 1 and not b.length else kind, level)
    end, begins = b.length, dict(writer.begins)
    for s in sheets:
        for note in s.notes:
            writer.note(note, labels[(s.number, _label(note))])
    _number(sheets, begins, end, b)


def _number(sheets: Sequence[Sheet], starts: dict[int, int], end: int, b: Builder) -> None:
    """The span of every page: from its first character to the next page's first."""
    at = end
    out = []
    for s in reversed(sheets):
        start = min(starts.get(s.number, at), at)
        out.append(Page(s.number, start, at, round(s.width, 1), round(s.height, 1), s.label))
        at = start
    b.pages = out[::-1]
    for line in b.lines:  # footnotes stand behind the last page's words, and know their own page
        if line.start >= end:
            b.pages.append(Page(line.page, line.start, line.end, 0.0, 0.0, None))


def _usual(weighted: Sequence[tuple[float, int]]) -> float:
    """The size that most letters have."""
    counts: Counter[float] = Counter()
    for size, n in weighted:
        counts[round(size * 2) / 2] += n
    return counts.most_common(1)[0][0] if counts else 10.0


def _drop_heads(sheets: Sequence[Sheet]) -> None:
    """Leave out printed lines at the edge of pages that come again on others, and page numbers."""
    edges = [(s, _edge_lines(s)) for s in sheets]
    seen: Counter[str] = Counter()
    for _, lines in edges:
        seen.update({_pattern(line) for line in lines})
    least = max(2.0, OFTEN * len(sheets))
    body = _usual([(r.size, len(r.text)) for s in sheets for r in s.runs])
    for n, (s, lines) in enumerate(edges):
        top, bottom = min((r.top for r in s.runs), default=0.0), max((r.bottom for r in s.runs), default=0.0)
        gone: set[int] = set()
        for line in lines:
            pattern = _pattern(line)
            large = n == 0 and line[0].size > LARGER * body
            again = len(sheets) > 1 and seen[pattern] >= least and not large and any(ch.isalpha() for ch in pattern)
            small = line[0].bottom < EDGE * s.height and line[0].size < SMALLER * body and len(line[0].words) > 1
            outermost = any(r.top <= top or r.bottom >= bottom for r in line)
            if again or small or (len(line) == 1 and outermost and _NUMBER.fullmatch(line[0].text)):
                gone |= {id(r) for r in line}
        s.runs = [r for r in s.runs if id(r) not in gone]


def _edge_lines(s: Sheet) -> list[list[Run]]:
    """Printed lines at the upper and lower edge of a page; a table's row is one line."""
    out: list[list[Run]] = []
    for r in sorted((r for r in s.runs if r.bottom < EDGE * s.height or r.top > (1 - EDGE) * s.height), key=lambda r: (r.top + r.bottom) / 2):
        if out and pdftables.beside(out[-1], r):
            out[-1].append(r)
        else:
            out.append([r])
    return out


def _pattern(line: Sequence[Run]) -> str:
    """A printed line without its page number, which is its first word or its last number, and with its height on the page."""
    words = " ".join(r.text for r in line).casefold()
    plain = _DIGITS.sub("#", words, count=1) if words[:1].isdecimal() else _DIGITS.sub("#", words[::-1], count=1)[::-1]
    return f"{plain} {round(line[0].top / 6)}"


def _page(s: Sheet, body: float) -> Iterator[_Chunk]:
    """The page's lines in reading order, tables at their place; its footnotes are put aside."""
    tables = list(s.tables)
    free = [r for r in s.runs if not any(t.holds(w) for t in tables for w in r.words[:1])]
    for found in pdftables.aligned(free):
        tables.append(found)
        free = [r for r in free if not any(found.holds(w) for w in r.words[:1])]
    free = _in_order(free)
    free, s.notes = _split_notes(free, body)
    waiting = sorted(tables, key=lambda t: t.top)
    for k, r in enumerate(free):
        back = k and r.top < free[k - 1].top - r.size  # the next column begins
        while (
            waiting and not back and waiting[0].top < r.top and (not k or free[k - 1].top <= waiting[0].top + r.size or r.top > waiting[0].bottom - 2)
        ):
            yield _Chunk([], waiting.pop(0), s.number)
        yield _Chunk([r])
    for t in waiting:
        yield _Chunk([], t, s.number)


def _in_order(runs: list[Run]) -> list[Run]:
    """Lines in reading order: that of the file, unless it goes from column to column line by line."""
    if len(runs) < 8:
        return runs
    jumps = sum(abs(a.top - b.top) < 0.4 * a.size and b.left > a.right for a, b in pairwise(runs))
    if jumps < 0.25 * len(runs):
        return runs
    gutter = _gutter(runs)
    if gutter is None:
        return runs
    out: list[Run] = []
    sides: tuple[list[Run], list[Run]] = ([], [])
    for r in sorted(runs, key=lambda r: r.top):
        if r.left < gutter < r.right:
            out += sides[0] + sides[1] + [r]
            sides[0].clear()
            sides[1].clear()
        else:
            sides[r.left >= gutter].append(r)
    return out + sides[0] + sides[1]


def _gutter(runs: Sequence[Run]) -> float | None:
    """The middle of the white space between two columns; None where there is none."""
    left, right = min(r.left for r in runs), max(r.right for r in runs)
    best = None
    for share in range(30, 71, 2):
        x = left + (right - left) * share / 100
        crossing = sum(r.left < x < r.right for r in runs)
        if crossing <= 0.15 * len(runs) and (best is None or crossing < best[0]):
            best = (crossing, x)
    return best[1] if best else None


def _split_notes(runs: list[Run], body: float) -> tuple[list[Run], list[list[Run]]]:
    """(lines of the text, footnotes): small lines at the end of a page that open with a label."""
    first = len(runs)
    while first and runs[first - 1].size < SMALLER * body:
        first -= 1
    while first < len(runs) and not _opens_note(runs[first]):
        first += 1
    notes: list[list[Run]] = []
    for r in runs[first:]:
        if _opens_note(r) or not notes:
            notes.append([r])
        else:
            notes[-1].append(r)
    return runs[:first], notes


def _opens_note(r: Run) -> bool:
    return bool(r.words[0].mark or (_LABEL.match(r.text) and len(r.words) > 1))


def _label(note: Sequence[Run]) -> str:
    m = _LABEL.match(note[0].text + " ")
    return m.group(1) if m else note[0].words[0].text.strip("[]")


def _rename(chunk: _Chunk, labels: dict[tuple[int, str], str]) -> None:
    """Marks under the labels that their notes have in the whole document."""
    for r in chunk.runs:
        for w in r.words:
            if w.mark and (new := labels.get((r.page, w.text.strip("[]")))):
                w.text = f"[{new}]"
    for place in chunk.table.cells if chunk.table else ():
        for w in (w for line in place.lines for w in line):
            if w.mark and (new := labels.get((chunk.page, w.text.strip("[]")))):
                w.text = f"[{new}]"


def _advances(chunks: Sequence[_Chunk]) -> dict[float, float]:
    """The usual distance between the tops of two lines of a paragraph, by size of type."""
    seen: dict[float, Counter[float]] = {}
    for a, b in pairwise(chunks):
        if a.runs and b.runs and _same_type(a.runs[0], b.runs[0]) and a.runs[0].page == b.runs[0].page:
            d = b.runs[0].top - a.runs[0].top
            if 0.8 * b.runs[0].size < d < 3 * b.runs[0].size:
                seen.setdefault(round(b.runs[0].size), Counter())[round(d * 2) / 2] += 1
    return {size: min(d for d, n in c.items() if n >= 0.3 * max(c.values())) for size, c in seen.items()}


def _same_type(a: Run, b: Run) -> bool:
    return abs(a.size - b.size) < 0.6 and a.bold == b.bold


def _blocks(chunks: Sequence[_Chunk], advance: dict[float, float], body: float) -> Iterator[_Chunk]:
    """Chunks with the lines of one paragraph, heading or item together."""
    right: dict[tuple[int, int], float] = {}
    for c in chunks:
        for r in c.runs:
            key = (r.page, round(r.left / 40))
            right[key] = max(right.get(key, 0.0), r.right)
    now: _Chunk | None = None
    for c in chunks:
        if c.table is not None:
            if now is not None:
                yield now
            now = None
            yield c
            continue
        r = c.runs[0]
        if now is not None and _reads_on(now.runs, r, advance, right, body):
            now.runs.append(r)
            continue
        if now is not None:
            yield now
        now = _Chunk([r])
    if now is not None:
        yield now


def _reads_on(before: Sequence[Run], r: Run, advance: dict[float, float], right: dict[tuple[int, int], float], body: float) -> bool:
    """Does a line go on the block of the lines before it?"""
    last, first = before[-1], before[0]
    words = last.text
    if r.page == last.page and abs(last.top - r.top) < 0.4 * r.size:  # beside it
        return r.left > last.right and r.left - last.right < 4 * r.size
    ended = bool(_ENDS.search(words))
    if not _same_type(last, r) and (abs(last.size - r.size) >= 0.6 or ended or not r.text[:1].islower()):
        return False
    edge = max(right.get((x.page, round(x.left / 40)), last.right) for x in (last, first))
    full = edge - last.right < r.words[0].right - r.words[0].left + 0.35 * r.size  # the next word had no room
    if _ITEM.match(r.text) and (ended or not full or r.text[0] in "•‣▪●◦\uf0b7"):
        return False
    if r.page != last.page or r.top < last.top - r.size:  # the next page or column
        return not ended and (r.text[:1].islower() or full)
    usual = advance.get(round(r.size), 1.25 * r.size)
    if r.top - last.top > NEW_PARAGRAPH * usual + 0.5:
        return False
    if r.size > LARGER * body:  # a heading of several lines
        return True
    indent = r.left - (before[1].left if len(before) > 1 else last.left)
    if indent > 0.8 * r.size and ended and not _ITEM.match(first.text):
        return False
    return full or not ended


def _over_pages(blocks: Sequence[_Chunk]) -> list[_Chunk]:
    """Blocks, with the parts of a table that stand on pages one after the other, and nothing between, as one."""
    out: list[_Chunk] = []
    last = 0  # the page on which the table before ended
    for chunk in blocks:
        before = out[-1].table if out else None
        if chunk.table is not None and before is not None and chunk.page == last + 1 and chunk.table.width == before.width:
            out[-1].table = pdftables.joined(before, chunk.page, chunk.table)
        else:
            out.append(chunk)
        last = chunk.page
    return out


def _levels(blocks: Sequence[_Chunk], body: float) -> dict[float, int]:
    """Sizes of type larger than the body's, the largest as level 1."""
    sizes = sorted({round(c.runs[0].size) for c in blocks if c.runs and c.runs[0].size > LARGER * body}, reverse=True)
    return {size: min(n, 5) for n, size in enumerate(sizes, 1)}


def _kind(runs: Sequence[Run], levels: dict[float, int], body: float) -> tuple[BlockKind, int]:
    text = " ".join(r.text for r in runs)
    first = runs[0]
    if _CAPTION.match(text) and len(text) < LONGEST_HEADING:
        return "caption", 0
    if first.size > LARGER * body and len(text) <= LONGEST_HEADING:
        return "heading", levels.get(round(first.size), 2)
    if all(r.bold for r in runs) and len(text) <= 120 and not text.endswith((".", ",", ";")) and any(ch.isalpha() for ch in text):
        return "heading", min(len(levels) + 1, 6)
    return ("item", 0) if _ITEM.match(text) else ("paragraph", 0)


def _drop_bullet(r: Run) -> None:
    """Leave out the sign that opens an item; a number or letter that opens it stays."""
    if len(r.words) > 1 and r.words[0].text in pdftables.BULLETS:
        del r.words[0]


def _compound(before: str, behind: str, known: AbstractSet[str]) -> bool:
    """Is the hyphen at a line's end part of the word ("two-thirds") and not a break ("govern-ment")?"""
    left = _LETTERS.findall(before.lower())[-1]
    right = _LETTERS.findall(behind.lower())[0]
    return left in _FIRST or (left in known and right in known and left + right not in known)


class _Writer:
    """Lays out lines of words and keeps where each stands."""

    def __init__(self, b: Builder, known: AbstractSet[str]) -> None:
        self._b, self._known = b, known
        self.begins: dict[int, int] = {}

    def block(self, runs: Sequence[Run], kind: BlockKind, level: int = 0) -> None:
        text, lines = compose([r.words for r in runs], self._known)
        start = self._b.add(kind, text, level)
        self._place(start, [(r.page, r.words, a, z) for r, (a, z) in zip(runs, lines, strict=True)])

    def note(self, runs: Sequence[Run], label: str) -> None:
        text, lines = compose([r.words for r in runs])
        m = _LABEL.match(text)
        cut = m.end() if m else len(runs[0].words[0].text)
        before = self._b.length
        self._b.note(label, text[cut:])
        if self._b.length > before:
            start = self._b.length - len(text)
            self._place(start, [(r.page, r.words, max(a, cut), z) for r, (a, z) in zip(runs, lines, strict=True)], cut)

    def table(self, t: Found, page: int) -> None:
        rows: dict[int, dict[int, tuple[Content, list[tuple[list[Word], int, int]], int]]] = {}
        for p in t.cells:
            text, lines = compose(p.lines)
            placed = [(ws, a, z) for ws, (a, z) in zip(p.lines, lines, strict=True)]
            rows.setdefault(p.row, {})[p.column] = Content(text, p.rows, p.columns), placed, p.page
        reach = ((p, r, c) for p in t.cells for r in range(p.row, p.row + p.rows) for c in range(p.column, p.column + p.columns))
        covered = {(r, c) for p, r, c in reach if (r, c) != (p.row, p.column)}
        grid = []
        columns = max((p.column for p in t.cells), default=0) + 1
        for r in range(max(rows, default=-1) + 1):
            line = rows.get(r, {})
            grid.append([line[c][0] if c in line else Content("") for c in range(columns) if c in line or (r, c) not in covered])
        cells = self._b.table(grid)
        for cell in cells:
            found = rows.get(cell.row, {}).get(cell.column)
            if found is not None:
                self._place(cell.start, [(found[2] or page, ws, a, z) for ws, a, z in found[1]])

    def _place(self, start: int, lines: Sequence[tuple[int, list[Word], int, int]], cut: int = 0) -> None:
        for page, words, a, z in lines:
            self.begins.setdefault(page, start + a)
            if z <= a:
                continue
            edges: list[float] = []
            for w in words:
                if w.glued and edges:
                    edges[-1] = round(w.right, 1)
                else:
                    edges += [round(w.left, 1), round(w.right, 1)]
            if cut and a == cut:
                edges = edges[-2 * len(self._words(start + a, start + z)) :]
            line = Line(page, start + a, start + z, round(min(w.top for w in words), 1), round(max(w.bottom for w in words), 1), tuple(edges))
            self._b.lines.append(line)

    def _words(self, start: int, end: int) -> list[str]:
        return self._b.text(start, end).split()


def compose(lines: Sequence[Sequence[Word]], known: AbstractSet[str] = frozenset()) -> tuple[str, list[tuple[int, int]]]:
    """Printed lines as one text, and the span of each: words broken at a line's end are made whole, other hyphens stay.

    `known` are the document's words, lower case: where both sides of a hyphen are words, and the whole is none, the hyphen was the author's.
    """
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for words in lines:
        text = "".join(("" if w.glued or not n else " ") + w.text for n, w in enumerate(words))
        if out:
            last = out[-1]
            if last.endswith(("-", "‐")) and len(last) > 1 and last[-2].isalpha() and text[:1].islower() and not _compound(last, text, known):
                out[-1] = last[:-1]
                spans[-1] = (spans[-1][0], spans[-1][1] - 1)
                at -= 1
            elif not (last.endswith(("-", "–", "—", "/")) and len(last) > 1 and last[-2].isalnum()):
                out.append(" ")
                at += 1
        out.append(text)
        spans.append((at, at + len(text)))
        at += len(text)
    return "".join(out), spans
