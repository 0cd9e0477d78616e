"""Numbers of people in reports of other languages, by lexicon alone: what is counted is read from the nearest word that names a state.

Such claims are leads, not codings: no scorer has weighed them, their confidence is low and says so, and nobody's word is taken for a source.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ..codebook import Codebook
from ..codebook.languages import Lexicon, lexicon
from ..records import Claim, Document, Slot, Span

NOTE = "found by the lexicon of its language, not coded in full"
SURE, UNSURE = 0.4, 0.15  # confidence with and without a word of the state
INSIDE = 40  # how far off a word of the state counts that is the counted noun itself ("40 returnees were tried")
NEAR = 48  # characters behind a number within which the counted noun stands
_YEAR = re.compile(r"(?<!\d)(20[0-2]\d)(?!\d)")
_CUT = re.compile(r"[;:–—()]|, ")
_SPACE = re.compile(r"[.\u00a0\u2009\u202f ’']")


def claims(document: Document, codebook: Codebook, version: str) -> list[Claim]:
    """Every number that is followed by a noun for people; nothing where the language has no lexicon."""
    words = lexicon(document.language or "")
    if words is None:
        return []
    finder = _Finder(document, codebook, words, version)
    return [c for s in document.sentences for c in finder.sentence(s)]


class _Finder:
    """One document under one lexicon."""

    def __init__(self, document: Document, codebook: Codebook, words: Lexicon, version: str) -> None:
        self._doc, self._book, self._words, self._version = document, codebook, words, version
        named = Counter({c: len(p.findall(document.text)) for c, p in words.places.items() if c not in codebook.theatre})
        (top, times), *_ = named.most_common(1) or [("", 0)]
        self._main = (top,) if times > 2 and 2 * times > named.total() else ()

    def sentence(self, s: Span) -> Iterator[Claim]:
        """The claims of a sentence."""
        text = s.of(self._doc.text)
        at = 0
        while m := self._words.number.search(text, at):
            m, at = self._range(m, text)
            value = self._value(m.group("a"))
            top = self._value(m.group("b")) if m.group("b") and at == m.end() else None
            if value is None or self._is_year(m, text):
                continue
            who, noun_end = self._noun(text, at)
            if who is None:
                continue
            yield self._claim(s, text, m, at, value, top, who, noun_end)

    def _range(self, m: re.Match[str], text: str) -> tuple[re.Match[str], int]:
        """A number and its end: "and" between two numbers makes a range only behind the word that opens one."""
        if not m.group("b") or m.group("join").lower() in self._words.between or self._opening(text, m) is not None:
            return m, m.end()
        return m, m.end("a")

    def _opening(self, text: str, m: re.Match[str]) -> int | None:
        """Where the word that opens a range stands."""
        for opening, join in self._words.ranges:
            if m.group("b") and m.group("join").lower() in (join, *self._words.between) and (o := opening.search(text[: m.start()])):
                return o.start()
        return None

    def _claim(
        self, s: Span, text: str, m: re.Match[str], end: int, value: tuple[float, float], top: tuple[float, float] | None, who: str, noun_end: int
    ) -> Claim:
        start, bound = self._bound(text, m)
        size: dict[str, Any]
        if top is not None or value[0] != value[1]:
            size = {"point": None, "low": value[0], "high": (top or value)[1], "qualifier": "range" if top is not None else "vague"}
        elif bound == "at_least":
            size = {"point": None, "low": value[0], "high": None, "qualifier": bound}
        elif bound == "at_most":
            size = {"point": None, "low": None, "high": value[0], "qualifier": bound}
        else:
            size = {"point": value[0], "low": None, "high": None, "qualifier": bound or "exact"}
        measure, at = self._measure(text, m.start(), noun_end)
        confidence = SURE if at is not None else UNSURE
        origin = self._origin(text, end, noun_end)
        slots: Mapping[str, Slot] = {"measure": Slot("clause" if at else "none", confidence, *((s.start + at[0], s.start + at[1]) if at else ()))}
        notes = (NOTE,) if at else (NOTE, "no word says what became of them")
        return Claim.build(
            self._doc, s.start + start, s.start + end, quote=text, unit="people", measure=measure, who=who, origin=origin, as_of=self._date(text),
            sentence=s, heading=self._doc.heading_at(s.start), confidence=confidence, slots=slots, notes=notes, extractor=self._version, **size,
        )  # fmt: skip

    def _value(self, words: str) -> tuple[float, float] | None:
        """(lowest, highest) of a number in digits or words."""
        w = words.lower().strip()
        scale = 1.0
        for name in sorted(self._words.scales, key=len, reverse=True):
            if w == name:
                return None
            if w.endswith((" " + name, "\u00a0" + name)):
                scale, w = self._words.scales[name], w[: -len(name)].strip()
                break
        if w in self._words.vague:
            low, high = self._words.vague[w]
            return low * scale, high * scale
        if w in self._words.numerals:
            return (self._words.numerals[w] * scale,) * 2
        plain = _SPACE.sub("", w) if re.fullmatch(r"\d{1,3}(?:[.\u00a0\u2009\u202f ’']\d{3})+", w) else w.replace(",", ".")
        try:
            value = float(plain) * scale
        except ValueError:
            return None
        return (value, value) if 2 <= value < 1e9 else None

    def _is_year(self, m: re.Match[str], text: str) -> bool:
        return bool(re.fullmatch(r"(?:19|20)\d\d", m.group("a"))) and self._noun(text, m.end(), near=22)[0] is None

    def _noun(self, text: str, at: int, near: int = NEAR) -> tuple[str | None, int]:
        """(part of the population, end) of the noun that a number counts: the first one behind it in the clause, or a people's name."""
        window = text[at : at + near]
        if cut := re.search(r"[.;:!?(]|, |\d", window):
            window = window[: cut.start()]
        found = [(n.start(), n.end(), who) for who, p in self._words.nouns.items() if (n := p.search(window))]
        if found:
            _, end, who = min(found)
            who = who if who in self._book.who else "all"
            return who, at + end
        for pattern in self._words.places.values():
            if (n := pattern.search(window)) and n.start() < 3:
                return "all", at + n.end()
        return None, at

    def _bound(self, text: str, m: re.Match[str]) -> tuple[int, str | None]:
        """(start with the bound, kind) of the words before a number; a range's opening word belongs to it."""
        if (opening := self._opening(text, m)) is not None:
            return opening, None
        for kind, pattern in self._words.bounds.items():
            if found := pattern.search(text[: m.start()]):
                return found.start(), kind
        return m.start(), None

    def _measure(self, text: str, start: int, end: int) -> tuple[str, tuple[int, int] | None]:
        """The state that the nearest word names, words of the number's own clause first; those who left where none does."""
        best: tuple[bool, bool, int, str, tuple[int, int]] | None = None
        for weak, words in ((False, self._words.measures), (True, self._words.weak)):
            for code, pattern in words.items():
                for m in pattern.finditer(text) if code in self._book.measures else ():
                    outside = m.start() >= end or m.end() <= start
                    between = text[end : m.start()] if m.start() >= end else text[m.end() : start]
                    key = (weak, bool(_CUT.search(between)), len(between) if outside else INSIDE, code, m.span())
                    best = key if best is None or key < best else best
        return (best[3], best[4]) if best else (self._book.balance.total, None)

    def _origin(self, text: str, start: int, end: int) -> tuple[str, ...]:
        """The nearest place behind the number, else before it, that is not the war's own; else the document's."""
        found = []
        for code, pattern in self._words.places.items():
            if code.split(":")[0] in self._book.theatre or code not in self._book.places:
                continue
            for m in pattern.finditer(text):
                found.append((m.start() > end + 6 or m.start() < start, abs(m.start() - start), code))
        return (min(found)[2],) if found else self._main

    def _date(self, text: str) -> str | None:
        """The sentence's one year, with its month where one stands before it."""
        years = {m.group(1): m.start() for m in _YEAR.finditer(text)}
        if len(years) != 1:
            return None
        year, at = next(iter(years.items()))
        before = re.findall(r"\w+", text[max(0, at - 16) : at].lower())
        month = next((n for n, w in enumerate(self._words.months, 1) if before and before[-1] == w), None)
        return f"{year}-{month:02d}" if month else year
