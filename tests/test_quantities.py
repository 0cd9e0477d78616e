"""The number grammar, against sentences a person can read and against any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import golden
from musterroll.extract import Quantity, quantities


def shown(q: Quantity) -> str:
    """A quantity as the data file writes it."""

    def n(x: float | None) -> str:
        return "" if x is None else f"{x:g}" if x < 1e6 or x != int(x) else str(int(x))

    value = n(q.point) if q.point is not None else f"{n(q.low)}..{n(q.high)}"
    kind = "" if q.kind in ("count", "vague", "percent") else f" {q.kind}"
    noun = f" {{{q.noun}}}" if q.noun and q.kind != "age" else ""
    return f"{q.text} = {value} {q.qualifier}{kind}{noun}"


@pytest.mark.parametrize(("text", "expected"), golden("quantities.txt"))
def test_golden(text: str, expected: str) -> None:
    found = quantities(text)
    assert " | ".join(map(shown, found)) == ("" if expected == "-" else expected)
    for q in found:
        assert text[q.start : q.end] == q.text


@given(st.integers(2, 999_999_999))
def test_any_integer_is_read_back(n: int) -> None:
    (q,) = quantities(f"They counted {n:,} votes.")
    assert (q.point, q.noun) == (n, "votes")


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("0123456789 ,.-–—%()[]$\n\tabcdefin of and to half one two dozen thousand more than 's"), max_size=60))
def test_any_text_gives_spans_that_hold(text: str) -> None:
    last = 0
    for q in quantities(text):
        assert text[q.start : q.end] == q.text
        assert q.start >= last
        last = q.end
        if q.low is not None and q.high is not None:
            assert q.low <= q.high
