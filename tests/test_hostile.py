"""What broke once, or would hurt most: odd marks, lying files, strange names, damaged ledgers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import musterroll as mr
from musterroll.documents import read
from musterroll.errors import LedgerError, UsageError
from musterroll.ledger import tables
from musterroll.roll import Roll, open_roll

TEXT = "In 2015, 60 Danes had left for Iraq, the interior ministry said. Twelve of them were killed."


@pytest.mark.parametrize(
    "text",
    [
        "In 2015, 60² Danes left.¹ ½ of them in March ② 2015.",
        "About " + "9" * 400 + " people left Denmark in 2015.",
        "9" * 6000,
        "60 " * 20_000,
        "In 2015, 60 Danes had left, " * 400,
        "\u202e40 people\u202c left Norway\x0b; 12\ufeff were killed \ud83d\ude80".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
        "٤٠ people left; 40,,,,000 others; 1.2.3.4.5; --12-- and 3/4/5/6.",
    ],
    ids=["superscripts", "400 digits", "6000 digits", "only numbers", "one long sentence", "controls", "digits of all kinds"],
)
def test_any_text_gives_finite_claims(text: str) -> None:
    claims = mr.extract(text)
    for c in claims:
        json.loads(c.to_json(), parse_constant=lambda x: pytest.fail(f"{x} is no JSON"))
    assert all(abs(v) <= 1e15 for c in claims for v in (c.point, c.low, c.high) if v is not None)


@pytest.mark.parametrize("charset", ["undefined", "idna", "unicode_escape", "no-such", "utf-16"])
def test_a_page_that_lies_about_its_encoding(tmp_path: Path, charset: str) -> None:
    page = tmp_path / "x.html"
    page.write_text(f"<html><head><meta charset={charset}></head><body><p>{TEXT} {TEXT}</p></body></html>")
    assert "60 Danes" in read(page).text


def test_words_between_the_blocks_of_a_page_are_kept(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text(
        "<html><body><article>In 2015, 60 Danes had left for Iraq. <b>Twelve</b> of them were killed in 2016, the ministry said. "
        "<p>Another paragraph, on 300 Belgians who travelled there too, as the police have said more than once.</p>"
        " And 40 Swedes were killed in Iraq.<ul><li>one<ul><li>inner 5</li></ul></li></ul></article></body></html>"
    )
    text = read(page).text
    for words in ("60 Danes", "Twelve of them", "300 Belgians", "40 Swedes", "inner 5"):
        assert text.count(words) == 1, words


def test_a_year_in_a_page_is_no_date_of_publication(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text(f"<html><body><p>{TEXT} There was a law in 1998, and another by December 2015.</p><footer>Copyright 2009</footer></body></html>")
    assert read(page).published is None


def test_a_few_bad_bytes_spoil_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(("Århus “sent” 40 people — says Łódź’s café. " * 12).encode() + b"\x80\xff end")
    doc = read(path)
    assert "Århus “sent”" in doc.text
    assert "bad bytes" in doc.encoding_how


def test_same_name_in_two_folders(roll: Roll, tmp_path: Path) -> None:
    for year, n in ((2014, 60), (2016, 90)):
        (tmp_path / str(year)).mkdir()
        (tmp_path / str(year) / "report.txt").write_text(f"{n} Danes had left for Iraq, the police said.")
    roll.add(tmp_path / "2014", tmp_path / "2016")
    page = roll.show("DK").markdown()
    assert "2 claims in 2 documents" in page
    assert "[1, 0]" in page
    assert "[2, 0]" in page


def test_a_folder_loses_no_file_silently(roll: Roll, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7")
    (folder / "b.docx").write_bytes(b"PK\x03\x04")
    (folder / "c.txt").write_text(TEXT)
    os.mkfifo(folder / "d.txt")
    results = roll.add(folder)
    assert [r.status for r in results] == ["failed", "failed", "added", "failed"]
    assert all(str(folder) in r.reason for r in results if r.status == "failed")


def test_a_name_that_is_no_utf8(roll: Roll, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt"))
    path.write_text(TEXT)
    (result,) = roll.add(path)
    assert (result.status, result.claims) == ("added", 2)
    assert roll.claims()[0].doc == "bad\ufffd.txt"


def test_a_ledger_path_with_marks(tmp_path: Path) -> None:
    open_roll(tmp_path / "we?ird#x.db").close()
    assert [p.name for p in tmp_path.iterdir() if not p.name.endswith(("-wal", "-shm"))] == ["we?ird#x.db"]


@pytest.mark.parametrize("url", ["foo://x", "http:///x", "sqlite:///{}/missing.db"])
def test_bad_ledger_urls(tmp_path: Path, url: str) -> None:
    with pytest.raises(LedgerError):
        open_roll(url.format(tmp_path), create=False)
    assert not list(tmp_path.iterdir())


def test_audit_finds_claims_that_lists_would_not_show(roll: Roll, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    roll.add(tmp_path / "a.txt")
    with roll._ledger._engine.begin() as c:
        c.execute(tables.current.delete())
        c.execute(tables.raw.update().values(data=b"\x00"))
    faults = [f for _, f in roll.audit()[1]]
    assert sum("no current reading" in f for f in faults) == 2
    assert any("stored file" in f for f in faults)


def test_the_demo_touches_no_ledger_with_reports_of_ones_own(muster, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    muster("add", "a.txt", "--ledger", "demo.db")
    done = muster("demo")
    assert done.returncode == 2
    assert "reports of your own" in done.stderr


def test_filters_that_cannot_be_met(roll: Roll) -> None:
    for bad in ({"since": "2015-12-99"}, {"until": "2015-02-30"}, {"origin": "RU:nosuch"}):
        with pytest.raises(UsageError):
            roll.claims(**bad)


def test_sources_are_found_whatever_their_letters(roll: Roll, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("According to the Évreux Institute, 60 Danes had left for Iraq in 2015.")
    roll.add(tmp_path / "a.txt")
    assert len(roll.claims(source="évreux")) == len(roll.claims(source="Évreux")) == 1


@pytest.mark.parametrize("env", [{"COLUMNS": "abc"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_odd_environments(muster, env: dict[str, str]) -> None:
    done = muster("demo", **env)
    assert done.returncode == 0, done.stderr


def test_a_full_disk_at_the_other_end(muster, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    muster("add", "a.txt")
    command = [str(Path(sys.executable).with_name("muster")), "claims"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
