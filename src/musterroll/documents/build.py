"""One text out of a file's blocks: what all readers of structured formats hand their findings to.

A reader calls `heading`, `paragraph`, `item`, `table` and `note` in reading order and `document` at the end; the builder lays the words out,
one blank line between blocks, and keeps the spans. Tables become lines of cells with " | " between them. Footnote marks stand in the words as
"[label]"; those whose label has a note or reference are found again at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import Unreadable
from ..layout import Cell, Layout, Line, Mark, Page, Reference, Table
from ..records import Block, BlockKind, Document
from . import structure
from .about import About
from .flattables import tables
from .references import names_work
from .references import references as flat_references

_SPACE = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")
DATELINE = re.compile(r"\b(?:Dated?|Published|Date of publication|Posted|Updated):?\s*(\d{4}-\d\d(?:-\d\d)?)", re.I)
_URL = re.compile(r"https?://[^\s<>\"”’)\]]+[^\s<>\"”’)\].,;:]")
_MARK = re.compile(r"\[([0-9]{1,4}|[a-z]{1,2}|[ivx]{1,5}|\*{1,3}|[†‡§])\]")
_PRIVATE = {0xE0A0: "\u00a0", 0xE02F: "\u202f", 0xE009: "\u2009"}  # how the reader of web pages keeps the spaces within numbers
_NO_TEXT = (
    {ord(c): None for c in "\x00\u00ad\u200b\ufeff"}
    | dict.fromkeys(range(1, 9), " ")
    | dict.fromkeys(range(14, 32), " ")
    | _PRIVATE
    | dict.fromkeys(range(55296, 57344), "�")
)
BAR = " | "
MOST_CELLS = 200_000  # of one document; a table that is longer is data, not a report


class Content(NamedTuple):
    """The words of a table cell and how far it reaches."""

    words: str
    rows: int = 1
    columns: int = 1
    heading: bool = False


def one_line(words: str) -> str:
    """White space made single spaces; characters that print nothing left out. No-break and thin spaces stay: they are part of numbers."""
    return _SPACE.sub(" ", words.translate(_NO_TEXT)).strip()


@dataclass
class Builder:
    """A document in the making."""

    name: str
    file_hash: str
    media_type: str
    encoding_how: str = "format"
    encoding: str = "utf-8"
    notes: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _tables: list[Table] = field(default_factory=list)
    _references: list[Reference] = field(default_factory=list)
    _length: int = 0
    _cells: int = 0

    @property
    def length(self) -> int:
        """Characters laid out so far."""
        return self._length

    def add(self, kind: BlockKind, words: str, level: int = 0, *, close: bool = False) -> int:
        """Lay out a block of words as they are; where it begins. `close` puts it right under the one before."""
        if self._pieces:
            gap = "\n" if close else "\n\n"
            self._pieces.append(gap)
            self._length += len(gap)
        start = self._length
        self._pieces.append(words)
        self._length += len(words)
        self._blocks.append(Block(kind, start, self._length, level))
        return start

    def title(self, words: str) -> None:
        """The document's own title; behind other words a heading."""
        self._line("heading" if self._blocks else "title", words, 1 if self._blocks else 0)

    def heading(self, words: str, level: int) -> None:
        """A heading; level 1 is the highest."""
        self._line("heading", words, max(1, min(level, 6)))

    def paragraph(self, words: str) -> None:
        """A paragraph of any number of sentences."""
        self._line("paragraph", words)

    def item(self, words: str) -> None:
        """A member of a list."""
        self._line("item", words)

    def caption(self, words: str) -> None:
        """What stands above or below a table or figure."""
        self._line("caption", words)

    def _line(self, kind: BlockKind, words: str, level: int = 0) -> None:
        words = one_line(words)
        if not words or (kind == "heading" and len(self._blocks) == 1 and self._blocks[0].kind == "title" and self._pieces[0] == words):
            return  # a page says its title twice
        self.add(kind, words, level)

    def note(self, label: str, words: str, url: str | None = None) -> None:
        """A footnote or an entry of a list of references. One that only names a work is kept out of extraction."""
        words = one_line(words)
        url = url or (m.group() if (m := _URL.search(words)) else None)
        if not words and url:
            words = url
        if words:
            shown = f"[{label}] {words}" if label else words
            start = self.add("reference" if url or names_work(words) else "note", shown)
            self._references.append(Reference(label, start + len(shown) - len(words), self._length, url))

    def text(self, start: int, end: int) -> str:
        """Words laid out so far, near the end."""
        tail, at = [], self._length
        for piece in reversed(self._pieces):
            tail.append(piece)
            at -= len(piece)
            if at <= start:
                break
        return "".join(reversed(tail))[start - at : end - at]

    def table(
        self, rows: Sequence[Sequence[Content]], *, caption: str = "", name: str | None = None, first: tuple[int, int] = (0, 0)
    ) -> Sequence[Cell]:
        """A table, a line a row; its filled cells. A label that reaches over several rows is said in each; a number only once."""
        grid = _grid(rows)
        last = self._blocks[-1] if self._blocks else None
        at = (last.start, last.end) if last is not None and last.kind == "caption" else None
        if words := one_line(caption):
            start = self.add("caption", words)
            at = (start, self._length)
        cells: list[Cell] = []
        shown = False
        for r, line in enumerate(grid):
            self._cells += len(line)
            if self._cells > MOST_CELLS:
                self.notes.append(f"only the first {MOST_CELLS:,} cells of its tables were read")
                break
            texts = [words for words, _ in line]
            while texts and not texts[-1]:
                texts.pop()
            if not any(texts):
                continue
            start = self.add("row", BAR.join(texts), close=shown)
            shown = True
            for c, words in enumerate(texts):
                of = line[c][1]
                if words and of is not None:
                    cells.append(Cell(start, start + len(words), r, c, of.heading, of.rows, of.columns))
                start += len(words) + len(BAR)
        if cells:
            self._tables.append(Table(tuple(cells), at, name, first))
        return cells

    def document(self, about: About, *, title: bool = True) -> Document:
        """The finished document. Raises Unreadable where no words were found.

        With `title` the title of `about` stands first in the text unless the first block says the same.
        """
        if not self._length:
            raise Unreadable(self.name, "holds no text", "Open it and save its text, or leave it out")
        text = "".join(self._pieces)
        blocks = tuple(self._blocks)
        labels = {r.label for r in self._references if r.label}
        entries = {r.start for r in self._references}
        marks = [Mark(m.start(), m.end(), m.group(1)) for m in _MARK.finditer(text) if m.group(1) in labels and m.end() + 1 not in entries]
        if not labels:
            references, marks = flat_references(text, blocks)
        else:
            references = tuple(self._references)
        printed = m.group(1) if (m := DATELINE.search(text[:600])) else None
        found = about.title or next((text[b.start : b.end] for b in blocks[:3] if b.kind in ("title", "heading")), None)
        return Document(
            name=self.name,
            text=text,
            file_hash=self.file_hash,
            media_type=self.media_type,
            encoding=self.encoding,
            encoding_how=self.encoding_how,
            title=found,
            publisher=about.publisher,
            published=about.published or printed,
            created=about.created,
            url=about.url,
            language=about.language,
            licence=about.licence,
            authors=about.authors,
            retrieved=about.retrieved,
            blocks=blocks,
            sentences=structure.sentences(text, blocks),
            notes=tuple(self.notes),
            layout=Layout(tuple(self.pages), tuple(self.lines), tuple(self._tables) or tables(text, blocks), references, tuple(marks)),
        )


def _grid(rows: Sequence[Sequence[Content]]) -> list[list[tuple[str, Content | None]]]:
    """Rows with every cell at its column: (words, cell), the cell None where another one reaches over this place."""
    out: list[list[tuple[str, Content | None]]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column → rows that a cell above still reaches, and its label
    for row in rows:
        line: list[tuple[str, Content | None]] = []

        def hang(line: list[tuple[str, Content | None]] = line) -> None:
            while (above := hanging.get(len(line))) is not None:
                left, label = above
                if left > 1:
                    hanging[len(line)] = (left - 1, label)
                else:
                    del hanging[len(line)]
                line.append((label, None))

        for cell in row:
            hang()
            words = one_line(cell.words).replace("|", "/")
            line.append((words, cell))
            label = "" if any(ch.isdigit() for ch in words) else words
            across = max(1, min(cell.columns, 200))
            if cell.rows > 1:
                for k in range(across):
                    hanging[len(line) - 1 + k] = (min(cell.rows, 5000) - 1, label if not k else "")
            for _ in range(across - 1):
                line.append(("", None))
        hang()
        out.append(line)
    return out
