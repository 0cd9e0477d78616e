"""Lists of references and footnotes in flat text, and the marks that cite them."""

from __future__ import annotations

import re
from dataclasses import replace

from ..layout import Mark, Reference
from ..records import Block

_HEADS = re.compile(
    r"[#=*\s\d.]*(?:references?|notes?|end ?notes?|foot ?notes?|bibliography|sources?|works cited|citations|references and notes|"
    r"notes and references|further reading|external links|literature)[#=*:\s]*",
    re.I,
)
_ENTRY = re.compile(r"\s*(?:[-*•]\s+)?(?:\[(?P<a>\d{1,4}|[a-z]{1,2}|\*)\]|\^?\(?(?P<b>\d{1,3})[.)\]]?)\s+")
_MARK = re.compile(r"\[(\d{1,4}|[a-z]{1,2}|\*)\]")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"”’)\]]+[^\s<>\"”’)\].,;:]")
_WORK = re.compile(
    r"https?://|www\.|\bdoi\b|\bISBN\b|\bISSN\b|\bibid\b|\bop\. ?cit|\bRetrieved\b|\bAccessed\b|\bArchived from\b|\baccessed (?:on )?\d|\bpp?\. ?\d|"
    r"\bvol\. ?\d|\bno\. ?\d+,|\bPress, (?:19|20)\d\d|\bUniversity Press\b|\bJournal of\b|"
    r"^[A-Z][\w’'-]+, (?:[A-Z]\.|[A-Z][a-z]+)[^.]{0,80}\(?(?:19|20)\d\d\)?|"
    r"^[^.!?]{4,200}[.,] (?:\d{1,2} )?(?:\w+ )?\(?(?:19|20)\d\d\)?\.?$|[“\"‘][^”\"’]{8,}[”\"’],? [^.]{3,120}(?:19|20)\d\d",
    re.I,
)
_COUNTS = re.compile(
    r"\b(?:were|was|had|have|has|are|left|went|died|returned|travelled|include[sd]?|excludes?|refers?|counts?|counted|said|says|according)\b", re.I
)
_ADDRESS = re.compile(r"https?://|www\.|\bdoi\b|\bISBN\b|\bRetrieved\b|\bArchived from\b", re.I)


def names_work(words: str) -> bool:
    """Does a note only name a work (an author, a title, a publisher, an address), and say nothing of its own?"""
    if _ADDRESS.search(words) and len(words) < 500:
        return True
    return bool(_WORK.search(words)) and not _COUNTS.search(re.sub(r"[“\"‘][^”\"’]*[”\"’]", "", words)) and len(words) < 400


def mark_references(text: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks, with the entries of lists of references as such."""
    out: list[Block] = []
    inside = False
    for b in blocks:
        words = text[b.start : b.end]
        if b.kind in ("heading", "title") or len(words) < 40:
            inside = bool(_HEADS.fullmatch(words)) or (inside and b.kind not in ("heading", "title"))
        if (inside and b.kind in ("item", "paragraph", "row") and names_work(_ENTRY.sub("", words, count=1))) or (
            b.kind == "item" and _ENTRY.match(words) and _ADDRESS.search(words)
        ):
            b = replace(b, kind="reference")
        out.append(b)
    return tuple(out)


def references(text: str, blocks: tuple[Block, ...]) -> tuple[tuple[Reference, ...], list[Mark]]:
    """Labelled entries of a list of references, and the marks elsewhere that cite one of them."""
    found: dict[str, Reference] = {}
    inside = False
    for b in blocks:
        words = text[b.start : b.end]
        if b.kind in ("heading", "title"):
            inside = bool(_HEADS.fullmatch(words))
        elif b.kind == "reference" or (inside and b.kind in ("item", "paragraph", "note")):
            m = _ENTRY.match(text, b.start, b.end)
            if m and (label := m.group("a") or m.group("b")) not in found:
                url = _URL.search(words)
                found[label] = Reference(label, m.end(), b.end, url.group() if url else None)
    taken = [(r.start - len(r.label) - 6, r.end) for r in found.values()]
    marks = [
        Mark(m.start(), m.end(), m.group(1))
        for m in (_MARK.finditer(text) if found else ())
        if m.group(1) in found and not any(a <= m.start() < b for a, b in taken)
    ]
    return tuple(found.values()), marks
