"""Plain text and Markdown."""

from __future__ import annotations

from ..layout import Layout
from ..records import Document, content_hash
from . import structure
from .build import DATELINE, Builder
from .encoding import decode
from .flattables import tables
from .references import references


def read(data: bytes, name: str, media_type: str = "text/plain") -> Document:
    """A document whose text is the file's text, line ends made equal. Raises Unreadable for binary data."""
    text, encoding, how = decode(data, name)
    return from_text(
        text.replace("\r\n", "\n").replace("\r", "\n"),
        name,
        file_hash=content_hash(data),
        media_type=media_type,
        encoding=encoding,
        encoding_how=how,
    )


def from_text(
    text: str,
    name: str = "text",
    *,
    published: str | None = None,
    file_hash: str | None = None,
    media_type: str = "text/plain",
    encoding: str = "utf-8",
    encoding_how: str = "given",
) -> Document:
    """A document from text in hand."""
    text = text.removeprefix("\ufeff")
    parts = structure.blocks(text)
    title = next((text[b.start : b.end].strip("#= ") for b in parts[:3] if b.kind in ("title", "heading")), None)
    if published is None and (m := DATELINE.search(text[:600])):
        published = m.group(1)
    entries, marks = references(text, parts)
    return Document(
        name=name,
        text=text,
        file_hash=file_hash or content_hash(text),
        media_type=media_type,
        encoding=encoding,
        encoding_how=encoding_how,
        title=title,
        published=published,
        language="en",
        blocks=parts,
        sentences=structure.sentences(text, parts),
        layout=Layout(tables=tables(text, parts), references=entries, marks=tuple(marks)),
    )


def lay_out(text: str, b: Builder) -> None:
    """The blocks of a text in hand into a document in the making."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    last = None
    for block in structure.blocks(text):
        b.add(block.kind, text[block.start : block.end], block.level, close=block.kind == last and block.kind in ("row", "item"))
        last = block.kind
