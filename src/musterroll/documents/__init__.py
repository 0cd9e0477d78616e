"""Bytes → one unchangeable text with its structure. One reader a format; `READERS` is the whole list."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from ..errors import NotFound, Unreadable
from ..records import Document
from . import html, plain
from .plain import from_text

Reader = Callable[[bytes, str, str], Document]

# suffix → (media type, reader)
READERS: dict[str, tuple[str, Reader]] = {
    ".txt": ("text/plain", plain.read),
    ".text": ("text/plain", plain.read),
    ".md": ("text/markdown", plain.read),
    ".markdown": ("text/markdown", plain.read),
    ".wiki": ("text/plain", plain.read),
    ".html": ("text/html", html.read),
    ".htm": ("text/html", html.read),
    ".xhtml": ("text/html", html.read),
}
# formats that reports come in and that this version cannot read: named, so that a folder loses none of them silently
KNOWN_UNREAD = frozenset((".pdf", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".eml", ".mht", ".mhtml", ".zip", ".epub"))
LARGEST = 64 * 1024 * 1024  # bytes; a report is never longer, and a file that is would hold up all others


def read(path: str | Path) -> Document:
    """The document in a file.

    Raises NotFound or Unreadable, each with the remedy.
    """
    p = Path(path)
    return read_bytes(load_bytes(p), p.name)


def load_bytes(p: Path) -> bytes:
    """The bytes of a file, or an error that says why not."""
    try:
        info = p.stat()
        size = info.st_size
        if stat.S_ISDIR(info.st_mode):
            if not os.access(p, os.R_OK | os.X_OK):
                raise Unreadable(p, "may not be read by you", f"Change its rights, for example: chmod u+rx {p}")
            raise Unreadable(p, "is a folder, not a file", "Give the files in it, or use a command that reads folders")
        if not stat.S_ISREG(info.st_mode):
            raise Unreadable(p, "is no ordinary file", "Copy its content into a file, or pipe it in with -")
        if size > LARGEST:
            raise Unreadable(p, f"is {size / 1e6:.0f} MB, more than the {LARGEST // 1024**2} MB a report may have", "Split it into parts")
        return p.read_bytes()
    except FileNotFoundError:
        raise NotFound(p, "no such file", "Check the path") from None
    except PermissionError:
        raise Unreadable(p, "may not be read by you", f"Change its rights, for example: chmod u+r {p}") from None
    except OSError as e:
        raise Unreadable(p, f"cannot be read ({os.strerror(e.errno) if e.errno else e})", "Check the disk or the name") from None


def read_bytes(data: bytes, name: str) -> Document:
    """The document in bytes that came under `name`; the name's suffix, else a look at the bytes, picks the reader."""
    if not data.strip():
        raise Unreadable(name, "is empty", "Leave it out, or save it again")
    if len(data) > LARGEST:
        raise Unreadable(name, f"is more than the {LARGEST // 1024**2} MB a report may have", "Split it into parts")
    suffix = Path(name).suffix.lower()
    if suffix in KNOWN_UNREAD:
        raise Unreadable(name, f"is a {suffix[1:].upper()} file, which this version does not read", "Save it as text or HTML first")
    if suffix in READERS:
        media, reader = READERS[suffix]
    else:
        media, reader = sniff(data, name)
    return reader(data, name, media)


def sniff(data: bytes, name: str) -> tuple[str, Reader]:
    """Reader for a name without a known suffix. Raises Unreadable for formats that are known but not read."""
    head = data[:512].lstrip().lower()
    for magic, what in ((b"%pdf", "PDF"), (b"pk\x03\x04", "a ZIP, Word or spreadsheet file"), (b"\xd0\xcf\x11\xe0", "an old Office file")):
        if head.startswith(magic):
            raise Unreadable(name, f"is {what}, which this version does not read", "Save it as text or HTML first")
    if head.startswith((b"<!doctype html", b"<html")):
        return READERS[".html"]
    return READERS[".txt"]


__all__ = ["KNOWN_UNREAD", "LARGEST", "READERS", "from_text", "load_bytes", "read", "read_bytes", "sniff"]
