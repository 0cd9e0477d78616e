"""Dates in running text, as intervals at the text's own precision.

`find_dates` reads absolute, partial ("in October") and relative dates ("two years earlier") from tokens; `resolve_dates` gives the last two
their year, from the dates around them and the day the document was published. Values are ISO 8601 as in the coding guide: `2015-12-07`,
`2015-10`, `2015`, `2012/2018-11`, `../2018`, `2011/..`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ..codebook import Codebook, Tokens

YEARS = range(1900, 2036)
_SMALL = {
    "one": 1,
    "a": 1,
    "an": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "eighteen": 18,
}


@dataclass(frozen=True, slots=True)
class Date:
    """A date at tokens i … j-1. `value` is ISO 8601 or None while it is not known.

    `kind`: absolute, month (a month without a year), season, relative, now, decade. `shift` and `unit` hold what a relative date adds to its
    anchor ("last" = the date before it in the text, "doc" = the day of publication). `mark` is since, until, by or "". `other` is what a month
    without a year means if the text counts back from its publication and not from the date before.
    """

    i: int
    j: int
    start: int
    end: int
    value: str | None
    kind: str = "absolute"
    mark: str = ""
    anchor: str = ""
    shift: float = 0.0
    months: tuple[int, int] | None = None
    day: int | None = None
    other: str | None = None


class _Tables:
    """The date words of a codebook, ready for look-up. Parts of a year are kept under their first word, longest phrase first."""

    def __init__(self, book: Codebook) -> None:
        d = book.dates
        self.words = book.words
        self.months: dict[str, int] = dict(d.get("months", {}))
        self.seasons: dict[str, list[int]] = dict(d.get("seasons", {}))
        self.parts: dict[str, list[tuple[tuple[str, ...], list[int]]]] = {}
        for phrase, span in d.get("parts", {}).items():
            words = tuple(phrase.replace("-", " -").split())
            self.parts.setdefault(words[0], []).append((words, span))
        for rows in self.parts.values():
            rows.sort(key=lambda r: -len(r[0]))
        self.now = {tuple(p.split()) for p in d.get("now", ())}
        relative = {"last", "this", "current", "that", "same", "previous", "preceding", "following", "next", "year", "yesterday", "q"}
        self.starts = frozenset({*self.months, *self.seasons, *self.parts, *(n[0] for n in self.now), *relative, *_SMALL, *self.words["weekdays"]})


@lru_cache(maxsize=4)
def _tables(book: Codebook) -> _Tables:
    return _Tables(book)


class _Parser:
    def __init__(self, text: str, t: Tokens, book: Codebook) -> None:
        self.text, self.t = text, t
        tables = _tables(book)
        self.words, self.months, self.seasons = tables.words, tables.months, tables.seasons
        self.parts, self.now, self.starts = tables.parts, tables.now, tables.starts

    def run(self) -> list[Date]:
        out: list[Date] = []
        i, n = 0, len(self.t)
        low, starts = self.t.low, self.starts
        while i < n:
            if low[i] not in starts and not low[i][0].isdecimal():
                i += 1
                continue
            d = self.at(i)
            if d is None:
                i += 1
                continue
            joined = self._join(d)
            out.append(self._mark(joined))
            i = joined.j
        return out

    # -- one date -------------------------------------------------------------------------------------------------------------------

    def at(self, i: int) -> Date | None:
        t = self.t
        w = t.low[i]
        if w[0].isdecimal():
            return self._numeric(i) or self._relative(i)
        if w in self.months and (t.raw[i][0].isupper()):
            return self._month(i)
        return self._part(i) or self._season(i) or self._relative(i) or self._now(i) or self._quarter(i)

    def _year(self, i: int) -> int | None:
        if i >= len(self.t) or not re.fullmatch(r"\d{4}", self.t.raw[i]):
            return None
        y = int(self.t.raw[i])
        return y if y in YEARS else None

    def _make(self, i: int, j: int, value: str | None, kind: str = "absolute", **more: object) -> Date:
        return Date(i, j, self.t.start[i], self.t.end[j - 1], value, kind, **more)  # type: ignore[arg-type]

    def _numeric(self, i: int) -> Date | None:
        t, n = self.t, len(self.t)
        y = self._year(i)
        low = t.low
        iso = y and i + 4 < n and low[i + 1] == "-" == low[i + 3] and t.end[i + 4] - t.start[i] == 10
        if iso and re.fullmatch(r"0[1-9]|1[0-2]", low[i + 2]) and re.fullmatch(r"0[1-9]|[12]\d|3[01]", low[i + 4]):
            return self._make(i, i + 5, f"{y}-{low[i + 2]}-{low[i + 4]}")
        if y and i + 2 < n and low[i + 1] == "-" and re.fullmatch(r"0[1-9]|1[0-2]", low[i + 2]) and t.end[i + 2] - t.start[i] == 7:
            return self._make(i, i + 3, f"{y}-{low[i + 2]}")
        slashed = i + 4 < n and low[i + 1] in "/." and low[i + 3] == low[i + 1] and t.end[i + 4] - t.start[i] <= 10
        if slashed and (y2 := self._year(i + 4)) and low[i].isdecimal() and low[i + 2].isdecimal():
            first, second = int(low[i]), int(low[i + 2])
            if 1 <= first <= 31 and 1 <= second <= 12:  # day first, as most of the world writes it
                return self._make(i, i + 5, f"{y2}-{second:02d}-{first:02d}")
            if 1 <= second <= 31 and 1 <= first <= 12:
                return self._make(i, i + 5, f"{y2}-{first:02d}-{second:02d}")
        if re.fullmatch(r"\d{1,2}\.\d{1,2}\.(?:19|20)\d\d", t.raw[i]):
            day, month, year = t.raw[i].split(".")
            if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
                return self._make(i, i + 1, f"{year}-{int(month):02d}-{int(day):02d}")
        if low[i].isdecimal() and len(low[i]) <= 2 and 1 <= int(low[i]) <= 31:
            k = i + 1
            if k < n and low[k] in ("st", "nd", "rd", "th") and t.start[k] == t.end[i]:
                k += 1
            if k < n and low[k] == "of" and k + 1 < n:
                k += 1
            if k < n and low[k] in self.months and t.raw[k][0].isupper():
                m = self.months[low[k]]
                k += 1
                if k < n and low[k] == "." and k + 1 < n and self._year(k + 1):
                    k += 1
                at = k + 1 if k + 1 < n and low[k] == "," and self._year(k + 1) else k
                if yy := self._year(at):
                    return self._make(i, at + 1, f"{yy}-{m:02d}-{int(low[i]):02d}")
                return self._make(i, k, None, "month", months=(m, m), day=int(low[i]))
        if y:
            return self._plain_year(i, y)
        return None

    def _plain_year(self, i: int, y: int) -> Date | None:
        t, n = self.t, len(self.t)
        prev = t.low[i - 1] if i else ""
        nxt = t.low[i + 1] if i + 1 < n else ""
        if prev in ("$", "£", "€", "#") or (nxt in ("%", "percent")) or (nxt == "s" and t.start[i + 1] == t.end[i]):
            return self._make(i, i + 2, None, "decade") if nxt == "s" else None
        if prev in ("resolution", "law", "decree", "act", "no", "unit", "route", "number", "page"):
            return None
        counted = nxt.isalpha() and nxt not in self.words["after_year"]
        if (
            counted
            and prev not in self.words["before_year"]
            and not (prev == "the" and not nxt.endswith("s"))
            and prev not in ("(", ",", "'", "this", "its", "their", "his")
        ):
            return None
        if (
            counted
            and prev in ("to", "and", "or", "of", "around", "about", "for", "between", "by", "from", ",")
            and nxt.endswith("s")
            and nxt not in ("as", "has", "was", "is", "this", "its")
        ):
            return None
        if (
            counted
            and prev in ("of", "around", "about", "by", "between", "and", "or", "to", "for")
            and i + 2 < n
            and t.low[i + 2].endswith("s")
            and t.raw[i + 1][0].isupper()
        ):
            return None
        if prev in self.words["of_number"] and (prev not in ("about", "around") or (nxt.isalpha() and nxt not in self.words["after_year"])):
            return None
        # 2015/16, 2015-16
        if (
            i + 2 < n
            and nxt in ("/", "-", "–")
            and re.fullmatch(r"\d{2}", t.raw[i + 2])
            and t.start[i + 1] == t.end[i]
            and t.start[i + 2] == t.end[i + 1]
            and int(t.raw[i + 2]) == (y + 1) % 100
        ):
            return self._make(i, i + 3, f"{y}/{y + 1}")
        return self._make(i, i + 1, str(y))

    def _month(self, i: int) -> Date | None:
        t, n, low = self.t, len(self.t), self.t.low
        m = self.months[low[i]]
        k = i + 1
        if k < n and low[k] == "." and t.start[k] == t.end[i]:
            k += 1
        if (k < n and low[k] == "of" and self._year(k + 1)) or (k + 1 < n and low[k] == "," and self._year(k + 1)):
            k += 1
        elif k + 1 < n and low[k] == "of" and low[k + 1] in ("that", "this", "last") and k + 2 < n and low[k + 2] == "year":
            return self._make(
                i,
                k + 3,
                None,
                "month",
                months=(m, m),
                anchor="doc" if low[k + 1] != "that" else "last",
                shift=-1.0 if low[k + 1] == "last" else 0.0,
            )
        if y := self._year(k):
            return self._make(i, k + 1, f"{y}-{m:02d}")
        if (
            k < n
            and low[k].isdecimal()
            and len(low[k]) <= 2
            and 1 <= int(low[k]) <= 31
            and not (k + 1 < n and low[k + 1].isalpha() and low[k + 1] not in ("st", "nd", "rd", "th") and low[k + 1] not in self.words["after_year"])
        ):
            day, k = int(low[k]), k + 1
            if k < n and low[k] in ("st", "nd", "rd", "th") and t.start[k] == t.end[k - 1]:
                k += 1
            c = k + 1 if k + 1 < n and low[k] == "," and self._year(k + 1) else k
            if y := self._year(c):
                return self._make(i, c + 1, f"{y}-{m:02d}-{day:02d}")
            return self._make(i, k, None, "month", months=(m, m), day=day)
        prev = low[i - 1] if i else ""
        if low[i] in self.words["months_ambiguous"] and prev not in self.words["month_prepositions"]:
            return None
        if prev in ("last", "this", "next"):
            return self._make(i - 1, k, None, "month", months=(m, m), anchor="doc", shift={"last": -0.5, "this": 0.0, "next": 0.5}[prev])
        return self._make(i, k, None, "month", months=(m, m))

    def _part(self, i: int) -> Date | None:
        t, n, low = self.t, len(self.t), self.t.low
        for words, span in self.parts.get(low[i], ()):
            k = i + len(words)
            if low[i:k] != words or k >= n:
                continue
            if low[k] in ("-", "–"):
                k += 1
            if k < n and low[k] in ("in", "the", "of") and k + 1 < n:
                k += 1
            if k >= n:
                continue
            if y := self._year(k):
                return self._make(i, k + 1, _months(y, span[0], span[1]))
            if low[k] in self.months and t.raw[k][0].isupper():
                d = self._month(k)
                return replace(d, i=i, start=t.start[i]) if d else None
            if low[k] in ("that", "this", "last", "the") and k + 1 < n and low[k + 1] == "year":
                doc = low[k] in ("this", "last")
                return self._make(
                    i,
                    k + 2,
                    None,
                    "relative",
                    months=(span[0], span[1]),
                    anchor="doc" if doc else "last",
                    shift=-1.0 if low[k] == "last" else 0.0,
                )
            if low[k] in self.seasons and (y := self._year(k + 1)):
                a, b = self.seasons[low[k]]
                return self._make(i, k + 2, _months(y, a, b))
        return None

    def _season(self, i: int) -> Date | None:
        n, low = len(self.t), self.t.low
        if low[i] not in self.seasons:
            return None
        a, b = self.seasons[low[i]]
        k = i + 1
        if k < n and low[k] in ("of", ","):
            k += 1
        if y := self._year(k):
            return self._make(i, k + 1, _months(y, a, b))
        prev = low[i - 1] if i else ""
        if prev in ("last", "this"):
            return self._make(i - 1, i + 1, None, "season", months=(a, b), anchor="doc", shift=-0.5 if prev == "last" else 0.0)
        if prev == "that":
            return self._make(i - 1, i + 1, None, "season", months=(a, b), anchor="last")
        return None

    def _quarter(self, i: int) -> Date | None:
        t, low = self.t, self.t.low
        if low[i] == "q" and i + 2 < len(t) and low[i + 1] in ("1", "2", "3", "4") and t.start[i + 1] == t.end[i]:
            q = int(low[i + 1])
            k = i + 3 if low[i + 2] == "of" else i + 2
            if y := self._year(k):
                return self._make(i, k + 1, _months(y, 3 * q - 2, 3 * q))
        return None

    def _relative(self, i: int) -> Date | None:
        n, low = len(self.t), self.t.low
        w = low[i]
        two = low[i + 1] if i + 1 < n else ""
        if w == "last" and two in ("year", "month", "week"):
            return self._make(i, i + 2, None, "relative", anchor="doc", shift={"year": -1.0, "month": -1 / 12, "week": -1 / 52}[two])
        if w in ("this", "current") and two == "year":
            return self._make(i, i + 2, None, "relative", anchor="doc", shift=0.0)
        if (w == "that" and two == "year") or (w == "same" and two == "year"):
            return self._make(i, i + 2, None, "relative", anchor="last", shift=0.0)
        if w in ("that", "same") and two == "month":
            return self._make(i, i + 2, None, "relative", anchor="last", shift=0.01)
        if (w in ("previous", "preceding") and two == "year") or (
            w == "year" and two in ("before", "earlier") and not (i and low[i - 1] in ("a", "one"))
        ):
            return self._make(i, i + 2, None, "relative", anchor="last", shift=-1.0)
        if (w in ("following", "next") and two == "year") or (w == "year" and two in ("later", "after") and not (i and low[i - 1] in ("a", "one"))):
            return self._make(i, i + 2, None, "relative", anchor="last", shift=1.0)
        if ((w in _SMALL or (w.isdecimal() and len(w) <= 2 and int(w) < 40)) and two in ("year", "years", "months", "month", "decade", "weeks")) or (
            two == "and" and w in ("a", "one")
        ):
            k, count = i + 2, float(_SMALL.get(w, 0) or (int(w) if w.isdecimal() and len(w) <= 2 else 0))
            if two == "and":  # a year and a half
                return None
            if k + 2 < n and low[k] == "and" and low[k + 1] == "a" and low[k + 2] == "half":
                k, count = k + 3, count + 0.5
            size = {"y": 1.0, "m": 1 / 12, "d": 10.0, "w": 1 / 52}[two[0]]
            if k < n and low[k] in ("before", "after") and k + 1 < n and low[k + 1] not in (",", ".", ";", ")", ":", "had", "were", "was"):
                return None  # "six months before the war": a length of time, not a date
            if k < n and low[k] in ("earlier", "before", "previously"):
                return self._make(i, k + 1, None, "relative", anchor="last", shift=-count * size)
            if k < n and low[k] in ("later", "after", "on"):
                if low[k] == "on" and k + 1 < n and low[k + 1].isalpha():
                    return None
                return self._make(i, k + 1, None, "relative", anchor="last", shift=count * size)
            if k < n and low[k] == "ago":
                return self._make(i, k + 1, None, "relative", anchor="doc", shift=-count * size)
        if w in ("yesterday",) or (w in self.words["weekdays"] and i and low[i - 1] in ("on", "last")):
            return self._make(i, i + 1, None, "now")
        return None

    def _now(self, i: int) -> Date | None:
        for k in (3, 2, 1):
            if i + k <= len(self.t) and self.t.low[i : i + k] in self.now:
                return self._make(i, i + k, None, "now")
        return None

    # -- dates together -------------------------------------------------------------------------------------------------------------

    def _join(self, d: Date) -> Date:
        """A range of two dates: "from X to Y", "between X and Y", "X–Y"."""
        t, n = self.t, len(self.t)
        if d.j >= n or d.kind not in ("absolute", "month"):
            return d
        sep, prev = t.low[d.j], t.low[d.i - 1] if d.i else ""
        ok = sep in ("-", "–", "—") or sep in ("to", "until", "till", "through") or (sep == "and" and prev == "between")
        k = d.j + 1
        if sep in ("to", "until") and k < n and t.low[k] == "the":
            k += 1
        if not ok or k >= n:
            return d
        e = self.at(k)
        if e is None or e.kind not in ("absolute", "month"):
            return d
        if d.kind == "month" and e.value and d.months:
            y = int(e.value[:4]) if e.value[:4].isdecimal() else 0
            d = replace(d, value=f"{y}-{d.months[0]:02d}" + (f"-{d.day:02d}" if d.day else ""), kind="absolute")
        if e.kind == "month" and d.value and e.months:
            y = int(d.value[:4])
            e = replace(e, value=f"{y}-{e.months[0]:02d}" + (f"-{e.day:02d}" if e.day else ""), kind="absolute")
        if not d.value or not e.value:
            return d
        first, last = d.value.split("/")[0], e.value.split("/")[-1]
        if first > last:
            return d
        return replace(d, j=e.j, end=e.end, value=f"{first}/{last}", mark="range")

    def _mark(self, d: Date) -> Date:
        """Since, until or by, from the words before the date."""
        if d.mark:
            return d
        low = self.t.low
        prev = low[d.i - 1] if d.i else ""
        prev2 = low[d.i - 2] if d.i > 1 else ""
        if prev == "the":
            prev, prev2 = prev2, low[d.i - 3] if d.i > 2 else ""
        mark = ""
        if prev in ("since",) or (prev in ("from", "after", "in") and prev2 in ("starting", "beginning", "onwards")):
            mark = "since"
        elif prev in ("until", "till", "through") or (prev == "to" and prev2 in ("up", "down")):
            mark = "until"
        elif prev in ("by", "before") or (prev in ("of", "at") and prev2 == "as"):
            mark = "by"
        elif prev in ("after",):
            mark = "after"
        return replace(d, mark=mark)


def _months(year: int, a: int, b: int) -> str:
    if a == b:
        return f"{year}-{a:02d}"
    return f"{year}-{a:02d}/{year + (b < a)}-{b:02d}"


def find_dates(text: str, t: Tokens, book: Codebook) -> list[Date]:
    """Every date of the tokens, in order, not yet resolved against the document."""
    return _Parser(text, t, book).run()


def resolve_dates(dates: Sequence[Date], published: str | None) -> list[Date]:
    """Give partial and relative dates their year.

    A month without a year takes the year of the last full date before it, if that makes sense, else that of the latest such month before
    publication. "now" is the day of publication. What cannot be known stays None.
    """
    out: list[Date] = []
    last: str | None = None
    for d in dates:
        value = d.value
        if value is None and d.kind in ("month", "season", "relative", "now"):
            value = _resolve(d, last, published)
        elif value is not None and d.kind == "absolute":
            last = value.split("/")[-1]
        if value is not None and d.kind in ("month", "season", "relative"):
            last = value.split("/")[-1]
        other = _resolve(d, None, published) if d.kind in ("month", "season") and not d.anchor and last and published else None
        out.append(replace(d, value=value, other=other if other != value else None))
    return out


def _resolve(d: Date, last: str | None, published: str | None) -> str | None:
    if d.kind == "now":
        return published
    anchor = published if d.anchor == "doc" else last if d.anchor == "last" else None
    if d.anchor and anchor is None:
        return None
    if d.kind == "relative":
        assert anchor is not None
        if d.months:
            return _months(int(anchor[:4]) + round(d.shift), *d.months)
        if (abs(d.shift) >= 0.9 and abs(d.shift - round(d.shift)) < 0.01) or d.shift == 0.0:
            return str(int(anchor[:4]) + round(d.shift))
        if d.shift == 0.01:
            return anchor[:7]
        return _shift_months(anchor, round(d.shift * 12))
    if d.months is None:
        return None
    a, b = d.months
    ref = anchor or last or published
    if ref is None:
        return None
    year = int(ref[:4])
    if d.anchor == "doc" and d.shift < 0:
        m = int(ref[5:7]) if len(ref) >= 7 else 12
        year = year if b < m and a <= b else year - 1
    elif d.anchor == "doc" and d.shift > 0:
        m = int(ref[5:7]) if len(ref) >= 7 else 1
        year = year if a > m else year + 1
    elif not d.anchor and published and (last is None or last[:4] == published[:4]) and len(published) >= 7 and a > int(published[5:7]):
        year = int(published[:4]) - 1
    value = _months(year, a, b)
    return f"{value}-{d.day:02d}" if d.day and a == b else value


def _shift_months(anchor: str, months: int) -> str:
    y, m = int(anchor[:4]), int(anchor[5:7]) if len(anchor) >= 7 else 0
    if not m:
        return str(y + round(months / 12))
    total = y * 12 + (m - 1) + months
    return f"{total // 12}-{total % 12 + 1:02d}"
