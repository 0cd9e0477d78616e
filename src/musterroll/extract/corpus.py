"""Coded documents, in two forms: JSON Lines of claims beside their texts, and tagged texts in which every claim is coded in place.

A tagged file holds many documents, each after a line `=== name`. A claim is written `{number#measure;who;origin;as_of;source}`: `who` empty is the
first of the codebook, origins are joined by `+`, an empty field is null, and `=` repeats the field of the tag before it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..codebook import Codebook
from ..documents import from_text, read
from ..errors import MusterError
from .analysis import Analysis

Coded = dict[str, list[dict[str, Any]]]
_TAG = re.compile(r"\{([^{}#]+)#([^{}]*)\}")
_FIELDS = ("measure", "who", "origin", "as_of", "source")


def claim_rows(files: Iterable[Path]) -> Coded:
    """Coded claims of JSON Lines files, by document. Raises MusterError with file and line where one is broken."""
    rows: Coded = defaultdict(list)
    for f in files:
        for n, line in enumerate(f.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line) if line.strip() else None
                if row is not None:
                    rows[row["doc"]].append(row)
            except (ValueError, KeyError, TypeError) as e:
                raise MusterError(f"{f}:{n}", "is not a coded claim", "Give one JSON object a line with the fields of the coding guide") from e
    return dict(rows)


def untag(tagged: str, where: str = "text") -> tuple[str, list[dict[str, Any]]]:
    """The text without its tags, and a row for each claim with offsets into it. Raises MusterError at a broken tag."""
    text: list[str] = []
    rows: list[dict[str, Any]] = []
    last: list[str] | None = None
    at = done = 0
    for m in _TAG.finditer(tagged):
        fields = [x.strip() for x in m.group(2).split(";")]
        if len(fields) != len(_FIELDS) or (last is None and "=" in fields):
            raise MusterError(f"{where}: {m.group()}", "is no tag of five fields", "Write {number#measure;who;origin;as_of;source}")
        last = fields = [b if x == "=" else x for x, b in zip(fields, last or fields, strict=True)]
        text += [tagged[done : m.start()], m.group(1)]
        at += m.start() - done
        row: dict[str, Any] = dict(zip(_FIELDS, fields, strict=True))
        row |= {"number": m.group(1), "start": at, "end": at + len(m.group(1)), "origin": [x for x in fields[2].split("+") if x]}
        rows.append(row | {k: row[k] or None for k in ("as_of", "source")})
        at += len(m.group(1))
        done = m.end()
    return "".join([*text, tagged[done:]]), rows


def tagged_documents(file: Path) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Text and rows of every document of a tagged file."""
    out = {}
    for part in re.split(r"(?m)^=== *", file.read_text(encoding="utf-8"))[1:]:
        name, _, body = part.partition("\n")
        out[name.strip()] = untag(body.strip() + "\n", f"{file}, {name.strip()}")
    return out


def value_rows(a: Analysis, rows: Iterable[dict[str, Any]], default_who: str) -> list[dict[str, Any]]:
    """Rows of a tagged document with the values that the grammar reads at their places; a number it does not see stays without value."""
    out = []
    for row in rows:
        q = max(a.quantities, key=lambda q: min(q.end, row["end"]) - max(q.start, row["start"]), default=None)
        seen = q is not None and min(q.end, row["end"]) > max(q.start, row["start"])
        value = {"point": q.point, "low": q.low, "high": q.high, "qualifier": q.qualifier, "unit": q.unit} if q and seen else {"unit": "people"}
        out.append({**row, "who": row["who"] or default_who, **value, "doc": a.document.name})
    return out


def tagged_corpus(files: Iterable[Path], codebook: Codebook) -> tuple[dict[str, Analysis], Coded]:
    """Every tagged document analysed, and its coded claims."""
    from . import analyse

    documents: dict[str, Analysis] = {}
    coded: Coded = {}
    default_who = next(iter(codebook.who))
    for f in files:
        for name, (text, rows) in tagged_documents(f).items():
            documents[name] = analyse(from_text(text, name), codebook)
            coded[name] = value_rows(documents[name], rows, default_who)
    return documents, coded


def read_coded(coded: Coded, folders: Iterable[Path], codebook: Codebook) -> dict[str, Analysis]:
    """The documents of coded claims, analysed. Raises MusterError where one lies in none of the folders."""
    from . import analyse

    out = {}
    places = list(folders)
    for name in coded:
        path = next((p / name for p in places if (p / name).exists()), None)
        if path is None:
            where = ", ".join(map(str, places)) or "no folder named"
            raise MusterError(name, f"the text of these claims was not found ({where})", "Name its folder with --documents")
        out[name] = analyse(read(path), codebook)
    return out
