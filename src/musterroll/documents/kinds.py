"""Which reader a file needs: by what its first bytes say, else by its name. Names lie, bytes do less."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

from ..errors import Unreadable
from ..records import Document
from . import docx, html, mail, odt, parts, pdf, plain, sheets, wiki
from .parts import Unpacker

Reader = Callable[[bytes, str, str], Document]

_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# suffix → (media type, reader)
READERS: dict[str, tuple[str, Reader]] = {
    ".txt": ("text/plain", plain.read),
    ".text": ("text/plain", plain.read),
    ".md": ("text/markdown", plain.read),
    ".markdown": ("text/markdown", plain.read),
    ".html": ("text/html", html.read),
    ".htm": ("text/html", html.read),
    ".xhtml": ("text/html", html.read),
    ".pdf": (pdf.MEDIA, pdf.read),
    ".docx": (docx.MEDIA, docx.read),
    ".docm": (docx.MEDIA, docx.read),
    ".odt": (odt.MEDIA, odt.read),
    ".xlsx": (_BOOK, sheets.read_xlsx),
    ".xlsm": (_BOOK, sheets.read_xlsx),
    ".csv": ("text/csv", sheets.read_csv),
    ".tsv": ("text/tab-separated-values", sheets.read_csv),
    ".wiki": (wiki.MEDIA, wiki.read),
    ".wikitext": (wiki.MEDIA, wiki.read),
    ".mediawiki": (wiki.MEDIA, wiki.read),
    ".eml": (mail.MEDIA, mail.read),
    ".mht": ("multipart/related", mail.read_mhtml),
    ".mhtml": ("multipart/related", mail.read_mhtml),
}
# suffix → how to open a file that holds several
UNPACKERS: dict[str, Unpacker] = {
    ".zip": parts.zip_members,
    ".warc": parts.warc_records,
    ".gz": parts.warc_records,  # of .warc.gz
    ".xml": parts.wiki_pages,
    ".eml": mail.attached,
}
PLAIN = frozenset((".txt", ".text", ".md", ".markdown"))
# formats that reports come in and that this version cannot read: named, so that a folder loses none of them silently
KNOWN_UNREAD = frozenset((".doc", ".rtf", ".xls", ".ods", ".epub", ".msg", ".pages", ".ppt", ".pptx", ".odp", ".djvu"))
_CLOSED = (
    (b"\xd0\xcf\x11\xe0", "an old Office file or an Outlook message", "Save it as .docx, .xlsx or .eml"),
    (b"{\\rtf", "a rich text file", "Save it as .docx or .odt"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it and add the reports"),
    (b"rar!", "a RAR archive", "Unpack it and add the reports"),
    (b"\x89png", "a picture", "Add it as a PDF with --ocr"),
    (b"\xff\xd8\xff", "a picture", "Add it as a PDF with --ocr"),
)
_PAGE = (b"<!doctype html", b"<html")


def suffix(name: str) -> str:
    """The suffix that counts, lower case."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def kind(data: bytes, name: str) -> str:
    """The suffix that the bytes deserve, whatever the name says. Raises Unreadable for formats that are known but not read."""
    said = suffix(name)
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, what, remedy in _CLOSED:
        if head.startswith(magic.lower()):
            raise Unreadable(name, f"is {what}, which this version does not read", remedy)
    if b"%pdf-" in data[:1024].lower():
        return ".pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(data, name)
    if data.startswith(b"\x1f\x8b"):
        if said in (".gz", ".warc"):
            return ".gz"
        raise Unreadable(name, "is compressed by gzip", "Unpack it and add the reports")
    if head.startswith(b"warc/"):
        return ".warc"
    if b"<mediawiki" in head:
        return ".xml"
    if said in (".mht", ".mhtml", ".eml"):
        return said
    if head.startswith(_PAGE) or (head.startswith(b"<?xml") and b"<html" in head):
        return ".html"
    if said in KNOWN_UNREAD:
        raise Unreadable(name, f"is a {said[1:].upper()} file, which this version does not read", "Save it as text, PDF or HTML first")
    if said in (".pdf", ".docx", ".docm", ".odt", ".xlsx", ".xlsm", ".zip", ".gz", ".warc"):
        if not _is_text(data):
            raise Unreadable(name, f"is no {said[1:].upper()} file, or a damaged one", "Download or save it again")
        return ".txt"
    return said if said in READERS and said != ".xml" else ".txt"


def _is_text(data: bytes) -> bool:
    return b"\x00" not in data[:4096] and sum(b < 9 or 13 < b < 27 for b in data[:4096]) < 10


def _zipped(data: bytes, name: str) -> str:
    """What a zip archive is: a Word file, a workbook, an OpenDocument text, or a plain archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            names = set(z.namelist())
            typed = z.read("mimetype")[:100] if "mimetype" in names and z.getinfo("mimetype").file_size < 200 else b""
    except Exception:  # a damaged archive: its reader says so
        said = suffix(name)
        return said if said in (".docx", ".docm", ".odt", ".xlsx", ".xlsm") else ".zip"
    if "word/document.xml" in names:
        return ".docx"
    if "xl/workbook.xml" in names:
        return ".xlsx"
    if typed.startswith(b"application/vnd.oasis.opendocument.text"):
        return ".odt"
    if typed.startswith((b"application/epub", b"application/vnd.oasis")) or "ppt/presentation.xml" in names:
        raise Unreadable(name, "is an e-book, presentation or OpenDocument sheet, which this version does not read", "Save it as PDF first")
    said = suffix(name)
    return said if said in (".docx", ".docm", ".odt", ".xlsx", ".xlsm") else ".zip"


def unpacker(data: bytes, name: str) -> Unpacker | None:
    """How to open a file that holds several reports; None for one that is a report itself."""
    try:
        return UNPACKERS.get(kind(data, name))
    except Unreadable:  # reading it says why
        return None
