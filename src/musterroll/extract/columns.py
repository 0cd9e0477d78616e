"""Tables flattened into lines of text: the column heading above a number.

Cells are kept apart by "|", by tabs or by two spaces and more. The heading row is the nearest one above that counts nothing, else the first.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from .analysis import Analysis
from .quantities import Quantity

_GAP = re.compile(r"[ ]*\|[ ]*|[ ]*\t| {2,}")


def column(a: Analysis, q: Quantity) -> tuple[int, int] | None:
    """Tokens of the column heading above a number in a table row; None outside tables, in the heading row itself and where no cell stands above."""
    s = a.sentence[q.i]
    top = a.table_heads[s]
    if top < 0 or top == s:
        return None
    here, head = _cells(a, s), _cells(a, top)
    n = next((k for k, (start, end) in enumerate(here) if start <= q.start < end), None)
    if n is None:
        return None
    if len(head) == len(here):
        cell = head[n]
    elif len(head) == len(here) - 1 and n:  # nothing stands above the row's labels
        cell = head[n - 1]
    else:
        first, above = a.tokens.start[a.bounds[s][0]], a.tokens.start[a.bounds[top][0]]
        cell = min(head, key=lambda c: abs((c[0] - above) - (here[n][0] - first)))
    i, j = bisect_left(a.tokens.start, cell[0]), bisect_left(a.tokens.start, cell[1])
    return (i, j) if i < j else None


def _cells(a: Analysis, s: int) -> list[tuple[int, int]]:
    """Character spans of a row's cells, empty ones between bars included."""
    i, j = a.bounds[s]
    start, end = a.tokens.start[i], a.tokens.end[j - 1]
    out, at = [], start
    for m in _GAP.finditer(a.document.text, start, end):
        if m.start() > start or "|" not in m.group():
            out.append((at, m.start()))
        at = m.end()
    return [*out, (at, end)] if at < end else out
