"""E-mails and web pages saved as one file (MHTML): the words of the body; what is attached becomes documents of its own."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime

from ..errors import Unreadable
from ..records import Document, content_hash
from . import html, plain
from .about import About
from .build import Builder
from .encoding import decode
from .parts import ASSETS, Part

MEDIA = "message/rfc822"
MOST_PARTS = 1000
SHORT = 300  # characters


def read(data: bytes, name: str, media_type: str = MEDIA) -> Document:
    """The body of an e-mail. Raises Unreadable where it is none or has no words."""
    message = _message(data, name)
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        raise Unreadable(name, "is an e-mail without words", "Save what is attached to it, and add that")
    about = About(title=_header(message, "subject"), publisher=_sender(message), published=_day(message))
    words = _content(body, name)
    rich = message.get_body(preferencelist=("html",))
    if rich is not None and body.get_content_type() == "text/plain" and len(_content(rich, name)) > 20 * len(words) and len(words) < SHORT:
        body, words = rich, _content(rich, name)  # the plain part only says that the mail is to be seen elsewhere
    b = Builder(name, content_hash(data), media_type, "declared", body.get_content_charset() or "utf-8")
    if body.get_content_type() == "text/html":
        return html.read_text(words, b, about)
    if about.title:
        b.title(about.title)
    plain.lay_out(words, b)
    return b.document(about)


def read_mhtml(data: bytes, name: str, media_type: str) -> Document:
    """A web page saved as one file. Raises Unreadable where it holds no page."""
    message = _message(data, name)
    page = next((p for p in _walk(message) if p.get_content_type() in ("text/html", "application/xhtml+xml")), None)
    if page is None:
        raise Unreadable(name, "holds no web page", "Save the page again, as MHTML or HTML")
    address = _header(page, "content-location") or _header(message, "snapshot-content-location")
    about = About(retrieved=_day(message), url=address if address and address.startswith("http") else None)
    b = Builder(name, content_hash(data), media_type, "declared", page.get_content_charset() or "utf-8")
    return html.read_text(_content(page, name), b, about)


def attached(data: bytes, name: str) -> Iterator[Part]:
    """The e-mail itself, then the files attached to it."""
    message = _message(data, name)
    yield Part(name, data)
    for n, p in enumerate(message.iter_attachments(), 1):
        content = p.get_payload(decode=True)
        if p.get_content_type() == "message/rfc822" and isinstance(inner := p.get_payload(), list) and inner and not isinstance(inner[0], str):
            yield Part(f"{name}/forwarded-{n}.eml", inner[0].as_bytes())
        elif isinstance(content, bytes) and content and not (p.get_filename() or "").lower().endswith(ASSETS):
            file = (p.get_filename() or f"attachment-{n}").replace("/", "_").replace("\\", "_")
            yield Part(f"{name}/{file}", content, About(retrieved=_day(message)))


def _message(data: bytes, name: str) -> EmailMessage:
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
    except Exception as e:  # the standard parser raises whatever a broken header made it stumble over
        raise Unreadable(name, f"is no whole e-mail ({type(e).__name__})", "Save it again as .eml") from None
    if not isinstance(message, EmailMessage) or not message.keys():
        raise Unreadable(name, "is no e-mail: it has no headers", "Save it again as .eml")
    return message


def _walk(message: EmailMessage) -> Iterator[EmailMessage]:
    for n, p in enumerate(message.walk()):
        if n >= MOST_PARTS:
            return
        if isinstance(p, EmailMessage):
            yield p


def _content(part: MIMEPart, name: str) -> str:
    """The words of a text part in its own charset, or the likeliest."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        raise Unreadable(name, "has a body that cannot be decoded", "Save it again")
    charset = part.get_content_charset()
    try:
        return data.decode(charset or "utf-8")
    except (LookupError, UnicodeError, ValueError):
        return decode(data, name)[0] if data.strip() else ""


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        value = message.get(name)
    except Exception:  # a header that cannot be decoded says nothing
        return None
    return " ".join(str(value).split()) or None if value else None


def _sender(message: EmailMessage) -> str | None:
    words, address = parseaddr(_header(message, "from") or "")
    return words or address or None


def _day(message: EmailMessage) -> str | None:
    """The day it was sent."""
    try:
        return parsedate_to_datetime(_header(message, "date") or "").date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
