"""The language a document is written in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..records import Document

KNOWN = ("en", "fr", "de", "nl", "es", "it", "ar", "ru", "tr", "pt", "sv", "da", "no", "fi", "pl", "uk", "fa", "he", "zh", "ja", "sq", "bs", "sr")
LEXICONS = frozenset(("fr", "de", "nl", "es"))  # of which the codebook has a lexicon
NAMES = {
    "fr": "French", "de": "German", "nl": "Dutch", "es": "Spanish", "it": "Italian", "ar": "Arabic", "ru": "Russian", "tr": "Turkish",
    "pt": "Portuguese",
    "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "pl": "Polish", "uk": "Ukrainian", "fa": "Persian", "he": "Hebrew",
    "zh": "Chinese", "ja": "Japanese", "sq": "Albanian", "bs": "Bosnian", "sr": "Serbian",
}  # fmt: skip
LEAST = 100  # letters; fewer tell little, and the file's own word or English stands
ENOUGH = 400  # letters from which on a language without a list of small words is believed
SAMPLE = 6000  # characters looked at
# the commonest small words: a text is of a language only if it has them, since tables and lists of names look like anything
_WORDS = """
en the of and in to a that were was from for by with had have who
fr le la les de des du et en un une que qui dans pour par sur au aux est sont ont a
de der die das und in den von zu mit dem des ein eine ist sind auf für im nicht aus wurden
nl de het een en van in op te dat is zijn voor met uit aan naar er niet die
es el la los las de del y en un una que por para con se al a han su no es
it il la le gli di del della e in un una che per con dal si sono è non i
"""
_SMALL = {line[:2]: frozenset(line[3:].split(" ")) for line in _WORDS.strip().split("\n")}
FEW, MANY = 0.1, 0.22  # share of small words that a text of the language has at least, and from which on English needs no further look
_LATIN = re.compile(r"[a-z]")
_WORD = re.compile(r"[^\W\d_]+")


def detect(document: Document, *, sure: bool = False) -> Document:
    """The document with its language; what its file says counts only where the words are too few to tell. `sure` keeps what was given."""
    if sure and document.language in KNOWN:
        return _with_note(document, document.language)
    words = _WORD.findall(document.text[:SAMPLE].lower())
    letters = sum(map(len, words))
    if letters < LEAST:
        said = document.language if document.language in KNOWN and words and _share(words, "en") < FEW else None
        return _with_note(document, said or "en")
    english = _share(words, "en")
    if english > MANY:
        return replace(document, language="en")
    code = str(_identifier().classify(" ".join(words))[0])
    if code in _SMALL:
        known = _share(words, code) >= FEW and _share(words, code) > english
    else:
        known = not _LATIN.search("".join(words[:50])) or (letters >= ENOUGH and english < FEW / 2)
    return _with_note(document, code if known else "en")


def _share(words: Sequence[str], code: str) -> float:
    """Share of a language's small words among all."""
    return sum(w in _SMALL[code] for w in words) / len(words)


def _with_note(document: Document, code: str) -> Document:
    """The document with its language, and what that means for its claims."""
    if code == "en":
        return replace(document, language=code)
    what = "numbers of people were found by a lexicon, not coded in full" if code in LEXICONS else "kept, but its numbers were not coded"
    return replace(document, language=code, notes=(*document.notes, f"is written in {NAMES.get(code, code)}: {what}"))


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # slow to import, needed only here

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(KNOWN))
    return identifier
