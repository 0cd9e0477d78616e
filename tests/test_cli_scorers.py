"""`muster explain` and `muster train`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import DATA

REPORT = DATA / "report.txt"
TAGGED = Path(__file__).parent.parent / "corpus/tagged/ta.txt"


def test_explain_shows_what_was_weighed_and_where_it_stands(muster) -> None:
    at = REPORT.read_text().index("Twenty")
    done = muster("explain", f"{REPORT}:{at}")
    assert done.returncode == 0, done.stderr
    assert "measure" in done.stdout and "origin" in done.stdout and "FI" in done.stdout
    data = json.loads(muster("explain", f"{REPORT}:{at}", "--json").stdout)
    assert data["number"] == "Twenty"
    for slot in ("origin", "source", "as_of"):
        weights = [w["probability"] for w in data["slots"][slot]]
        assert weights == sorted(weights, reverse=True) and abs(sum(weights) - 1) < 0.01
    assert all(REPORT.read_text()[w["start"] : w["end"]] == w["words"] for v in data["slots"].values() for w in v if "start" in w)


def test_explain_of_a_stored_document_and_of_nothing(muster, tmp_path: Path) -> None:
    assert muster("add", REPORT).returncode == 0
    assert "Twenty" in muster("explain", f"report.txt:{REPORT.read_text().index('Twenty')}").stdout
    for where, words in (("report.txt", "DOC:OFFSET"), ("nothing.txt:3", "no such document"), ("report.txt:999999", "no number")):
        done = muster("explain", where)
        assert done.returncode in (1, 2) and words in done.stderr and "Traceback" not in done.stderr


def test_train_makes_a_codebook_that_the_other_commands_use(muster, tmp_path: Path) -> None:
    few = "\n=== ".join(TAGGED.read_text().split("\n=== ")[:9])
    (tmp_path / "few.txt").write_text(few)
    done = muster("train", "few.txt", "--out", "mine", "--members", "0", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["documents"] == 8 and made["claims"] > 100
    weights = json.loads((tmp_path / "mine/weights.json").read_text())
    assert weights["claims"] == made["claims"] and not (tmp_path / "mine/network.npz").exists()
    rows = [json.loads(x) for x in muster("extract", REPORT, MUSTER_CODEBOOK=str(tmp_path / "mine")).stdout.splitlines()]
    assert rows and all(REPORT.read_text()[r["start"] : r["end"]] == r["number"] for r in rows)


def test_train_says_what_is_missing(muster, tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text("=== a\nIn 2015 {60#departed;;DK;2015;} Danes left and {12#killed;;=;=;} died.\n")
    (tmp_path / "claims.jsonl").write_text('{"doc": "gone.txt", "start": 0, "end": 1}\n')
    for arguments, words in (
        (("two.txt",), "too few"),
        (("none.txt",), "no such file"),
        (("claims.jsonl",), "--documents"),
    ):
        done = muster("train", *arguments, "--out", "mine", "--members", "0")
        assert done.returncode in (1, 2) and words in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "mine").exists()
