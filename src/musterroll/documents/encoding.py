"""Bytes to text, with the choice of encoding reported."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from ..errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"<meta[^>]+charset=[\"']?\s*([\w-]+)", re.I)
_NOT_PAGES = frozenset(("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape"))
_LATIN = ("cp1250", "cp1254", "latin_1", "cp1252")
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")  # bytes that this code page leaves undefined
_SAMPLE = 65_536  # bytes that are enough to guess an encoding


def decode(data: bytes, name: str, *, html: bool = False) -> tuple[str, str, str]:
    """(text, encoding, how). `how` is bom, declared, utf-8 or guessed.

    Raises Unreadable where the bytes are no text at all.
    """
    for bom, enc in _BOMS:
        if data.startswith(bom):
            return _strict(data, enc, name), enc, "bom"
    if html and (m := _META.search(data[:4096])):
        enc = m.group(1).decode("ascii", "replace").lower()
        try:
            if codecs.lookup(enc).name not in _NOT_PAGES and not enc.startswith(("utf-16", "utf-32", "utf16", "utf32")):
                return data.decode(enc), enc, "declared"
        except (LookupError, UnicodeError, ValueError):  # a page that lies about its encoding is common; what the bytes say decides
            enc = ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        if _binary(data):
            raise Unreadable(name, "this is binary data, not text", "Give text, Markdown or HTML") from None
        text = data.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        if broken <= 20 and 20 * broken < sum(b > 127 for b in data) and len(data) > 200:  # a few bad bytes spoil no UTF-8 file
            return text, "utf-8", f"utf-8, {broken} bad bytes replaced"
        best = from_bytes(data[:_SAMPLE], cp_isolation=["cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "latin_1"]).best()
        enc = best.encoding if best else "cp1252"
        if enc in _LATIN and all(b not in _NOT_CP1252 for b in data):
            enc = "cp1252"  # the guess between western pages is unsure on short texts; this is by far the commonest
        return data.decode(enc, "replace"), enc, "guessed"
    if _binary(data):
        raise Unreadable(name, "this is binary data, not text", "Give text, Markdown or HTML")
    return text, "utf-8", "utf-8"


def _strict(data: bytes, enc: str, name: str) -> str:
    try:
        return data.decode(enc)
    except UnicodeDecodeError as e:
        raise Unreadable(name, f"is marked as {enc} but breaks at byte {e.start}", "Save it again as UTF-8") from None


def _binary(data: bytes) -> bool:
    head = data[:_SAMPLE]
    if b"\x00" in head:
        return True
    odd = sum(b < 9 or 13 < b < 27 for b in head)
    return odd > 0.02 * len(head)
