"""The ledger's sources as a library of references: CSL-JSON items, and BibTeX and RIS made of them. Keys stay as their library gave them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from ..documents.library import BIBTEX_TYPES, RIS_TYPES
from ..ledger import StoredDocument

_KEY = re.compile(r"[^A-Za-z0-9:_./-]+")


def items(entries: Sequence[tuple[str, Mapping[str, Any], str | None]], documents: Sequence[StoredDocument]) -> list[dict[str, Any]]:
    """A CSL-JSON item for every entry of a library and every document that none names, `id` its key and `document` its document's name."""
    names = {d.id: d.name for d in documents}
    out: list[dict[str, Any]] = []
    at: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for key, item, document in entries:
        same = json.dumps([key, item], sort_keys=True, default=str)
        if same not in at:  # an entry with several files is one entry
            n = next(n for n in count(1) if f"{key}{f'-{n}' * (n > 1)}" not in taken)
            at[same] = {**item, "id": f"{key}{f'-{n}' * (n > 1)}"}
            taken.add(at[same]["id"])
            out.append(at[same])
        if document in names:
            there = [x for x in str(at[same].get("document", "")).split("; ") if x]
            at[same]["document"] = "; ".join(sorted([*there, names[document]]))
    named = {document for _, _, document in entries}
    return out + [_of_document(d) for d in documents if d.id not in named]


def _of_document(d: StoredDocument) -> dict[str, Any]:
    item = {
        "id": d.id[:12],
        "type": "document",
        "title": d.title or d.name,
        "author": [{"literal": a} for a in d.authors],
        "publisher": d.publisher,
        "issued": _parts(d.published),
        "accessed": _parts(d.retrieved),
        "language": d.language,
        "URL": d.url,
        "document": d.name,
    }
    return {k: v for k, v in item.items() if v}


def _parts(day: str | None) -> dict[str, Any] | None:
    return {"date-parts": [[int(x) for x in day.split("-")]]} if day else None


def _day(value: Any) -> str:
    parts = (value or {}).get("date-parts") or [[]]
    return "-".join(f"{int(x):02d}" for x in parts[0])


def _names(item: Mapping[str, Any]) -> list[str]:
    return [a.get("literal") or ", ".join(x for x in (a.get("family"), a.get("given")) if x) for a in item.get("author") or ()]


def to_bibtex(found: Sequence[Mapping[str, Any]]) -> str:
    """BibTeX, one entry an item."""
    from bibtexparser.entrypoint import write_string  # slow to import, needed only here
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    library = Library()
    for i in found:
        values = {
            "title": i.get("title"),
            "author": " and ".join(_names(i)),
            "publisher": i.get("publisher"),
            "journal": i.get("container-title"),
            "date": _day(i.get("issued")),
            "urldate": _day(i.get("accessed")),
            "url": i.get("URL"),
            "doi": i.get("DOI"),
            "langid": i.get("language"),
            "note": i.get("document") and f"file: {i['document']}",
        }
        kind = BIBTEX_TYPES.get(str(i.get("type")), "misc")
        library.add(Entry(kind, _KEY.sub("-", str(i["id"])), [Field(k, "{" + _escape(str(v)) + "}") for k, v in values.items() if v]))
    return write_string(library)


def _escape(words: str) -> str:
    """Braces that are not balanced would end the field."""
    return words if words.count("{") == words.count("}") else words.replace("{", "(").replace("}", ")")


def to_ris(found: Sequence[Mapping[str, Any]]) -> str:
    """RIS, one record an item."""
    import rispy  # slow to import, needed only here

    types = {v: k for k, v in RIS_TYPES.items()}
    rows = []
    for i in found:
        row = {
            "type_of_reference": types.get(str(i.get("type")), "GEN"),
            "id": str(i["id"]),
            "title": i.get("title"),
            "authors": _names(i),
            "publisher": i.get("publisher"),
            "journal_name": i.get("container-title"),
            "date": _day(i.get("issued")).replace("-", "/"),
            "access_date": _day(i.get("accessed")).replace("-", "/"),
            "language": i.get("language"),
            "doi": i.get("DOI"),
            "urls": [i["URL"]] if i.get("URL") else [],
        }
        rows.append({k: v for k, v in row.items() if v})
    return str(rispy.dumps(rows)) if rows else ""
