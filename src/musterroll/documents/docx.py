"""Word files: headings, lists, tables and footnotes; deleted text, fields and comments left out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from ..errors import Unreadable
from ..records import Document, content_hash
from .about import About, language_code
from .build import Builder, Content
from .xml import open_zip, parse

MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = frozenset((f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText", FALLBACK, f"{W}txbxContent", f"{W}pPr", f"{W}rPr"))
_HEADING = re.compile(r"heading ([1-9])")
_MARK = re.compile(r"\[?(\d{1,3}|[a-z]|\*{1,3}|[†‡])\]?")
MOST_NESTED = 50


def read(data: bytes, name: str, media_type: str = MEDIA) -> Document:
    """A document from a .docx file. Raises Unreadable where it is none or is damaged."""
    import docx  # slow to import, needed only here

    open_zip(data, name, "Word file")
    try:
        package = docx.Document(io.BytesIO(data))
        body = package.element.body
        styles = {s.style_id: (s.name or "").lower() for s in package.styles if s.style_id}
        notes = _note_texts(package.part, name)
        core = package.core_properties
        about = About(
            title=(core.title or "").strip() or None,
            authors=tuple(a.strip() for a in (core.author or "").split(";") if a.strip() and a.strip() != "python-docx"),
            language=language_code(core.language),
        )
    except (Unreadable, MemoryError):
        raise
    except Exception as e:  # the library raises whatever the broken part made it stumble over
        raise Unreadable(name, f"is no whole Word file ({type(e).__name__}: {str(e)[:100]})", "Open it and save it again") from None
    b = Builder(name, content_hash(data), media_type)
    _Reader(b, styles, notes).body(body)
    return b.document(about)


def _note_texts(part: Any, name: str) -> dict[tuple[str, str], tuple[str, str | None]]:
    """(words, address) of footnotes and endnotes by kind and id."""
    out = {}
    for rel in part.rels.values():
        kind = rel.reltype.rsplit("/", 1)[-1]
        if kind not in ("footnotes", "endnotes") or rel.is_external:
            continue
        links = {r.rId: r.target_ref for r in rel.target_part.rels.values() if r.is_external}
        for note in parse(rel.target_part.blob, name):
            address = next((u for h in note.iter(f"{W}hyperlink") if (u := links.get(_attribute(h, "id", relation=True) or ""))), None)
            out[(kind[:-1], note.get(f"{W}id") or "")] = (" ".join(_words(p) for p in note.iter(f"{W}p")).strip(), address)
    return out


def _attribute(element: Any, name: str, *, relation: bool = False) -> str | None:
    space = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}" if relation else W
    value = element.get(f"{space}{name}")
    return str(value) if value is not None else None


def _words(element: Any, marks: dict[tuple[str, str], str] | None = None) -> str:
    """The printed words below an element, footnote marks as "[label]"."""
    out: list[str] = []
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            continue
        tag = child.tag
        if tag in _LEFT_OUT:
            continue
        if tag == f"{W}t":
            out.append(child.text or "")
        elif tag in (f"{W}tab", f"{W}br", f"{W}cr"):
            out.append(" ")
        elif tag == f"{W}noBreakHyphen":
            out.append("-")
        elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
            if marks is not None:
                key = (tag[len(W) : -len("Reference")], _attribute(child, "id") or "")
                out.append(f"[{marks.setdefault(key, str(len(marks) + 1))}]")
        elif tag == f"{W}r" and child.find(f"{W}rPr/{W}vanish") is not None:
            continue
        elif tag == f"{W}r" and _raised(child) and (m := _MARK.fullmatch("".join(t.text or "" for t in child.iter(f"{W}t")).strip())):
            out.append(f"[{m.group(1)}]")
        else:
            stack.append(iter(child))
    return "".join(out)


def _raised(run: Any) -> bool:
    """Is a run printed as superscript?"""
    align = run.find(f"{W}rPr/{W}vertAlign")
    return align is not None and align.get(f"{W}val") == "superscript"


class _Reader:
    """One walk through the body."""

    def __init__(self, b: Builder, styles: dict[str, str], notes: dict[tuple[str, str], tuple[str, str | None]]) -> None:
        self._b, self._styles, self._notes = b, styles, notes
        self._marks: dict[tuple[str, str], str] = {}

    def body(self, body: Any) -> None:
        for element in _blocks(body):
            if element.tag == f"{W}p":
                self._paragraph(element)
            else:
                self._b.table(_rows(element, self._marks))
        for key, label in self._marks.items():
            words, url = self._notes.get(key, ("", None))
            self._b.note(label, words, url)

    def _paragraph(self, p: Any) -> None:
        style = p.find(f"{W}pPr/{W}pStyle")
        name = self._styles.get(style.get(f"{W}val") or "", "") if style is not None else ""
        words = _words(p, self._marks)
        if name == "title":
            self._b.title(words)
        elif m := _HEADING.match(name):
            self._b.heading(words, int(m.group(1)))
        elif name.startswith("caption") or name == "table":
            self._b.caption(words)
        elif p.find(f"{W}pPr/{W}numPr") is not None or name.startswith("list"):
            self._b.item(words)
        else:
            self._b.paragraph(words)
        for box in p.iter(f"{W}txbxContent"):
            if not any(a.tag == FALLBACK for a in box.iterancestors()):
                for inner in box.iter(f"{W}p"):
                    self._b.paragraph(_words(inner, self._marks))


def _blocks(body: Any, depth: int = 0) -> Iterator[Any]:
    """Paragraphs and tables in order, those within content controls too."""
    for element in body:
        if element.tag in (f"{W}p", f"{W}tbl"):
            yield element
        elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}smartTag", f"{W}customXml") and depth < MOST_NESTED:
            yield from _blocks(element, depth + 1)


def _rows(table: Any, marks: dict[tuple[str, str], str]) -> list[list[Content]]:
    """Rows of cells, merged ones at their first place."""
    out: list[list[Content]] = []
    above: dict[int, tuple[int, int]] = {}  # column → the cell that may reach down, by row and place in it
    for tr in table.iter(f"{W}tr"):
        if next(a for a in tr.iterancestors(f"{W}tbl")) is not table:
            continue
        heading = tr.find(f"{W}trPr/{W}tblHeader") is not None
        line: list[Content] = []
        column = 0
        for tc in tr.iter(f"{W}tc"):
            if next(a for a in tc.iterancestors(f"{W}tr")) is not tr:
                continue
            span = tc.find(f"{W}tcPr/{W}gridSpan")
            value = span.get(f"{W}val") or "1" if span is not None else "1"
            across = min(int(value), 200) if value.isdecimal() and len(value) < 5 else 1
            merge = tc.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val") != "restart" and column in above:
                k, n = above[column]
                out[k][n] = out[k][n]._replace(rows=len(out) - k + 1)
            else:
                line.append(Content(" ".join(_words(p, marks) for p in tc.iter(f"{W}p")), 1, across, heading))
                above[column] = (len(out), len(line) - 1)
            column += max(1, across)
        out.append(line)
    return out
