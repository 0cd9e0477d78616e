"""Dates as intervals, against sentences a person can read."""

from __future__ import annotations

import pytest

from conftest import golden
from musterroll.codebook import load, tokenise
from musterroll.extract.dates import find_dates, resolve_dates
from musterroll.records import interval


@pytest.mark.parametrize(("text", "expected"), golden("dates.txt"))
def test_golden(text: str, expected: str) -> None:
    found = resolve_dates(find_dates(text, tokenise(text), load()), "2018-05-10")
    shown = [(d.value or "?") + (" since" if d.mark == "since" else "") for d in found]
    assert " | ".join(shown) == ("" if expected == "-" else expected)
    for d in found:
        assert text[d.start : d.end].strip()
        assert d.value is None or interval(d.value)


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("2015", ("2015-01-01", "2015-12-31")),
        ("2015-02", ("2015-02-01", "2015-02-31")),
        ("../2018", ("0000-01-01", "2018-12-31")),
        ("2011/..", ("2011-01-01", "9999-12-31")),
        ("2012/2018-11", ("2012-01-01", "2018-11-31")),
        (None, None),
    ],
)
def test_interval(value: str | None, days: tuple[str, str] | None) -> None:
    assert interval(value) == days
