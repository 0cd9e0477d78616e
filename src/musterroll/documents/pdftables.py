"""Tables of PDF pages: those drawn with lines by pdfplumber, those kept apart by white space by their columns."""

from __future__ import annotations

import contextlib
import io
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


LEAST_GAP = 1.2  # ems of white space between two columns
FEW_WORDS = (3.5, 5.0)  # of a cell in the mean, with two columns and with more; prose in columns has more


def aligned(page_runs: Sequence[Run]) -> list[Found]:
    """Tables kept apart by white space alone: two and more printed lines in a row whose short cells stand in the same columns, most with numbers."""
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
        fits = len(line) > 1 and next_to >= 0.5 * (len(line) - 1) and all(len(r.words) <= 14 for r in line)
        if fits and (not block or line[0].top - block[-1][0].bottom < 2.2 * line[0].size):
            block.append(line)
            continue
        if len(block) > 1 and (found := _columns(block)) is not None:
            out.append(found)
        block = [line] if fits else []
    return out


def beside(line: Sequence[Run], r: Run) -> bool:
    """Does a run stand on the same printed line?"""
    first = line[0]
    lap = min(first.bottom, r.bottom) - max(first.top, r.top)
    return lap > 0.5 * min(first.bottom - first.top, r.bottom - r.top)


def _columns(block: Sequence[Sequence[Run]]) -> Found | None:
    """The block's runs by columns; None where they make none, or read like prose in columns."""
    every = [r for line in block for r in line]
    numbers = sum(any(ch.isdecimal() for r in line for w in r.words for ch in w.text) for line in block)
    if numbers < 0.5 * len(block):
        return None
    spans: list[list[float]] = []
    for r in sorted(every, key=lambda r: r.left):
        if spans and r.left < spans[-1][1] - NEAR:
            spans[-1][1] = max(spans[-1][1], r.right)
        else:
            spans.append([r.left, r.right])
    if len(spans) < 2 or sum(len(r.words) for r in every) > FEW_WORDS[len(spans) > 2] * len(every):
        return None
    if sum(len(line) for line in block) < 0.6 * len(spans) * len(block):
        return None
    places = []
    for k, line in enumerate(block):
        by: dict[int, list[Word]] = {}
        for r in line:
            c = max(n for n, s in enumerate(spans) if s[0] <= r.left + NEAR)
            by.setdefault(c, []).extend(r.words)
        places += [Place([ws], k, c) for c, ws in sorted(by.items())]
    box = min(r.left for r in every), min(r.top for r in every), max(r.right for r in every), max(r.bottom for r in every)
    return Found(*box, places)
