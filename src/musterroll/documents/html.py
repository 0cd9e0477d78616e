"""Web pages: the main text with its headings, lists and tables; navigation, banners and scripts left out."""

from __future__ import annotations

import re
from typing import Any

from ..errors import Unreadable
from ..records import Block, BlockKind, Document, content_hash
from . import structure
from .encoding import decode

_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_BLOCKS = frozenset(("head", "p", "quote", "code", "ab", "list", "table"))
_LANG = re.compile(r"<html[^>]+lang=[\"']?([a-zA-Z]{2})", re.I)


def read(data: bytes, name: str, media_type: str = "text/html") -> Document:
    """A document from a saved web page. Raises Unreadable where no text is left once the page's furniture is gone."""
    from trafilatura import bare_extraction  # slow to import, needed only here

    html, encoding, how = decode(data, name, html=True)
    page: Any = bare_extraction(
        html,
        include_tables=True,
        include_comments=False,
        include_links=False,
        favor_recall=True,
        with_metadata=True,
        deduplicate=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
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
        published=_date(page.date, html),
        url=page.url,
        licence=page.license,
        language=page.language or (lang.group(1).lower() if lang else "en"),
        blocks=parts,
        sentences=structure.sentences(text, parts),
    )


def _date(found: str | None, html: str) -> str | None:
    """The page's own date; one padded from a bare year is none, because it stands nowhere in the page."""
    if not found or (found.endswith("-01-01") and found not in html):
        return None
    return found


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
    """Blocks of a container; words that stand between blocks are paragraphs of their own."""
    loose = [node.text or ""]

    def flush() -> None:
        words = _SPACE.sub(" ", "".join(loose)).strip()
        if words:
            lines.append(("paragraph", 0, words))
        loose.clear()

    for child in node:
        tag = child.tag
        if tag in _BLOCKS or any(d.tag in _BLOCKS for d in child.iterdescendants()):
            flush()
            _block(child, lines)
        else:
            loose.append("".join(child.itertext()))
        loose.append(child.tail or "")
    flush()


def _block(node: Any, lines: list[tuple[BlockKind, int, str]]) -> None:
    tag = node.tag
    if tag == "head":
        level = str(node.get("rend") or "h2")[-1:]
        _line(lines, "heading", node, int(level) if level.isdecimal() else 2)
    elif tag == "list":
        for item in node:
            if item.tag == "item" and not any(d.tag in _BLOCKS for d in item.iterdescendants()):
                _line(lines, "item", item)
            else:
                _walk(item, lines)
    elif tag == "table":
        for row in node.iter("row"):
            cells = [_words(c) for c in row if c.tag == "cell"]
            if any(cells):
                lines.append(("row", 0, " | ".join(cells)))
    elif any(d.tag in _BLOCKS for d in node.iterdescendants()):
        _walk(node, lines)
    else:
        _line(lines, "paragraph", node)


def _words(node: Any) -> str:
    return _SPACE.sub(" ", "".join(node.itertext())).strip()


def _line(lines: list[tuple[BlockKind, int, str]], kind: BlockKind, node: Any, level: int = 0) -> None:
    words = _words(node)
    if words:
        lines.append((kind, level, words))
