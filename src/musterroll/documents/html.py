"""Web pages: the main text with its headings, lists and tables; navigation, banners and scripts left out."""

from __future__ import annotations

import re
from typing import Any

from ..errors import Unreadable
from ..records import Block, BlockKind, Document, content_hash
from . import structure
from .encoding import decode

_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_LANG = re.compile(r"<html[^>]+lang=[\"']?([a-zA-Z]{2})", re.I)


def read(data: bytes, name: str, media_type: str = "text/html") -> Document:
    """A document from a saved web page. Raises Unreadable where no text is left once the page's furniture is gone."""
    from trafilatura import bare_extraction  # slow to import, needed only here

    html, encoding, how = decode(data, name, html=True)
    page: Any = bare_extraction(
        html, include_tables=True, include_comments=False, include_links=False, favor_recall=True, with_metadata=True, deduplicate=False
    )
    body = getattr(page, "body", None)
    if page is None or body is None:
        raise Unreadable(name, "no text was found in this page", "Save the page after it has loaded, or give its text")
    text, parts = _flatten(body, page.title)
    if not text.strip():
        raise Unreadable(name, "no text was found in this page", "Save the page after it has loaded, or give its text")
    lang = _LANG.search(html[:4000])
    return Document(
        name=name,
        text=text,
        file_hash=content_hash(data),
        media_type=media_type,
        encoding=encoding,
        encoding_how=how,
        title=page.title,
        publisher=page.sitename,
        published=page.date,
        url=page.url,
        licence=page.license,
        language=page.language or (lang.group(1).lower() if lang else "en"),
        blocks=parts,
        sentences=structure.sentences(text, parts),
    )


def _flatten(body: Any, title: str | None) -> tuple[str, tuple[Block, ...]]:
    """The text of an extracted page and its blocks, one block a line, a blank line between them."""
    lines: list[tuple[BlockKind, int, str]] = []
    if title:
        lines.append(("title", 0, title))
    _walk(body, lines)
    pieces: list[str] = []
    parts: list[Block] = []
    pos = 0
    for kind, level, words in lines:
        if pieces:
            pieces.append("\n\n")
            pos += 2
        pieces.append(words)
        parts.append(Block(kind, pos, pos + len(words), level))
        pos += len(words)
    return "".join(pieces), tuple(parts)


def _walk(node: Any, lines: list[tuple[BlockKind, int, str]]) -> None:
    for child in node:
        tag = child.tag
        if tag == "head":
            level = str(child.get("rend") or "h2")[-1:]
            _line(lines, "heading", child, int(level) if level.isdigit() else 2)
        elif tag in ("p", "quote", "code", "ab"):
            _line(lines, "paragraph", child)
        elif tag == "list":
            for item in child.iter("item"):
                _line(lines, "item", item)
        elif tag == "table":
            for row in child.iter("row"):
                cells = [_words(c) for c in row if c.tag == "cell"]
                if any(cells):
                    lines.append(("row", 0, " | ".join(cells)))
        elif len(child):
            _walk(child, lines)
        else:
            _line(lines, "paragraph", child)


def _words(node: Any) -> str:
    return _SPACE.sub(" ", "".join(node.itertext())).strip()


def _line(lines: list[tuple[BlockKind, int, str]], kind: BlockKind, node: Any, level: int = 0) -> None:
    words = _words(node)
    if words:
        lines.append((kind, level, words))
