"""XML and zipped XML opened so that neither can do harm: no entities, no network, and no more unpacked than a report may have."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from lxml import etree

from ..errors import Unreadable

LARGEST_UNPACKED = 256 * 1024 * 1024  # bytes of all members together
MOST_MEMBERS = 20_000
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError, KeyError)


def parse(data: bytes, name: str) -> Any:
    """The root element. Raises Unreadable where it is no XML or declares entities."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as e:
        raise Unreadable(name, f"holds broken XML ({str(e).splitlines()[0] if str(e) else 'empty'})", "Open and save it again") from None
    refuse_entities(root, name)
    return root


def refuse_entities(root: Any, name: str) -> None:
    """Raises Unreadable for a document type that declares entities: no report needs them, and attacks are made of them."""
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise Unreadable(name, "declares XML entities, which no report needs", "Open and save it again in a program you trust")


def open_zip(data: bytes, name: str, what: str) -> zipfile.ZipFile:
    """A zip archive whose members together stay within bounds. Raises Unreadable."""
    try:
        z = zipfile.ZipFile(io.BytesIO(data))
        members = z.infolist()
    except BROKEN as e:
        raise Unreadable(name, f"is no whole {what} ({_short(e)})", "Download or save it again") from None
    if len(members) > MOST_MEMBERS:
        raise Unreadable(name, f"holds {len(members):,} members, more than {MOST_MEMBERS:,}", "Unpack it and add the reports")
    size = sum(m.file_size for m in members)
    if size > LARGEST_UNPACKED:
        raise Unreadable(name, f"would unpack to {size / 1e6:,.0f} MB, more than {LARGEST_UNPACKED // 1024**2} MB", "Unpack it and add the reports")
    return z


def member(z: zipfile.ZipFile, path: str, name: str) -> bytes | None:
    """The bytes of a member; None where there is none. Raises Unreadable where it is damaged or locked."""
    try:
        with z.open(path) as f:
            return f.read(LARGEST_UNPACKED + 1)[:LARGEST_UNPACKED]
    except KeyError:
        return None
    except RuntimeError as e:
        if "password" in str(e) or "encrypted" in str(e):
            raise Unreadable(name, "is locked by a password", "Save it without one") from None
        raise Unreadable(name, f"is damaged ({_short(e)})", "Download or save it again") from None
    except BROKEN as e:
        raise Unreadable(name, f"is damaged ({_short(e)})", "Download or save it again") from None


def _short(e: BaseException) -> str:
    return (str(e).splitlines() or [type(e).__name__])[0][:120] or type(e).__name__
