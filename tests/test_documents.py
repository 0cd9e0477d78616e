"""Files become one unchangeable text, and bad files become one clear line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musterroll import documents
from musterroll.errors import NotFound, Unreadable

PAGE = """<!doctype html><html lang="en"><head><title>Who went</title><meta charset="utf-8">
<meta property="article:published_time" content="2016-03-04"></head><body>
<nav><a href="/">Home</a> <a href="/x">Subscribe to 12 newsletters</a></nav>
<article><h1>Who went</h1><h2>Finland</h2>
<p>Some 80 people left Finland, the security service said. Twenty of them have come back, and that was the
last word that anybody heard from the service for a long time, as it does not like to speak of such matters in public.</p>
<table><tr><th>Country</th><th>Left</th></tr><tr><td>Norway</td><td>97</td></tr></table>
<h2>Sweden</h2><p>About 300 people left Sweden, according to the police, who have been asked about this figure by three newspapers.</p>
</article><footer>Copyright 2016. Contact 0800 555 0142</footer></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_found_and_reported(tmp_path: Path, encoding: str) -> None:
    text = "Le ministère de l’Intérieur a compté près de 700 départs.\nDie Behörde zählt 60 Rückkehrer – früher waren es mehr.\n"
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    doc = documents.read(path)
    assert doc.text == text
    assert doc.encoding_how == {"utf-8": "utf-8", "cp1252": "guessed"}.get(encoding, "bom")


def test_html_keeps_headings_and_tables_and_drops_furniture(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    doc = documents.read(path)
    assert "Some 80 people left Finland" in doc.text
    assert "newsletters" not in doc.text
    assert "Contact" not in doc.text
    assert doc.published == "2016-03-04"
    assert doc.heading_at(doc.text.index("Some 80")) == "Finland"
    assert doc.heading_at(doc.text.index("About 300")) == "Sweden"
    rows = [doc.text[b.start : b.end] for b in doc.blocks if b.kind == "row"]
    assert "Norway | 97" in rows


def test_structure_of_plain_text() -> None:
    text = "A TITLE\n\nFinland\n\nSome 80 left. Mr. Smith, of no. 5, said so.[12] Then it ended.\n\n- one item\n- another item\n\nEnd."
    doc = documents.from_text(text)
    assert [b.kind for b in doc.blocks] == ["title", "heading", "paragraph", "item", "item", "paragraph"]
    sentences = [s.of(text) for s in doc.sentences]
    assert "Some 80 left." in sentences
    assert "Mr. Smith, of no. 5, said so.[12]" in sentences or "Mr. Smith, of no. 5, said so." in sentences


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    words = ("In the spring the agency counted people who had gone abroad and it found that " * 6).split()
    lines, line = [], ""
    for w in words:
        if len(line) + len(w) > 70:
            lines.append(line)
            line = ""
        line = f"{line} {w}".strip()
    text = "\n".join([*lines, line + "."])
    assert len(documents.from_text(text).blocks) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("aB1 .\n\t!?#=|-“”[](),"), max_size=200))
def test_spans_stay_inside_the_text_and_in_order(text: str) -> None:
    doc = documents.from_text(text)
    for spans in (doc.blocks, doc.sentences):
        last = 0
        for s in spans:
            assert last <= s.start < s.end <= len(doc.text)
            last = s.end


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b"  \n\t ", "is empty"),
        ("junk.txt", bytes(range(256)) * 40, "binary"),
        ("report.pdf", b"%PDF-1.7 \n...", "PDF"),
        ("sheet", b"PK\x03\x04....", "ZIP"),
        ("nothing.html", b"<html><body><script>var x = 1</script></body></html>", "no text"),
    ],
)
def test_bad_files_say_why_and_what_to_do(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=why) as e:
        documents.read(path)
    assert name in str(e.value)
    assert e.value.remedy


def test_missing_large_and_forbidden_files(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        documents.read(tmp_path / "none.txt")
    large = tmp_path / "large.txt"
    with large.open("wb") as f:
        f.truncate(200_000_000)
    with pytest.raises(Unreadable, match="200 MB"):
        documents.read(large)
    locked = tmp_path / "locked.txt"
    locked.write_text("40 people left.")
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        assert os.geteuid() == 0, "only root may read a file without rights"
    else:
        with pytest.raises(Unreadable, match="may not be read"):
            documents.read(locked)
    locked.chmod(stat.S_IRUSR | stat.S_IWUSR)


@pytest.mark.parametrize(
    "text",
    [
        "1.  The ministry said that 60 had left. Of them 12 were killed.\n2.  Police counted 40 in 2015.\n3.  Sweden said 30 had left.",
        "In 2015 the ministry said that 60 had left.  By May\n2017 the number was 80 in all of the country.  Eight were\nwomen.",
        "Q:  How many left in 2015?\nA:  The ministry says that about 60 of them have left the country.",
    ],
)
def test_prose_with_wide_spaces_is_no_table(text: str) -> None:
    assert "row" not in {b.kind for b in documents.from_text(text).blocks}


def test_columns_kept_apart_by_white_space_are_a_table() -> None:
    text = "Country          Dec 2013      Jan 2015\nChina            6-100         300\nAll countries    3,300-11,000  20,730"
    assert [b.kind for b in documents.from_text(text).blocks] == ["row"] * 3
