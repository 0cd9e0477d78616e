"""From paths to reports: files with the notes beside them, archives, libraries of references with their attachments; scans through OCR if asked.

Everything that one file does wrong ends in a `Read` with a fault; the next file is read all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..errors import InputError, Unreadable
from ..records import content_hash
from . import Read, about, holds_several, library, load_bytes
from .about import About
from .isolated import Limits, Reader

OCR_SECONDS = 1800.0


class Intake:
    """Reads files one after the other. Close it, or use it as a context manager: it holds a process.

    `known` tells of a file's hash whether it was read before; such a file is given back unread, unless it holds several. `refused` tells why a
    file is not wanted.
    """

    def __init__(
        self,
        *,
        known: Callable[[str], bool] = lambda _: False,
        refused: Callable[[str], str | None] = lambda _: None,
        ocr: bool = False,
        limits: Limits = Limits(),
    ) -> None:
        self._reader = Reader(limits)
        self._known, self._refused, self._ocr = known, refused, ocr

    def __enter__(self) -> Intake:
        return self

    def __exit__(self, *exc: object) -> None:
        self._reader.close()

    def file(self, path: Path) -> Iterator[Read]:
        """Every report of a file, with what a note beside it says."""
        name = os.fsencode(path.name).decode("utf-8", "replace")  # whatever bytes it has, it can be kept and printed
        try:
            data = load_bytes(path)
            if name.lower().endswith(tuple(library.SUFFIXES)) and library.is_library(data, name):
                yield from self._library(path, data)
                return
            note = path.with_name(name + about.SUFFIX)
            known = about.beside(load_bytes(note), str(note)) if note.is_file() else About()
        except InputError as e:
            yield Read(name, b"", fault=e)
            return
        yield from self.given(data, name, known)

    def given(self, data: bytes, name: str, known: About = About()) -> Iterator[Read]:
        """Every report in bytes that came under a name."""
        file_hash = content_hash(data)
        if self._known(file_hash) and not holds_several(data, name):
            yield Read(name, data, known=True)
            return
        if why := self._refused(file_hash):
            yield Read(name, data, fault=Unreadable(name, why, "Look at them with: muster demo"))
            return
        found = self._reader.read(data, name, known)
        for read in list(found) if self._ocr else found:  # OCR asks the reader again, which must have ended its answer
            if read.fault is not None and self._ocr and "is a scan" in read.fault.why:
                read = self._recognised(read, known)
            if read.document is not None and self._known(content_hash(read.data)):
                read = replace(read, document=None, known=True)
            yield read

    def _recognised(self, read: Read, known: About) -> Read:
        """A scan read by OCR: its document is that of the scan's own bytes, with a note."""
        try:
            text = recognise(read.data, read.name)
        except Unreadable as e:
            return replace(read, fault=e)
        (again,) = self._reader.read(text, read.name, known)
        if again.document is None:
            return replace(read, fault=again.fault)
        notes = (*again.document.notes, "its text was recognised by OCR: look at the page before you rely on a number")
        return Read(read.name, read.data, replace(again.document, file_hash=content_hash(read.data), notes=notes))

    def _library(self, path: Path, data: bytes) -> Iterator[Read]:
        """The entries of a library, those with files as reports with the entry's data."""
        found = library.entries(data, path.name)
        for entry in found:
            if not entry.files:
                yield Read(f"{path.name}#{entry.key}", b"", entry=entry)
            for file in entry.files:
                label = f"{path.name}#{entry.key}"
                try:
                    content, name = _attachment(path.parent, file, label)
                except InputError as e:
                    yield Read(label, b"", fault=e, entry=entry)
                    continue
                for read in self.given(content, name, entry.about):
                    yield replace(read, entry=entry)


def _attachment(folder: Path, file: str, label: str) -> tuple[bytes, str]:
    """The bytes and name of a file that an entry names, which must lie in the library's folder.

    Raises Unreadable for one that lies elsewhere, and NotFound.
    """
    plain = file.removeprefix("file://").replace("\\", "/")
    path = (folder / plain) if not PurePosixPath(plain).is_absolute() else Path(plain)
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside:
        raise Unreadable(label, f"names the file {file}, which lies outside the library's folder", "Export the library with its files")
    return load_bytes(path), path.name


def recognise(data: bytes, name: str) -> bytes:
    """A scanned PDF with the text that OCR found behind its pictures. Raises Unreadable where OCR is not installed or fails."""
    command = shutil.which("ocrmypdf")
    if command is None:
        raise Unreadable(name, "is a scan, and no OCR is installed", "Install it: apt install ocrmypdf (Debian), brew install ocrmypdf (macOS)")
    with tempfile.TemporaryDirectory() as folder:
        scan, out = Path(folder) / "in.pdf", Path(folder) / "out.pdf"
        scan.write_bytes(data)
        try:
            subprocess.run(
                [command, "--quiet", "--skip-text", "--output-type", "pdf", "--jobs", "2", str(scan), str(out)],
                check=True,
                capture_output=True,
                timeout=OCR_SECONDS,
            )
            return out.read_bytes()
        except subprocess.TimeoutExpired:
            raise Unreadable(name, f"took OCR more than {OCR_SECONDS / 60:.0f} minutes", "Split it into parts") from None
        except (subprocess.CalledProcessError, OSError) as e:
            said = (getattr(e, "stderr", b"") or b"").decode(errors="replace").strip().splitlines()
            raise Unreadable(name, f"could not be read by OCR ({said[-1] if said else type(e).__name__})", "Run ocrmypdf on it yourself") from None
