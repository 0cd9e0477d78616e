"""Claims as files: CSV and JSON Lines with one column a field, and a Data Package that describes them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..ledger import StoredDocument
from ..records import GUIDE_FIELDS, Cite, Claim

COLUMNS = ("id", *GUIDE_FIELDS, "confidence", "heading", "page", "cell", "cites", "title", "publisher", "url", "published", "text_hash", "extractor")


def rows(claims: Iterable[Claim], documents: Sequence[StoredDocument]) -> list[dict[str, Any]]:
    """One plain row a claim, with its document's title, publisher, address and date."""
    by_text = {d.text_id: d for d in reversed(documents)}
    out = []
    for c in claims:
        d = by_text.get(c.text_hash)
        about = {k: getattr(d, k) if d else None for k in ("title", "publisher", "url", "published")}
        values = {name: getattr(c, name) for name in COLUMNS if hasattr(c, name)}
        out.append({**dict.fromkeys(COLUMNS), **values, **about, "origin": list(c.origin), "includes": list(c.includes)})
    return out


def to_csv(table: Sequence[Mapping[str, Any]]) -> str:
    """CSV with one header row. Lists are joined by spaces; text that a spreadsheet would run as a formula is quoted."""
    out = io.StringIO()
    w = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    w.writeheader()
    for row in table:
        w.writerow({k: _cell(v) for k, v in row.items()})
    return out.getvalue()


def _cell(v: Any) -> Any:
    if isinstance(v, list | tuple):
        return " ".join((c.url or f"[{c.label}] {c.words}") if isinstance(c, Cite) else str(c) for c in v)
    if isinstance(v, float) and v == int(v):
        return int(v)
    if isinstance(v, str) and v[:1] in "=+-@\t\r":
        return "'" + v
    return v


def to_jsonl(table: Sequence[Mapping[str, Any]]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(plain(r), ensure_ascii=False) + "\n" for r in table)


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for JSON: what a claim cites with the names of its parts."""
    return {**row, "cites": [c._asdict() for c in row["cites"] or ()]}


def datapackage(path: str, count: int, version: str) -> dict[str, Any]:
    """A Data Package v2 descriptor of an exported CSV."""
    numbers = {
        "start": "integer",
        "end": "integer",
        "point": "number",
        "low": "number",
        "high": "number",
        "confidence": "number",
        "page": "integer",
        "derived": "boolean",
    }
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "muster-roll-claims",
        "description": f"{count} quantitative claims, each tied to its words. Fields: docs/coding-guide.md of Muster Roll {version}.",
        "resources": [
            {
                "name": "claims",
                "path": path,
                "type": "table",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {"fields": [{"name": c, "type": numbers.get(c, "string")} for c in COLUMNS], "primaryKey": ["id"]},
            }
        ],
    }
