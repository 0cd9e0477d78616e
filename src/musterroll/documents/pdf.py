"""PDF files: paragraphs in reading order without running heads, tables, footnotes; every word with its page and box."""

from __future__ import annotations

import re
from typing import Any

from ..errors import Unreadable
from ..records import Document, content_hash
from . import pdfflow, pdftables
from .about import About, iso
from .build import Builder
from .pdfpage import runs, words

MEDIA = "application/pdf"
MOST_PAGES = 20_000
_JUNK = re.compile(
    r"microsoft (word|powerpoint)\b|untitled|.*\.(docx?|pdf|odt|rtf|qxd|indd|tex|html?|xlsx?|dvi)\s*$|(slide|document)\s*\d*$",
    re.I,
)
_DAY = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?")
ENOUGH = 25  # letters on a page in the mean, with fewer it is a picture of a page
LEAST_PATHS = 4  # lines and rectangles of a page that may hold a table


def read(data: bytes, name: str, media_type: str = MEDIA) -> Document:
    """A document from a PDF. Raises Unreadable for locked, broken and scanned ones."""
    import pypdfium2  # slow to import, needed only here
    import pypdfium2.raw as raw

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as e:
        if "password" in str(e).lower():
            raise Unreadable(name, "is locked by a password", "Save it without one, for example by printing it to PDF") from None
        raise Unreadable(name, "is no whole PDF", "Download it again, or open it and save it anew") from None
    try:
        return _read(pdf, raw, data, Builder(name, content_hash(data), media_type))
    except pypdfium2.PdfiumError as e:
        raise Unreadable(name, f"is a damaged PDF ({e})", "Download it again, or open it and save it anew") from None
    finally:
        pdf.close()


def _read(pdf: Any, raw: Any, data: bytes, b: Builder) -> Document:
    count = len(pdf)
    if not count:
        raise Unreadable(b.name, "is a PDF without pages", "Download it again")
    if count > MOST_PAGES:
        b.notes.append(f"only the first {MOST_PAGES:,} of {count:,} pages were read")
        count = MOST_PAGES
    ruled = pdftables.Finder(data)
    pages: list[pdfflow.Sheet] = []
    broken: list[int] = []
    pictures = 0
    for n in range(count):
        try:
            page = pdf[n]
        except MemoryError:
            raise
        except Exception:  # a page object that is damaged; the others stay readable
            broken.append(n + 1)
            continue
        textpage = None
        try:
            width, height = page.get_size()
            left, bottom, _, _ = page.get_cropbox()
            textpage = page.get_textpage()
            found = runs(n + 1, list(words(textpage, raw, width, height, page.get_rotation(), (left, bottom))))
            paths = sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=2)) if found else 0
            if not found:
                pictures += any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2))
            tables = ruled.find(n, found) if paths >= LEAST_PATHS else []
            pages.append(pdfflow.Sheet(n + 1, width, height, _label(pdf, n), found, tables))
        except MemoryError:
            raise
        except Exception:  # whatever is wrong with this page, the others stay readable
            broken.append(n + 1)
        finally:
            if textpage is not None:
                textpage.close()
            page.close()
    ruled.close()
    letters = sum(len(w.text) for s in pages for r in s.runs for w in r.words)
    if letters < ENOUGH * max(1, min(len(pages), 3)) and (pictures or letters == 0):
        raise Unreadable(
            b.name,
            f"is a scan: its {count} pages are pictures without text" if pictures else f"has no text on its {count} pages",
            "Add it with --ocr (needs ocrmypdf and tesseract: apt install ocrmypdf), or find a copy with text",
        )
    if broken:
        b.notes.append(f"pages that could not be read: {', '.join(map(str, broken[:20]))}{' …' if len(broken) > 20 else ''}")
    if pictures:
        b.notes.append(f"{pictures} pages are pictures without text")
    if ruled.failed:
        b.notes.append(f"tables not told apart on pages {', '.join(map(str, ruled.failed[:20]))}")
    pdfflow.lay_out(pages, b)
    return b.document(_about(pdf))


def _label(pdf: Any, n: int) -> str | None:
    try:
        return pdf.get_page_label(n) or None
    except Exception:  # a damaged tree of labels; pages keep their numbers
        return None


def _about(pdf: Any) -> About:
    try:
        info = pdf.get_metadata_dict(skip_empty=True)
    except Exception:  # damaged metadata say nothing
        return About()
    title = " ".join(str(info.get("Title", "")).split())
    day = _DAY.match(str(info.get("CreationDate", "")))
    authors = tuple(a.strip() for a in re.split(r"[;,]| and ", str(info.get("Author", ""))) if a.strip())
    return About(
        title=title if title and not _JUNK.match(title) else None,
        authors=authors[:20],
        created=iso("-".join(x for x in day.groups() if x)) if day else None,
    )
