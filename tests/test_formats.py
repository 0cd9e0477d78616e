"""One report in every format gives the claims of its plain text, each anchored where a reader of the file finds it."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import pypdfium2
import pytest

import render
from musterroll import documents, examples
from musterroll.errors import Unreadable
from musterroll.extract import extract
from musterroll.records import Claim, Document

TABLE = """Where they went

The ministry of the interior published these figures on 3 March 2016, as it does every year in spring.

Country | Left by 2015 | Killed | Returned
Norway | 97 | 22 | 30
Sweden | 294 | 77 | 146
Denmark | 153 | 49 | 68
Finland | 84 | 19 | 24

Nobody knows how many of them were women, the ministry said.
"""
MAKERS: dict[str, Callable[[Sequence[render.Piece]], bytes]] = {
    "news.html": lambda r: render.page(r, "news"),
    "wiki.html": lambda r: render.page(r, "wiki"),
    "plain.html": lambda r: render.page(r, "plain"),
    "docx": render.docx,
    "wiki": render.wikitext,
    "pdf": render.pdf,
    "columns.pdf": lambda r: render.pdf(r, columns=2),
}


def coded(claims: Sequence[Claim]) -> Counter[tuple[object, ...]]:
    """What a claim says, without where it stands."""
    return Counter((" ".join(c.number.split()), c.measure, c.who, c.origin, c.as_of) for c in claims)


def f1(plain: Sequence[Counter[tuple[object, ...]]], read: Sequence[Counter[tuple[object, ...]]]) -> float:
    both = sum((a & b).total() for a, b in zip(plain, read, strict=True))
    return 2 * both / (sum(a.total() for a in plain) + sum(b.total() for b in read))


def reports() -> list[str]:
    """The package's sample reports."""
    return [p.read_text(encoding="utf-8") for p in examples.paths()]


@pytest.fixture(scope="module")
def plain() -> list[Counter[tuple[object, ...]]]:
    return [coded(extract(documents.from_text(t))) for t in reports()]


@pytest.mark.parametrize("kind", MAKERS)
def test_prose_gives_the_claims_of_its_plain_text(kind: str, plain: list[Counter[tuple[object, ...]]]) -> None:
    read = [coded(extract(documents.read_bytes(MAKERS[kind](render.pieces(t)), f"r.{kind}"))) for t in reports()]
    assert f1(plain, read) >= 0.97


@pytest.mark.skipif(render.office() is None, reason="LibreOffice is not installed: apt install libreoffice-writer-nogui")
@pytest.mark.parametrize("to", ["pdf", "odt"])
def test_files_of_libreoffice_give_the_claims_of_their_plain_text(to: str, tmp_path: Path, plain: list[Counter[tuple[object, ...]]]) -> None:
    files = []
    for n, t in enumerate(reports()):
        files.append(tmp_path / f"r{n:02}.docx")
        files[-1].write_bytes(render.docx(render.pieces(t)))
    read = [coded(extract(documents.read(f))) for f in render.convert(files, to, tmp_path)]
    assert f1(plain, read) >= 0.97


def test_the_practice_reports_in_every_format(shared: Path) -> None:
    texts = [f.read_text(encoding="utf-8") for f in sorted((shared / "practice").glob("[pw]*.txt"))]
    expected = [coded(extract(documents.from_text(t))) for t in texts]
    for kind, make in MAKERS.items():
        read = [coded(extract(documents.read_bytes(make(render.pieces(t)), f"r.{kind}"))) for t in texts]
        assert f1(expected, read) >= 0.97, kind


@pytest.mark.parametrize("kind", [*MAKERS, "xlsx"])
def test_table_cells_are_claims_at_their_cell(kind: str) -> None:
    make = {**MAKERS, "xlsx": render.xlsx}[kind]
    doc = documents.read_bytes(make(render.pieces(TABLE)), f"r.{kind}")
    found = {(c.number, c.measure, c.origin, c.cell) for c in extract(doc) if c.cell}
    columns = {"departed": ("97", "294", "153", "84"), "killed": ("22", "77", "49", "19"), "returned": ("30", "146", "68", "24")}
    expected = set()
    for c, (measure, numbers) in enumerate(columns.items(), 2):
        for r, (origin, number) in enumerate(zip(("NO", "SE", "DK", "FI"), numbers, strict=True), 2):
            cell = f"Table 1!{'ABCD'[c - 1]}{r}" if kind == "xlsx" else f"table 1, row {r}, column {c}"
            expected.add((number, measure, (origin,), cell))
    assert len(found & expected) >= 0.95 * len(expected)


def boxes_hold_their_words(doc: Document, pdf: bytes) -> Iterator[bool]:
    """Of every claim: do its boxes cover its number's words on the page, read with another call of the library?"""
    file = pypdfium2.PdfDocument(pdf)
    for c in extract(doc):
        words = ""
        for b in doc.layout.boxes(doc.text, c.start, c.end):
            assert c.page is not None
            assert b.page >= c.page
            page = file[b.page - 1]
            height = page.get_height()
            words += " " + page.get_textpage().get_text_bounded(b.left - 0.5, height - b.bottom, b.right + 0.5, height - b.top)
        said = [w.strip(",.;:()") for w in c.number.split()]
        yield all(w in words for w in said)


@pytest.mark.parametrize("columns", [1, 2])
def test_claims_of_a_pdf_open_at_their_words(columns: int) -> None:
    right: list[bool] = []
    for t in [TABLE, *reports()]:
        data = render.pdf(render.pieces(t), columns=columns)
        right += boxes_hold_their_words(documents.read_bytes(data, "r.pdf"), data)
    assert len(right) > 100
    assert sum(right) >= 0.99 * len(right)


def test_a_table_over_two_pages_is_one_with_the_headings_of_the_first() -> None:
    places = ("Norway", "Sweden", "Denmark", "Finland", "Tunisia", "Morocco", "Jordan", "Kosovo")
    rows = "\n".join(f"{place} | {n + k} | {n + k + 100}" for n in range(20, 90, 10) for k, place in enumerate(places))
    doc = documents.read_bytes(render.pdf(render.pieces(f"Counts\n\nCountry | Departed | Killed\n{rows}\n")), "r.pdf")
    claims = extract(doc)
    assert len(doc.layout.pages) > 1
    assert len(doc.layout.tables) == 1
    assert {c.measure for c in claims} == {"departed", "killed"}
    assert {c.page for c in claims} == {p.number for p in doc.layout.pages}
    last = claims[-1]
    assert (last.number, last.measure, last.origin, last.page) == ("187", "killed", ("XK",), len(doc.layout.pages))


def test_running_heads_and_page_numbers_are_left_out() -> None:
    doc = documents.read_bytes(render.pdf(render.pieces("\n\n".join(reports()[:4]))), "r.pdf")
    assert len(doc.layout.pages) > 2
    assert "Institute of Rendered Reports" not in doc.text
    assert [p.number for p in doc.layout.pages] == sorted(p.number for p in doc.layout.pages)


def test_footnotes_of_a_pdf_are_notes_and_their_marks_no_digits() -> None:
    from reportlab.pdfgen import canvas

    out = render.io.BytesIO()
    c = canvas.Canvas(out)
    c.setFont("Times-Roman", 11)
    c.drawString(72, 700, "In 2015 the police said that 700")
    x = 72 + c.stringWidth("In 2015 the police said that 700", "Times-Roman", 11)
    c.setFont("Times-Roman", 7)
    c.drawString(x, 704, "3")
    c.setFont("Times-Roman", 11)
    c.drawString(x + 6, 700, "people had left Sweden for the war, and that some had")
    c.drawString(72, 686, "come back. Nothing more was said of them by the police in that year or the next.")
    c.setFont("Times-Roman", 8)
    c.drawString(72, 90, "3 Police Authority, Annual report, Stockholm 2016, https://police.example/2016.pdf")
    c.save()
    doc = documents.read_bytes(out.getvalue(), "r.pdf")
    claim = next(c for c in extract(doc) if c.number.startswith("700"))
    assert claim.number == "700"
    assert [(x.label, x.url) for x in claim.cites] == [("3", "https://police.example/2016.pdf")]
    assert not [c for c in extract(doc) if "2016" in c.number]


def test_scans_locked_and_broken_pdfs_say_so() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    out = render.io.BytesIO()
    c = canvas.Canvas(out)
    c.showPage()
    c.save()
    with pytest.raises(Unreadable, match="no text"):
        documents.read_bytes(out.getvalue(), "r.pdf")
    out = render.io.BytesIO()
    c = canvas.Canvas(out)
    c.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 600, 800)
    c.save()
    with pytest.raises(Unreadable, match=r"is a scan.*--ocr"):
        documents.read_bytes(out.getvalue(), "scan.pdf")
    out = render.io.BytesIO()
    c = canvas.Canvas(out, encrypt="secret")
    c.drawString(72, 700, "300 people left Sweden.")
    c.save()
    with pytest.raises(Unreadable, match="password"):
        documents.read_bytes(out.getvalue(), "locked.pdf")
    with pytest.raises(Unreadable, match="no whole PDF"):
        documents.read_bytes(b"%PDF-1.7\nthis is all there is", "broken.pdf")


def test_notes_of_a_web_page_are_what_its_claims_cite() -> None:
    page = """<html><body><article><h1>Counts</h1><p>Some 80 people left Finland<sup><a href="#n1">[1]</a></sup>, the service said, and 20
    came back.<sup><a href="#n2">2</a></sup> Nobody has counted them since, and nobody will count them soon, the service said to the paper.</p>
    <h2>References</h2><ol><li id="n1"><a href="#r">^</a> Service, <a href="https://s.example/r">Report</a>, 2015.</li>
    <li id="n2">Interview with 3 officers.</li></ol></article></body></html>"""
    claims = {c.number: c for c in extract(documents.read_bytes(page.encode(), "p.html"))}
    assert [(c.label, c.url) for c in claims["Some 80"].cites] == [("1", "https://s.example/r")]
    assert [c.words for c in claims["20"].cites] == ["Interview with 3 officers."]


def test_marks_of_plain_text_lead_to_its_list_of_references() -> None:
    text = (
        "Counts\n\nIn 2015, 80 people left Finland for the war.[1] Twenty came back.[2]\n\nReferences\n\n"
        "[1] Security Service, Yearbook 2015, https://s.example/y, p. 40.\n[2] A. Author, Title of 300 pages, Helsinki 2016, pp. 3-9."
    )
    claims = extract(documents.from_text(text))
    assert [(c.number, [x.label for x in c.cites]) for c in claims] == [("80", ["1"]), ("Twenty", ["2"])]
    assert claims[0].cites[0].url == "https://s.example/y"


def test_merged_cells_and_two_lines_of_headings() -> None:
    page = """<html><body><article><h1>Counts</h1><p>The ministry gave these numbers of people from the two countries who had gone to the war.</p>
    <table><caption>Departures and deaths</caption><tr><th rowspan=2>Country</th><th colspan=2>Departed</th><th rowspan=2>Killed</th></tr>
    <tr><th>2014</th><th>2015</th></tr><tr><td>Norway</td><td>97<sup>a</sup></td><td>28+</td><td>n/a</td></tr>
    <tr><td>Sweden</td><td>6–100</td><td>1,500–3,000</td><td>77</td></tr></table></article></body></html>"""
    found = {(c.number, c.measure, c.origin, c.as_of, c.qualifier) for c in extract(documents.read_bytes(page.encode(), "p.html"))}
    assert found == {
        ("97", "departed", ("NO",), "2014", "exact"),
        ("28+", "departed", ("NO",), "2015", "at_least"),
        ("6–100", "departed", ("SE",), "2014", "range"),
        ("1,500–3,000", "departed", ("SE",), "2015", "range"),
        ("77", "killed", ("SE",), None, "exact"),
    }


def test_rows_of_totals_and_of_the_unknown_inherit_no_country() -> None:
    text = "Foreign recruits by country\n\nCountry | Departed\nFrance | 1,700\nBelgium | 470\nTunisia | 6,000\nUnknown | 280\nTotal | 8,450\n"
    found = {c.number: c.origin for c in extract(documents.from_text(text))}
    assert found["280"] == ()
    assert found["8,450"] == ("world",)


WIKI = """{{Infobox conflict|strength1=300 men|image=x.png}}
In 2015, 80 people left [[Finland|the country of Finland]].<ref name="a">{{cite web|title=Yearbook|url=https://y.example/1|date=2015}}</ref>
Of them {{nowrap|20 came back}}.<ref name="a"/>

{| class="wikitable"
|+ Departures by country
! Country !! Left !! Dead
|-
| {{flag|Norway}} || 97 || 12
|-
| rowspan=2 | Denmark || 153 || n/a
|-
| 28+ || 6–100
|}
"""


def test_wikitext_keeps_references_and_tables_and_drops_templates() -> None:
    doc = documents.read_bytes(WIKI.encode(), "p.wiki")
    claims = {c.number: c for c in extract(doc)}
    assert "{{" not in doc.text
    assert "wikitable" not in doc.text
    assert claims["80"].cites[0].url == claims["20"].cites[0].url == "https://y.example/1"
    assert {(n, claims[n].measure, claims[n].origin) for n in ("97", "12", "153", "28+", "6–100")} == {
        ("97", "departed", ("NO",)),
        ("12", "killed", ("NO",)),
        ("153", "departed", ("DK",)),
        ("28+", "departed", ("DK",)),
        ("6–100", "killed", ("DK",)),
    }


def message() -> bytes:
    m = EmailMessage()
    m["Subject"], m["From"], m["Date"] = "Figures for Finland", "Desk <desk@x.example>", "Tue, 03 May 2016 10:00:00 +0000"
    m.set_content("Dear all,\n\nSome 80 people left Finland for the war, the security service said.\n")
    m.add_attachment(b"In 2015, police said 300 people had left Sweden.\n", maintype="text", subtype="plain", filename="../../se.txt")
    return m.as_bytes()


def warc() -> bytes:
    body = b"<html><head><title>Story</title></head><body><article><h1>Story</h1><p>%s</p></article></body></html>" % (
        b"Some 80 people left Finland for the war in 2015, the security service said, and twenty of them have come back since then."
    )
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/story?id=3\r\nWARC-Date: 2016-05-05T01:02:03Z\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(answer)
    )
    return gzip.compress(head + answer + b"\r\n\r\n")


DUMP = f"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo><base>https://en.w.example/wiki/Main</base></siteinfo>
<page><title>People of Finland</title><ns>0</ns><revision><timestamp>2017-03-04T00:00:00Z</timestamp>
<text>{WIKI.replace("<", "&lt;")}</text></revision></page>
<page><title>Talk:People</title><ns>1</ns><revision><text>97 people left Norway.</text></revision></page></mediawiki>"""

MHTML = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/b\r\nDate: Thu, 5 May 2016 10:00:00 -0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--B"\r\n\r\n----B\r\nContent-Type: text/html\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://news.example/b\r\n\r\n<html><body><article><h1>Story</h1><p>Some 80 "
    b"people left Finland for the war in 2015, the security service said, and =\r\ntwenty of them came back.</p></article></body>"
    b"</html>\r\n----B--\r\n"
)


def test_an_archive_is_its_reports_each_with_what_is_known_of_it() -> None:
    data = render.zipped(
        {
            "a/m.eml": message(),
            "../../up.txt": b"300 people left Sweden for the war.",
            "dump.xml": DUMP.encode(),
            "n.txt": b"97 people left Norway.",
            "n.txt.about.yaml": b"title: Nordic yearbook\npublished: 2016-02\n",
            "w.warc.gz": warc(),
            "p.mht": MHTML,
            "__MACOSX/._n.txt": b"x",
            "broken.pdf": b"%PDF-1.4 no",
            "inner.zip": render.zipped({"t.csv": b"Country;Left\nFrance;1700\nBelgium;470\n"}),
        }
    )
    read = {r.name: r for r in documents.read_all(data, "all.zip")}
    about = {n: (r.document.title, r.document.url, r.document.published, r.document.retrieved) for n, r in read.items() if r.document}
    assert about == {
        "all.zip/a/m.eml": ("Figures for Finland", None, "2016-05-03", None),
        "all.zip/a/m.eml/.._.._se.txt": (None, None, None, "2016-05-03"),
        "all.zip/up.txt": (None, None, None, None),
        "all.zip/dump.xml/People of Finland.wiki": ("People of Finland", "https://en.w.example/wiki/People_of_Finland", "2017-03-04", None),
        "all.zip/n.txt": ("Nordic yearbook", None, "2016-02", None),
        "all.zip/w.warc.gz/news.example/story.html": ("Story", "https://news.example/story?id=3", None, "2016-05-05"),
        "all.zip/p.mht": ("Story", "https://news.example/b", None, "2016-05-05"),
        "all.zip/inner.zip/t.csv": (None, None, None, None),
    }
    assert "no whole PDF" in str(read["all.zip/broken.pdf"].fault)
    assert len(read) == len(about) + 1


def test_a_word_file_keeps_footnotes_and_drops_deleted_text() -> None:
    import docx

    d = docx.Document()
    p = d.add_paragraph("In 2015, 80 people left Finland")
    p.add_run("2").font.superscript = True
    p.add_run(" for the war.")
    deleted = docx.oxml.parse_xml(
        '<w:del xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:id="1" w:author="x"><w:r><w:delText> Or 90.</w:delText>'
        "</w:r></w:del>"
    )
    p._p.append(deleted)
    out = render.io.BytesIO()
    d.save(out)
    doc = documents.read_bytes(out.getvalue(), "r.docx")
    assert doc.text == "In 2015, 80 people left Finland[2] for the war."


def test_a_workbook_shows_what_its_cells_show() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Returns"
    sheet.append(["Source: ministry of the interior, figures of December 2015, revised by the department of statistics in 2016"])
    sheet.append([])
    sheet.append(["Country", "Returned", "Women among the returned"])
    sheet.append(["France", 250.0, 0.25])
    sheet["C4"].number_format = "0%"
    sheet.append(["Belgium", "=100+18", 0.1])
    sheet.merge_cells("A6:A7")
    sheet["A6"], sheet["B6"], sheet["B7"] = "Austria", 70, 20
    out = render.io.BytesIO()
    book.save(out)
    doc = documents.read_bytes(out.getvalue(), "r.xlsx")
    assert "France | 250 | 25%" in doc.text
    assert "=100" not in doc.text
    assert "Austria | 20" in doc.text
    assert {(c.number, c.cell) for c in extract(doc) if c.cell} >= {("250", "Returns!B4"), ("70", "Returns!B6"), ("20", "Returns!B7")}


def test_names_lie_and_bytes_are_believed() -> None:
    report = render.pieces(TABLE)
    pdf = documents.read_bytes(render.pdf(report), "report.docx")
    assert pdf.media_type == "application/pdf"
    assert pdf.notes == ("is named .docx but was read as .pdf",)
    assert documents.read_bytes(render.docx(report), "report.zip").media_type.endswith("wordprocessingml.document")
    assert documents.read_bytes(render.page(report, "plain"), "report.pdf").media_type == "text/html"


def test_other_languages_are_found_by_lexicon_or_kept_without() -> None:
    texts = {
        "fr": "Selon le ministère, environ 1 700 Français ont rejoint la Syrie depuis 2012, dont 300 femmes. Entre 4 000 et 5 000 combattants "
        "étrangers sont partis de Tunisie. Le budget est de 12 millions d'euros et la ville compte 40 000 habitants, selon le maire de la ville.",
        "de": "Nach Angaben des Amtes sind mehr als 1.050 Personen aus Deutschland nach Syrien ausgereist. Rund 200 Deutsche wurden getötet. "
        "Die Stadt hat 12.000 Einwohner, und das Programm kostet 3 Millionen Euro im Jahr 2016, wie das Ministerium auf Anfrage mitteilte.",
        "nl": "Volgens de dienst zijn ongeveer 300 personen uit Nederland naar Syrië vertrokken, onder wie ruim 80 vrouwen. Minstens 60 strijders "
        "zijn gedood. Het kabinet trekt 4 miljoen euro uit voor het programma dat over een jaar begint, zo zei de minister vandaag nog.",
        "es": "Según el Ministerio, unos 240 combatientes españoles han viajado a Siria desde 2013. Al menos 60 personas murieron. Más de 1.600 "
        "marroquíes se unieron a las filas. El plan costará 3 millones de euros y empezará el año que viene, según dijo ayer el ministro.",
        "it": "Secondo il ministero, circa 130 persone sono partite dall'Italia per la Siria, e almeno 40 sono morte. Il governo ha detto che molti "
        "di loro erano residenti stranieri e che non vi sono altri dati disponibili per il momento, né ve ne saranno presto.",
    }
    found = {}
    for code, text in texts.items():
        doc = documents.read_bytes(text.encode(), "r.txt")
        assert doc.language == code
        assert doc.notes
        found[code] = [(c.number, c.measure, c.origin) for c in extract(doc)]
        assert all(c.confidence < 0.5 and c.notes for c in extract(doc))
    assert found["fr"] == [
        ("environ 1 700", "departed", ("FR",)),
        ("300", "departed", ("FR",)),
        ("Entre 4 000 et 5 000", "departed", ("TN",)),
    ]
    assert found["de"] == [("mehr als 1.050", "departed", ("DE",)), ("Rund 200", "killed", ("DE",))]
    assert found["nl"] == [("ongeveer 300", "departed", ("NL",)), ("ruim 80", "departed", ("NL",)), ("Minstens 60", "killed", ())]
    assert found["es"] == [("unos 240", "departed", ("ES",)), ("Al menos 60", "killed", ()), ("Más de 1.600", "departed", ("MA",))]
    assert found["it"] == []


PAGE = (
    "<html><body><article><h1>Report</h1><p>This report describes how people went abroad in those years and what became of them later on.</p>"
    "{}</article></body></html>"
)


def cells_of(page: str) -> set[tuple[object, ...]]:
    doc = documents.read_bytes(PAGE.format(page).encode(), "p.html")
    return {(c.number, c.measure, c.origin) for c in extract(doc)}


def test_a_country_goes_before_its_region_and_a_round_number_is_no_year() -> None:
    table = (
        "<table><tr><th>Region</th><th>Country</th><th>Departed</th><th>Returned</th></tr><tr><td rowspan=2>Western Europe</td><td>France</td>"
        "<td>1,700</td><td>250</td></tr><tr><td>Belgium</td><td>470</td><td>118</td></tr><tr><td>Maghreb</td><td>Tunisia</td><td>2000</td>"
        "<td>625</td></tr></table>"
    )
    assert cells_of(table) == {
        ("1,700", "departed", ("FR",)),
        ("250", "returned", ("FR",)),
        ("470", "departed", ("BE",)),
        ("118", "returned", ("BE",)),
        ("2000", "departed", ("TN",)),
        ("625", "returned", ("TN",)),
    }


def test_a_heading_over_a_whole_table_is_its_caption() -> None:
    table = "<table><tr><th colspan=2>Departures</th></tr><tr><th>Killed</th><td>4,500</td></tr><tr><th>Returned</th><td>2,000</td></tr></table>"
    assert {(n, m) for n, m, _ in cells_of(table)} == {("4,500", "killed"), ("2,000", "returned")}


def test_a_link_to_a_chapter_is_no_footnote() -> None:
    page = (
        '<p>As chapter <a href="#c2">2</a> shows, many went.</p><section id="c2"><h2>2. Returns</h2><p>In 2016 some 440 Belgians had left and 118 '
        "had returned.</p><table><tr><td>Country</td><td>Returned</td></tr><tr><td>France</td><td>250</td></tr></table></section>"
    )
    assert {("some 440", "departed", ("BE",)), ("118", "returned", ("BE",)), ("250", "returned", ("FR",))} <= cells_of(page)


def test_a_source_ends_before_its_footnote_mark() -> None:
    text = (
        "In 2015, 27,000 people had left for the war, according to the Nordic Institute.[1] Some 300 were Swedes, according to the Swedish interior "
        "ministry.[2][3]\n\nReferences\n\n[1] Institute, 2015, https://s.example\n[2] Ministry, 2015, https://m.example\n[3] Other, https://o.example"
    )
    claims = extract(documents.from_text(text))
    assert [c.source for c in claims] == ["Nordic Institute", "Swedish interior ministry"]
    assert [[x.label for x in c.cites] for c in claims] == [["1"], ["2", "3"]]


def test_rows_of_a_table_at_the_edge_of_a_page_are_no_running_heads() -> None:
    from reportlab.pdfgen import canvas

    out = render.io.BytesIO()
    c = canvas.Canvas(out, pagesize=(595, 842))
    y = 770
    names = ("Norway", "Sweden", "Denmark", "Finland", "Turkey", "France", "Belgium", "Spain", "Italy", "Jordan")
    rows = [("Country", "Departed", "Killed"), *((names[k % 10], str(500 + k), str(60 + k)) for k in range(50))]
    for row in rows:
        if y < 60:
            c.showPage()
            y = 770
        for k, cell in enumerate(row):
            c.drawString(72 + 120 * k, y, cell)
        y -= 18
    c.save()
    doc = documents.read_bytes(out.getvalue(), "r.pdf")
    assert [(x.number, x.measure) for x in extract(doc)] == [
        (cell, m) for r in rows[1:] for cell, m in zip(r[1:], ("departed", "killed"), strict=True)
    ]
    assert len(doc.layout.tables) == 1


def test_workbooks_say_what_they_lack() -> None:
    from datetime import date

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Country", "Returned", None, "Country", "Killed"], ["France", 250, None, "Spain", 17], ["Belgium", 118, None, "Italy", 18]):
        sheet.append(row)
    sheet["B4"] = "=B2+B3"
    other = book.create_sheet("Drafts")
    other.sheet_state = "hidden"
    other.append(["Month", "Departed"])
    other.append([date(2015, 6, 1), 12])
    other["A2"].number_format = "mmm-yy"
    out = render.io.BytesIO()
    book.save(out)
    doc = documents.read_bytes(out.getvalue(), "r.xlsx")
    found = {(c.number, c.measure, c.origin, c.cell) for c in extract(doc)}
    assert {("17", "killed", ("ES",), "Sheet!E2"), ("118", "returned", ("BE",), "Sheet!B3")} <= found
    assert "2015-06 | 12" in doc.text
    assert any("1 formulas have no stored result" in n for n in doc.notes)
    assert "sheet Drafts is hidden" in doc.notes


def test_lines_that_end_as_on_old_machines_are_lines() -> None:
    doc = documents.read_bytes(b"Country,Departed\rFrance,1700\rSpain,250\r", "m.csv")
    assert [(c.number, c.origin) for c in extract(doc)] == [("1700", ("FR",)), ("250", ("ES",))]


def test_a_table_says_when_and_who_in_its_columns_and_its_caption() -> None:
    table = (
        "<table><caption>Departures by country (source: Nordic Institute)</caption>"
        "<tr><th>Country</th><th>Departed</th><th>As of</th><th>Returned</th></tr><tr><td>France</td><td>1,700</td><td>May 2015</td><td>250</td></tr>"
        "<tr><td>Belgium</td><td>470</td><td>October 2015</td><td>118</td></tr>"
        "</table><table><tr><th>Country</th><th>Killed</th><th>Source</th></tr>"
        "<tr><td>Norway</td><td>22</td><td>Police Security Service</td></tr>"
        "<tr><td>Sweden</td><td>77</td><td>Security Service</td></tr></table>"
    )
    found = {(c.number, c.as_of, c.source) for c in extract(documents.read_bytes(PAGE.format(table).encode(), "p.html"))}
    assert found == {
        ("1,700", "2015-05", "Nordic Institute"),
        ("250", "2015-05", "Nordic Institute"),
        ("470", "2015-10", "Nordic Institute"),
        ("118", "2015-10", "Nordic Institute"),
        ("22", None, "Police Security Service"),
        ("77", None, "Security Service"),
    }


def test_columns_with_nothing_between_but_a_space_are_columns() -> None:
    from reportlab.pdfgen import canvas

    out = render.io.BytesIO()
    c = canvas.Canvas(out)
    c.setFont("Times-Roman", 12)
    rows = [
        ("Country", "Departed", "Killed"),
        ("Netherlands", "229-152", "200-250"),
        ("Ireland", "11-26", "3"),
        ("Italy", "20-50", "8"),
        ("China", "6-100", "30"),
    ]
    for n, row in enumerate(rows):
        for x, cell in zip((72, 134, 180), row, strict=True):
            c.drawString(x, 700 - 14 * n, cell)
    c.drawString(72, 600, "Nobody has counted the women among them, and the ministry does not plan to count them in the years to come, it said.")
    c.save()
    doc = documents.read_bytes(out.getvalue(), "r.pdf")
    assert [doc.text[b.start : b.end] for b in doc.blocks if b.kind == "row"] == [" | ".join(r) for r in rows]


def test_a_compound_at_a_lines_end_keeps_its_hyphen_and_a_broken_word_does_not() -> None:
    from reportlab.pdfgen import canvas

    out = render.io.BytesIO()
    c = canvas.Canvas(out)
    c.drawString(72, 700, "In 2015 the police said that some had left, and that two-")
    c.drawString(72, 686, "thirds of them were young; the rest, said the govern-")
    c.drawString(72, 672, "ment, were older, and nobody knows where they are.")
    c.save()
    doc = documents.read_bytes(out.getvalue(), "r.pdf")
    assert "two-thirds of them" in doc.text
    assert "the government, were" in doc.text
