"""Tagged texts: what a tag says, where it stands, and what a broken one is told."""

from pathlib import Path

import pytest

from musterroll.codebook import load
from musterroll.errors import MusterError
from musterroll.extract.corpus import claim_rows, tagged_corpus, tagged_documents, untag

ROOT = Path(__file__).parent.parent


def test_a_tag_leaves_its_number_in_the_text_and_its_fields_in_a_row() -> None:
    text, rows = untag("Of {400 to 450#departed;;FR+BE;2015;the ministry} people {a third#share;women;=;;=} returned.\n")
    assert text == "Of 400 to 450 people a third returned.\n"
    assert [text[r["start"] : r["end"]] for r in rows] == ["400 to 450", "a third"]
    assert rows[0]["origin"] == ["FR", "BE"] and rows[0]["who"] == "" and rows[0]["as_of"] == "2015"
    assert rows[1] == rows[1] | {"measure": "share", "who": "women", "origin": ["FR", "BE"], "as_of": None, "source": "the ministry"}


@pytest.mark.parametrize("broken", ["{12#departed;;FR;2015}", "{12#=;;FR;2015;}", "{12#departed;;FR;2015;;}"])
def test_a_broken_tag_is_named_with_the_remedy(broken: str) -> None:
    with pytest.raises(MusterError, match="no tag of five fields") as e:
        untag(f"There were {broken} people.", "here.txt, x01")
    assert "here.txt, x01" in str(e.value) and "{number#measure" in e.value.remedy


def test_a_broken_line_of_claims_is_named(tmp_path: Path) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text('{"doc": "a.txt", "start": 1}\n{"doc": \n')
    with pytest.raises(MusterError, match=r"claims\.jsonl:2"):
        claim_rows([file])


def test_the_grammar_sees_nearly_every_tagged_number() -> None:
    """What the grammar misses here, extraction can never find: the share of 1,000 tagged numbers at which a quantity is read."""
    files = sorted((ROOT / "corpus/tagged").glob("t[ab].txt"))
    assert files
    documents, coded = tagged_corpus(files, load())
    rows = [r for d in coded.values() for r in d]
    assert len(rows) > 1000 and len(documents) > 100
    seen = sum("qualifier" in r for r in rows)
    assert seen / len(rows) > 0.985


def test_every_tag_of_the_corpus_has_known_codes() -> None:
    book = load()
    faults = []
    for f in sorted((ROOT / "corpus/tagged").glob("*.txt")):
        for name, (_, rows) in tagged_documents(f).items():
            for r in rows:
                places = {o.split(":")[0] for o in r["origin"]}
                if r["measure"] not in book.measures or (r["who"] and r["who"] not in book.who) or not places <= {*book.places, *book.regions}:
                    faults.append((name, r["number"], r["measure"], r["who"], r["origin"]))
    assert not faults
