"""The language a document is written in."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..records import Document

KNOWN = ("en", "fr", "de", "nl", "es", "it", "ar", "ru", "tr", "pt", "sv", "da", "no", "fi", "pl", "uk", "fa", "he", "zh", "ja", "sq", "bs", "sr")
LEAST = 200  # letters; less than that tells little, and the file's own word or English stands
SAMPLE = 6000  # characters looked at
_ENGLISH = frozenset(["the", "of", "and", "in", "to", "a", "that", "were", "was", "from", "for", "by", "with", "had", "have", "who"])
ENGLISH = 0.22  # share of these words from which on a text is English without further look
_WORD = re.compile(r"[^\W\d_]+")


def detect(document: Document, *, sure: bool = False) -> Document:
    """The document with its language; what its file says counts only where the words are too few to tell. `sure` keeps what was given."""
    if sure and document.language:
        return document
    words = _WORD.findall(document.text[:SAMPLE].lower())
    if sum(map(len, words)) < LEAST:
        return document if document.language in KNOWN else replace(document, language="en")
    if sum(w in _ENGLISH for w in words) > ENGLISH * len(words):
        return replace(document, language="en")
    return replace(document, language=str(_identifier().classify(" ".join(words))[0]))


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # slow to import, needed only here

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(KNOWN))
    return identifier
