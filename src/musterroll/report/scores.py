"""Scores against coded claims, as people read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import NotFound, Unreadable
from ..extract.scoring import FULL, SLOTS, Row, pair, score
from .words import one_line


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSON Lines file. Raises NotFound or Unreadable with the line at fault."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise NotFound(path, "no such file", "Check the path") from None
    except (OSError, UnicodeDecodeError) as e:
        raise Unreadable(path, f"cannot be read ({e})", "Give JSON Lines in UTF-8") from None
    rows = []
    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict) or not isinstance(row.get("doc"), str):
                raise ValueError("lacks doc")
            if not all(isinstance(row.get(k), int) for k in ("start", "end")):
                raise ValueError("lacks start or end")
        except ValueError as e:
            raise Unreadable(
                f"{path}:{n}", f"is no claim ({e}): {one_line(line, 60)}", "Give one JSON object a line, with the coding guide's fields"
            ) from None
        rows.append(row)
    if not rows:
        raise Unreadable(path, "holds no claims", "Give JSON Lines, one claim a line")
    return rows


def evaluate(gold: Sequence[Row], predicted: Sequence[Row], errors: int = 0) -> tuple[dict[str, Any], list[str]]:
    """(figures, error lines): see `musterroll.extract.scoring`."""
    result = score(gold, predicted)
    if not errors:
        return result, []
    docs = {g["doc"] for g in gold}
    rows = [p for p in predicted if p["doc"] in docs]
    pairs = pair(gold, rows)
    found_g, found_p = {i for i, _ in pairs}, {j for _, j in pairs}
    missed = [f"MISSED  {_line(g)}" for i, g in enumerate(gold) if i not in found_g]
    extra = [f"EXTRA   {_line(p)}" for j, p in enumerate(rows) if j not in found_p and not p.get("derived")]
    wrong = []
    for i, j in pairs:
        bad = [s for s in FULL if not SLOTS[s](gold[i], rows[j])]
        if bad:
            wrong.append(
                f"SLOTS   {gold[i]['doc']}:{gold[i]['start']} [{gold[i]['number']}] "
                + "; ".join(f"{s}: {gold[i].get(s)!r} not {rows[j].get(s)!r}" for s in bad)
            )
    return result, missed[:errors] + extra[:errors] + wrong[:errors]


def _line(r: Row) -> str:
    return f"{r['doc']}:{r['start']} [{r.get('number')}] {r.get('measure')} {r.get('origin')} :: {one_line(r.get('quote') or '', 110)}"


def summary_lines(result: dict[str, Any]) -> list[str]:
    """The figures as four lines of text."""
    lines = [f"gold {result['gold']}  predicted {result['predicted']}  matched {result['matched']}"]
    for k in ("found", "core", "full"):
        lines.append(f"{k:6} P {result[k]['precision']:.3f}  R {result[k]['recall']:.3f}  F1 {result[k]['f1']:.3f}")
    return [*lines, "slots  " + "  ".join(f"{k} {v:.3f}" for k, v in result["slots"].items())]
