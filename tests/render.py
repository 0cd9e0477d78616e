"""Reports rendered into other formats: what the readers' tests are made of. Nothing here knows how the readers work."""

from __future__ import annotations

import html
import io
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from musterroll.documents import flattables, structure


class Piece(NamedTuple):
    """A block of a report: a heading, paragraph, item or table (rows of cells)."""

    kind: str
    words: str
    rows: tuple[tuple[str, ...], ...] = ()


def pieces(text: str) -> list[Piece]:
    """The blocks of a plain text; consecutive rows as one table."""
    out: list[Piece] = []
    for b in structure.blocks(text):
        words = " ".join(text[b.start : b.end].split("\n"))
        if b.kind == "row":
            cells = tuple(text[a:z].strip() for a, z in flattables.spans(text, b.start, b.end))
            if out and out[-1].kind == "table":
                out[-1] = out[-1]._replace(rows=(*out[-1].rows, cells))
            else:
                out.append(Piece("table", "", (cells,)))
        else:
            out.append(Piece(b.kind, words.strip("#= ") if b.kind in ("heading", "title") else words))
    return out


def _body(report: Sequence[Piece]) -> str:
    out = []
    for p in report:
        words = html.escape(p.words)
        if p.kind == "title":
            out.append(f"<h1>{words}</h1>")
        elif p.kind == "heading":
            out.append(f"<h2>{words}</h2>")
        elif p.kind == "item":
            out.append(f"<ul><li>{words.lstrip('-*• ')}</li></ul>")
        elif p.kind == "table":
            head, *rest = p.rows
            out.append(
                "<table><thead><tr>"
                + "".join(f"<th>{html.escape(c)}</th>" for c in head)
                + "</tr></thead><tbody>"
                + "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in r) + "</tr>" for r in rest)
                + "</tbody></table>"
            )
        else:
            out.append(f"<p>{words}</p>")
    return "\n".join(out).replace("</ul>\n<ul>", "")


def page(report: Sequence[Piece], layout: str) -> bytes:
    """A web page: "news" with banner and related links, "wiki" with a side bar, "plain" without any markup to go by."""
    title = html.escape(next((p.words for p in report if p.kind == "title"), ""))
    body = _body(report)
    banner = (
        '<div id="cookie-banner" class="cookie-consent" role="dialog"><p>We and our 412 partners store cookies on your device.</p>'
        "<button>Accept all</button><button>Reject</button></div>"
    )
    menu = (
        '<nav class="menu"><ul>'
        + "".join(f'<li><a href="/{x}">{x}</a></li>' for x in ("Home", "World", "Politics", "Sport", "Opinion"))
        + "</ul></nav>"
    )
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    if layout == "news":
        side = (
            '<aside class="related"><h3>Most read</h3><ul><li><a href="/a">12 things to know about trains</a></li>'
            '<li><a href="/b">Rain: 30 roads closed</a></li></ul></aside>'
        )
        foot = "<footer><p>© 2019 The Paper. 24 Canal Street.</p></footer>"
        return f"{head}<body>{banner}{menu}<main><article>{body}</article>{side}</main>{foot}</body></html>".encode()
    if layout == "wiki":
        side = (
            '<div id="mw-navigation"><div class="portal"><h3>Navigation</h3><ul><li><a href="/m">Main page</a></li>'
            '<li><a href="/r">Random article</a></li></ul></div></div>'
        )
        inner = f'<div id="content" class="mw-body"><div id="mw-content-text"><div class="mw-parser-output">{body}</div></div></div>'
        return f'{head}<body class="mediawiki">{inner}{side}</body></html>'.encode()
    top = '<div class="top"><a href="/">Institute</a> | <a href="/pub">Publications</a></div>'
    inner = f'<div class="wrapper"><div class="c1"><div class="c2">{body}</div></div></div><div class="bottom">Imprint · Contact</div>'
    return f"{head}<body>{banner}{top}{inner}</body></html>".encode()


def docx(report: Sequence[Piece]) -> bytes:
    """A Word file."""
    import docx as library

    d = library.Document()
    for p in report:
        if p.kind in ("title", "heading"):
            d.add_heading(p.words, 0 if p.kind == "title" else 2)
        elif p.kind == "item":
            d.add_paragraph(p.words.lstrip("-*• "), style="List Bullet")
        elif p.kind == "table":
            columns = max(map(len, p.rows))
            t = d.add_table(rows=0, cols=columns)
            t.style = "Table Grid"
            for r in p.rows:
                for cell, words in zip(t.add_row().cells, r, strict=False):
                    cell.text = words
        else:
            d.add_paragraph(p.words)
    out = io.BytesIO()
    d.save(out)
    return out.getvalue()


def wikitext(report: Sequence[Piece]) -> bytes:
    """A page of a wiki."""
    out = []
    for p in report:
        if p.kind == "title":
            out.append(f"= {p.words} =")
        elif p.kind == "heading":
            out.append(f"== {p.words} ==")
        elif p.kind == "item":
            out.append(f"* {p.words.lstrip('-*• ')}")
        elif p.kind == "table":
            head, *rest = p.rows
            rows = ["! " + " !! ".join(head), *("| " + " || ".join(r) for r in rest)]
            out.append('{| class="wikitable"\n|-\n' + "\n|-\n".join(rows) + "\n|}")
        else:
            out.append(p.words)
    return "\n\n".join(out).encode()


def xlsx(report: Sequence[Piece]) -> bytes:
    """A workbook: every table a sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for n, p in enumerate(p for p in report if p.kind == "table"):
        sheet = book.create_sheet(f"Table {n + 1}")
        for r in p.rows:
            sheet.append([int(c.replace(",", "")) if c.replace(",", "").isdecimal() and len(c) < 12 else c for c in r])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(report: Sequence[Piece], *, columns: int = 1) -> bytes:
    """A PDF by reportlab, with running heads and page numbers, in one column or two."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import BaseDocTemplate, Frame, ListFlowable, PageTemplate, Paragraph, Spacer, Table

    styles = getSampleStyleSheet()
    out = io.BytesIO()
    d = BaseDocTemplate(out, pagesize=A4, title="", topMargin=72, bottomMargin=72)
    width = (d.width - 18 * (columns - 1)) / columns
    frames = [Frame(d.leftMargin + k * (width + 18), d.bottomMargin, width, d.height) for k in range(columns)]

    def heads(canvas: object, _: object) -> None:
        canvas.setFont("Helvetica", 8)  # type: ignore[attr-defined]
        canvas.drawString(72, A4[1] - 40, "Institute of Rendered Reports | Series 3, 2019")  # type: ignore[attr-defined]
        canvas.drawCentredString(A4[0] / 2, 36, str(canvas.getPageNumber()))  # type: ignore[attr-defined]

    d.addPageTemplates(PageTemplate(frames=frames, onPage=heads))
    story = []
    for p in report:
        words = html.escape(p.words)
        if p.kind in ("title", "heading"):
            story.append(Paragraph(words, styles["Heading1" if p.kind == "title" else "Heading2"]))
        elif p.kind == "item":
            story.append(ListFlowable([Paragraph(html.escape(p.words.lstrip("-*• ")), styles["BodyText"])], bulletType="bullet"))
        elif p.kind == "table":
            size = max(map(len, p.rows))
            rows = [[Paragraph(html.escape(c), styles["BodyText"]) if len(c) > 24 else c for c in (*r, *[""] * (size - len(r)))] for r in p.rows]
            story.append(Table(rows, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
        else:
            story.append(Paragraph(words, styles["BodyText"]))
        story.append(Spacer(1, 4))
    d.build(story)
    return out.getvalue()


def office() -> str | None:
    """LibreOffice's command, where it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(files: Sequence[Path], to: str, folder: Path) -> list[Path]:
    """Files converted by LibreOffice, all in one start."""
    command = [
        str(office()),
        f"-env:UserInstallation=file://{folder / 'profile'}",
        "--headless",
        "--convert-to",
        to,
        "--outdir",
        str(folder),
        *map(str, files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [folder / f"{f.stem}.{to.split(':')[0]}" for f in files]


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in files.items():
            z.writestr(name, data)
    return out.getvalue()
