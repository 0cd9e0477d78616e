"""Where a number stands in its file, for a reader who wants to see it there."""

from __future__ import annotations

import re
from typing import Any

from ..errors import UsageError
from ..records import Document

_WORD = re.compile(r"\S+")


def locate(document: Document, offset: int) -> dict[str, Any]:
    """The word at an offset with its page, boxes (points from the page's upper left), cell, heading and the notes it cites.

    Raises UsageError where the text has no word there.
    """
    if not 0 <= offset < len(document.text) or document.text[offset].isspace():
        raise UsageError(f"{document.name}:{offset}", "no word stands there", f"The text has {len(document.text)} characters")
    word = next(m for m in _WORD.finditer(document.text, max(0, offset - 200)) if m.start() <= offset < m.end())
    sentence = next((s for s in document.sentences if s.start <= offset < s.end), None)
    layout = document.layout
    return {
        "document": document.name,
        "start": word.start(),
        "end": word.end(),
        "words": word.group(),
        "heading": document.heading_at(offset),
        "page": layout.page(offset),
        "boxes": [b._asdict() for b in layout.boxes(document.text, word.start(), word.end())],
        "cell": layout.address(offset),
        "cites": [c._asdict() for c in document.cites(word.start(), word.end(), sentence.end if sentence else word.end())],
    }
