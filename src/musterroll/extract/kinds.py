"""What a number is when it counts nothing: a label, an ordinal, a time, a year, an age, money, a duration, a measure.

Each test looks at the marks and words that touch the number. Word lists are the codebook's (`grammar.yaml`, `wording.yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from ..codebook import Codebook, Hit, Tokens
from .numerals import Number

SKIP = "skip"  # part of a name, reference or form, not a quantity at all


class Kinds:
    """The tests over one codebook's words."""

    def __init__(self, codebook: Codebook) -> None:
        w = codebook.wording
        self.words = codebook.words
        self.money = frozenset(x.lower() for x in w.get("money", ()))
        self.signs = frozenset(w.get("currency_signs", ()))
        self.things = frozenset(w.get("measures_of_things", ()))
        self.durations = frozenset(w.get("durations", ()))
        self.months = frozenset(codebook.dates.get("months", ()))
        self.labels = frozenset(w.get("labels", ()))

    def no_quantity(self, text: str, t: Tokens, i: int, num: Number) -> bool:
        """True for references, times, ordinals, labels, marks of list items and parts of names."""
        low, j, n = t.low, num.j, len(t)
        prev, nxt = (low[i - 1] if i else ""), (low[j] if j < n else "")
        if prev == "[" and nxt == "]":
            return True
        if prev == ":" and i > 1 and re.fullmatch(r"(?:19|20)\d\d[a-z]?", low[i - 2]) and nxt in (")", ";", ",", "-", "–"):
            return True  # "(Author 2016: 14)"
        if not num.words and self._glued(text, t, i, num):
            return True
        if prev in self.labels and num.scale == 1 and (prev not in self.words["loose_labels"] or self._is_label(t, i, j, prev)):
            return True
        if prev == "." and i > 1 and low[i - 2] in self.words["label_stops"] and t.end[i - 2] == t.start[i - 1]:
            return True
        return num.words and num.value == 1 and num.j == i + 1 and self._pronoun(t, i)

    def _pronoun(self, t: Tokens, i: int) -> bool:
        """Is "one" nobody's number: "the one that", "the red one", "one day he", "one of them"?"""
        low = t.low
        prev, before = (low[i - 1] if i else ""), (low[i - 2] if i > 1 else "")
        nxt = low[i + 1] if i + 1 < len(low) else "."
        if nxt in self.words["one_idioms"] or prev in self.words["one_prefixes"]:
            return True
        if prev.isalpha() and before in ("the", "a", "an", "this", "that", "another"):
            return True
        return nxt in ("day", "time") and prev not in self.words["one_spans"]

    def named(self, t: Tokens, i: int, num: Number, known: Set[int]) -> bool:
        """Is the number part of a name ("the Falcon 9", "Big Four", "S&P 500", "12 Mill Lane"), by the capitals beside it?

        `known` are the tokens of places and groups: "Norway 12" counts. So does a member of a list "X 14, Y 22" and a number before a noun.
        """
        raw, low, j, n = t.raw, t.low, num.j, len(t)
        if num.scale != 1 or num.grouped:
            return False
        if j < n and raw[j][:1].isupper() and not num.words and any(low[k] in self.words["streets"] for k in range(j, min(j + 4, n))):
            return True
        if not i or not raw[i - 1][:1].isalpha() or not raw[i - 1][0].isupper() or i - 1 in known:
            return False
        if low[i - 1] in self.months:
            return not num.words and num.value <= 31
        nxt = raw[j] if j < n else "."
        if num.words:
            return raw[i][0].isupper() and raw[i - 1][0].isupper() and i > 1 and low[i - 2] not in (".", "?", "!", ":", '"', "“")
        if nxt[0].islower() and not nxt.endswith("ed") and nxt not in self.words["head_stop"] and nxt not in ("and", "or", "it", "its", "the", "a"):
            return False
        if i == 1 or low[i - 2] in (".", "?", "!", ":", ";", "|", "(", "-", "•", "\n"):
            return nxt in self.words["head_stop"] and i > 1
        if j + 2 < n and nxt in (",", ";", "and") and raw[j + 1][:1].isupper() and low[j + 2][0].isdecimal():
            return False
        return not (i > 2 and low[i - 2] in (",", ";", "and") and low[i - 3][0].isdecimal())

    def compound(self, t: Tokens, num: Number) -> str:
        """The unit of an adjective such as "two-year", "34-year-old" or "6.1-inch"; empty where the number makes none."""
        j = num.j
        if t.low[j : j + 1] != ("-",) or t.start[j] != t.end[j - 1] or j + 1 >= len(t):
            return ""
        return t.low[j + 1] if t.low[j + 1] in self.words["compounds"] else ""

    def spans(self, t: Tokens, i: int, j: int) -> bool:
        """Is "over" before the duration at tokens i … j-1 a span of time ("17 hours over two days") and no bound ("for over two days")?"""
        if i < 2 or t.low[i - 1] != "over" or t.low[j : j + 1] == () or t.low[j] not in self.durations:
            return False
        return t.low[i - 2] not in self.words["over_bounds"]

    def negative(self, t: Tokens, i: int, unit: str) -> bool:
        """A minus sign right before a degree or percentage, and not a dash or range: "-4C", "minus two per cent"."""
        if i and t.low[i - 1] == "minus":
            return True
        if not i or not (unit == "percent" or unit.startswith(("degree", "celsius", "c", "f", "°", "point"))):
            return False
        touches = t.low[i - 1] in ("-", "−", "–") and t.end[i - 1] == t.start[i]
        return touches and (i == 1 or (t.end[i - 2] < t.start[i - 1] and not t.low[i - 2][0].isdecimal()))

    def _glued(self, text: str, t: Tokens, i: int, num: Number) -> bool:
        """Digits that are part of something else, by what touches them: "3rd", "10:30", "F-16", "M65", "§4", "3.2 Findings", "0800"."""
        low, raw, j, n = t.low, t.raw, num.j, len(t)
        s, e = t.start[i], t.end[j - 1]
        prev, nxt = (low[i - 1] if i else ""), (low[j] if j < n else "")
        after, before = j < n and t.start[j] == e, i > 0 and t.end[i - 1] == s
        digit_follows = j + 1 < n and t.start[j + 1] == e + 1 and low[j + 1][0].isdecimal()
        if i and re.fullmatch(r"0\d{2,}", raw[i - 1]):
            return True  # a telephone number
        if after and raw[j] in ("G", "D") and num.value <= 6 and num.scale == 1:
            return True  # 5G, 3D
        if after and nxt in self.words["glued"] and (nxt not in (":", "/") or digit_follows):
            return True
        if before and (prev in (":", "/", "_", "#", "°", "§", "@", ".") or prev.isalpha()):
            return True
        if before and prev == "-" and i > 1 and t.end[i - 2] == t.start[i - 1] and raw[i - 2][:1].isalpha() and raw[i - 2][:1].isupper():
            return True
        opens_line = not text[text.rfind("\n", 0, s) + 1 : s].strip()
        if opens_line and after and nxt in (".", ")") and num.value < 200 and text[e + 1 : e + 2] in (" ", "\t"):
            return True
        if opens_line and num.scale == 1 and re.fullmatch(r"\d+\.\d+", raw[i]) and nxt not in ("%", "percent", "per"):
            return True
        if (
            nxt == ","
            and num.value <= 31
            and j + 1 < n
            and re.fullmatch(r"(?:19|20)\d\d", low[j + 1])
            and low[j + 2 : j + 3] in ((), (".",), (",",), (";",))
        ):
            return True  # a day whose month is left out: "By N. N. 11, 2019"
        if nxt in ("am", "pm") or (nxt in ("a", "p") and low[j + 1 : j + 3] == (".", "m")):
            return True
        return raw[i][0] == "0" and len(raw[i]) > 1 and "." not in raw[i]

    def _is_label(self, t: Tokens, i: int, j: int, prev: str) -> bool:
        """A label's number stands right behind a capitalised or lone label word and takes no noun ("Camp 7", "phase two")."""
        cap = t.raw[i - 1][:1].isupper()
        before = t.low[i - 2] if i > 1 else ""
        if prev in ("number", "numbers"):
            return not cap and before in ("at", "house", "room", "platform")
        if prev == "p":
            return before in ("(", ",", ":")
        if prev == "no":
            return cap
        following = t.low[j] if j < len(t) else "."
        if prev in ("figure", "figures"):
            return cap and following in (")", ":", ".", ",")
        return cap or not following.isalpha() or following in self.words["head_stop"]

    def is_year(self, t: Tokens, i: int, j: int, num: Number | None, nouns: Mapping[int, Hit]) -> bool:
        """Four bare digits between 1900 and 2035 that no plural noun follows, or that a preposition of time precedes."""
        if num is None or num.words or num.grouped or num.scale != 1 or not 1500 <= num.value <= 2100 or len(t.raw[num.i]) != 4:
            return False
        if not 1900 <= num.value <= 2035 and (not i or t.low[i - 1] not in ("in", "since", "by", "until", "before", "after", "during")):
            return False
        if j >= len(t):
            return True
        nxt, prev = t.low[j], t.low[i - 1] if i else ""
        timed = prev in self.words["year_marks"]
        if j in nouns and nxt.endswith("s") and not (timed and prev not in ("(", ",", "and")):
            return False
        counts_noun = nxt.isalpha() and nxt not in self.words["head_stop"] and nxt not in self.words["after_year"]
        return not counts_noun or timed or not prev

    def is_age(self, t: Tokens, i: int, j: int, point: float | None, head: int) -> bool:
        """A number of years lived: "aged 29", "under-16s", "an average age of 26", "a neighbour, 61, who"."""
        low = t.low
        if point is None or point > 110:
            return False
        prev, prev2 = (low[i - 1] if i else ""), (low[i - 2] if i > 1 else "")
        nxt = low[j] if j < len(t) else ""
        ages = self.words["age"]
        if prev in ages or (prev == "of" and prev2 in ages) or (prev == "-" and prev2 in ("under", "over")):
            return True
        if head >= 0:
            return False
        if prev in ("turned", "turning"):
            return True
        if prev in ("at", "was", "is", "be", "to", "and", "from", "between", "-", "–", "of") and not ages.isdisjoint(low[max(0, i - 12) : i]):
            return True
        counted = prev2.endswith("s") or prev2 in self.words["counted_aside"]
        return prev == "," == nxt and i > 1 and t.raw[i - 2][:1].isalpha() and not counted and 5 <= point <= 99

    def ages_near(self, t: Tokens, i: int) -> bool:
        """True where the numbers at hand are ages: each is then a claim of its own, not one range."""
        return not (self.words["age"] | {"youngest"}).isdisjoint(t.low[max(0, i - 5) : i])

    def lived(self, t: Tokens, j: int) -> bool:
        """True where years of age follow at token j."""
        return t.low[j : j + 2] in (("years", "old"), ("years", "of"), ("year", "-"), ("years", "-"))

    def unit(self, t: Tokens, i: int, j: int) -> tuple[str, str, int]:
        """(kind, unit, end token) of a plain count whose expression is tokens i … j-1, from the words on both sides."""
        low, n = t.low, len(t)
        if i and low[i - 1] in self.signs:
            return "money", "money", j
        k = j + 1 if j < n and low[j] == "-" else j
        nxt, nxt2 = (low[k] if k < n else ""), (low[k + 1] if k + 1 < n else "")
        if nxt in self.signs:
            return "money", "money", k + 1
        near = nxt2 in self.money and nxt.isalpha() and nxt not in self.words["head_stop"] and nxt not in ("of", "and")
        if near or (nxt in self.money and nxt2 != "of"):
            return "money", "money", j
        if nxt == "°" or (nxt in self.things and nxt2 not in ("as", "the")):
            return "measure", nxt, j
        if nxt in self.durations:
            lived = nxt in ("year", "years") and (nxt2 == "old" or low[k + 1 : k + 3] == ("of", "age"))
            if lived or (nxt in ("year", "years") and not (self.words["age"] | {"older", "younger"}).isdisjoint(low[max(0, i - 8) : i])):
                return "age", "age", j
            return "duration", nxt, j
        if nxt2 in self.durations and nxt in self.words["duration_adjectives"]:
            return "duration", nxt2, j
        return "count", "", j
