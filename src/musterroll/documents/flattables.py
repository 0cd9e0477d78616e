"""Tables flattened into lines of text, found again as tables: cells between bars, tabs or wide white space."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..layout import Cell, Table
from ..records import Block

_GAP = re.compile(r"[ ]*(?:\|{1,2}|!!)[ ]*|[ ]*\t[ \t]*| {2,}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_RULE = re.compile(r"[\s|:+=_-]*")  # a line of a table that is only drawn


def tables(text: str, blocks: Sequence[Block]) -> tuple[Table, ...]:
    """Every run of two and more row blocks as a table; a caption is the short line right above."""
    out: list[Table] = []
    run: list[Block] = []
    above: Block | None = None
    for b in [*blocks, None]:
        if b is not None and b.kind == "row":
            run.append(b)
            continue
        if len(run) > 1 and (cells := _cells(text, run)):
            heads = above is not None and above.kind in ("heading", "caption", "paragraph", "title") and above.end - above.start <= 200
            out.append(Table(tuple(cells), (above.start, above.end) if above is not None and heads else None))
        run, above = [], b
    return tuple(out)


def _cells(text: str, rows: Sequence[Block]) -> list[Cell]:
    """The cells of rows at their columns."""
    rows = [b for b in rows if not _RULE.fullmatch(text, b.start, b.end)]
    split = [spans(text, b.start, b.end) for b in rows]
    counts = Counter(len(s) for s in split if len(s) > 1)
    if not counts:
        return []
    width = max(counts, key=lambda n: (counts[n], n))
    full = next(s for s in split if len(s) == width)
    out = []
    for r, line in enumerate(split):
        heads = r < 2 and all(not any(ch.isdigit() for ch in text[s[0] : s[1]]) or _YEAR.fullmatch(text, s[0], s[1]) for s in line)
        if len(line) == width:
            columns = list(range(width))
        elif len(line) == width - 1 and heads:  # nothing stands above the rows' labels
            columns = list(range(1, width))
        else:
            columns = [min(range(width), key=lambda k, s=s: abs(_across(text, full[k][0]) - _across(text, s[0]))) for s in line]  # type: ignore[misc]
        out += [Cell(s[0], s[1], r, c) for s, c in zip(line, columns, strict=True) if s[0] < s[1]]
    return out


def _across(text: str, offset: int) -> int:
    """How far from the beginning of its line a character stands."""
    return offset - text.rfind("\n", 0, offset) - 1


def spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Character spans of a row's cells, empty ones between bars included."""
    out, at = [], start
    for m in _GAP.finditer(text, start, end):
        if m.start() > start or not m.group().strip():
            out.append((at, m.start()))
        at = m.end()
    return [*out, (at, end)] if at < end else out
