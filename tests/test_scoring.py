"""The scores are those of the shared scorer, to four digits, and a bad prediction scores badly."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from musterroll.extract.scoring import score
from musterroll.report.scores import evaluate, read_jsonl


def spoil(rows: list[dict], seed: int) -> list[dict]:
    """A prediction with faults of every kind."""
    rng = random.Random(seed)
    out = []
    for r in copy.deepcopy(rows):
        x = rng.random()
        if x < 0.15:
            continue
        if x < 0.3:
            r["measure"] = rng.choice(["returned", "killed"])
        if x < 0.4:
            r["as_of"] = rng.choice([None, "2015", "2014-03/2016"])
        if x < 0.5:
            r["source"] = rng.choice([None, "a ministry", "French officials"])
        if 0.5 < x < 0.6:
            r["point"], r["low"], r["high"] = (r["point"] or 5) * 2, None, None
        if 0.6 < x < 0.7:
            r["origin"] = ["FR:x", *r["origin"]]
        if 0.7 < x < 0.75:
            r["derived"] = True
        if 0.75 < x < 0.8:
            out.append({**r, "start": r["start"] + 100_000, "end": r["end"] + 100_000, "derived": x < 0.77})
        out.append(r)
    return out


@pytest.mark.parametrize("gold", ["seeds", "practice", "varied"])
@pytest.mark.parametrize("seed", [1, 2])
def test_agrees_with_the_shared_scorer(shared: Path, tmp_path: Path, gold: str, seed: int) -> None:
    path = shared / "gold" / f"{gold}.jsonl"
    rows = read_jsonl(path)
    predicted = tmp_path / "p.jsonl"
    predicted.write_text("".join(json.dumps(r) + "\n" for r in spoil(rows, seed)))
    theirs = subprocess.run(
        [sys.executable, shared / "tools" / "score_claims.py", path, predicted, "--json"], capture_output=True, text=True, check=True
    )
    assert score(rows, read_jsonl(predicted)) == json.loads(theirs.stdout)


def test_the_perfect_prediction_scores_one_and_the_empty_one_nothing(shared: Path) -> None:
    rows = read_jsonl(shared / "gold" / "practice.jsonl")
    perfect, _ = evaluate(rows, rows)
    assert [perfect[k]["f1"] for k in ("found", "core", "full")] == [1.0, 1.0, 1.0]
    nothing, errors = evaluate(rows, [], errors=3)
    assert [nothing[k]["f1"] for k in ("found", "core", "full")] == [0.0, 0.0, 0.0]
    assert len(errors) == 3
    assert all(e.startswith("MISSED") for e in errors)
