"""Number expressions: digits, words, magnitudes, fractions and ratios, at one place of a token list.

The grammar is closed: it knows no nouns and no subject. `number_at` reads the longest plain number that begins at a token;
`fraction_at` reads shares ("two thirds", "one in nine"), whose value is in percent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..codebook import Codebook, Tokens

LONGEST, LARGEST = 24, 1e15  # digits of a token and size beyond which a number counts nothing
VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_GROUPED = re.compile(r"\d{1,3}(?:[,\u00a0\u2009\u202f'’]\d{3})+")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


@dataclass(frozen=True, slots=True)
class Number:
    """A plain number at tokens i … j-1. `mantissa` is the value before its magnitude word, `scale` that magnitude (1 where none)."""

    value: float
    i: int
    j: int
    mantissa: float
    scale: float
    words: bool
    grouped: bool = False


class Numerals:
    """The numeral grammar over one codebook's number words."""

    def __init__(self, codebook: Codebook) -> None:
        w = codebook.wording
        self.units: Mapping[str, int] = w.get("numerals", {})
        self.tens: Mapping[str, int] = w.get("tens", {})
        self.scales: Mapping[str, float] = w.get("scales", {})
        self.suffixes: Mapping[str, float] = w.get("suffixes", {})
        self.fractions: Mapping[str, float] = w.get("fractions", {})
        self.every: Mapping[str, float] = w.get("every", {})
        self.vague: Mapping[str, Any] = w.get("vague", {})
        self.collectives: Mapping[str, float] = w.get("collectives", {})
        self.lists = codebook.words
        self.signs = frozenset(w.get("currency_signs", ()))
        self.measured = frozenset((*w.get("durations", ()), *w.get("measures_of_things", ())))

    @cached_property
    def starts(self) -> frozenset[str]:
        """Lower-case words with which a number can begin."""
        words = {
            "every",
            "each",
            *self.units,
            *self.tens,
            *self.fractions,
            *(p.split()[0] for p in self.vague),
            "hundred",
            "thousand",
            *self.lists["determiners"],
        }
        return frozenset(words | set(self.scales) | {s + "s" for s in self.scales})

    @cached_property
    def vague_by_first(self) -> dict[str, list[tuple[tuple[str, ...], Mapping[str, float]]]]:
        """Vague phrases under their first word, longest first."""
        out: dict[str, list[tuple[tuple[str, ...], Mapping[str, float]]]] = {}
        for phrase, bounds in self.vague.items():
            words = tuple(phrase.split())
            out.setdefault(words[0], []).append((words, bounds))
        for rows in out.values():
            rows.sort(key=lambda r: -len(r[0]))
        return out

    def number_at(self, t: Tokens, i: int) -> Number | None:
        """The longest plain number that begins at token i."""
        if i >= len(t):
            return None
        first = t.low[i]
        if not first[0].isdecimal() and first not in self.starts:
            return None
        if len(first) > LONGEST:
            return None
        found = self._digits(t, i) if first[0].isdecimal() else self._words(t, i)
        return found if found is None or found.value <= LARGEST else None

    def _digits(self, t: Tokens, i: int) -> Number | None:
        raw = t.raw[i]
        j = i + 1
        grouped = False
        if _GROUPED.fullmatch(raw):
            value = float(re.sub(r"\D", "", raw))
            grouped = True
        elif _DOTTED.fullmatch(raw) and not (j < len(t) and (t.low[j] in self.scales or t.low[j] in ("%", "per", "percent"))):
            value = float(raw.replace(".", ""))
            grouped = True
        elif re.fullmatch(r"\d+(?:\.\d+)?", raw):
            value = float(raw)
        elif re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", raw):
            value = float(raw.replace(",", ""))
        elif re.fullmatch(r"\d+,\d{1,2}", raw):
            value = float(raw.replace(",", "."))
        else:
            return None
        while not grouped and len(raw) <= 3 and value >= 1 and j < len(t) and re.fullmatch(r"\d{3}", t.raw[j]) and t.start[j] - t.end[j - 1] == 1:
            value, j, grouped = value * 1000 + float(t.raw[j]), j + 1, False  # "27 000"
            if not (j < len(t) and re.fullmatch(r"\d{3}", t.raw[j]) and t.start[j] - t.end[j - 1] == 1):
                grouped = True
        if j < len(t) and t.start[j] == t.end[j - 1] and t.low[j] in VULGAR:
            value, j = value + VULGAR[t.low[j]], j + 1
        elif tail := self._and_part(t, j):
            value, j = value + tail, j + 3
        mantissa, scale = value, 1.0
        if j < len(t) and t.start[j] == t.end[j - 1] and t.low[j] in self.suffixes and not self._metres(t, i, j):
            scale, j = self.suffixes[t.low[j]], j + 1
        else:
            j, scale = self._scale(t, j)
        return Number(mantissa * scale, i, j, mantissa, scale, False, grouped)

    def _and_part(self, t: Tokens, j: int) -> float:
        """0.5 or 0.25 for "and a half", "and a quarter" at token j behind a number, where a thing is measured and no whole follows; else 0."""
        if t.low[j : j + 2] != ("and", "a") or t.low[j + 2 : j + 3] not in (("half",), ("quarter",)):
            return 0.0
        if t.low[j + 3 : j + 4] in ((), ("of",)) or not t.low[j + 3][0].isalpha() or t.low[j + 3] in self.lists["head_stop"]:
            return 0.0
        return 0.5 if t.low[j + 2] == "half" else 0.25

    def _metres(self, t: Tokens, i: int, j: int) -> bool:
        """Is the "m" at token j metres: "the 100m final", "at a height of 2,970m", "90m deep"? What is counted behind it makes it a million."""
        if t.low[j] != "m" or (i and t.low[i - 1] in self.signs):
            return False
        behind = t.low[j + 1] if j + 1 < len(t) else "."
        if behind in self.lists["metres_behind"]:
            return True
        if behind[0].isalpha() and behind not in self.lists["head_stop"] and behind != "and":
            return False
        start = next((k + 1 for k in range(i - 1, max(-1, i - 7), -1) if t.low[k] in (",", ";", ":", ".", "?", "!")), max(0, i - 6))
        before = t.low[start:i]
        return bool(before) and (before[-1] == "the" or not self.lists["metres"].isdisjoint(before))

    def _scale(self, t: Tokens, j: int) -> tuple[int, float]:
        """Magnitude words after a number ("thousand", "-thousand", "hundred thousand")."""
        scale = 1.0
        while j < len(t):
            k = j + 1 if t.low[j] == "-" and j + 1 < len(t) else j
            word = t.low[k]
            if word in self.scales or (word.endswith("s") and word[:-1] in self.scales and word[:-1] not in ("score", "dozen")):
                scale *= self.scales.get(word, self.scales.get(word[:-1], 1.0))
                j = k + 1
            else:
                break
        return j, scale

    def _words(self, t: Tokens, i: int) -> Number | None:
        """Spelled-out numbers: "one hundred and twenty", "two and a half thousand", "half a dozen", "a hundred", "the dozen", "a pair"."""
        low, n = t.low, len(t)
        first = low[i]
        if first == "half" and i + 2 < n and low[i + 1] in ("a", "-") and low[i + 2] in self.scales:
            return Number(0.5 * self.scales[low[i + 2]], i, i + 3, 0.5, self.scales[low[i + 2]], True)
        if first == "half" and i + 2 < n and low[i + 1] in ("a", "an") and low[i + 2] in self.measured:
            return Number(0.5, i, i + 2, 0.5, 1.0, True)  # "half an hour"
        if found := self._collective(t, i):
            return found
        total, current, last, scale, j = 0.0, 0.0, 0.0, 1.0, i  # `last` is the value of the word before, `scale` the last magnitude
        if first in ("a", "an"):
            if low[i + 1 : i + 2] == () or low[i + 1] not in self.scales:
                return None
            current, last, j = 1.0, 1.0, i + 1
        while j < n:
            w = low[j]
            if w in self.units and (last == 0 or (last >= 20 and j > i)):
                current, last, scale, j = current + self.units[w], self.units[w] or 0.5, 1.0, j + 1
            elif w in self.tens and (last == 0 or last >= 100):
                current, last, scale, j = current + self.tens[w], self.tens[w], 1.0, j + 1
            elif w in self.scales and last:
                scale = last = self.scales[w]
                if scale < 1000:
                    current = (current or 1) * scale
                else:
                    total, current = total + (current or 1) * scale, 0.0
                j += 1
            elif w == "-" and last and t.start[j] == t.end[j - 1] and j + 1 < n and self._is_number_word(low[j + 1]):
                j += 1
            elif w == "and" and last and low[j + 1 : j + 2] == ("a",) and low[j + 2 : j + 3] in (("half",), ("quarter",)):
                add = 0.5 if low[j + 2] == "half" else 0.25
                k, times = self._scale(t, j + 3)
                if times > 1:
                    return Number((current + add) * times, i, k, current + add, times, True)
                if self._and_part(t, j):  # of a million and a half the half is half a million
                    value = total + current + add * (scale if scale >= 100 else 1)
                    return Number(value, i, j + 3, value, 1.0, True)
                break
            elif w == "and" and last >= 100 and j + 1 < n and (low[j + 1] in self.units or low[j + 1] in self.tens):
                j += 1
            else:
                break
        while j > i and low[j - 1] in ("and", "-"):
            j -= 1
        if not last or j == i:
            return None
        value = total + current
        return Number(value, i, j, value / scale, scale, True)

    def _is_number_word(self, w: str) -> bool:
        return w in self.units or w in self.tens or w in self.scales

    def _collective(self, t: Tokens, i: int) -> Number | None:
        """A noun that is a number: "a pair", "a good dozen", "the dozen", "another trio"."""
        low, k = t.low, i
        if low[i] in self.lists["determiners"]:
            k = i + 1
            if k < len(t) and low[k] in ("good", "full", "bare", "further", "mere"):
                k += 1
        if k == i or k >= len(t) or low[k] not in self.collectives or (low[k] in self.scales and k == i + 1 and low[i] in ("a", "an")):
            return None
        return Number(self.collectives[low[k]], i if low[i] in ("a", "an") else k, k + 1, self.collectives[low[k]], 1.0, True)

    def vague_at(self, t: Tokens, i: int) -> tuple[float, float, int] | None:
        """(low, high, end token) of a vague count ("dozens", "several hundred") at token i."""
        for words, b in self.vague_by_first.get(t.low[i], ()):
            k = len(words)
            if t.low[i : i + k] == words:
                if words[-1] == "of" or (i + k < len(t) and t.low[i + k] != "-"):
                    return float(b["low"]), float(b["high"]), i + k - (words[-1] == "of")
                if i + k >= len(t):
                    return float(b["low"]), float(b["high"]), i + k
        return None

    def fraction_at(self, t: Tokens, i: int) -> tuple[float, int] | None:
        """(percent, end token) of a fraction or ratio at token i: "half", "two-thirds", "a third", "one in nine", "three out of four"."""
        low, n = t.low, len(t)
        w = low[i]
        if w in ("half", "halves"):
            nxt = low[i + 1] if i + 1 < n else ""
            if nxt in self.lists["half_compounds"]:
                return None
            if i and low[i - 1] in self.lists["half_prefixes"]:
                return None
            return 50.0, i + 1
        if w in ("every", "each"):
            share = self.every.get(low[i + 1]) if i + 2 < n and low[i + 2] not in self.measured else None
            return (share, i + 2) if share else None
        num = self.number_at(t, i) if w not in ("a", "an", "another") else None
        if num and not num.words and t.low[num.j : num.j + 1] == ("/",):
            return self._slashed(t, num)
        top, j = (num.value, num.j) if num else (1.0, i + 1) if w in ("a", "an", "one", "another") else (0.0, i)
        if top == 0 or j >= n:
            return None
        if num is None and low[j] in ("good", "full", "further", "bare", "solid") and j + 1 < n:
            j += 1
        k = j + 1 if low[j] == "-" and j + 1 < n else j
        if low[k] in self.fractions and top < 20 and low[k] not in ("half", "halves"):
            plural = low[k].endswith("s")
            if (top > 1) == plural and top * self.fractions[low[k]] < 1:
                if k + 1 < n and low[k + 1] == "-":
                    return None
                ordinal_use = top == 1 and not self._takes_whole(t, k + 1)
                return None if ordinal_use else (round(100 * top * self.fractions[low[k]], 1), k + 1)
        if low[k] in self.fractions and low[k] == "half" and num is None and w in ("a", "one"):
            return (50.0, k + 1) if self._takes_whole(t, k + 1) else None
        if top < 100:
            m = None
            if num and num.words and top < 10 and low[j].isalpha() and low[j + 1 : j + 2] == ("in",) and low[j] not in self.lists["head_stop"]:
                j = self._ratio_noun(t, j)
            if low[j] == "in" and j + 1 < n:
                m = j + 2 if low[j + 1] == "every" and j + 2 < n else j + 1
            elif low[j] == "out" and j + 2 < n and low[j + 1] == "of":
                m = j + 3 if low[j + 2] == "every" and j + 3 < n else j + 2
            elif low[j] == "of" and j + 2 < n and low[j + 1] == "every":
                m = j + 2
            if m is not None and m < n and (bottom := self.number_at(t, m)) is not None:
                round_number = (
                    low[j] == "in" and (bottom.words or bottom.grouped) and low[m] in ("a", "one", "10,000", "100,000")
                )  # "one in a thousand"
                small = top < bottom.value and bottom.value == int(bottom.value) and (round_number or (bottom.value <= 100 and bottom.scale == 1))
                if small and (low[j] != "out" or low[j + 2] == "every" or bottom.value in (3, 4, 5, 6, 7, 8, 9, 10, 12, 20, 100)):
                    return round(100 * top / bottom.value, 1), bottom.j
        return None

    def _ratio_noun(self, t: Tokens, j: int) -> int:
        """Past the noun of "one prisoner in seven", "two families in every ten"; `j` where no such ratio follows."""
        k = j + 3 if t.low[j + 2 : j + 3] == ("every",) else j + 2
        b = self.number_at(t, k)
        ends = b is not None and (b.j >= len(t) or not t.low[b.j][0].isalnum() or t.low[b.j] in self.lists["head_stop"])
        return j + 1 if b and b.words and 2 < b.value <= 20 and (ends or k == j + 3) else j

    def _takes_whole(self, t: Tokens, k: int) -> bool:
        """After "a third" or "a quarter": does a whole, a verb or the end follow (a share), or a noun (an ordinal)?"""
        if k >= len(t) or t.low[k] in self.lists["takes_whole"] or t.low[k] in self.lists["head_stop"]:
            return True
        return t.low[k].endswith("s") and not t.low[k].endswith("ss")

    def _slashed(self, t: Tokens, a: Number) -> tuple[float, int] | None:
        """A share written "2/3"; no date, no ratio of large numbers."""
        b = self.number_at(t, a.j + 1) if a.j + 1 < len(t) else None
        touching = b is not None and t.start[a.j] == t.end[a.j - 1] and t.start[a.j + 1] == t.end[a.j]
        if b is None or not touching or b.words or not 0 < a.value < b.value <= 10 or t.low[b.j : b.j + 1] == ("/",):
            return None
        return round(100 * a.value / b.value, 1), b.j
