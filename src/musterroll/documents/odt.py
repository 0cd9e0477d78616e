"""OpenDocument texts: headings, lists, tables and notes; tracked deletions and comments left out."""

from __future__ import annotations

from typing import Any

from ..errors import Unreadable
from ..records import Document, content_hash
from .about import About, language_code
from .build import Builder, Content
from .xml import member, open_zip, parse

MEDIA = "application/vnd.oasis.opendocument.text"
_O = "{urn:oasis:names:tc:opendocument:xmlns:"
T, TABLE, OFFICE, META, STYLE = (f"{_O}{x}:1.0}}" for x in ("text", "table", "office", "meta", "style"))
DC = "{http://purl.org/dc/elements/1.1/}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
_LEFT_OUT = frozenset((f"{T}tracked-changes", f"{OFFICE}annotation", f"{T}note", f"{T}sequence-decls", f"{OFFICE}forms"))
_ENTER = frozenset((f"{T}section", f"{T}list-item", f"{T}list-header", f"{T}table-of-content", f"{T}index-body", f"{T}illustration-index"))
MOST_NESTED = 200
MOST_REPEATED = 1000


def read(data: bytes, name: str, media_type: str = MEDIA) -> Document:
    """A document from an .odt file. Raises Unreadable where it is none or is damaged."""
    z = open_zip(data, name, "OpenDocument text")
    content = member(z, "content.xml", name)
    if content is None:
        raise Unreadable(name, "is no OpenDocument text (it has no content.xml)", "Save it as .odt or .docx again")
    root = parse(content, name)
    body = root.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise Unreadable(name, "holds no text document", "Save it as .odt or .docx again")
    about = About()
    meta = member(z, "meta.xml", name)
    if meta is not None and (info := parse(meta, name).find(f"{OFFICE}meta")) is not None:
        author = info.findtext(f"{META}initial-creator") or ""
        language = language_code(info.findtext(f"{DC}language"))
        about = About(title=(info.findtext(f"{DC}title") or "").strip() or None, authors=(author,) if author else (), language=language)
    parents = {s.get(f"{STYLE}name"): s.get(f"{STYLE}parent-style-name") or "" for s in root.iter(f"{STYLE}style")}
    raised = {
        s.get(f"{STYLE}name")
        for s in root.iter(f"{STYLE}style")
        if any((p.get(f"{STYLE}text-position") or "").startswith(("super", "3", "4", "5")) for p in s.iter(f"{STYLE}text-properties"))
    }
    b = Builder(name, content_hash(data), media_type)
    r = _Reader(b, parents, raised)
    r.blocks(body)
    for label, words, url in r.notes:
        b.note(label, words, url)
    return b.document(about)


class _Reader:
    """One walk through the body."""

    def __init__(self, b: Builder, parents: dict[str | None, str], raised: set[str | None]) -> None:
        self._b, self._parents, self._raised = b, parents, raised
        self.notes: list[tuple[str, str, str | None]] = []

    def blocks(self, node: Any, depth: int = 0, item: bool = False) -> None:
        for e in node:
            if e.tag == f"{T}h":
                level = e.get(f"{T}outline-level") or "2"
                self._b.heading(self.words(e), int(level) if level.isdecimal() and len(level) < 3 else 2)
            elif e.tag == f"{T}p":
                self._paragraph(e, item)
            elif e.tag == f"{TABLE}table":
                self._b.table(self._rows(e))
            elif e.tag == f"{T}list" and depth < MOST_NESTED:
                self.blocks(e, depth + 1, True)
            elif e.tag in _ENTER and depth < MOST_NESTED:
                self.blocks(e, depth + 1, item)

    def _paragraph(self, p: Any, item: bool) -> None:
        style = p.get(f"{T}style-name") or ""
        style = (self._parents.get(style) or style).lower()
        words = self.words(p)
        if style == "title":
            self._b.title(words)
        elif style in ("table", "caption", "illustration", "figure"):
            self._b.caption(words)
        elif item:
            self._b.item(words)
        else:
            self._b.paragraph(words)

    def words(self, element: Any) -> str:
        """The printed words of a paragraph, footnote marks as "[label]"."""
        out = [element.text or ""]
        stack = [iter(element)]
        tails = [""]
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
                out.append(tails.pop())
                continue
            tag = child.tag
            if tag == f"{T}s" or tag in (f"{T}tab", f"{T}line-break"):
                out.append(" ")
            elif tag == f"{T}note":
                out.append(f"[{self._note(child)}]")
            elif tag == f"{T}span" and child.get(f"{T}style-name") in self._raised and (child.text or "").strip().isdecimal():
                out.append(f"[{child.text.strip()}]")
            elif tag not in _LEFT_OUT and len(stack) < MOST_NESTED:
                out.append(child.text or "")
                stack.append(iter(child))
                tails.append(child.tail or "")
                continue
            out.append(child.tail or "")
        return "".join(out)

    def _note(self, note: Any) -> str:
        label = str(len(self.notes) + 1)
        body = note.find(f"{T}note-body")
        words = " ".join(self.words(p) for p in body.iter(f"{T}p", f"{T}h")) if body is not None else ""
        url = next((u for a in note.iter(f"{T}a") if (u := a.get(f"{XLINK}href") or "").startswith("http")), None)
        self.notes.append((label, words, url))
        return label

    def _rows(self, table: Any) -> list[list[Content]]:
        out: list[list[Content]] = []
        for tr in table.iter(f"{TABLE}table-row"):
            if next(a for a in tr.iterancestors(f"{TABLE}table")) is not table:
                continue
            heading = any(a.tag == f"{TABLE}table-header-rows" for a in tr.iterancestors())
            line: list[Content] = []
            for tc in tr:
                if tc.tag != f"{TABLE}table-cell":  # covered by a merged one
                    continue
                words = " ".join(self.words(p) for p in tc.iter(f"{T}p", f"{T}h"))
                down, across = (_number(tc.get(f"{TABLE}number-{k}-spanned")) for k in ("rows", "columns"))
                again = _number(tc.get(f"{TABLE}number-columns-repeated"))
                line += [Content(words, down, across, heading)] * (again if words else min(again, 50))
            out.append(line)
        return out


def _number(value: str | None) -> int:
    return max(1, min(int(value), MOST_REPEATED)) if value and value.isdecimal() and len(value) < 8 else 1
