"""What is known of a report beside its text: who published it, when, where; from the file, a note beside it, or a library of references."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import yaml

from ..errors import Unreadable
from ..records import Document

SUFFIX = ".about.yaml"  # report.pdf.about.yaml says what is known of report.pdf
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True)
class About:
    """Bibliographic data of a report. Dates are ISO 8601 at the precision that is known; `key` is its name in a library of
    references, `created` the day its file was made."""

    title: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    retrieved: str | None = None
    language: str | None = None
    url: str | None = None
    licence: str | None = None
    key: str | None = None
    created: str | None = None

    def over(self, other: About) -> About:
        """These data, with those of `other` where these are silent."""
        return replace(self, **{f.name: getattr(other, f.name) for f in fields(self) if not getattr(self, f.name)})

    def on(self, document: Document) -> Document:
        """The document with these data in place of what its file said."""
        names = ("title", "publisher", "authors", "published", "retrieved", "language", "url", "licence")
        return replace(document, **{n: v for n in names if (v := getattr(self, n))})


def beside(data: bytes, name: str) -> About:
    """The data of a note beside a report: YAML with the fields of `About`.

    Raises Unreadable where it is no YAML, has other fields, or a date that is none.
    """
    try:
        rows = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as e:
        raise Unreadable(name, f"is not valid YAML ({str(e).splitlines()[0]})", "Write one `field: value` a line") from None
    if rows is None:
        return About()
    known = [f.name for f in fields(About) if f.name != "created"]
    if not isinstance(rows, Mapping) or (odd := [k for k in rows if k not in known]):
        which = f"has the unknown field {odd[0]!r}" if isinstance(rows, Mapping) else "is no list of fields"
        raise Unreadable(name, which, f"Known: {', '.join(known)}")
    values: dict[str, Any] = {}
    for k, v in rows.items():
        if v is None:
            continue
        if k == "authors":
            values[k] = tuple(str(x) for x in v) if isinstance(v, list) else (str(v),)
        elif k in ("published", "retrieved"):
            values[k] = iso(str(v))
            if values[k] is None:
                raise Unreadable(name, f"{k}: {v} is no date", "Give a year, month or day such as 2015, 2015-12 or 2015-12-07")
        elif k == "language":
            values[k] = language_code(str(v))
            if values[k] is None:
                raise Unreadable(name, f"language: {v} is not known", "Give a code such as en, fr or de")
        else:
            values[k] = str(v)
    return About(**values)


_NAMES = """
en english eng
fr french français fre fra
de german deutsch ger deu
nl dutch nederlands dut nld
es spanish español spa
it italian italiano ita
ar arabic ara
ru russian rus
tr turkish tur
"""
_CODES = {name: line[:2] for line in _NAMES.strip().split("\n") for name in line[3:].split(" ")}


def language_code(words: str | None) -> str | None:
    """The ISO 639-1 code in a language's name or tag ("en-GB", "American English", "eng"); None where it says none that is known."""
    parts = re.findall(r"[^\W\d_]+", (words or "").lower())
    if not parts:
        return None
    if found := next((_CODES[p] for p in parts if p in _CODES), None):
        return found
    return parts[0] if len(parts[0]) == 2 else None


def iso(words: str | None) -> str | None:
    """An ISO date at the precision given, from its beginning; None where there is none."""
    m = _DATE.match((words or "").strip())
    if not m:
        return None
    year, month, day = m.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(x for x in m.groups() if x)
