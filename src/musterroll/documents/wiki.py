"""Wikitext: templates stripped, references kept as notes with their addresses, tables and infoboxes as tables."""

from __future__ import annotations

import re
from typing import Any

from ..records import Document, content_hash
from .about import About
from .build import Builder, Content, one_line
from .encoding import decode

MEDIA = "text/x-wiki"
LONGEST = 4_000_000  # characters; the longest articles have a tenth of it
# templates that print their first value
_SHOWN = frozenset(
    (
        *("nowrap", "nobr", "lang", "transl", "abbr", "small", "big", "center", "nobold", "formatnum", "nts", "num", "ntsh", "sort", "convert"),
        *("flagcountry", "flag", "flagu", "country", "citizenship", "lang-fr", "lang-ar", "lang-de", "lang-ru", "ill", "interlanguage link"),
        *("quote", "blockquote", "cquote", "quotation", "circa", "c.", "as of", "asof"),
    )
)
_LAST = frozenset(("lang", "transl", "sort"))  # those that print their last
_CITATION = (
    "last",
    "last1",
    "author",
    "author1",
    "first",
    "title",
    "chapter",
    "work",
    "website",
    "newspaper",
    "journal",
    "publisher",
    "date",
    "year",
)
_CITED = re.compile(r"\s*(?:cite|citation|vcite|harvnb|sfn|webarchive|cit )", re.I)
_INFOBOX = re.compile(r"\s*(?:infobox|campaignbox|sidebar)", re.I)
_LINK_PREFIX = re.compile(r"(?:file|image|category|datei|fichier|bestand|archivo|catégorie|kategorie|categoría|categorie):", re.I)
_ITEM = re.compile(r"^[*#:;]+\s*")
_HEADING = re.compile(r"^(={1,6})\s*(.+?)\s*\1\s*$")
_TOKEN = re.compile("\ue000(\\d+)\ue001")  # private characters that stand for a reference or a table until the words are laid out
_LINES = re.compile(r"\n")


def read(data: bytes, name: str, media_type: str = MEDIA) -> Document:
    """A document from a page of wikitext."""
    text, encoding, how = decode(data, name)
    b = Builder(name, content_hash(data), media_type, how, encoding)
    return read_text(text, b, About())


def read_text(text: str, b: Builder, about: About) -> Document:
    """A document from wikitext in hand."""
    import mwparserfromhell  # slow to import, needed only here

    if len(text) > LONGEST:
        b.notes.append(f"only the first {LONGEST:,} characters were read")
    code = mwparserfromhell.parse(text[:LONGEST].replace("\ue000", "").replace("\ue001", ""))
    p = _Page(b)
    words = p.print(code)
    if about.title:
        b.title(about.title)
    p.lay_out(words)
    for label, (note, url) in p.notes.items():
        b.note(label, note, url)
    return b.document(about)


class _Page:
    """One walk over the nodes of a page."""

    def __init__(self, b: Builder) -> None:
        self._b = b
        self.notes: dict[str, tuple[str, str | None]] = {}
        self._names: dict[str, str] = {}
        self._tables: list[tuple[list[list[Content]], str]] = []

    def print(self, code: Any, depth: int = 0) -> str:
        """The words that nodes print; a reference as "[label]", a table as a private mark on a line of its own."""
        if depth > 40:
            return ""
        out = []
        for node in code.nodes:
            kind = type(node).__name__
            if kind == "Text":
                out.append(str(node.value))
            elif kind == "Wikilink":
                if not _LINK_PREFIX.match(str(node.title).strip().lstrip(":")):
                    out.append(self.print(node.text, depth + 1) if node.text is not None else str(node.title))
            elif kind == "ExternalLink":
                out.append(self.print(node.title, depth + 1) if node.title is not None else str(node.url))
            elif kind == "Template":
                out.append(self._template(node, depth))
            elif kind == "Tag":
                out.append(self._tag(node, depth))
            elif kind == "Heading":
                out.append(f"\n{'=' * node.level} {one_line(self.print(node.title, depth + 1))} {'=' * node.level}\n")
            elif kind == "HTMLEntity":
                try:
                    out.append(node.normalize())
                except (ValueError, OverflowError):  # a number beyond Unicode
                    out.append(" ")
        return "".join(out)

    def _tag(self, node: Any, depth: int) -> str:
        tag = str(node.tag).lower().strip()
        if tag == "ref":
            return self._reference(node, depth)
        if tag == "references" or tag in ("gallery", "timeline", "math", "score", "syntaxhighlight"):
            if tag == "references" and node.contents is not None:
                self.print(node.contents, depth + 1)
            return ""
        if tag == "table":
            self._tables.append(self._table(node, depth))
            return f"\n\n\ue000{len(self._tables) - 1}\ue001\n\n"
        if tag == "br":
            return " "
        if tag in ("li", "dd", "dt"):
            return str(node.wiki_markup or "* ")
        if tag == "sup" and node.contents is not None:
            words = one_line(self.print(node.contents, depth + 1))
            return f"[{words}]" if words.isdecimal() and len(words) < 4 else words
        return self.print(node.contents, depth + 1) if node.contents is not None else ""

    def _reference(self, node: Any, depth: int) -> str:
        name = next((one_line(str(a.value)).strip("\"'") for a in node.attributes if str(a.name).strip().lower() == "name"), None)
        note = ""
        url = None
        if node.contents is not None:
            note = one_line(_TOKEN.sub("", self.print(node.contents, depth + 1)))
            url = next((str(x.url) for x in node.contents.ifilter_external_links()), None) or next(
                (u for t in node.contents.ifilter_templates() if (u := _value(t, "url"))), None
            )
        label = self._names.get(name) if name else None
        if label is None:
            label = str(len(self.notes) + 1)
            if name:
                self._names[name] = label
            self.notes[label] = (note, url)
        elif note and not self.notes[label][0]:
            self.notes[label] = (note, url)
        return f"[{label}]"

    def _template(self, t: Any, depth: int) -> str:
        name = one_line(str(t.name)).lower().replace("_", " ")
        if _CITED.match(name):
            return self._citation(t, depth)
        if _INFOBOX.match(name):
            rows = [
                [Content(one_line(str(p.name)).replace("_", " "), heading=True), Content(one_line(self.print(p.value, depth + 1)))]
                for p in t.params
                if p.showkey and not str(p.name).strip().lower().startswith(("image", "map", "caption", "coord", "width", "alt"))
            ]
            rows = [[a, c] for a, c in rows if c.words]
            if rows:
                self._tables.append((rows, ""))
                return f"\n\n\ue000{len(self._tables) - 1}\ue001\n\n"
            return ""
        if name in ("ubl", "plainlist", "flatlist", "unbulleted list", "hlist", "bulleted list", "collapsible list"):
            return "; ".join(one_line(self.print(p.value, depth + 1)) for p in t.params if not p.showkey)
        if name in ("snd", "spaced ndash", "ndash", "dash"):
            return " – "
        if name in ("efn", "refn", "notetag", "note") and t.params:
            label = str(len(self.notes) + 1)
            self.notes[label] = ("", None)
            self.notes[label] = (one_line(self.print(t.params[0].value, depth + 1)), None)
            return f"[{label}]"
        if name.startswith("formatnum:"):
            return name.removeprefix("formatnum:")
        if name.split("|")[0] in _SHOWN or name in _SHOWN:
            plain = [p for p in t.params if not p.showkey]
            if plain:
                value = one_line(self.print(plain[-1 if name in _LAST else 0].value, depth + 1))
                if name == "convert" and len(plain) > 1:  # what is converted is a length or the like
                    value += f" {one_line(str(plain[1].value))}"
                if name in ("as of", "asof"):
                    value = "-".join(one_line(str(p.value)).zfill(2) for p in plain[:3])
                return f"as of {value}" if name in ("as of", "asof") else value
        return ""

    def _citation(self, t: Any, depth: int) -> str:
        """A cited work in one line: who, title, where, when."""
        found = [one_line(self.print(t.get(k).value, depth + 1)) for k in _CITATION if t.has(k, ignore_empty=True)]
        plain = [one_line(self.print(p.value, depth + 1)) for p in t.params if not p.showkey]
        return ", ".join(x for x in (found or plain) if x)

    def _table(self, node: Any, depth: int) -> tuple[list[list[Content]], str]:
        rows: list[list[Content]] = [[]]
        caption = ""
        for part in node.contents.nodes if node.contents is not None else ():
            tag = str(part.tag).lower().strip() if type(part).__name__ == "Tag" else ""
            if tag == "tr":
                row = [self._cell(c, depth) for c in part.contents.nodes if type(c).__name__ == "Tag" and str(c.tag).strip() in ("td", "th")]
                rows.append(row)
            elif tag in ("td", "th"):
                cell = self._cell(part, depth)
                if not rows[0] and tag == "td" and cell.words.startswith("+"):  # how the parser leaves a caption
                    caption = cell.words.lstrip("+ ")
                else:
                    rows[0].append(cell)
            elif tag == "caption" or (type(part).__name__ == "Text" and str(part).lstrip().startswith("|+")):
                caption = one_line(self.print(part.contents if tag else part, depth + 1) if tag else str(part).lstrip()[2:])
        return [r for r in rows if r], caption

    def _cell(self, cell: Any, depth: int) -> Content:
        reach = {str(a.name).strip().lower(): str(a.value).strip(" \"'") for a in cell.attributes if a.value is not None}
        across, down = (int(v) if (v := reach.get(k, "1")).isdecimal() and len(v) < 4 else 1 for k in ("colspan", "rowspan"))
        words = one_line(_TOKEN.sub("", self.print(cell.contents, depth + 1))) if cell.contents is not None else ""
        return Content(words, max(1, down), max(1, across), str(cell.tag).strip() == "th")

    def lay_out(self, words: str) -> None:
        """Printed words as blocks: lines of one paragraph joined, headings, items and tables on their own."""
        b = self._b
        loose: list[str] = []

        def flush() -> None:
            b.paragraph(" ".join(loose))
            loose.clear()

        for raw in _LINES.split(words):
            line = raw.strip()
            if m := _HEADING.match(line):
                flush()
                if len(m.group(1)) == 1:
                    b.title(m.group(2))
                else:
                    b.heading(m.group(2), len(m.group(1)))
            elif m := _TOKEN.fullmatch(line):
                flush()
                rows, caption = self._tables[int(m.group(1))]
                b.table(rows, caption=caption)
            elif line.startswith(("|+", "__")):
                continue
            elif m := _ITEM.match(line):
                flush()
                b.item(line[m.end() :])
            elif not line:
                flush()
            else:
                loose.append(line)
        flush()


def _value(template: Any, key: str) -> str | None:
    """A parameter of a template that is an address."""
    value = one_line(str(template.get(key).value)) if template.has(key) else ""
    return value if value.startswith(("http://", "https://")) else None
