"""Where headings, paragraphs and sentences begin and end. Everything is a span of the one text; nothing is copied or changed."""

from __future__ import annotations

import re

from ..records import Block, BlockKind, Span
from .references import mark_references

_BLANK = re.compile(r"\n[ \t\r\f\v]*\n+")
_MARKDOWN = re.compile(r"(#{1,6})[ \t]+\S")
_WIKI = re.compile(r"(={1,6})[^=\n]+\1[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*•–·‣▪●]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+\S")
_GAP = re.compile(r"(?<=[^\s.!?:])(?: {2,}|[ ]*\t[ \t]*)(?=\S)")  # between cells; two spaces behind a full stop are none
_READS_ON = re.compile(r"[a-z][.!?][\"”’)]*\s+[A-Z]|[a-z],? [a-z]+ [a-z]+ [a-z]+ [a-z]+ [a-z]+ ")  # a sentence end, or a run of prose
LONGEST_CELL = 60
_NO_END = re.compile(
    r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Dr|Prof|St|Sgt|Gen|Col|Lt|Maj|Capt|Sen|Rep|Gov|Jr|Sr|vs|etc|e\.g|i\.e|cf|al|ca|c|approx|no|No|nos|pp|p|vol|Vol|ed|eds|Art|art|"
    r"fig|Fig|para|Inc|Ltd|Co|Corp|U\.S|U\.K|U\.N|a\.m|p\.m|[A-Z]|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.$"
)
_END = re.compile(
    r"[.!?…]+[\"”’')\]]*(?:\[\d+\]|\[[a-z]\]|\[citation needed\])*(?=\s+[\"“‘'(\[]?[A-Z0-9ÀÁÅÄÖÜÉİŞ—–-]|\s*$)|(?<=[a-z0-9)][.!?])(?=\[\d+\])"
)


def blocks(text: str) -> tuple[Block, ...]:
    """Headings, paragraphs, list items and table rows of plain text or Markdown, in order and without overlap.

    Lines of one paragraph may be wrapped hard; a line is a block of its own where the lines around it do not read on.
    """
    out: list[Block] = []
    pos = 0
    for m in [*_BLANK.finditer(text), None]:
        stop = m.start() if m else len(text)
        out.extend(_chunk(text, pos, stop, first=not out))
        pos = m.end() if m else stop
    return mark_references(text, tuple(out))


def _chunk(text: str, start: int, stop: int, *, first: bool) -> list[Block]:
    lines = []
    pos = start
    for line in text[start:stop].splitlines(keepends=True):
        s, e = pos, pos + len(line.rstrip())
        pos += len(line)
        s += len(line[: e - s]) - len(line[: e - s].lstrip())
        if e > s:
            lines.append((s, e))
    if not lines:
        return []
    aligned = _is_aligned(text, lines)
    barred = len(lines) >= 3 and sum(" | " in text[s:e] for s, e in lines) >= 0.8 * len(lines)
    wrapped = not aligned and _is_wrapped(text, lines)
    out: list[Block] = []
    for n, (s, e) in enumerate(lines):
        if (aligned and _GAP.search(text, s, e)) or (barred and " | " in text[s:e]):
            out.append(Block("row", s, e))
            continue
        kind, level = _line_kind(text[s:e], alone=len(lines) == 1, top=first and n == 0, last=n == len(lines) - 1, wrapped=wrapped)
        if kind == "paragraph" and wrapped and out and out[-1].kind in ("paragraph", "item") and n:
            out[-1] = Block(out[-1].kind, out[-1].start, e)
        else:
            out.append(Block(kind, s, e, level))
    return out


def _is_aligned(text: str, lines: list[tuple[int, int]]) -> bool:
    """True for a table whose columns are kept apart by white space: nearly all lines, two at least, are in short cells, and most hold a number.

    Prose with two spaces between its sentences, justified lines, numbered lists and dialogue are none.
    """
    rows = 0
    for s, e in lines:
        if _ITEM.match(text, s, e) or _READS_ON.search(text, s, e):
            return False
        cells = _GAP.split(text[s:e])
        if max(map(len, cells)) > LONGEST_CELL:
            return False
        rows += len(cells) > 1
    numbers = sum(any(c.isdecimal() for c in text[s:e]) for s, e in lines)
    return rows >= 2 and rows >= 0.7 * len(lines) and numbers >= 0.5 * len(lines)


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """True where line ends are only typography: most lines but the last are about equally long and break inside a sentence."""
    body = lines[:-1]
    if not body:
        return False
    width = max(e - s for s, e in lines)
    if not 40 <= width <= 110:
        return False
    open_end = sum(text[e - 1] not in '.!?:;"”’)' for _, e in body)
    long = sum(e - s >= 0.7 * width for s, e in body)
    if len(body) == 1:
        return bool(open_end and text[lines[1][0]].islower())
    return long >= 0.7 * len(body) and open_end >= 0.5 * len(body)


def _line_kind(line: str, *, alone: bool, top: bool, last: bool, wrapped: bool) -> tuple[BlockKind, int]:
    if m := _MARKDOWN.match(line):
        return "heading", len(m.group(1))
    if m := _WIKI.match(line):
        return "heading", len(m.group(1))
    if line.count("|") >= 2 or line.count("\t") >= 2 or "!!" in line or line in ("|-", "{|", "|}"):
        return "row", 0
    if _ITEM.match(line):
        return "item", 0
    short = len(line) <= 90 and len(line.split()) <= 14
    ends = line[-1:] in '.!?;,"”' or line.endswith(("…", "—"))
    if short and not ends and not wrapped and line[:1].isupper() and (alone or not last) and not re.search(r"\d,?\d*\s*$", line):
        return ("title", 0) if top else ("heading", 2 if not line.isupper() else 1)
    return "paragraph", 0


def sentences(text: str, parts: tuple[Block, ...]) -> tuple[Span, ...]:
    """Sentences of every block, trimmed of white space. A heading or row is one sentence, a reference none: nothing is claimed there."""
    out: list[Span] = []
    for b in parts:
        if b.kind == "reference":
            continue
        if b.kind in ("title", "heading", "row"):
            out.append(Span(b.start, b.end))
            continue
        s = b.start
        for m in _END.finditer(text, b.start, b.end):
            e = m.end()
            if e <= s or (_NO_END.search(text, max(s, m.start() - 12), m.start() + 1) and e < b.end):
                continue
            out.append(_trim(text, s, e))
            s = e
        if text[s : b.end].strip():
            out.append(_trim(text, s, b.end))
    return tuple(out)


def _trim(text: str, s: int, e: int) -> Span:
    while s < e and text[s].isspace():
        s += 1
    while e > s and text[e - 1].isspace():
        e -= 1
    return Span(s, e)
