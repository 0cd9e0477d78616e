"""Where the words of a document stand in its file: pages with boxes, cells of tables, footnotes and references.

Everything is offsets into the document's one text, so that a claim's span leads to the page and box, the cell, and the note it cites. Lengths
are in points (1/72 inch) from the page's upper left corner.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple


class Page(NamedTuple):
    """One page: its number from 1, the text it carries, its size, and the number printed on it."""

    number: int
    start: int
    end: int
    width: float
    height: float
    label: str | None = None


class Line(NamedTuple):
    """A printed line: `edges` are the left and right side of each of its words in turn."""

    page: int
    start: int
    end: int
    top: float
    bottom: float
    edges: tuple[float, ...]


class Box(NamedTuple):
    """A rectangle on a page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class Cell(NamedTuple):
    """A cell of a table by row and column from 0. A merged cell stands at its first and says how far it reaches."""

    start: int
    end: int
    row: int
    column: int
    heading: bool = False
    rows: int = 1
    columns: int = 1


class Table(NamedTuple):
    """A table's cells in reading order, its caption and, in a workbook, the name of its sheet.

    `first` is the row and column of the sheet at which the table begins.
    """

    cells: tuple[Cell, ...]
    caption: tuple[int, int] | None = None
    name: str | None = None
    first: tuple[int, int] = (0, 0)

    def address(self, cell: Cell, number: int) -> str:
        """Where a reader finds the cell: "Sheet1!C4" in a workbook, else "table 2, row 3, column 1" counted from 1."""
        row, column = self.first[0] + cell.row, self.first[1] + cell.column
        if self.name is not None:
            return f"{self.name}!{_letters(column)}{row + 1}"
        return f"table {number}, row {row + 1}, column {column + 1}"


class Reference(NamedTuple):
    """A footnote or an entry of a list of references: its label, its words in the text, and the address it gives."""

    label: str
    start: int
    end: int
    url: str | None = None


class Mark(NamedTuple):
    """A place at which the text cites a reference."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Layout:
    """All that is known of where a document's words stand."""

    pages: tuple[Page, ...] = ()
    lines: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()
    references: tuple[Reference, ...] = ()
    marks: tuple[Mark, ...] = ()

    def page(self, offset: int) -> int | None:
        """The number of the page on which a character stands."""
        n = bisect_right(self.pages, offset, key=lambda p: p.start)
        return self.pages[n - 1].number if n and offset < self.pages[n - 1].end else None

    def boxes(self, text: str, start: int, end: int) -> list[Box]:
        """The boxes of the words that characters start … end-1 belong to, one a line."""
        out = []
        n = max(0, bisect_right(self.lines, start, key=lambda x: x.start) - 1)
        for line in self.lines[n:]:
            if line.start >= end:
                break
            words = _words(text, line.start, line.end)
            hit = [k for k, (a, b) in enumerate(words) if a < end and b > start]
            if hit and 2 * hit[-1] + 1 < len(line.edges):
                out.append(Box(line.page, line.edges[2 * hit[0]], line.top, line.edges[2 * hit[-1] + 1], line.bottom))
        return out

    def cell(self, offset: int) -> tuple[int, Table, Cell] | None:
        """The cell in which a character stands, with its table and the table's number from 1."""
        n = bisect_right(self._cells, offset, key=lambda c: c[0])
        if not n:
            return None
        _, number, cell = self._cells[n - 1]
        return (number, self.tables[number - 1], cell) if offset < cell.end else None

    def address(self, offset: int) -> str | None:
        """Where a reader of the file finds the cell in which a character stands; None outside tables."""
        found = self.cell(offset)
        if found is None:
            return None
        number, table, cell = found
        return table.address(cell, number)

    def cited(self, text: str, start: int, end: int, until: int) -> list[Reference]:
        """References that words at `start` … `end` cite: the first marks behind them and before another number, up to `until`; in a table the marks
        in the cell, else those of its row's and column's headings and of the caption.
        """
        if not self.marks:
            return []
        found = self.cell(start)
        if found is None:
            marks = self.marks_in(end, until)
            between = text[end : marks[0].start] if marks else ""
            if any(ch.isdigit() for ch in between) and "." in between:
                marks = []
            apart = next((k for k in range(1, len(marks)) if marks[k].start - marks[k - 1].end > 1), len(marks))
            marks = marks[:apart]
        else:
            _, table, cell = found
            marks = self.marks_in(cell.start, cell.end)
            if not marks:
                spans = [(c.start, c.end) for c in table.cells if (c.row == cell.row and c.column < cell.column and not _counts(text, c))]
                spans += [(c.start, c.end) for c in table.cells if c.row < cell.row and c.column == cell.column and not _counts(text, c)]
                marks = [m for a, z in [*spans, *([table.caption] if table.caption else [])] for m in self.marks_in(a, z)]
        return [r for label in dict.fromkeys(m.label for m in marks) if (r := self.reference(label)) is not None]

    @cached_property
    def _cells(self) -> list[tuple[int, int, Cell]]:
        every = ((c.start, n, c) for n, t in enumerate(self.tables, 1) for c in t.cells)
        return sorted(every, key=lambda c: c[0])

    def marks_in(self, start: int, end: int) -> list[Mark]:
        """Marks that begin at characters start … end-1."""
        n = bisect_right(self.marks, start - 1, key=lambda m: m.start)
        out = []
        for m in self.marks[n:]:
            if m.start >= end:
                break
            out.append(m)
        return out

    def reference(self, label: str) -> Reference | None:
        """The reference with a label."""
        return self._by_label.get(label)

    @cached_property
    def _by_label(self) -> Mapping[str, Reference]:
        return {r.label: r for r in reversed(self.references)}

    def plain(self) -> dict[str, Any]:
        """As plain lists, for JSON; empty parts are left out."""
        whole = {"pages": self.pages, "lines": self.lines, "tables": self.tables, "references": self.references, "marks": self.marks}
        return {k: v for k, v in whole.items() if v}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Layout:
        """The layout again, from what `plain` gave."""
        return cls(
            pages=tuple(Page(*p) for p in plain.get("pages", ())),
            lines=tuple(Line(x[0], x[1], x[2], x[3], x[4], tuple(x[5])) for x in plain.get("lines", ())),
            tables=tuple(
                Table(tuple(Cell(*c) for c in cells), tuple(caption) if caption else None, name, tuple(first))
                for cells, caption, name, first in plain.get("tables", ())
            ),
            references=tuple(Reference(*r) for r in plain.get("references", ())),
            marks=tuple(Mark(*m) for m in plain.get("marks", ())),
        )


def _counts(text: str, cell: Cell) -> bool:
    """Does a cell open with a number, and so head nothing?"""
    return text[cell.start : cell.end].lstrip("~≈><±+-– (")[:1].isdigit()


def _words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the words between two offsets."""
    out = []
    at = start
    for word in text[start:end].split():
        a = text.index(word, at)
        at = a + len(word)
        out.append((a, at))
    return out


def _letters(column: int) -> str:
    """A column of a spreadsheet by its letters: 0 is A, 26 is AA."""
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out
