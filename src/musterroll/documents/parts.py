"""Files that hold several reports: archives, e-mails with attachments, web archives, dumps of a wiki.

`parts` gives what a file holds, archives within archives too, within one budget of bytes, members and depth. Nothing is ever written to the
disk: a member's name is a label behind the archive's, never a path.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..errors import Unreadable
from . import about as notes
from . import library
from .about import About

# what a saved page or a mail brings along that is no report
ASSETS = (".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".woff", ".woff2", ".ttf", ".mp3", ".mp4", ".ds_store")
DEEPEST = 4  # archives within archives
MOST_PARTS = 20_000
LARGEST = 512 * 1024 * 1024  # bytes of all parts together


@dataclass(frozen=True)
class Part:
    """One report's bytes, its name, what the archive says of it, and the fault where it could not be taken out."""

    name: str
    data: bytes
    about: About = About()
    fault: Unreadable | None = None


@dataclass
class Budget:
    """How much may still be taken out of one file."""

    parts: int = MOST_PARTS
    size: int = LARGEST
    spent: bool = field(default=False)

    def take(self, part: Part, whole: str) -> None:
        """Count a part. Raises Unreadable where there are too many or they are too large."""
        self.parts -= 1
        self.size -= len(part.data)
        if self.parts < 0 or self.size < 0:
            raise Unreadable(whole, "holds more than can be read at once; what came before is kept", "Unpack it and add the reports by folders")


Unpacker = Callable[[bytes, str], Iterator[Part]]


def parts(data: bytes, name: str, find: Callable[[bytes, str], Unpacker | None], depth: int = 0, budget: Budget | None = None) -> Iterator[Part]:
    """Every report in a file; the file itself where it holds but one. `find` gives the way to open a file that holds several.

    A part that cannot be taken out is given with its fault, and the others follow.
    """
    budget = budget or Budget()
    unpack = find(data, name)
    if unpack is None:
        yield Part(name, data)
        return
    if depth >= DEEPEST:
        yield Part(name, b"", fault=Unreadable(name, f"lies more than {DEEPEST} archives deep", "Unpack it and add the reports"))
        return
    try:
        for part in unpack(data, name):
            if part.fault is not None:
                yield part
                continue
            if part.name == name:  # the message around its attachments
                yield part
                continue
            budget.take(part, name)
            for inner in parts(part.data, part.name, find, depth + 1, budget):
                yield inner if inner.name != part.name else Part(inner.name, inner.data, part.about.over(inner.about), inner.fault)
    except Unreadable as e:
        yield Part(name, b"", fault=e)


def zip_members(data: bytes, name: str) -> Iterator[Part]:
    """The files of a ZIP archive, each with the note that lies beside it."""
    from .xml import member, open_zip

    z = open_zip(data, name, "ZIP archive")
    files = [m for m in z.infolist() if not m.is_dir() and not _hidden(m.filename)]
    beside = {m.filename: m for m in files if m.filename.endswith(notes.SUFFIX)}
    libraries = [m for m in files if m.filename.lower().endswith((".ris", ".bib"))]
    named: dict[str, About] = {}
    for m in libraries:
        try:
            for e in library.entries(member(z, m.filename, name) or b"", m.filename):
                named |= {posixpath.normpath(posixpath.join(posixpath.dirname(m.filename), f)): e.about for f in e.files}
        except Unreadable as e:
            yield Part(f"{name}/{_label(m.filename)}", b"", fault=e)
    for m in files:
        if m.filename in beside or m in libraries or m.filename.lower().endswith(ASSETS):
            continue
        label = f"{name}/{_label(m.filename)}"
        try:
            content = member(z, m.filename, label) or b""
            note = beside.get(m.filename + notes.SUFFIX)
            known = notes.beside(member(z, note.filename, label) or b"", f"{label}{notes.SUFFIX}") if note else About()
            known = known.over(named.get(posixpath.normpath(m.filename), About()))
        except Unreadable as e:
            yield Part(label, b"", fault=e)
            continue
        yield Part(label, content, known)


def _hidden(path: str) -> bool:
    """What systems leave in archives beside the files: folders of their own, dot files, locks of open documents."""
    return any((p.startswith((".", "~$")) and p not in (".", "..")) or p == "__MACOSX" for p in PurePosixPath(path.replace("\\", "/")).parts)


def _label(path: str) -> str:
    """A member's path as a plain label: no root, no way up, nothing that does not print."""
    kept = [p for p in path.replace("\\", "/").split("/") if p not in ("", ".", "..")]
    return "".join(ch if ch.isprintable() else "_" for ch in "/".join(kept))[-200:] or "unnamed"


def warc_records(data: bytes, name: str) -> Iterator[Part]:
    """The pages and files that a web archive got from the net, with address and day."""
    from warcio.archiveiterator import ArchiveIterator  # slow to import, needed only here
    from warcio.exceptions import ArchiveLoadFailed

    kinds = {
        "text/html": ".html",
        "application/xhtml+xml": ".html",
        "application/pdf": ".pdf",
        "text/plain": ".txt",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
        "text/csv": ".csv",
    }
    try:
        for record in ArchiveIterator(io.BytesIO(data)):
            if record.rec_type not in ("response", "resource"):
                continue
            head = record.http_headers
            kind = (head.get_header("Content-Type") if head else record.content_type) or ""
            suffix = kinds.get(kind.split(";")[0].strip().lower())
            if suffix is None or (head is not None and head.get_statuscode() not in ("200", "203")):
                continue
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            content = record.content_stream().read(LARGEST)
            known = About(url=url if url.startswith("http") else None, retrieved=notes.iso(record.rec_headers.get_header("WARC-Date")))
            label = _label(url.split("://", 1)[-1].split("?")[0]) or "page"
            if not label.lower().endswith((suffix, ".htm")):
                label += suffix
            yield Part(f"{name}/{label}", content, known)
    except (ArchiveLoadFailed, EOFError, ValueError, OSError, AttributeError, TypeError, KeyError) as e:
        raise Unreadable(name, f"is no whole web archive ({type(e).__name__}: {str(e)[:80]})", "Download or save it again") from None


def wiki_pages(data: bytes, name: str) -> Iterator[Part]:
    """The articles of a MediaWiki dump (newest revision given), redirects and talk left out."""
    from lxml import etree

    from .xml import refuse_entities

    site = ""
    about_page: dict[str, str] = {}
    try:
        context = etree.iterparse(io.BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        for _, element in context:
            tag = etree.QName(element).localname
            if tag == "base":
                refuse_entities(element, name)
                site = (element.text or "").rsplit("/", 1)[0]
            elif tag == "page":
                field = {etree.QName(e).localname: e for e in element.iter(etree.Element)}
                about_page = {k: (field[k].text or "") for k in ("title", "ns", "timestamp", "text") if k in field}
                title = about_page.get("title", "").strip()
                if about_page.get("ns", "0") == "0" and "redirect" not in field and about_page.get("text"):
                    url = f"{site}/{title.replace(' ', '_')}" if site.startswith("http") else None
                    known = About(title=title or None, published=notes.iso(about_page.get("timestamp")), url=url, publisher=_host(site))
                    text = f"= {title} =\n\n{about_page['text']}" if title else about_page["text"]
                    yield Part(f"{name}/{_label(title)}.wiki", text.encode(), known)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except (etree.XMLSyntaxError, ValueError, TypeError) as e:
        reason = (str(e).splitlines() or [""])[0]
        raise Unreadable(name, f"is no whole wiki dump ({reason}); what came before is kept", "Export the pages again") from None


def _host(site: str) -> str | None:
    return site.split("://", 1)[-1].split("/", 1)[0] or None
