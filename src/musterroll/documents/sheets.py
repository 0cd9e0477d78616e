"""Spreadsheets and tables of separated values: each sheet a heading with its table, cells by their own address."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import Unreadable
from ..records import Document, content_hash
from .about import About, language_code
from .build import Builder, Content
from .encoding import decode
from .xml import open_zip

MOST_ROWS = 20_000  # of one sheet
MOST_COLUMNS = 300
_MARKS = "\t;,|"


def read_csv(data: bytes, name: str, media_type: str) -> Document:
    """A document from comma, semicolon, tab or bar separated values."""
    text, encoding, how = decode(data, name)
    b = Builder(name, content_hash(data), media_type, how, encoding)
    sample = [line for line in text[:20_000].splitlines() if line.strip()][:40]
    mark = max(_MARKS, key=lambda m: (_regular(sample, m), -_MARKS.index(m)))
    rows: list[list[Content]] = []
    try:
        plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
        for line in csv.reader(io.StringIO(plain), delimiter=mark):
            if len(rows) >= MOST_ROWS:
                b.notes.append(f"only the first {MOST_ROWS:,} rows were read")
                break
            rows.append([Content(c) for c in line[:MOST_COLUMNS]])
    except csv.Error as e:
        raise Unreadable(name, f"is no table of separated values ({e})", "Save it again as CSV") from None
    _lay_out(b, rows, None, (0, 0))
    return b.document(About())


def _regular(lines: Sequence[str], mark: str) -> float:
    """How evenly a mark divides lines: the share of lines with the commonest number of it, none counting for nothing."""
    counts = [sum(1 for _ in cells) - 1 for cells in csv.reader(lines, delimiter=mark)] if lines else []
    some = [n for n in counts if n > 0]
    if not some:
        return 0.0
    usual = max(set(some), key=some.count)
    return some.count(usual) / len(counts) * min(usual, 3)


def read_xlsx(data: bytes, name: str, media_type: str) -> Document:
    """A document from an Excel workbook: values as stored, formulas by their last result, macros never run."""
    import openpyxl  # slow to import, needed only here

    open_zip(data, name, "Excel workbook")
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_vba=False, keep_links=False)
        title = (book.properties.title or "").strip() or None
        author = (book.properties.creator or "").strip()
        language = language_code(book.properties.language)
        sheets = [(s.title, list(_rows(s))) for s in book.worksheets]
        hidden = [s.title for s in book.worksheets if s.sheet_state != "visible"]
        unsolved = _without_result(data, book) if data.count(b"xl/worksheets") else 0
    except MemoryError:
        raise
    except Exception as e:  # the library raises whatever the broken part made it stumble over
        raise Unreadable(name, f"is no whole Excel workbook ({type(e).__name__}: {str(e)[:100]})", "Open it and save it again") from None
    b = Builder(name, content_hash(data), media_type)
    if unsolved:
        b.notes.append(f"{unsolved} formulas have no stored result: open and save it in a spreadsheet program to have them read")
    b.notes += [f"sheet {s} is hidden" for s in hidden]
    if title:
        b.title(title)
    for sheet, rows in sheets:
        if len(rows) > MOST_ROWS:
            b.notes.append(f"only the first {MOST_ROWS:,} rows of sheet {sheet} were read")
        if any(c.words for r in rows for c in r):
            b.heading(sheet, 2)
            _lay_out(b, rows[:MOST_ROWS], sheet, (0, 0))
    return b.document(About(title=title, authors=(author,) if author and author != "openpyxl" else (), language=language))


def _without_result(data: bytes, book: Any) -> int:
    """Number of formulas that the program which saved the workbook never solved."""
    import openpyxl

    formulas = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    cells = ((s.title, c) for s in formulas.worksheets for c in s._cells.values() if c.data_type == "f")
    return sum(book[sheet].cell(c.row, c.column).value is None for sheet, c in cells)


def _rows(sheet: Any) -> Iterator[list[Content]]:
    """Rows of a sheet, merged cells at their first place."""
    merged = {(m.min_row, m.min_col): (m.max_row - m.min_row + 1, m.max_col - m.min_col + 1) for m in sheet.merged_cells.ranges}
    covered = set()
    for m in sheet.merged_cells.ranges:
        if (m.max_row - m.min_row + 1) * (m.max_col - m.min_col + 1) <= 10_000:
            covered |= {(r, c) for r in range(m.min_row, m.max_row + 1) for c in range(m.min_col, m.max_col + 1)}
    covered -= merged.keys()
    rows: dict[int, dict[int, Any]] = {}
    for (r, k), cell in sheet._cells.items():  # only what is there: a sheet with one cell in its last corner has a billion others
        if r <= MOST_ROWS + 1 and k <= MOST_COLUMNS:
            rows.setdefault(r, {})[k] = cell
    for r in range(1, max(rows, default=0) + 1):
        row = rows.get(r, {})
        last = max(row, default=0)
        yield [Content(_shown(row[k]) if k in row else "", *merged.get((r, k), (1, 1))) for k in range(1, last + 1) if (r, k) not in covered]


def _shown(cell: Any) -> str:
    """A value as the sheet shows it: whole numbers without ".0", shares as percent, dates as ISO dates."""
    v = cell.value
    if v is None:
        return ""
    if isinstance(v, bool):
        return "yes" if v else "no"
    if isinstance(v, (int, float)):
        form = str(getattr(cell, "number_format", "") or "")
        if "%" in form:
            return f"{round(v * 100, 2):g}%"
        if isinstance(v, float) and not v.is_integer():
            return f"{v:.10g}"
        return f"{int(v):,}" if "#,##" in form else str(int(v))
    if hasattr(v, "isoformat"):
        form = str(getattr(cell, "number_format", "") or "").lower()
        return str(v.isoformat())[: 10 if "d" in form or "y" not in form else 7 if "m" in form else 4]
    return str(v)


def _lay_out(b: Builder, rows: Sequence[Sequence[Content]], name: str | None, first: tuple[int, int]) -> None:
    """Rows as paragraphs and tables: a line with a single cell of words stands above or below a table, not in it."""
    run: list[Sequence[Content]] = []
    start = 0

    def flush() -> None:
        nonlocal run
        while run and not any(c.words.strip() for c in run[-1]):
            run = run[:-1]
        for left, part in _side_by_side(run):
            b.table(part, name=name, first=(first[0] + start, first[1] + left))
        run = []

    for k, row in enumerate(rows):
        filled = [c for c in row if c.words.strip()]
        if len(filled) == 1 and row[0].words.strip() and not any(ch.isdigit() for ch in row[0].words[:1]) and (len(row[0].words) > 30 or not run):
            flush()
            (b.paragraph if len(row[0].words) > 90 or row[0].words.rstrip().endswith((".", ")")) else b.caption)(row[0].words)
        elif filled or run:
            if not run:
                start = k
            run.append(row)
    flush()


def _side_by_side(rows: Sequence[Sequence[Content]]) -> list[tuple[int, list[list[Content]]]]:
    """Tables that stand beside each other, an empty column between them, each with its first column."""
    if not rows or any(c.columns > 1 or c.rows > 1 for r in rows for c in r):
        return [(0, [list(r) for r in rows])] if rows else []
    width = max(map(len, rows))
    empty = [all(k >= len(r) or not r[k].words.strip() for r in rows) for k in range(width)]
    out = []
    k = 0
    while k < width:
        end = next((n for n in range(k, width) if empty[n]), width)
        if end > k:
            out.append((k, [list(r[k:end]) for r in rows]))
        k = end + 1
    return out
