"""The code knows no subject: its words are in the codebook, and another codebook needs no other code."""

from __future__ import annotations

import re
from pathlib import Path

from conftest import DATA, ROOT
from musterroll.codebook import load
from musterroll.documents import from_text
from musterroll.extract import extract

WORDS = re.compile("|".join(["i" + "sis", "sy" + "ria", "figh" + "ter", "ji" + "had"]), re.IGNORECASE)


def test_no_subject_word_in_any_python_file() -> None:
    files = [f for folder in ("src", "tests", "tools", "bench") for f in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 30
    found = [f"{f}:{n}: {line.strip()}" for f in files for n, line in enumerate(f.read_text().splitlines(), 1) if WORDS.search(line)]
    assert found == []


def test_a_toy_codebook_of_another_subject_runs_through_extract() -> None:
    toy: Path = DATA / "toy_codebook.yaml"
    assert len(toy.read_text().splitlines()) <= 10
    book = load(toy)
    assert set(book.measures) == {"sunk", "rescued"}
    claims = extract(from_text("In 1907, 12 ships sank off Cornwall; more than 300 sailors were rescued. The inquiry cost 40 pounds."), book)
    assert [(c.number, c.measure, c.as_of) for c in claims] == [("12", "sunk", "1907"), ("more than 300", "rescued", "1907")]
