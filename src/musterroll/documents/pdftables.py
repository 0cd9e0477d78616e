"""Tables of PDF pages: those drawn with lines by pdfplumber, those kept apart by white space by their columns."""

from __future__ import annotations

import contextlib
import io
import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from .pdfpage import Run, Word

NEAR = 3.0  # points within which two edges are one
MOST_CELLS = 4000  # of one page


class Place(NamedTuple):
    """A cell of a found table: its words by printed lines, its row and column, how far it reaches, and its page where the table has several."""

    lines: list[list[Word]]
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    page: int = 0


class Found(NamedTuple):
    """A table of a page: its box and its cells."""

    left: float
    top: float
    right: float
    bottom: float
    cells: list[Place]

    @property
    def width(self) -> int:
        """Number of columns."""
        return max((p.column + p.columns for p in self.cells), default=0)

    def row(self, n: int) -> list[str]:
        """The words of a row's cells."""
        return [" ".join(w.text for line in p.lines for w in line) for p in self.cells if p.row == n]

    def holds(self, w: Word) -> bool:
        """Does a word stand in the table?"""
        return _within(w, (self.left, self.top, self.right, self.bottom))


def _within(w: Word, box: tuple[float, float, float, float]) -> bool:
    x, y = (w.left + w.right) / 2, (w.top + w.bottom) / 2
    return box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1


def joined(first: Found, page: int, second: Found) -> Found:
    """A table that goes on over `page`, whose second part may say the headings again."""
    cells = [p if p.page else p._replace(page=page - 1) for p in first.cells]
    again = 1 if second.row(0) == first.row(0) else 0
    down = max((p.row for p in cells), default=-1) + 1 - again
    cells += [p._replace(row=p.row + down, page=page) for p in second.cells if p.row >= again]
    return first._replace(cells=cells)


class Finder:
    """Finds ruled tables. The second library is opened at the first page that may hold one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pdf: Any = None
        self.failed: list[int] = []

    def find(self, n: int, runs: Sequence[Run]) -> list[Found]:
        """Ruled tables of page `n` (from 0) with their words; none, and the page noted, where the library fails on it."""
        try:
            if self._pdf is None:
                import pdfplumber  # slow to import, needed only here

                self._pdf = pdfplumber.open(io.BytesIO(self._data))
            page = self._pdf.pages[n]
            try:
                boxes = [(t.bbox, t.cells) for t in page.find_tables()]
            finally:
                page.close()
        except MemoryError:
            raise
        except Exception:  # the library raises whatever the broken part made it stumble over; the words are read all the same
            self.failed.append(n + 1)
            return []
        out = []
        for box, cells in boxes:
            kept = [c for c in cells if c is not None]
            if 4 <= len(kept) <= MOST_CELLS and (found := _fill(box, kept, runs)) is not None:
                out.append(found)
        return out

    def close(self) -> None:
        """Let go of the second library's file."""
        if self._pdf is not None:
            with contextlib.suppress(Exception):  # it looks at every page again to close it, and stumbles over the same faults
                self._pdf.close()


def _fill(box: tuple[float, float, float, float], cells: Sequence[tuple[float, float, float, float]], runs: Sequence[Run]) -> Found | None:
    """A table with the words that stand in its cells; None where it has less than two rows or columns or few words."""
    xs = _edges([x for c in cells for x in (c[0], c[2])])
    ys = _edges([y for c in cells for y in (c[1], c[3])])
    if len(xs) < 3 or len(ys) < 3:
        return None
    places = []
    inside = [w for r in runs for w in r.words if _within(w, box)]
    for cell in cells:
        x0, top, x1, bottom = cell
        c0, c1, r0, r1 = _at(xs, x0), _at(xs, x1), _at(ys, top), _at(ys, bottom)
        own = [w for w in inside if _within(w, cell)]
        places.append(Place(_lines(own), r0, c0, max(1, r1 - r0), max(1, c1 - c0)))
    filled = [p for p in places if p.lines]
    if len(filled) < 3 or len(inside) > 60 * len(filled):  # a frame around prose
        return None
    return Found(*box, places)


def _lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words of a cell by printed lines, in the order of the file."""
    out: list[list[Word]] = []
    for w in words:
        if out and min(w.bottom, out[-1][0].bottom) - max(w.top, out[-1][0].top) > 0.5 * min(w.bottom - w.top, out[-1][0].bottom - out[-1][0].top):
            out[-1].append(w)
        else:
            out.append([w])
    return out


def _edges(values: Sequence[float]) -> list[float]:
    """Different edges, those nearly equal as one."""
    out: list[float] = []
    for v in sorted(values):
        if not out or v - out[-1] > NEAR:
            out.append(v)
    return out


def _at(edges: Sequence[float], v: float) -> int:
    """Number of the edge at v."""
    k = bisect_left(edges, v - NEAR)
    return min(k, len(edges) - 1)


FEW_WORDS = (3.5, 5.0)  # of a cell in the mean, with two columns and with more; prose in columns has more
MOST_WORDS = 16  # of a row
GUTTER = {2: 0.9, 3: 0.35}  # ems of white space between columns in tables of so few lines; of more lines `NARROW` will do
NARROW = 0.12
BULLETS = frozenset("•‣▪●◦·*–-\uf0b7o")
_SMALL = frozenset(("the", "of", "in", "by", "to", "for", "and", "at", "a", "that", "was", "were", "is", "are", "it", "with", "on", "as"))
_PROSE = re.compile(r"[a-z][.!?][\"”’)]*\s+[A-Z]|[a-z]{2}[.;,]$|^[a-z]+ [a-z]+ [a-z]+ [a-z]+ ")


def aligned(page_runs: Sequence[Run]) -> list[Found]:
    """Tables kept apart by white space alone: printed lines in a row, most with numbers, between whose words the same gutters run."""
    place = {id(r): k for k, r in enumerate(page_runs)}
    lines: list[list[Run]] = []
    for r in sorted(page_runs, key=lambda r: (r.top + r.bottom) / 2):
        if lines and beside(lines[-1], r):
            lines[-1].append(r)
        else:
            lines.append([r])
    out: list[Found] = []
    block: list[list[Run]] = []
    for line in [*lines, []]:
        line.sort(key=lambda r: r.left)
        next_to = sum(abs(place[id(a)] - place[id(b)]) == 1 for a, b in pairwise(line))
        fits = _is_row(line) and next_to >= 0.5 * (len(line) - 1)
        if fits and (not block or line[0].top - block[-1][0].bottom < 2.2 * line[0].size):
            block.append(line)
            continue
        if (found := _best(block)) is not None:
            out.append(found)
        block = [line] if fits else []
    return out


def _is_row(line: Sequence[Run]) -> bool:
    """May a printed line be the row of a table: short, of two words at least, and no sentence?"""
    words = [w.text for r in line for w in r.words]
    if not 2 <= len(words) <= MOST_WORDS or words[0] in BULLETS or _PROSE.search(" ".join(words)):
        return False
    numbers = sum(any(ch.isdecimal() for ch in w) for w in words)
    return numbers > 1 or sum(w in _SMALL for w in words) < 2


def _best(block: Sequence[Sequence[Run]]) -> Found | None:
    """The table in a block of lines, of which the first and last ones may be something else."""
    for cut in range(4):
        for top in range(cut, -1, -1):
            part = block[top : len(block) - (cut - top)]
            if len(part) > 1 and (found := _columns(part)) is not None:
                return found
    return None


def beside(line: Sequence[Run], r: Run) -> bool:
    """Does a run stand on the same printed line?"""
    first = line[0]
    lap = min(first.bottom, r.bottom) - max(first.top, r.top)
    return lap > 0.5 * min(first.bottom - first.top, r.bottom - r.top)


def _columns(block: Sequence[Sequence[Run]]) -> Found | None:
    """The block's words by columns; None where no gutters run between them, or they read like prose in columns."""
    lines = [sorted((w for r in line for w in r.words), key=lambda w: w.left) for line in block]
    numbers = sum(any(ch.isdecimal() for w in line for ch in w.text) for line in lines)
    if numbers < 0.6 * len(lines) or (len(lines) == 2 and any(len(line) < 2 for line in block)):
        return None
    size = max(r.size for line in block for r in line)
    least = GUTTER.get(len(lines), NARROW) * size
    spans: list[list[float]] = []
    for w in sorted((w for line in lines for w in line), key=lambda w: w.left):
        if spans and (w.left < spans[-1][1] + least or w.glued):
            spans[-1][1] = max(spans[-1][1], w.right)
        else:
            spans.append([w.left, w.right])
    spans = _filled(spans, lines)
    cells = [[[w for w in line if s[0] - 0.1 <= w.left <= s[1]] for s in spans] for line in lines]
    some = [c for row in cells for c in row if c]
    if len(spans) < 2 or len(some) < 0.6 * len(spans) * len(lines) or sum(map(len, some)) > FEW_WORDS[len(spans) > 2] * len(some):
        return None
    counted = sum(any(c and any(ch.isdecimal() for w in c for ch in w.text) for c in row[1:]) for row in cells)
    if counted < 0.5 * len(lines):  # numbers stand behind labels; a list of numbered lines is none
        return None
    places = [Place([words], k, c) for k, row in enumerate(cells) for c, words in enumerate(row) if words]
    every = [w for line in lines for w in line]
    box = min(w.left for w in every), min(w.top for w in every), max(w.right for w in every), max(w.bottom for w in every)
    return Found(*box, places)


def _filled(spans: Sequence[list[float]], lines: Sequence[Sequence[Word]]) -> list[list[float]]:
    """Columns that many lines fill; one that few do is part of its neighbour, as the second word of a heading is."""
    out: list[list[float]] = []
    for s in spans:
        used = sum(any(s[0] - 0.1 <= w.left <= s[1] for w in line) for line in lines)
        if out and used < 0.4 * len(lines):
            out[-1][1] = s[1]
        else:
            out.append(list(s))
    return out
