"""The command as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from conftest import DATA

REPORT = DATA / "report.txt"


def test_extract_is_a_filter(muster) -> None:
    done = muster("extract", REPORT)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["number"] for r in rows] == ["some 80", "Twenty", "about 300", "45"]
    assert {r["doc"] for r in rows} == {"report.txt"}
    text = REPORT.read_text()
    assert all(text[r["start"] : r["end"]] == r["number"] for r in rows)
    piped = muster("extract", "-", stdin=REPORT.read_bytes())
    assert [json.loads(line)["start"] for line in piped.stdout.splitlines()] == [r["start"] for r in rows]
    assert len(json.loads(muster("extract", REPORT, "--json").stdout)) == 4


def test_the_main_job(muster, tmp_path: Path) -> None:
    shutil.copy(REPORT, tmp_path / "report.txt")
    assert muster("init").returncode == 0
    assert "already" in muster("init").stdout
    added = muster("add", "report.txt", "*.none", "--json")
    assert added.returncode == 1
    result = json.loads(added.stdout)
    assert (result["added"], result["failed"], result["claims"]) == (1, 1, 4)
    assert "*.none" in added.stderr
    again = muster("add", ".", "--json")
    assert json.loads(again.stdout)["unchanged"] == 1
    assert again.returncode == 0

    table = muster("claims").stdout
    assert "Finland" in table
    assert "4 claims" in table
    rows = list(csv.DictReader(io.StringIO(muster("claims", "--csv", "--origin", "Finland").stdout)))
    assert [r["number"] for r in rows] == ["some 80", "Twenty"]
    assert len(muster("claims", "--jsonl", "--measure", "killed").stdout.splitlines()) == 1
    assert len(json.loads(muster("claims", "--json").stdout)) == 4

    page = muster("show", "FI").stdout
    assert page.startswith("# Finland")
    assert "**about 80**" in page
    assert "report.txt" in page
    assert json.loads(muster("show", "FI", "--json").stdout)["claims"] == 2
    assert "No claim" in muster("show", "JP").stdout
    region = muster("show", "nordic").stdout
    assert "No claim about Nordic as a whole" in region and "| Finland | 2 | 80 | `muster show FI` |" in region
    members = json.loads(muster("show", "world", "--json").stdout)["members"]
    assert [(m["origin"], m["claims"]) for m in members] == [("FI", 2), ("SE", 2)]

    audit = muster("audit")
    assert audit.returncode == 0
    assert "100% hold" in audit.stdout
    assert json.loads(muster("audit", "--json").stdout) == {"claims": 4, "faults": []}

    assert muster("export", "out.csv").returncode == 0
    package = json.loads((tmp_path / "datapackage.json").read_text())
    header = (tmp_path / "out.csv").read_text().splitlines()[0].split(",")
    assert [f["name"] for f in package["resources"][0]["schema"]["fields"]] == header
    assert muster("export", "out.jsonl").returncode == 0
    assert "report.txt" in muster("documents").stdout
    assert json.loads(muster("documents", "--json").stdout)[0]["claims"] == 4


def test_evaluate(muster, tmp_path: Path) -> None:
    muster("add", REPORT)
    rows = muster("extract", REPORT).stdout
    gold = tmp_path / "gold.jsonl"
    gold.write_text(rows)
    assert json.loads(muster("evaluate", gold, "--json").stdout)["full"]["f1"] == 1.0
    assert "F1 1.000" in muster("evaluate", gold, "--predicted", gold).stdout
    gold.write_text(rows.replace('"killed"', '"returned"'))
    assert "measure: 'returned' not 'killed'" in muster("evaluate", gold, "--errors", 5).stdout


def test_the_demo_ends_by_naming_the_next_command(muster, tmp_path: Path) -> None:
    done = muster("demo")
    assert done.returncode == 0, done.stderr
    assert "SAMPLE TEXT, NOT EVIDENCE" in done.stdout
    assert "Next: muster show FR" in done.stdout
    assert (tmp_path / "demo.db").exists()
    assert muster("demo").stdout == done.stdout
    assert muster("show", "FR", "--ledger", "demo.db").stdout.startswith("# France")


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["extract", "none.txt"], 1, "no such file"),
        (["extract"], 2, "Missing argument"),
        (["claims"], 2, "there is no ledger here"),
        (["show", "FR", "--ledger", "no/where.db"], 2, "no ledger here"),
        (["add", ".", "--ledger", "no/where.db"], 2, "does not exist"),
        (["add", ".", "--visibility", "secret"], 2, "public, team, confidential"),
        (["evaluate", "gold.jsonl"], 1, "no such file"),
        (["flown"], 2, "No such command"),
    ],
)
def test_bad_requests_give_one_line_and_a_code(muster, args: list[str], code: int, words: str) -> None:
    done = muster(*args)
    assert done.returncode == code
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_bad_input_of_every_kind(muster, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(REPORT, folder / "good.txt")
    (folder / "empty.txt").touch()
    (folder / "junk.txt").write_bytes(os.urandom(5000))
    with (folder / "large.txt").open("wb") as f:
        f.truncate(200_000_000)
    (folder / "latin.txt").write_bytes("Près de 40 Français sont partis; 12 people from Belgium were killed.".encode("cp1252"))
    done = muster("add", folder, "missing.txt")
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("muster:")]
    assert len(errors) == 4
    for name in ("empty.txt", "junk.txt", "large.txt", "missing.txt"):
        assert any(name in e for e in errors), name
    assert "2 added" in done.stdout
    assert "cp1252 (guessed)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_corrupt_a_newer_and_a_locked_ledger(muster, tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"no database at all " * 100)
    for command in (["claims"], ["add", REPORT], ["audit"]):
        done = muster(*command, "--ledger", "bad.db")
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert "is not a ledger or is damaged" in " ".join(done.stderr.split())
    muster("init", "--ledger", "new.db")
    with sqlite3.connect(tmp_path / "new.db") as c:
        c.execute("update alembic_version set version_num = '9999'")
    done = muster("claims", "--ledger", "new.db")
    assert done.returncode == 2
    assert "newer version" in done.stderr


def test_the_ledger_comes_from_the_environment(muster, tmp_path: Path) -> None:
    assert muster("add", REPORT, MUSTER_LEDGER="env.db").returncode == 0
    assert (tmp_path / "env.db").exists()


def test_spreadsheets_run_no_formula(muster, tmp_path: Path) -> None:
    evil = tmp_path / "evil.txt"
    evil.write_text('=cmd|calc!A1 said that 40 people left Norway.\n\n+40 people left Sweden, "=HYPERLINK(1)" said.')
    muster("add", evil)
    for row in csv.reader(io.StringIO(muster("claims", "--csv").stdout)):
        assert not any(cell[:1] in ("=", "+", "@") for cell in row)


def test_version_and_help(muster) -> None:
    assert muster("--version").stdout.startswith("muster ")
    assert "muster demo" in muster("--help").stdout
