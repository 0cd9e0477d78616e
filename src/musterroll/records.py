"""The frozen records that cross borders: documents, spans, claims, judgements.

Invariant, stated here and obeyed everywhere: `document.text[claim.start:claim.end] == claim.number`. The one way to make a claim is
`Claim.build`, which takes the document and refuses a span that does not hold the number. Identity is content: a document is the hash
of its bytes and of its text, a claim the hash of (text hash, start, end, ordinal at that span). Nothing interpreted is part of an id,
so a better extractor reads the same claim anew instead of making another.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, NamedTuple

from .errors import SpanError
from .layout import Layout

Visibility = Literal["public", "team", "confidential"]


def content_hash(*parts: str | bytes | int) -> str:
    """Hex SHA-256 over length-prefixed parts, so that no two lists of parts can run together."""
    h = hashlib.sha256()
    for p in parts:
        data = p if isinstance(p, bytes) else str(p).encode("utf-8", "surrogatepass")
        h.update(len(data).to_bytes(8, "big"))
        h.update(data)
    return h.hexdigest()


def interval(value: str | None) -> tuple[str, str] | None:
    """(first day, last day) of an ISO date or interval as sortable strings; open ends as 0000 and 9999. None where unknown."""
    if not value:
        return None
    a, sep, b = value.partition("/")
    b = b if sep else a
    first = "0000-01-01" if a in ("", "..") else (a + "-01-01")[:10] if len(a) == 4 else (a + "-01")[:10]
    last = "9999-12-31" if b in ("", "..") else b + "-12-31" if len(b) == 4 else b + "-31" if len(b) == 7 else b
    return first, last


@dataclass(frozen=True, slots=True)
class Span:
    """Characters start … end-1 of a document's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words themselves."""
        return text[self.start : self.end]


BlockKind = Literal["title", "heading", "paragraph", "item", "row", "caption", "note", "reference"]


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that belongs together. `level` is the depth of a heading (1 highest), 0 elsewhere.

    A note is a footnote that says something; a reference names a work and holds no claims.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True)
class Document:
    """One report: its unchangeable text, how it was got from the file, and its structure as spans.

    `name` is the file's name, in an archive behind the archive's; `encoding_how` says how the encoding was chosen (given, bom, utf-8, guessed,
    declared, or the format's own). `published`, `retrieved` and `created` (when the file was made, which dates no claim: files are made anew long
    after) are ISO dates, `language` an ISO 639-1 code, `layout` where the words stand in the file.
    """

    name: str
    text: str
    file_hash: str
    media_type: str = "text/plain"
    encoding: str = "utf-8"
    encoding_how: str = "given"
    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    licence: str | None = None
    authors: tuple[str, ...] = ()
    retrieved: str | None = None
    created: str | None = None
    blocks: tuple[Block, ...] = ()
    sentences: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    layout: Layout = Layout()

    def plain(self) -> dict[str, Any]:
        """Everything as plain data, for JSON."""
        row = {f.name: getattr(self, f.name) for f in fields(self)}
        row["blocks"] = [[b.kind, b.start, b.end, b.level] for b in self.blocks]
        row["sentences"] = [[s.start, s.end] for s in self.sentences]
        return {**row, "layout": self.layout.plain()}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Document:
        """The document again, from what `plain` gave."""
        values = dict(row)
        values["blocks"] = tuple(Block(*b) for b in row["blocks"])
        values["sentences"] = tuple(Span(*s) for s in row["sentences"])
        values["authors"], values["notes"] = tuple(row["authors"]), tuple(row["notes"])
        return cls(**{**values, "layout": Layout.of(row["layout"])})

    @cached_property
    def text_hash(self) -> str:
        """Hash of the text alone: two files with the same words share it."""
        return content_hash(self.text)

    def heading_at(self, offset: int) -> str | None:
        """The words of the nearest heading above `offset`."""
        n = bisect_right(self._headings, offset, key=lambda b: b.start)
        return self.text[self._headings[n - 1].start : self._headings[n - 1].end].strip() if n else None

    def cites(self, start: int, end: int, until: int) -> tuple[Cite, ...]:
        """The references that the number at `start` … `end` cites: by the next marks up to `until`, in a table by those of its cell, its row's and
        column's headings and its caption.
        """
        found = self.layout.cited(self.text, start, end, until)
        return tuple(Cite(r.label, self.text[r.start : r.end], r.url) for r in found)

    @cached_property
    def _headings(self) -> tuple[Block, ...]:
        return tuple(b for b in self.blocks if b.kind == "heading")


class Cite(NamedTuple):
    """A footnote or reference that a claim's words point to: its label, its words, and the address it gives."""

    label: str
    words: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a field's value was read and how: the span (absent where nothing was), the way, and its probability.

    `how` is clause, sentence, heading, previous_sentence, previous_claim, document, noun or none.
    """

    how: str
    probability: float
    start: int | None = None
    end: int | None = None


GUIDE_FIELDS = (
    "doc", "number", "quote", "start", "end", "point", "low", "high", "qualifier", "unit", "measure", "who", "attribute", "origin",
    "side", "group", "place", "as_of", "source", "stance", "includes", "basis", "of", "derived", "wording",
)  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """One number that a text gives for one counted population. Field meanings: docs/coding-guide.md.

    Beside the guide's fields: `id`, the `sentence` and `heading` it stands in, `confidence` (probability that value, measure, who and
    origin are right), `slots` (where each field was read), `candidates` (the likeliest measures), `page` and `cell` (where a reader of the file
    finds the number), `cites` (the footnotes and references its words point to), `notes` and the extractor's version.
    """

    id: str
    doc: str
    text_hash: str
    number: str
    quote: str
    start: int
    end: int
    point: float | None
    low: float | None
    high: float | None
    qualifier: str
    unit: str
    measure: str
    who: str
    attribute: str | None = None
    origin: tuple[str, ...] = ()
    side: str = "unknown"
    group: str | None = None
    place: str | None = None
    as_of: str | None = None
    source: str | None = None
    stance: str = "asserted"
    includes: tuple[str, ...] = ()
    basis: str | None = None
    of: str | None = None
    derived: bool = False
    wording: str | None = None
    kind: str = "extracted"
    sentence: Span | None = None
    heading: str | None = None
    page: int | None = None
    cell: str | None = None
    cites: tuple[Cite, ...] = ()
    confidence: float = 1.0
    slots: Mapping[str, Slot] = field(default_factory=dict)
    candidates: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()
    extractor: str = ""

    @classmethod
    def build(cls, document: Document, start: int, end: int, *, number: str | None = None, ordinal: int = 0, **values: Any) -> Claim:
        """A claim on `document.text[start:end]`. `ordinal` tells apart several claims at one span.

        Raises SpanError where the span lies outside the text, holds no number, or does not hold `number` (when that is given), or
        where `quote` does not stand in the text around it.
        """
        text = document.text
        where = f"{document.name}:{start}-{end}"
        if not 0 <= start < end <= len(text):
            raise SpanError(where, "the span lies outside the text", f"The text has {len(text)} characters")
        words = text[start:end]
        if number is not None and words != number:
            raise SpanError(where, f"the text has {words!r} there, not {number!r}", "Give the offsets of the number in this text")
        sizes = [values.get(k) for k in ("point", "low", "high")]
        if any(x is not None and not math.isfinite(x) for x in sizes):
            raise SpanError(where, "the value is not a finite number", "Give point, low and high as numbers")
        if not any(c.isalnum() for c in words):
            raise SpanError(where, f"{words!r} holds no number", "Give the offsets of the number in this text")
        quote = values.pop("quote", None)
        if quote is None:
            quote = words
        at = text.find(quote, max(0, start - len(quote)), end + len(quote))
        if at < 0 or not at <= start < end <= at + len(quote):
            raise SpanError(where, "the quote does not hold the number", "Quote the sentence around it, verbatim")
        for key in ("origin", "includes"):
            if key in values:
                values[key] = tuple(values[key] or ())
        sentence = values.get("sentence")
        values.setdefault("page", document.layout.page(start))
        values.setdefault("cell", document.layout.address(start))
        values.setdefault("cites", document.cites(start, end, sentence.end if sentence else at + len(quote)))
        th = document.text_hash
        return cls(
            id=content_hash(th, start, end, ordinal)[:24],
            doc=document.name,
            text_hash=th,
            number=words,
            quote=quote,
            start=start,
            end=end,
            **values,
        )

    def guide(self) -> dict[str, Any]:
        """The fields of the coding guide, in its order; fields that are absent where the text is silent are left out."""
        row = {name: getattr(self, name) for name in GUIDE_FIELDS}
        row["origin"] = list(self.origin)
        row["includes"] = list(self.includes)
        for name in ("includes", "basis", "of", "derived", "wording"):
            if not row[name]:
                del row[name]
        return row

    def reading(self) -> dict[str, Any]:
        """Everything that was read at the span, as plain data: what the ledger keeps beside the claim's identity."""
        row = asdict(self)
        for name in ("id", "text_hash", "start", "end"):
            del row[name]
        return row

    @classmethod
    def from_reading(cls, id: str, text_hash: str, start: int, end: int, row: Mapping[str, Any]) -> Claim:
        """The claim again, from its identity and a stored reading."""
        values = {f.name: row[f.name] for f in fields(cls) if f.name in row}
        for name in ("origin", "includes", "notes"):
            values[name] = tuple(values.get(name) or ())
        values["cites"] = tuple(Cite(*c) for c in values.get("cites") or ())
        values["candidates"] = tuple((str(m), float(p)) for m, p in values.get("candidates") or ())
        values["slots"] = {k: Slot(**v) for k, v in (values.get("slots") or {}).items()}
        if values.get("sentence"):
            values["sentence"] = Span(**values["sentence"])
        return cls(id=id, text_hash=text_hash, start=start, end=end, **values)

    def to_json(self) -> str:
        """One line of JSON with the guide's fields."""
        return json.dumps(self.guide(), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person decided of a claim, document or source; rows are added, never changed, and the newest stands."""

    subject_kind: str
    subject_id: str
    action: str
    field: str | None
    value: str | None
    reason: str | None
    reading_id: int | None
    by: str
    at: str
