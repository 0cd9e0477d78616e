"""Ranges and qualifiers: what bounds a number, inside its expression and on both sides of it."""

from __future__ import annotations

from collections.abc import Sequence

from ..codebook import Codebook, Tokens, tokenise
from .numerals import Number, Numerals

Phrases = dict[str, list[tuple[tuple[str, ...], str]]]


class Bounds:
    """Range and qualifier grammar over one codebook's words."""

    def __init__(self, codebook: Codebook, numerals: Numerals) -> None:
        self.numerals = numerals
        self.words = codebook.words
        w = codebook.wording
        self.before: Phrases = {}  # last word → phrases that end with it, longest first
        self.after: Phrases = {}  # first word → phrases that begin with it
        for q, e in w.get("bounds", {}).items():
            for phrase in e.get("before", ()):
                toks = tokenise(phrase).low
                self.before.setdefault(toks[-1], []).append((toks, q))
            for phrase in e.get("after", ()):
                toks = tokenise(phrase).low
                self.after.setdefault(toks[0], []).append((toks, q))
        for table in (self.before, self.after):
            for rows in table.values():
                rows.sort(key=lambda r: -len(r[0]))
        self.percents = [tokenise(p).low for p in w.get("percent", ())]
        self.points = [tokenise(p).low for p in w.get("percent_points", ())]
        self.reached = frozenset(w.get("reached", ()))

    # -- ranges ------------------------------------------------------------------------------------------------------------------------

    def partner(self, t: Tokens, i: int, a: Number, taken: Sequence[int]) -> tuple[float, float, int] | None:
        """(low, high, end token) where a second number makes a range with `a`: "20-30", "from A to B", "between A and B", "three or four".

        A magnitude said once holds for both ("25-30,000", "3.4 to 5 thousand"). "Rose from A to B" is no range.
        """
        low, n, j = t.low, len(t), a.j
        if j + 1 >= n:
            return None
        sep, k = low[j], j + 1
        if sep in ("-", "–", "—", "−"):
            spaced = t.start[j] > t.end[j - 1]
            if low[k] in ("to", "or") and sep == "-" and not spaced:
                sep, k = low[k], k + 1  # "a two- to three-hour walk"
            elif spaced and (sep == "—" or not (low[k][0].isdecimal() and t.start[k] > t.end[j])):
                return None
        elif (sep == "to" and not self.changed(t, i)) or (sep == "and" and self.between(t, i)) or sep == "or":
            k = self._pass_qualifier(t, k)
        else:
            return None
        if k < n and i and low[k] in self.numerals.signs and low[i - 1] == low[k]:
            k += 1  # "$5 to $10"
        b = None if k >= n or taken[k] else self.numerals.number_at(t, k)
        if b is None:
            return None
        lo, hi = a.value, b.value
        if a.scale == 1 and b.scale > 1 and a.mantissa <= b.mantissa and lo < b.scale:
            lo = a.mantissa * b.scale
        elif a.scale == 1 and b.grouped and not a.grouped and lo < 1000 and lo * 1000 < hi < 1_000_000 and sep != "or":
            lo *= 1000
        if sep == "or" and not lo < hi <= lo * 2.1 + 1:
            return None
        return (lo, hi, b.j) if lo < hi else None

    def split(self, t: Tokens, a: Number) -> int:
        """-1 for a vote or match result ("15-0"), 1 for a split in percent ("80-20%"), 0 for neither."""
        j = a.j
        if a.words or j + 1 >= len(t) or t.low[j] not in ("-", "–") or t.start[j] != t.end[j - 1] or t.start[j + 1] != t.end[j]:
            return 0
        b = self.numerals.number_at(t, j + 1)
        if b is None or b.value > a.value or b.scale != 1 or a.scale != 1:
            return 0
        return 1 if self.percent(t, b.j) else -1

    def fraction_partner(self, t: Tokens, i: int, j: int) -> tuple[float, int] | None:
        """(percent, end token) of the second share in "a third to a half"."""
        joined = j + 1 < len(t) and (t.low[j] in ("to", "-", "–") or (t.low[j] == "and" and self.between(t, i)))
        return self.numerals.fraction_at(t, j + 1) if joined else None

    def percent_partner(self, t: Tokens, i: int, j: int) -> tuple[float, int] | None:
        """(percent, end token) of the second share in "60% to 70%", "between 60% and two thirds"."""
        if j + 1 >= len(t):
            return None
        sep = t.low[j]
        if not ((sep in ("to", "-", "–") and not self.changed(t, i)) or (sep == "and" and self.between(t, i))):
            return None
        if f := self.numerals.fraction_at(t, j + 1):
            return f
        b = self.numerals.number_at(t, j + 1)
        end = self.percent(t, b.j) if b else None
        return (b.value, end) if b and end else None

    def percent(self, t: Tokens, j: int) -> int | None:
        """End token of a percent sign or word at token j; None for percentage points."""
        if any(t.low[j : j + len(p)] == p for p in self.points):
            return None
        k = j + 1 if j < len(t) and t.low[j] == "-" else j
        for p in self.percents:
            if t.low[k : k + len(p)] == p:
                return k + len(p)
        return j + 1 if j < len(t) and t.low[j] == "pc" and t.start[j] == t.end[j - 1] else None

    def between(self, t: Tokens, i: int) -> bool:
        """True after "between", with qualifiers or not ("somewhere between about 20 and 30")."""
        for k in range(i - 1, max(-1, i - 5), -1):
            if t.low[k] == "between":
                return True
            if t.low[k] in (",", ".", ";", "and"):
                return False
        return False

    def changed(self, t: Tokens, i: int) -> bool:
        """True in "rose from A to B", "rose by A to B": two values, no range."""
        shifted = "from" in t.low[max(0, i - 6) : i] or "by" in t.low[max(0, i - 2) : i]
        return shifted and not self.words["change"].isdisjoint(t.low[max(0, i - 12) : i])

    def _pass_qualifier(self, t: Tokens, k: int) -> int:
        """The token after a qualifier inside a range ("5,000 to over 10,000")."""
        for length in (4, 3, 2, 1):
            words = t.low[k : k + length]
            if words and any(phrase == words for phrase, _ in self.before.get(words[-1], ())):
                return k + length
        return k

    # -- qualifiers --------------------------------------------------------------------------------------------------------------------

    def left(self, t: Tokens, i: int, taken: Sequence[int], is_range: bool) -> tuple[int, list[str]]:
        """(first token of the expression, qualifiers to its left, nearest first). "Mounted up to 70" means reached: no qualifier."""
        found: list[str] = []
        k = i - 1 if is_range and i and t.low[i - 1] in ("between", "from") else i
        while k and len(found) < 4:
            hit = next((h for h in self.before.get(t.low[k - 1], ()) if self._stands(t, k, h[0], taken)), None)
            if hit is None:
                break
            k -= len(hit[0])
            found.append(hit[1])
        if found and is_range and k and t.low[k - 1] in ("between", "from"):
            k -= 1
        return k, found

    def _stands(self, t: Tokens, k: int, words: tuple[str, ...], taken: Sequence[int]) -> bool:
        s = k - len(words)
        if s < 0 or t.low[s:k] != words or any(taken[s:k]):
            return False
        before = t.low[s - 1] if s else ""
        if words == ("up", "to"):
            return before not in self.reached
        if words == ("about",) and before in self.words["told_about"]:
            return False  # "questions about 14 files"
        return not (len(words) == 1 and before in ("all", "took", "take", "taken"))  # "took over 12 villages"

    def right(self, t: Tokens, j: int) -> tuple[int, str]:
        """(end token, qualifier to the right)."""
        if j >= len(t):
            return j, ""
        for words, q in self.after.get(t.low[j], ()):
            k = j + len(words)
            if t.low[j:k] != words:
                continue
            touching = t.start[j] == t.end[j - 1]
            number_next = k < len(t) and (t.low[k][0].isdecimal() or t.low[k] in self.numerals.starts or t.low[k] in self.numerals.signs)
            if (words[0] in ("+", "-") and not touching) or (number_next and words[0] in ("plus", "approximately", "roughly", "+")):
                continue
            return k, q
        return j, ""


def bound(
    qualifier: str, point: float | None, lo: float | None, hi: float | None, before: list[str], after: str
) -> tuple[str, float | None, float | None, float | None]:
    """(qualifier, point, low, high): the qualifiers of both sides joined with what the number says itself; the stronger bound wins."""
    if qualifier in ("range", "vague"):
        return qualifier, point, lo, hi
    marks = [*before, after]
    if "at_least" in marks:
        return "at_least", None, point, None
    if "at_most" in marks:
        return "at_most", None, None, point
    return ("about" if "about" in marks else qualifier), point, lo, hi
