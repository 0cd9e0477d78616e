"""Bytes → one unchangeable text with its structure. One reader a format; `kinds.READERS` is the whole list.

`read_all` gives every report a file holds, `isolated.Reader` does the same in a process of its own with bounds on time and memory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import MusterError, NotFound, Unreadable
from ..records import Document
from . import parts
from .about import About
from .kinds import KNOWN_UNREAD, READERS, UNPACKERS, kind, suffix, unpacker
from .language import detect
from .library import Entry
from .plain import from_text

LARGEST = 64 * 1024 * 1024  # bytes; a report is never longer, and a file that is would hold up all others
LARGEST_ARCHIVE = 512 * 1024 * 1024


@dataclass(frozen=True)
class Read:
    """What became of one report: its document, or its fault. `data` are the bytes it was read from.

    `known` tells of a file that need not be read again; `entry` is the entry of a library of references that names it.
    """

    name: str
    data: bytes
    document: Document | None = None
    fault: MusterError | None = None
    known: bool = False
    entry: Entry | None = None


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
        most = LARGEST_ARCHIVE if suffix(p.name) in UNPACKERS else LARGEST
        if size > most:
            raise Unreadable(p, f"is {size / 1e6:.0f} MB, more than the {most // 1024**2} MB it may have", "Split it into parts")
        return p.read_bytes()
    except FileNotFoundError:
        raise NotFound(p, "no such file", "Check the path") from None
    except PermissionError:
        raise Unreadable(p, "may not be read by you", f"Change its rights, for example: chmod u+r {p}") from None
    except OSError as e:
        raise Unreadable(p, f"cannot be read ({os.strerror(e.errno) if e.errno else e})", "Check the disk or the name") from None


def read_bytes(data: bytes, name: str, about: About = About()) -> Document:
    """The document in bytes that came under `name`. A look at the bytes, else the name's suffix, picks the reader; `about` goes before what the
    file says of itself. Raises Unreadable.
    """
    if not data.strip():
        raise Unreadable(name, "is empty", "Leave it out, or save it again")
    if len(data) > LARGEST:
        raise Unreadable(name, f"is more than the {LARGEST // 1024**2} MB a report may have", "Split it into parts")
    is_a = kind(data, name)
    if is_a not in READERS:
        return _only(data, name, about)
    media, reader = READERS[is_a]
    document = detect(about.on(reader(data, name, media)), sure=about.language is not None)
    said = suffix(name)
    if said in READERS and READERS[said][0] != media:
        document = replace(document, notes=(*document.notes, f"is named {said} but was read as {is_a}"))
    return document


def _only(data: bytes, name: str, about: About) -> Document:
    """The document in an archive that holds but one. Raises Unreadable for others."""
    found = [r for _, r in zip(range(2), read_all(data, name, about), strict=False)]
    if len(found) == 1 and found[0].document is not None:
        return found[0].document
    if len(found) == 1 and found[0].fault is not None:
        raise found[0].fault
    raise Unreadable(name, "holds several reports" if found else "holds no report", "Add it to a ledger: muster add, or give the reports one by one")


def read_all(data: bytes, name: str, about: About = About(), *, skip: int = 0, announce: Callable[[str], None] = lambda _: None) -> Iterator[Read]:
    """Every report in a file, with those in archives; a fault of one does not stop the others.

    The first `skip` are left out, and of each of the others `announce` is told before it is read.
    """
    if not data.strip():
        yield Read(name, data, fault=Unreadable(name, "is empty", "Leave it out, or save it again"))
        return
    seen: dict[str, int] = {}
    for part in parts.parts(data, name, unpacker):
        label = part.name
        n = seen[label] = seen.get(label, 0) + 1
        if n > 1:  # two members of one name stay two documents
            label = f"{label} ({n})"
        if sum(seen.values()) <= skip:
            continue
        announce(label)
        if part.fault is not None:
            yield Read(label, part.data, fault=part.fault)
            continue
        try:
            yield Read(label, part.data, read_bytes(part.data, label, (about if part.name == name else About()).over(part.about)))
        except MusterError as e:
            yield Read(label, part.data, fault=e)
        except RecursionError:
            yield Read(label, part.data, fault=Unreadable(label, "is nested too deeply to be a report", "Open it and save it again"))
        except MemoryError:
            raise
        except Exception as e:  # whatever a library stumbled over, the next report is another one
            why = f"could not be read ({type(e).__name__}: {str(e)[:120]})"
            yield Read(label, part.data, fault=Unreadable(label, why, "It is damaged; open it and save it anew"))
    if not seen:
        yield Read(name, data, fault=Unreadable(name, "holds no report", "Look into it; it may be empty or of another kind"))


def holds_several(data: bytes, name: str) -> bool:
    """Is a file an archive of reports?"""
    return unpacker(data, name) is not None


__all__ = [
    "KNOWN_UNREAD",
    "LARGEST",
    "READERS",
    "UNPACKERS",
    "About",
    "Read",
    "from_text",
    "holds_several",
    "load_bytes",
    "read",
    "read_all",
    "read_bytes",
]
