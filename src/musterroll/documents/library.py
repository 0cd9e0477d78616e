"""Libraries of references: RIS, BibTeX and CSL-JSON, as Zotero and its like export them, with the files attached to each entry.

Entries are kept as CSL-JSON items, the form that loses least; their key is the library's own (Zotero's item key, the BibTeX key).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Unreadable
from ..records import content_hash
from .about import About, iso, language_code
from .build import one_line
from .encoding import decode

SUFFIXES = frozenset((".ris", ".bib", ".json"))
_ZOTERO = re.compile(r"/items/([A-Z0-9]{8})$")
RIS_TYPES = {
    "RPRT": "report",
    "JOUR": "article-journal",
    "NEWS": "article-newspaper",
    "ELEC": "webpage",
    "BOOK": "book",
    "CHAP": "chapter",
    "THES": "thesis",
}
_BIB_TYPES = {
    "techreport": "report",
    "report": "report",
    "article": "article-journal",
    "book": "book",
    "incollection": "chapter",
    "phdthesis": "thesis",
    "online": "webpage",
}
BIBTEX_TYPES = {
    "report": "techreport", "article-journal": "article", "article-newspaper": "article", "book": "book", "chapter": "incollection",
    "thesis": "phdthesis", "webpage": "online",
}  # fmt: skip
_MONTHS = {m: n for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}


@dataclass(frozen=True)
class Entry:
    """One reference: its key, its data as a CSL-JSON item, and the paths of its files as the library gives them."""

    key: str
    item: Mapping[str, Any]
    files: tuple[str, ...] = ()

    @property
    def about(self) -> About:
        """What the entry says of a report."""
        i = self.item
        names = (" ".join(x for x in (a.get("given"), a.get("family")) if x) or str(a.get("literal") or "") for a in i.get("author") or ())
        return About(
            title=_text(i.get("title")),
            publisher=_text(i.get("publisher")) or _text(i.get("container-title")),
            authors=tuple(n for n in names if n),
            published=_day(i.get("issued")),
            retrieved=_day(i.get("accessed")),
            language=language_code(_text(i.get("language"))),
            url=_text(i.get("URL")),
            key=self.key,
        )


def is_library(data: bytes, name: str) -> bool:
    """Is a file a library of references? A .json file is one where it is a list of CSL items."""
    end = name.lower().rsplit(".", 1)[-1]
    if end in ("ris", "bib"):
        return True
    if end != "json" or not data.lstrip().startswith((b"[", b"{")):
        return False
    try:
        return bool(_items(json.loads(data)))
    except (ValueError, RecursionError):
        return False


def entries(data: bytes, name: str) -> list[Entry]:
    """Every reference of a library. Raises Unreadable where it is none."""
    text = decode(data, name)[0]
    end = name.lower().rsplit(".", 1)[-1]
    try:
        found = _ris(text) if end == "ris" else _bibtex(text) if end == "bib" else _csl(text)
    except Unreadable:
        raise
    except Exception as e:  # the libraries raise whatever the broken entry made them stumble over
        raise Unreadable(name, f"is no whole library of references ({type(e).__name__}: {str(e)[:100]})", "Export it again") from None
    if not found:
        raise Unreadable(name, "holds no references", "Export the library again, as RIS, BibTeX or CSL-JSON")
    return found


def _csl(text: str) -> list[Entry]:
    out = []
    for n, item in enumerate(_items(json.loads(text)), 1):
        key = str(item.get("id") or item.get("citation-key") or n)
        m = _ZOTERO.search(key)
        files = [f.get("path") or f.get("localPath") for f in item.get("attachments") or () if isinstance(f, dict)]
        out.append(Entry(m.group(1) if m else key, item, tuple(str(f) for f in files if f)))
    return out


def _items(rows: Any) -> list[dict[str, Any]]:
    rows = rows.get("items", [rows]) if isinstance(rows, dict) else rows
    if not isinstance(rows, list):
        return []
    return [r for r in rows if isinstance(r, dict) and "title" in r and r.keys() & {"type", "id", "itemType"}]


def _ris(text: str) -> list[Entry]:
    import rispy  # slow to import, needed only here

    out = []
    for row in rispy.loads(text.lstrip("\ufeff"), skip_unknown_tags=True):
        urls = row.get("urls") or ([row["url"]] if row.get("url") else [])
        item: dict[str, Any] = {
            "type": RIS_TYPES.get(row.get("type_of_reference", ""), "document"),
            "title": row.get("title") or row.get("primary_title"),
            "author": [_person(a) for a in row.get("authors") or row.get("first_authors") or ()],
            "publisher": row.get("publisher"),
            "container-title": row.get("journal_name") or row.get("secondary_title") or row.get("alternate_title3"),
            "issued": _parts(row.get("date") or row.get("year") or row.get("publication_year")),
            "accessed": _parts(row.get("access_date")),
            "language": row.get("language"),
            "URL": urls[0] if urls else None,
            "DOI": row.get("doi"),
        }
        files = [f for k in ("file_attachments1", "file_attachments2") for f in _many(row.get(k))]
        key = str(row.get("id") or row.get("label") or row.get("accession_number") or _made_key(item))
        out.append(Entry(key, {"id": key, **{k: v for k, v in item.items() if v}}, tuple(f for f in files if not f.startswith("http"))))
    return out


def _made_key(item: Mapping[str, Any]) -> str:
    """A key for an entry without one, the same in every export: author, year and a digest of the title."""
    author = next((a.get("family") or a.get("literal") or "" for a in item.get("author") or ()), "")
    year = str(((item.get("issued") or {}).get("date-parts") or [[""]])[0][0])
    letters = "".join(ch for ch in author.casefold() if ch.isalnum())[:20]
    return f"{letters}{year}-{content_hash(str(item.get('title')))[:6]}"


def _bibtex(text: str) -> list[Entry]:
    from bibtexparser import middlewares  # slow to import, needed only here
    from bibtexparser.entrypoint import parse_string

    library = parse_string(text, append_middleware=[middlewares.LatexDecodingMiddleware()])
    out = []
    for row in library.entries:
        v = {k.lower(): one_line(str(f.value)) for k, f in row.fields_dict.items()}
        names = re.split(r"\s+and\s+", v.get("author", "")) if v.get("author") else []
        day = v.get("date") or "-".join(x for x in (v.get("year"), _month(v.get("month"))) if x)
        item: dict[str, Any] = {
            "type": _BIB_TYPES.get(row.entry_type.lower(), "document"),
            "title": v.get("title"),
            "author": [_person(a) for a in names],
            "publisher": v.get("publisher") or v.get("institution") or v.get("organization"),
            "container-title": v.get("journal") or v.get("journaltitle") or v.get("booktitle"),
            "issued": _parts(day),
            "accessed": _parts(v.get("urldate")),
            "language": v.get("language") or v.get("langid"),
            "URL": v.get("url"),
            "DOI": v.get("doi"),
        }
        raw = str(row.fields_dict["file"].value) if "file" in row.fields_dict else ""
        out.append(Entry(row.key, {"id": row.key, **{k: x for k, x in item.items() if x}}, tuple(_bib_files(raw))))
    return out


def _bib_files(value: str) -> list[str]:
    """Paths in a `file` field: "Title:path:type" parted by semicolons, or a plain path."""
    out = []
    for part in re.split(r"(?<!\\);", value):
        fields = [f.replace("\\:", ":").replace("\\;", ";").replace("\\\\", "\\") for f in re.split(r"(?<!\\):", part.strip())]
        path = fields[1] if len(fields) >= 3 else ":".join(fields)
        if path.strip():
            out.append(path.strip())
    return out


def _month(value: str | None) -> str | None:
    if not value:
        return None
    return f"{int(value):02d}" if value.isdecimal() and 1 <= int(value) <= 12 else f"{n:02d}" if (n := _MONTHS.get(value[:3].lower())) else None


def _many(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)] if value else []


def _person(name: str) -> dict[str, str]:
    family, comma, given = name.partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma else {"literal": name.strip()}


def _parts(value: Any) -> dict[str, Any] | None:
    """A date as CSL writes it."""
    day = iso(str(value or "").replace("/", "-").strip("- "))
    return {"date-parts": [[int(x) for x in day.split("-")]]} if day else None


def _day(value: Any) -> str | None:
    """A CSL date as ISO."""
    if not isinstance(value, Mapping):
        return iso(value) if isinstance(value, str) else None
    parts: Sequence[Any] = (value.get("date-parts") or [[]])[0]
    words = "-".join(f"{int(x):0{4 if not k else 2}d}" for k, x in enumerate(parts[:3]) if str(x).isdecimal())
    return iso(words) or iso(str(value.get("literal") or value.get("raw") or ""))


def _text(value: Any) -> str | None:
    return one_line(value) or None if isinstance(value, str) else None
