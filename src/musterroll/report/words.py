"""Values as people write them."""

from __future__ import annotations

import re

from ..records import Claim

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_SIGN = {"about": "about ", "at_least": "at least ", "at_most": "at most "}


def figure(x: float | None) -> str:
    """12,500; 33.3; an empty string for None."""
    if x is None:
        return ""
    return f"{x:,.0f}" if x == int(x) else f"{x:,.1f}"


def number_words(c: Claim) -> str:
    """The number a claim gives, with its bound and percent sign."""
    percent = "%" if c.unit == "percent" else ""
    if c.low is not None and c.high is not None:
        words = f"{figure(c.low)}–{figure(c.high)}{percent}"
        return f"{words} (“{one_line(c.number, 40)}”)" if c.qualifier == "vague" else words
    value = c.point if c.point is not None else c.low if c.low is not None else c.high
    return f"{_SIGN.get(c.qualifier, '')}{figure(value)}{percent}"


def unit_words(c: Claim) -> str:
    """Who or what the number counts, in words."""
    if c.unit in ("events", "items", "countries", "years"):
        return c.unit
    who = c.who.replace("_", " ")
    rate = c.unit.removeprefix("people_").replace("_", " ") if c.unit.startswith("people_") else ""
    who = "" if who == "all" else who
    return f"{who} {rate}".strip()


def date_words(value: str | None) -> str:
    """2015-12 as December 2015; intervals with a dash; open ends in words."""
    if not value:
        return ""
    a, sep, b = value.partition("/")
    if not sep:
        return _date(a)
    if a in ("", ".."):
        return f"until {_date(b)}"
    if b in ("", ".."):
        return f"since {_date(a)}"
    if a[:4] == b[:4] and len(a) == 7 and len(b) == 7:
        return f"{_MONTHS[int(a[5:7]) - 1]}–{_date(b)}"
    return f"{_date(a)}–{_date(b)}"


def _date(x: str) -> str:
    m = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", x)
    if not m:
        return x
    y, mo, d = m.groups()
    if not mo or not 1 <= int(mo) <= 12:
        return y
    return f"{int(d)} {_MONTHS[int(mo) - 1]} {y}" if d else f"{_MONTHS[int(mo) - 1]} {y}"


def one_line(text: str, most: int = 10_000) -> str:
    """White space made single, cut at a word with an ellipsis."""
    text = "".join(ch if ch.isprintable() else " " for ch in " ".join(text.split()))
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0] + "…"
