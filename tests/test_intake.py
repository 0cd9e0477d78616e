"""From files on the disk to the ledger: anchors kept, duplicates linked, libraries round-tripped, bad files named and survived."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import render
from musterroll import documents, examples
from musterroll.documents.intake import Intake
from musterroll.documents.isolated import Limits, Reader
from musterroll.documents.likeness import alike, signature
from musterroll.ledger import Ledger
from musterroll.roll import Roll

Muster = Callable[..., CompletedProcess[str]]
REPORT = examples.paths()[0].read_text(encoding="utf-8")


def test_page_boxes_and_cells_survive_the_ledger(roll: Roll, tmp_path: Path) -> None:
    text = "Counts\n\nCountry | Departed | Killed\nNorway | 97 | 22\nSweden | 294 | 77\n"
    (tmp_path / "r.pdf").write_bytes(render.pdf(render.pieces("\n\n".join([REPORT, REPORT[::-1], text]))))
    (added,) = roll.add(tmp_path / "r.pdf")
    assert added.status == "added"
    kept = roll.document("r.pdf")
    assert kept == documents.read(tmp_path / "r.pdf")
    claims = roll.claims()
    assert {c.page for c in claims} == set(range(1, max(c.page or 0 for c in claims) + 1))
    cell = next(c for c in claims if c.number == "294")
    assert cell.cell == "table 1, row 3, column 2"
    assert kept.layout.boxes(kept.text, cell.start, cell.end)
    assert roll.audit() == (len(claims), [])


def test_one_report_in_two_files_is_linked_and_not_dropped(roll: Roll, tmp_path: Path) -> None:
    report = render.pieces(REPORT)
    (tmp_path / "a.pdf").write_bytes(render.pdf(report))
    (tmp_path / "b.html").write_bytes(render.page(report, "news"))
    (tmp_path / "c.txt").write_text(REPORT, encoding="utf-8")
    (tmp_path / "d.txt").write_text(examples.paths()[1].read_text(encoding="utf-8"), encoding="utf-8")
    results = list(roll.adding([tmp_path / n for n in ("a.pdf", "b.html", "c.txt", "d.txt")], samples=True))
    assert [r.status for r in results] == ["added"] * 4
    assert results[1].like == ("a.pdf",)
    assert set(results[2].like) == {"a.pdf", "b.html"}
    assert results[3].like == ()
    names = {d.id: d.name for d in roll.documents()}
    assert {names[i] for i in roll.alike()} == {"a.pdf", "b.html", "c.txt"}


def test_a_wire_item_within_a_longer_report_is_like_it() -> None:
    texts = [p.read_text(encoding="utf-8") for p in examples.paths()]
    one, other, both = signature(texts[0]), signature(texts[1]), signature(texts[0] + "\n\n" + texts[1])
    assert one
    assert other
    assert both
    assert [k for k, _ in alike(one, [other, both])] == [1]
    assert signature("80 people left Finland.") is None


def test_a_note_beside_a_report_says_what_is_known_of_it(roll: Roll, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("At present 80 people from Finland are at the war.", encoding="utf-8")
    note = tmp_path / "r.txt.about.yaml"
    note.write_text("title: Yearbook\npublisher: Security service\npublished: 2016-02-03\nauthors: [A. Author]\n", encoding="utf-8")
    assert roll.add(tmp_path)[0].status == "added"
    (d,) = roll.documents()
    assert (d.title, d.publisher, d.published, d.authors) == ("Yearbook", "Security service", "2016-02-03", ("A. Author",))
    (tmp_path / "s.txt").write_text("90 people left Norway.", encoding="utf-8")
    for broken, why in (("published: soon", "soon is no date"), ("colour: red", "unknown field 'colour'"), ("a: [", "not valid YAML")):
        (tmp_path / "s.txt.about.yaml").write_text(broken, encoding="utf-8")
        (failed,) = roll.add(tmp_path / "s.txt")
        assert failed.status == "failed"
        assert why in failed.reason


RIS = """TY  - RPRT
TI  - Who left the north
AU  - Author, Ann
PB  - Nordic Institute
DA  - 2016/03/01
UR  - https://n.example/who-left
L1  - files/12/report.pdf
ID  - AB12CD34
ER  -

TY  - ELEC
TI  - Another page that nobody saved
DA  - 2017
UR  - https://o.example/
ID  - ZZ99
ER  -

TY  - RPRT
TI  - A stolen report
L1  - ../../../../etc/hostname
ID  - EVIL
ER  -
"""
BIB = r"""@techreport{author2016,
  title = {Who left the {North} and \"{o}sterreich},
  author = {Author, Ann and Other, Bo},
  institution = {Nordic Institute}, year = {2016}, month = mar,
  url = {https://n.example/who-left},
  file = {Full Text:files/12/report.pdf:application/pdf}
}"""


def library(folder: Path) -> None:
    (folder / "files" / "12").mkdir(parents=True)
    (folder / "files" / "12" / "report.pdf").write_bytes(render.pdf(render.pieces(REPORT)))


def test_a_library_gives_its_files_what_it_knows_and_keeps_its_keys(muster: Muster, tmp_path: Path) -> None:
    library(tmp_path / "zotero")
    (tmp_path / "zotero" / "refs.ris").write_text(RIS, encoding="utf-8")
    done = muster("add", "zotero", "--json")
    assert done.returncode == 1
    files = {f["path"]: f for f in json.loads(done.stdout)["files"]}
    assert [f["status"] for f in files.values()] == ["added", "noted", "failed", "unchanged"]
    assert any("outside the library's folder" in f["reason"] for f in files.values())
    (d,) = json.loads(muster("documents", "--json").stdout)
    assert (d["title"], d["publisher"], d["published"], d["url"]) == (
        "Who left the north",
        "Nordic Institute",
        "2016-03-01",
        "https://n.example/who-left",
    )
    for form, mark in (("--bibtex", "{AB12CD34,"), ("--ris", "ID  - AB12CD34"), ("--json", '"AB12CD34"')):
        assert mark in muster("references", form).stdout
    again = muster("add", "zotero", "--json")
    assert {f["status"] for f in json.loads(again.stdout)["files"]} == {"unchanged", "failed"}


def test_bibtex_and_csl_name_reports_that_are_there_already(roll: Roll, tmp_path: Path) -> None:
    library(tmp_path)
    (tmp_path / "refs.bib").write_text(BIB, encoding="utf-8")
    assert [a.status for a in roll.add(tmp_path / "refs.bib")] == ["added"]
    (item,) = roll.references()
    assert (item["id"], item["title"], item["document"]) == ("author2016", "Who left the North and österreich", "report.pdf")
    csl = [{"id": "http://zotero.org/users/1/items/QWER1234", "type": "report", "title": "Other title", "URL": "http://www.n.example/who-left/#p"}]
    (tmp_path / "refs.json").write_text(json.dumps(csl), encoding="utf-8")
    assert [a.status for a in roll.add(tmp_path / "refs.json")] == ["linked"]
    assert {(i["id"], i.get("document")) for i in roll.references()} == {("author2016", "report.pdf"), ("QWER1234", "report.pdf")}


def test_libraries_that_are_broken_say_so(roll: Roll, tmp_path: Path) -> None:
    for name, content in (("a.ris", "nothing"), ("b.bib", "@article{"), ("c.ris", "")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        (failed,) = roll.add(tmp_path / name)
        assert failed.status == "failed"
        assert "Traceback" not in failed.reason


def bomb() -> bytes:
    """A ZIP whose one member would unpack to 3 GB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z, z.open("zeros.txt", "w", force_zip64=True) as f:
        for _ in range(300):
            f.write(bytes(1_000_000))
    return out.getvalue()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<mediawiki><siteinfo><base>&c;</base></siteinfo><page><title>x</title><revision><text>&c; 97 people left Norway.</text></revision></page>
</mediawiki>"""
ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY leak SYSTEM "file:///etc/hostname">]><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    "<office:body><office:text><text:p>97 people &leak;</text:p></office:text></office:body></office:document-content>"
)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("bomb.zip", bomb(), "would unpack to"),
        ("laughs.xml", LAUGHS, "XML|dump"),
        ("leak.odt", render.zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": ENTITY.encode()}), "entities"),
        ("deep.html", b"<div>" * 200_000 + b"97 people left Norway.", "no text|nested|failed|could not"),
        ("fake.docx", render.zipped({"word/document.xml": b"<w:document"}), "no whole Word file"),
        ("fake.xlsx", render.zipped({"xl/workbook.xml": b"<workbook"}), "no whole Excel"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Office file"),
        ("a.rar", b"Rar!\x1a\x07\x00" + b"\0" * 50, "RAR"),
    ],
)
def test_hostile_files_are_named_and_the_batch_goes_on(roll: Roll, tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "z.html").write_text("<p>Some 97 people left Norway for the war in 2014, the police said.</p>", encoding="utf-8")
    bad, good = roll.add(tmp_path / name, tmp_path / "z.html")
    assert bad.status == "failed"
    assert bad.path.endswith(name)
    import re

    assert re.search(why, bad.reason)
    assert good.status == "added"
    host = Path("/etc/hostname")
    assert not host.exists() or host.read_text().strip() not in bad.reason


def test_archives_within_archives_end_somewhere() -> None:
    data = b"97 people left Norway."
    for n in range(8):
        data = render.zipped({f"{n}.zip" if n else "a.txt": data})
    (read,) = documents.read_all(data, "nest.zip")
    assert "archives deep" in str(read.fault)


def test_a_file_that_takes_too_long_or_too_much_ends_alone() -> None:
    slow = b"<table>" + b"<tr><td>1</td></tr>" * 400_000
    with Reader(Limits(seconds=1, seconds_per_megabyte=0)) as reader:
        (read,) = reader.read(slow, "slow.html")
        assert "took more than 1 seconds" in str(read.fault)
        (after,) = reader.read(b"<p>Some 97 people left Norway for the war in 2014, the police said.</p>", "next.html")
        assert after.document is not None
    with Reader(Limits(memory=300 * 1024**2)) as reader:
        (read,) = reader.read(b"[[a|b]] {{c|d}} text " * 100_000, "large.wiki")
        assert "of memory to read" in str(read.fault)
        (after,) = reader.read(b"97 people left [[Norway]].", "next.wiki")
        assert after.document is not None


def test_no_reader_has_a_network() -> None:
    """The child's own sockets refuse; what it reads cannot tell anybody."""
    import subprocess
    import sys

    code = "import sys; sys.argv = ['w', '0']\nfrom musterroll.documents import worker; worker._no_network()\nimport urllib.request\n"
    code += "try:\n    urllib.request.urlopen('http://127.0.0.1:9')\nexcept OSError as e:\n    print(e)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "readers have no network" in done.stdout


def test_scans_are_read_only_where_ocr_is_asked_for_and_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    c = canvas.Canvas(out)
    c.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 600, 800)
    c.save()
    (tmp_path / "scan.pdf").write_bytes(out.getvalue())
    monkeypatch.setenv("PATH", str(tmp_path))
    with Intake(ocr=True) as intake:
        (read,) = intake.file(tmp_path / "scan.pdf")
    assert "no OCR is installed" in str(read.fault)
    assert "apt install ocrmypdf" in str(read.fault)


def test_adding_an_archive_again_changes_nothing(roll: Roll, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(render.zipped({"x.txt": b"97 people left Norway.", "y.txt": b"80 people left Finland."}))
    assert [a.status for a in roll.add(tmp_path / "a.zip")] == ["added", "added"]
    assert [a.status for a in roll.add(tmp_path / "a.zip")] == ["unchanged", "unchanged"]
    assert [d.name for d in roll.documents()] == ["a.zip/x.txt", "a.zip/y.txt"]


def test_a_ledger_of_the_first_schema_is_upgraded_with_its_data(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    import musterroll.ledger as package

    where = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{where}")
    with engine.begin() as c:
        config = Config()
        config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
        config.attributes["connection"] = c
        command.upgrade(config, "0001")
    engine.dispose()
    doc = documents.from_text("In 2015, 80 people left Finland.", "old.txt")
    with sqlite3.connect(where) as db:
        db.execute("insert into text values (?, ?, ?, ?)", (doc.text_hash, doc.text, '[["paragraph", 0, 32, 0]]', "[[0, 32]]"))
        columns = "id, text_id, name, media_type, encoding, encoding_how, visibility, notes, reader, added_at, added_by"
        values = (doc.file_hash, doc.text_hash, "old.txt", "text/plain", "utf-8", "utf-8", "public", "[]", "1", "2020", "me")
        db.execute(f"insert into document ({columns}) values ({','.join('?' * 11)})", values)
    with Ledger.open(where) as ledger:
        (d,) = ledger.documents()
        assert (d.name, d.authors, d.retrieved) == ("old.txt", (), None)
        kept = ledger.document("old.txt")
        assert kept is not None
        assert kept.text == doc.text
        assert not kept.layout.pages


def test_where_shows_the_page_and_the_box(muster: Muster, tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(render.pdf(render.pieces("Counts\n\nIn 2015, 80 people left Finland for the war, the police said there.")))
    muster("add", "r.pdf")
    (claim,) = [json.loads(line) for line in muster("claims", "--jsonl").stdout.splitlines()]
    found = json.loads(muster("where", f"r.pdf:{claim['start']}", "--json").stdout)
    assert (found["words"], found["page"]) == ("80", 1)
    assert len(found["boxes"]) == 1
    assert "page 1" in muster("where", f"r.pdf:{claim['start']}").stdout
    assert muster("where", "r.pdf:99999").returncode == 2


def test_names_of_hostile_members_are_labels() -> None:
    data = render.zipped({"../../../etc/passwd.txt": b"97 people left Norway.", "C:\\x\\y\u202etxt.txt": b"80 left Finland."})
    names = [r.name for r in documents.read_all(data, "a.zip")]
    assert names == ["a.zip/etc/passwd.txt", "a.zip/C:/x/y_txt.txt"]
    assert not any(os.path.isabs(n) or ".." in n for n in names)  # noqa: PTH117 - a label, not a path


def test_a_member_that_ends_its_reader_takes_no_other_with_it() -> None:
    data = render.zipped({"1.txt": b"97 people left Norway.", "2.wiki": b"[[a|b]] {{c|d}} text " * 100_000, "3.txt": b"80 people left Finland."})
    with Reader(Limits(memory=300 * 1024**2)) as reader:
        read = {r.name: r for r in reader.read(data, "a.zip")}
    assert [r.document is not None for r in read.values()] == [True, False, True]
    assert "memory" in str(read["a.zip/2.wiki"].fault)


def test_a_scan_is_read_by_ocr_and_the_next_file_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in place of OCR gives a PDF with text, as the real one does."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    for name in ("scan.pdf", "good.pdf"):
        c = canvas.Canvas(str(tmp_path / name))
        if name == "scan.pdf":
            c.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 600, 800)
        else:
            c.drawString(72, 700, "In 2015 the police said that 97 people had left Norway for the war.")
        c.save()
    command = tmp_path / "ocrmypdf"
    command.write_text(f'#!/bin/sh\nfor a; do last=$a; done\ncp {tmp_path}/good.pdf "$last"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with Intake(ocr=True) as intake:
        (scan,), (good,) = list(intake.file(tmp_path / "scan.pdf")), list(intake.file(tmp_path / "good.pdf"))
    assert scan.document is not None
    assert good.document is not None
    assert scan.document.text == good.document.text
    assert any("OCR" in n for n in scan.document.notes)
    assert scan.document.file_hash != good.document.file_hash


def test_languages_are_known_by_name_and_tag(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("In 2015 the police said that 97 people had left Norway for the war.", encoding="utf-8")
    for said in ("en-GB", "English", "American English", "eng"):
        (tmp_path / "r.txt.about.yaml").write_text(f"language: {said}\n", encoding="utf-8")
        with Intake() as intake:
            (read,) = intake.file(tmp_path / "r.txt")
        assert read.document is not None
        assert read.document.language == "en"
    (tmp_path / "r.txt.about.yaml").write_text("", encoding="utf-8")
    with Intake() as intake:
        (read,) = intake.file(tmp_path / "r.txt")
    assert read.document is not None


def test_an_entry_with_two_files_or_a_missing_one_is_one_reference(roll: Roll, tmp_path: Path) -> None:
    library(tmp_path)
    (tmp_path / "files" / "12" / "page.txt").write_text("In 2015 the police said that 97 people had left Norway for the war.", encoding="utf-8")
    (tmp_path / "refs.bib").write_text(BIB.replace("application/pdf}", "application/pdf;Page:files/12/page.txt:text/plain}"), encoding="utf-8")
    ris = "TY  - RPRT\nTI  - A report that was lost\nAU  - Author, Ann\nDA  - 2016\nL1  - files/9/none.pdf\nER  - \n"
    (tmp_path / "refs.ris").write_text(ris, encoding="utf-8")
    assert [a.status for a in roll.add(tmp_path / "refs.bib", tmp_path / "refs.ris")] == ["added", "added", "failed"]
    items = {i["id"]: i.get("document") for i in roll.references()}
    assert items.pop("author2016") == "page.txt; report.pdf"
    assert len(items) == 1
    assert next(iter(items)).startswith("author2016-")


def test_a_zipped_library_tells_of_its_files() -> None:
    ris = b"TY  - RPRT\nTI  - A yearbook\nDA  - 2016\nL1  - files/r.txt\nER  - \n"
    data = render.zipped(
        {"lib/x.ris": ris, "lib/files/r.txt": b"300 people left Sweden.", "page_files/a.css": b"a {}", "page_files/b.js": b"var n=60;"}
    )
    (read,) = documents.read_all(data, "z.zip")
    assert read.document is not None
    assert (read.name, read.document.title, read.document.published) == ("z.zip/lib/files/r.txt", "A yearbook", "2016")
