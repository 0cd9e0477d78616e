"""Web pages: the main text with its headings, lists, tables and notes; navigation, banners and scripts left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..errors import Unreadable
from ..records import Document, content_hash
from .about import About, iso, language_code
from .build import Builder, Content, one_line
from .encoding import decode

_BLOCKS = frozenset(("head", "p", "quote", "code", "ab", "list", "table"))
_LANG = re.compile(r"<html[^>]+lang=[\"']?([a-zA-Z]{2})", re.I)
_LABEL = re.compile(r"[\[(]?\s*(?:note |nb |n\. ?)?([0-9]{1,4}|[a-z]{1,2}|[ivx]{1,5}|\*{1,3}|[†‡§])\s*[\])]?", re.I)
_ORDINAL = frozenset(("st", "nd", "rd", "th", "er", "re", "e", "o", "tm", "sm"))
_BACK = re.compile(r"^[\s^↑↩*†]*(?:(?:[a-z]\b|\d+[.)]|\[\d+\])\s+)*")
_NOTES = ("li", "p", "div", "dd", "td", "span", "aside", "section", "tr")
_GONE = ("script", "style", "noscript", "template", "svg")
# spaces that belong to numbers, as private characters while the library makes all spaces alike
_KEPT = {"\u00a0": "\ue0a0", "\u202f": "\ue02f", "\u2009": "\ue009"}
_BETWEEN = re.compile("(?<=\\d)[\u00a0\u202f\u2009](?=\\d)")
_SPACE_ENTITY = re.compile(r"(?<=\d)&(nbsp|thinsp|#160|#xa0|#8239|#x202f|#8201|#x2009);(?=\d)", re.I)
_ENTITIES = {"nbsp": "\u00a0", "#160": "\u00a0", "#xa0": "\u00a0", "thinsp": "\u2009", "#8201": "\u2009", "#x2009": "\u2009"}
LONGEST_NOTE = 2000
MOST_DEPTH = 400  # levels of nested elements; a page of more is made to be unreadable


def read(data: bytes, name: str, media_type: str = "text/html") -> Document:
    """A document from a saved web page. Raises Unreadable where no text is left once the page's furniture is gone."""
    text, encoding, how = decode(data, name, html=True)
    return read_text(text, Builder(name, content_hash(data), media_type, how, encoding))


def read_text(html: str, b: Builder, known: About = About()) -> Document:
    """A document from a page in hand; `known` is what is known of it from elsewhere."""
    from trafilatura import bare_extraction, load_html  # slow to import, needed only here

    clean = _BETWEEN.sub(lambda m: _KEPT[m.group()], _plain_spaces(html))
    tree = load_html(clean)
    if tree is None:  # a bare fragment of a page
        tree = load_html(f"<html><body>{clean}</body></html>")
    if tree is None or _depth(tree) > MOST_DEPTH:
        raise Unreadable(b.name, "no text was found in this page", "Save the page after it has loaded, or give its text")
    titles = _titles(tree)
    notes = _notes(tree)
    tables = [t for t in tree.iter("table") if t.find(".//table") is None]
    grids = {_signature(t): grid(t) for t in tables}
    page: Any = bare_extraction(
        tree,
        include_tables=True,
        include_comments=False,
        include_links=False,
        favor_recall=True,
        with_metadata=True,
        deduplicate=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    title = page.title if page is not None and page.title and _letters(page.title) in titles else None
    if title:
        b.title(title)
    bare = b.length
    if page is not None and page.body is not None:
        _walk(page.body, b, grids)
    if b.length == bare:
        _everything(tree, b, grids)
    if b.length == bare:
        raise Unreadable(b.name, "no text was found in this page", "Save the page after it has loaded, or give its text")
    if notes:
        b.heading("References", 2)
        for label, words, url in notes:
            b.note(label, words, url)
    lang = _LANG.search(html[:4000])
    found = (
        About()
        if page is None
        else About(
            title=title,
            publisher=page.sitename,
            authors=tuple(a.strip() for a in (page.author or "").split(";") if a.strip()),
            published=_date(page.date, html),
            url=page.url,
            licence=page.license,
            language=language_code(page.language) or (lang.group(1).lower() if lang else None),
        )
    )
    return b.document(known.over(found))


def _plain_spaces(html: str) -> str:
    """No-break and thin spaces within numbers as characters, however they were written."""
    return _SPACE_ENTITY.sub(lambda m: _ENTITIES.get(m.group(1).lower(), "\u202f"), html)


def _everything(tree: Any, b: Builder, grids: dict[str, tuple[list[list[Content]], str]]) -> None:
    """All blocks of a page in which no main text can be told apart: a very short one, or one of nothing but a table."""
    for e in tree.iter("h1", "h2", "h3", "h4", "p", "li", "table", "pre", "blockquote", "div"):
        inside = next((a for a in e.iterancestors("table")), None)
        if e.tag == "table":
            if e.find(".//table") is None:
                rows, caption = grids.get(_signature(e)) or grid(e)
                b.table(rows, caption=caption)
        elif inside is not None or (e.tag in ("div", "blockquote") and len(e)):
            continue
        elif e.tag[0] == "h" and e.tag[1:].isdecimal():
            b.heading(e.text_content(), int(e.tag[1:]))
        elif e.tag == "li":
            b.item(e.text_content())
        else:
            b.paragraph(e.text_content())
    if not b.length:
        b.paragraph(tree.text_content())


def _depth(tree: Any) -> int:
    """Levels of nested elements, without recursion."""
    deepest, level = 0, 0
    from lxml.etree import iterwalk

    for event, _ in iterwalk(tree, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest


def _date(found: str | None, html: str) -> str | None:
    """The page's own date; one padded from a bare year is none, because it stands nowhere in the page."""
    if not found or (found.endswith("-01-01") and found not in html):
        return None
    return iso(found)


def _titles(tree: Any) -> str:
    """The letters of everything that the page calls its title; the library takes the next best words where there is none."""
    named = [e.text_content() for e in tree.iter("title", "h1")]
    named += [e.get("content") or "" for e in tree.iter("meta") if str(e.get("property") or e.get("name") or "").lower().endswith("title")]
    named += [e.text or "" for e in tree.iter("script") if e.get("type") == "application/ld+json"]
    return " ".join(map(_letters, named))


def _letters(words: str) -> str:
    return "".join(ch for ch in words.casefold() if ch.isalnum())


def _notes(tree: Any) -> list[tuple[str, str, str | None]]:
    """(label, words, address) of the footnotes that links within the page lead to. They leave the tree; the links become "[label]"."""
    for gone in list(tree.iter(*_GONE)):
        gone.drop_tree()
    targets = {i: e for e in tree.iter(*_NOTES) if (i := e.get("id"))}
    targets |= {i: e.getparent() for e in tree.iter("a") if (i := e.get("id") or e.get("name")) and i not in targets and e.getparent() is not None}
    labels: dict[str, str] = {}
    marks: list[tuple[Any, str]] = []
    for a in list(tree.iter("a")):
        href = a.get("href") or ""
        target = targets.get(href[1:]) if href.startswith("#") else None
        m = _LABEL.fullmatch(one_line(a.text_content()))
        if m is None or target is None or not _is_note(target, a) or a in target.iterdescendants() or not _after_words(a):
            continue
        label = labels.get(href)
        if label is None:
            label = m.group(1).lower()
            if label in labels.values():
                label = str(len(labels) + 1)
                while label in labels.values():
                    label += "1"
            labels[href] = label
        marks.append((a, label))
    out = []
    for href, label in labels.items():
        target = targets[href[1:]]
        url = next((u for a in target.iter("a") if (u := a.get("href") or "").startswith(("http://", "https://"))), None)
        for a in list(target.iter("a")):
            if (a.get("href") or "").startswith("#"):
                a.drop_tree()
        words = _BACK.sub("", one_line(target.text_content()))
        if words:
            out.append((label, words, url))
    for a, label in marks:
        _become(a, f"[{label}]")
    for href in labels:
        target = targets[href[1:]]
        if target.getparent() is not None:
            target.drop_tree()
    for sup in list(tree.iter("sup")):
        words = one_line(sup.text_content())
        if (m := _LABEL.fullmatch(words)) and words.lower() not in _ORDINAL:
            _become(sup, f"[{m.group(1).lower()}]")
    return out


def _is_note(target: Any, a: Any) -> bool:
    """May an element be a footnote: short words with no heading or table; behind a bare link only an entry of a list or what is named a note?"""
    if target.tag not in _NOTES or target.tag == "section" or len(target.text_content()) > LONGEST_NOTE:
        return False
    if next(target.iter("h1", "h2", "h3", "h4", "h5", "h6", "table"), None) is not None or sum(1 for _ in target.iter("p")) > 4:
        return False
    marked = a.text_content().strip()[:1] in "[(" or any(e.tag == "sup" for e in (a.getparent(), *a.iterancestors(), *a) if e is not None)
    named = f"{target.get('id') or ''} {target.get('class') or ''}".lower()
    return marked or target.tag in ("li", "dd") or any(w in named for w in ("note", "fn", "ref", "cite"))


def _after_words(a: Any) -> bool:
    """Does a link stand behind words, as a mark does, and not alone, as an entry of a table of contents?"""
    box = a.getparent()
    while box is not None and box.tag in ("sup", "span", "b", "i", "small"):
        box = box.getparent()
    return box is not None and len(one_line(box.text_content())) > len(one_line(a.text_content())) + 3


def _become(element: Any, words: str) -> None:
    """Plain words in place of an element."""
    tail = element.tail or ""
    element.tail = None
    before, parent = element.getprevious(), element.getparent()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + words + tail
    else:
        parent.text = (parent.text or "") + words + tail
    parent.remove(element)


def grid(table: Any) -> tuple[list[list[Content]], str]:
    """(rows of cells, caption) of an HTML table."""
    rows = []
    for tr in table.iter("tr"):
        rows.append(
            [
                Content(_cell(c), _reach(c.get("rowspan")), _reach(c.get("colspan")), c.tag == "th" or _in_head(tr))
                for c in tr
                if c.tag in ("td", "th")
            ]
        )
    caption = table.find(".//caption")
    return rows, one_line(caption.text_content()) if caption is not None else ""


def _cell(cell: Any) -> str:
    """The words of a cell, with a space where a line breaks."""
    for br in cell.iter("br", "p", "div", "li"):
        br.tail = " " + (br.tail or "")
    return one_line(cell.text_content())


def _reach(value: str | None) -> int:
    return min(int(value), 1000) if value and value.strip().isdecimal() and len(value) < 6 and int(value) else 1


def _in_head(tr: Any) -> bool:
    parent = tr.getparent()
    return parent is not None and parent.tag == "thead"


def _signature(table: Any) -> str:
    """The table's letters and digits, by which it is known again once its markup is gone."""
    return "".join(ch for part in table.itertext() for ch in part if ch.isalnum())


def _walk(node: Any, b: Builder, grids: dict[str, tuple[list[list[Content]], str]]) -> None:
    """Blocks of a container; words that stand between blocks are paragraphs of their own."""
    loose = [node.text or ""]

    def flush() -> None:
        b.paragraph("".join(loose))
        loose.clear()

    for child in node:
        tag = child.tag
        if tag in _BLOCKS or any(d.tag in _BLOCKS for d in child.iterdescendants()):
            flush()
            _block(child, b, grids)
        else:
            loose.append("".join(child.itertext()))
        loose.append(child.tail or "")
    flush()


def _block(node: Any, b: Builder, grids: dict[str, tuple[list[list[Content]], str]]) -> None:
    tag = node.tag
    if tag == "head":
        level = str(node.get("rend") or "h2")[-1:]
        b.heading("".join(node.itertext()), int(level) if level.isdecimal() else 2)
    elif tag == "list":
        for item in node:
            if item.tag == "item" and not any(d.tag in _BLOCKS for d in item.iterdescendants()):
                b.item("".join(item.itertext()))
            else:
                _walk(item, b, grids)
    elif tag == "table":
        rows, caption = grids.get(_signature(node)) or (list(_flat_rows(node)), "")
        if sum(len(r) > 1 for r in rows) or len(rows) > 1:
            b.table(rows, caption=caption)
        else:  # a table that only frames words
            for cell in node.iter("cell"):
                _walk(cell, b, grids)
    elif any(d.tag in _BLOCKS for d in node.iterdescendants()):
        _walk(node, b, grids)
    else:
        b.paragraph("".join(node.itertext()))


def _flat_rows(table: Any) -> Iterator[list[Content]]:
    """Rows of a table as the extraction left it."""
    for row in table.iter("row"):
        yield [Content("".join(c.itertext()), heading=c.get("role") == "head") for c in row if c.tag == "cell"]
