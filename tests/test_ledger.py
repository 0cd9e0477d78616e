"""The ledger only grows, survives a kill, and says clearly what is wrong with it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from musterroll import examples
from musterroll.errors import DiskFull, LedgerCorrupt, LedgerError, LedgerLocked, LedgerNewer, UsageError
from musterroll.ledger import Ledger, store, tables
from musterroll.roll import Roll, open_roll, summary

TEXT = "In 2015, 60 Danes had left for Iraq, the interior ministry said. Twelve of them were killed."


def write(folder: Path, n: int) -> list[Path]:
    """n small reports."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"r{k:03}.txt" for k in range(n)]
    for k, p in enumerate(paths):
        p.write_text(f"In 2015, {k + 20} Danes had left for Iraq, the interior ministry said. Twelve of them were killed.\n")
    return paths


def test_adding_twice_changes_nothing(roll: Roll, tmp_path: Path) -> None:
    write(tmp_path / "in", 3)
    first = roll.add(tmp_path / "in")
    before = roll._ledger.counts()
    again = roll.add(tmp_path / "in")
    assert summary(first)["added"] == 3
    assert summary(first)["claims"] == before["claim"] > 0
    assert [a.status for a in again] == ["unchanged"] * 3
    assert roll._ledger.counts() == before


def test_bad_files_do_not_stop_the_others(roll: Roll, tmp_path: Path) -> None:
    good = write(tmp_path / "in", 2)
    (tmp_path / "in" / "empty.txt").touch()
    results = roll.add(good[0], tmp_path / "in" / "empty.txt", tmp_path / "none.txt", good[1])
    assert [r.status for r in results] == ["added", "failed", "failed", "added"]
    assert "empty.txt" in results[1].reason
    assert "none.txt" in results[2].reason


def test_claims_come_back_as_they_were_read(roll: Roll, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    roll.add(path)
    claims = roll.claims()
    doc = roll.document("a.txt")
    assert [c.number for c in claims] == ["60", "Twelve"]
    assert all(doc.text[c.start : c.end] == c.number for c in claims)
    assert [c.measure for c in roll.claims(measure="killed")] == ["killed"]
    assert roll.claims(origin="Denmark") == roll.claims(origin="DK") == claims
    assert roll.claims(origin="SE") == []
    assert [c.number for c in roll.claims(text="of them")] == ["Twelve"]
    assert len(roll.claims(since="2015-06", until="2016")) >= 1
    assert roll.claims(since="2019") == []


def test_filters_that_mean_nothing_are_refused(roll: Roll) -> None:
    for bad in (
        {"measure": "flown"},
        {"who": "x"},
        {"group": "x"},
        {"origin": "Atlantis"},
        {"origin": "Guinea"},
        {"since": "soon"},
        {"until": "2015-44"},
    ):
        with pytest.raises(UsageError) as e:
            roll.claims(**bad)
        assert e.value.exit_code == 2


def test_audit_finds_what_was_tampered_with(roll: Roll, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    roll.add(path)
    assert roll.audit() == (2, [])
    with roll._ledger._engine.begin() as c:
        c.execute(tables.text.update().values(text=TEXT.replace("60", "90")))
    checked, faults = roll.audit()
    assert checked == 2
    assert any("hash" in f for _, f in faults)
    assert any("90" in f for _, f in faults)


def test_samples_enter_no_ledger_but_the_demos(roll: Roll) -> None:
    (result,) = roll.add(examples.paths()[0])
    assert result.status == "failed"
    assert "no evidence" in result.reason


def test_the_same_text_in_two_files_is_two_documents_and_one_set_of_claims(roll: Roll, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    roll.add(tmp_path / "a.txt", tmp_path / "b.txt")
    counts = roll._ledger.counts()
    assert (counts["document"], counts["text"], counts["claim"]) == (2, 1, 2)


def test_a_killed_add_leaves_whole_documents_and_goes_on(tmp_path: Path) -> None:
    folder, db = tmp_path / "in", tmp_path / "roll.db"
    write(folder, 60)
    code = f"import musterroll as mr; mr.open({str(db)!r}).add({str(folder)!r})"
    for wait in (0.5, 0.7, 0.9):
        p = subprocess.Popen([sys.executable, "-c", code])
        time.sleep(wait)
        p.send_signal(signal.SIGKILL)
        p.wait()
        if db.exists():
            with open_roll(db) as roll:
                assert roll.audit()[1] == []
                counts = roll._ledger.counts()
                assert counts["document"] == counts["raw"] == counts["text"]
                assert counts["claim"] == counts["current"] == 2 * counts["document"]
    with open_roll(db) as roll:
        roll.add(folder)
        assert roll._ledger.counts()["document"] == 60
        assert roll._ledger.counts()["claim"] == 120


def test_the_migrations_build_the_tables_the_code_uses(roll: Roll) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with roll._ledger._engine.connect() as c:
        assert compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), tables.metadata) == []


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    db = tmp_path / "roll.db"
    open_roll(db).close()
    with sqlite3.connect(db) as c:
        c.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(LedgerNewer, match="newer version"):
        open_roll(db)


@pytest.mark.parametrize("content", [b"this is no database, but a letter to my aunt " * 50, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_ledger(tmp_path: Path, content: bytes) -> None:
    db = tmp_path / "roll.db"
    db.write_bytes(content)
    with pytest.raises(LedgerCorrupt):
        open_roll(db)
    assert db.read_bytes() == content


def test_another_programs_database_is_no_ledger(tmp_path: Path) -> None:
    db = tmp_path / "roll.db"
    with sqlite3.connect(db) as c:
        c.execute("create table songs (title text)")
    with pytest.raises(LedgerCorrupt, match="other tables"):
        open_roll(db)


def test_a_folder_and_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is a folder"):
        open_roll(tmp_path)
    with pytest.raises(LedgerError, match="does not exist"):
        open_roll(tmp_path / "no" / "roll.db")
    with pytest.raises(LedgerError, match="no ledger here"):
        open_roll(tmp_path / "roll.db", create=False)


def test_a_locked_ledger_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WAIT", 0.2)
    db = tmp_path / "roll.db"
    paths = write(tmp_path / "in", 1)
    open_roll(db).close()
    holder = sqlite3.connect(db, isolation_level=None)
    holder.execute("begin immediate")
    with open_roll(db) as roll, pytest.raises(LedgerLocked, match="another process"):
        roll.add(paths[0])
    holder.execute("rollback")
    holder.close()
    with open_roll(db) as roll:
        assert roll.add(paths[0])[0].status == "added"


def test_a_full_disk_says_so_and_loses_nothing(tmp_path: Path) -> None:
    db = tmp_path / "roll.db"
    paths = write(tmp_path / "in", 30)
    with open_roll(db) as roll:
        roll.add(*paths[:5])
        before = roll._ledger.counts()
        with roll._ledger._engine.connect() as c:
            pages = c.exec_driver_sql("pragma page_count").scalar_one()

        @sa.event.listens_for(roll._ledger._engine, "checkout")
        def cap(connection, record, proxy) -> None:  # the real "database or disk is full" of SQLite
            connection.execute(f"pragma max_page_count = {pages}")

        with pytest.raises(DiskFull, match="disk is full"):
            roll.add(*paths)
    with open_roll(db) as roll:
        after = roll._ledger.counts()
        assert after["document"] >= before["document"]
        assert roll.audit()[1] == []
        roll.add(*paths)
        assert roll._ledger.counts()["document"] == 30


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    db = tmp_path / "roll.db"
    with Ledger.open(db) as ledger, ledger._write() as c:
        c.execute(tables.run.insert().values(extractor="x", codebook="y", started_at="", started_by=""))
        with Ledger(ledger._engine, str(db))._read() as other:
            assert other.execute(sa.select(sa.func.count()).select_from(tables.run)).scalar_one() == 0
