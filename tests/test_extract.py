"""From text to claims: readable goldens, floors on coded documents, and promises that hold for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musterroll as mr
from conftest import golden
from musterroll.codebook import load
from musterroll.documents import from_text, read
from musterroll.extract import STAGES, extract
from musterroll.extract.scoring import score
from musterroll.records import GUIDE_FIELDS
from musterroll.report.scores import read_jsonl


@pytest.mark.parametrize(("text", "expected"), golden("claims.txt"))
def test_golden(text: str, expected: str) -> None:
    shown = [" · ".join((c.number, c.measure, c.who, "+".join(c.origin) or "-", c.as_of or "-", c.source or "-")) for c in mr.extract(text)]
    assert " | ".join(shown) == expected


WORDS = "60 people of_whom half were killed , . in 2015 France and Danes ( ) [12] said ministry 12% “ more_than |_7_| — none".replace("_", " ").split(
    " "
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_any_text_gives_claims_that_stand_on_their_words(text: str) -> None:
    doc = from_text(text)
    ids = set()
    for c in extract(doc):
        assert doc.text[c.start : c.end] == c.number
        assert c.number in c.quote
        assert c.quote in doc.text
        assert 0.0 <= c.confidence <= 1.0
        for name, slot in c.slots.items():
            if slot.start is not None and slot.end is not None:
                assert doc.text[slot.start : slot.end].strip(), name
        assert c.id not in ids
        ids.add(c.id)


def test_the_fields_are_the_guides_and_the_codes_the_codebooks() -> None:
    book = load()
    for c in mr.extract("In March 2014 the police in Oslo spoke of 50 people who had gone; hundreds more, women among them, are watched."):
        assert set(c.guide()) <= set(GUIDE_FIELDS)
        assert c.measure in book.measures
        assert c.unit in book.units
        assert c.who in book.who
        assert c.side in book.sides
        assert all(o.split(":")[0] in {*book.places, *book.regions} for o in c.origin)


def test_extract_is_a_function_and_a_package() -> None:
    assert mr.extract("Some 40 people left Norway.")[0].number == "Some 40"
    assert mr.extract.quantities("40 people")[0].point == 40  # type: ignore[attr-defined]
    assert STAGES[0].__name__ == "segment"


def test_now_is_the_day_of_publication() -> None:
    (claim,) = mr.extract("Now 40 Norwegians are fighting there.", published="2016-05-01")
    assert claim.as_of == "2016-05-01"


def test_a_text_of_another_subject_yields_nothing() -> None:
    text = "Take 200 grams of flour, 3 eggs and two cups of milk. Bake at 180 degrees for 40 minutes. Serves six."
    assert mr.extract(text) == []


@pytest.mark.parametrize(
    ("gold", "folder", "found", "core", "full"),
    [("seeds", "seeds", 0.96, 0.82, 0.58), ("practice", "practice", 0.95, 0.76, 0.50), ("hard", "practice", 0.78, 0.49, 0.14)],
)
def test_floors_on_coded_documents(shared: Path, gold: str, folder: str, found: float, core: float, full: float) -> None:
    """Floors, not goals: most of seeds and practice was trained on; `hard` was never read (figures in docs/decisions.md)."""
    rows = read_jsonl(shared / "gold" / f"{gold}.jsonl")
    docs = sorted({r["doc"] for r in rows})
    predicted = [c.guide() for d in docs for c in extract(read(shared / folder / d))]
    result = score(rows, predicted)
    assert result["found"]["f1"] >= found
    assert result["core"]["f1"] >= core
    assert result["full"]["f1"] >= full


def test_no_year_page_or_article_among_the_claims(shared: Path) -> None:
    for path in sorted((shared / "seeds").glob("*.txt")):
        text = read(path).text
        for c in extract(read(path)):
            before = text[max(0, c.start - 12) : c.start].lower().split()
            assert not (
                before
                and before[-1] in ("page", "article", "section", "pp.", "p.", "in", "since", "until")
                and c.number.isdigit()
                and 1900 < int(c.number) < 2030
            ), c.quote
