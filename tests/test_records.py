"""A claim stands on its words or it does not stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musterroll.documents import from_text
from musterroll.errors import SpanError
from musterroll.records import Claim, content_hash

DOC = from_text("The ministry counts 700 people in 2015.", "a.txt")
FIELDS = {"point": 700.0, "low": None, "high": None, "qualifier": "exact", "unit": "people", "measure": "departed", "who": "all"}


def test_a_claim_holds_its_number() -> None:
    claim = Claim.build(DOC, 20, 23, number="700", quote=DOC.text, origin=["DK"], **FIELDS)
    assert DOC.text[claim.start : claim.end] == claim.number == "700"
    assert claim.origin == ("DK",)
    assert claim.guide()["origin"] == ["DK"]


@pytest.mark.parametrize(
    ("start", "end", "more", "why"),
    [
        (20, 23, {"number": "701"}, "not '701'"),
        (-1, 3, {}, "outside"),
        (20, 99, {}, "outside"),
        (23, 23, {}, "outside"),
        (23, 24, {}, "holds no number"),
        (20, 23, {"quote": "The ministry counts"}, "quote"),
        (20, 23, {"quote": "Another sentence with 700"}, "quote"),
    ],
)
def test_a_wrong_span_is_refused(start: int, end: int, more: dict[str, str], why: str) -> None:
    with pytest.raises(SpanError, match=why):
        Claim.build(DOC, start, end, **more, **FIELDS)


def test_identity_is_text_and_span_and_nothing_read() -> None:
    one = Claim.build(DOC, 20, 23, **FIELDS)
    other = Claim.build(from_text(DOC.text, "b.txt"), 20, 23, **{**FIELDS, "measure": "killed"})
    assert one.id == other.id
    assert one.id != Claim.build(DOC, 20, 23, ordinal=1, **FIELDS).id
    assert one.id != Claim.build(from_text(DOC.text + " "), 20, 23, **FIELDS).id


def test_a_reading_comes_back_whole() -> None:
    claim = Claim.build(DOC, 20, 23, quote=DOC.text, origin=["RU:x"], includes=["+families"], candidates=(("departed", 0.9),), **FIELDS)
    assert Claim.from_reading(claim.id, claim.text_hash, claim.start, claim.end, claim.reading()) == claim


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_hashes_of_different_parts_differ(a: list[str], b: list[str]) -> None:
    assert (content_hash(*a) == content_hash(*b)) == (a == b)
