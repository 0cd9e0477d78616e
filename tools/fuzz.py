"""Mutate files of every format and read them: nothing may crash, hang, eat memory or lose the batch.

    python tools/fuzz.py [--files 20000] [--seed 1] [--memory MB] [--slow SECONDS]

Small reports are rendered into every format by the tests' own makers, then bytes are flipped, cut, doubled and joined with those of others, and
members of zipped formats are mutated inside their archive. Every file goes through the isolated reader, as `muster add` would read it. Prints
what became of the files by format and ends with 1 if a file was slower than `--slow`, ended the reader other than by its limits, or lost
the answer.
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import render  # noqa: E402 - the tests' makers
import test_formats as made  # noqa: E402
from musterroll.documents.isolated import Limits, Reader  # noqa: E402

TOKENS = (
    b"\x00", b"\xff" * 8, b"<", b">", b"</", b"<!ENTITY a 'b'>", b"<!DOCTYPE x [", b"]]>", b"&#0;", b"&#x110000;", b"{{", b"}}", b"{|", b"|}", b"[[",
    b"]]", b"<ref>", b"<table>", b"<td rowspan=99999>", b"<td colspan=99999>", b"endobj", b"stream", b"endstream", b"xref", b"/Length 999999999",
    b"/Kids [1 0 R]", b"/Count -1", b"\xe2\x80\xae", b"\xed\xa0\x80", b"9" * 400, b"(" * 300, b"A" * 5000, b"\r\n\r\n", b"--B", b"Content-Length: -1",
    b"PK\x03\x04", b"=?utf-8?q?=", b"\t", b"|", b",", b"\"", b"%s", b"../../",
)  # fmt: skip


def seeds() -> dict[str, bytes]:
    """A small file of every format."""
    report = render.pieces(made.TABLE)
    out = {f"r.{kind}": make(report) for kind, make in made.MAKERS.items()}
    out |= {
        "r.xlsx": render.xlsx(report),
        "r.txt": made.TABLE.encode(),
        "r.csv": b"Country;Left;Returned\nFrance;1700;250\nBelgium;470;118\n",
        "r.eml": made.message(),
        "r.mht": made.MHTML,
        "r.warc.gz": made.warc(),
        "r.xml": made.DUMP.encode(),
        "r.odt": odt(),
        "refs.wiki": made.WIKI.encode(),
        "r.zip": render.zipped({"a.txt": b"97 people left Norway.", "b.csv": b"a,b\n1,2\n", "c.html": render.page(report, "plain")}),
    }
    return out


def odt() -> bytes:
    """A small OpenDocument text with a heading, a note and a table."""
    names = ("office", "text", "table", "style", "xlink", "meta", "dc")
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names[:4])
    content = f"""<office:document-content {spaces}><office:body><office:text><text:h text:outline-level="1">Counts</text:h>
    <text:p>In 2015, 80 people left Finland<text:note><text:note-body><text:p>Police, 2016</text:p></text:note-body></text:note> for the war.</text:p>
    <table:table><table:table-row><table:table-cell><text:p>Country</text:p></table:table-cell><table:table-cell><text:p>Left</text:p></table:table-cell>
    </table:table-row><table:table-row><table:table-cell><text:p>Norway</text:p></table:table-cell><table:table-cell><text:p>97</text:p>
    </table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>"""
    return render.zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def mutated(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """The bytes with one to eight changes."""
    if data.startswith(b"PK") and rng.random() < 0.7:
        return _inside(data, rng, others)
    if data.startswith(b"\x1f\x8b") and rng.random() < 0.7:
        return gzip.compress(mutated(gzip.decompress(data), rng, others))
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(7)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del out[at : at + rng.randint(1, 200)]
        elif kind == 2:
            out[at:at] = rng.choice(TOKENS) * rng.choice((1, 1, 1, 2, 50))
        elif kind == 3:
            piece = bytes(out[at : at + rng.randint(1, 300)])
            out[at:at] = piece * rng.choice((1, 2, 20))
        elif kind == 4:
            other = rng.choice(others)
            start = rng.randrange(len(other) + 1)
            out[at:at] = other[start : start + rng.randint(1, 400)]
        elif kind == 5 and rng.random() < 0.2:
            del out[at:]
        elif out:
            out[at % len(out)] = rng.randrange(256)
        del out[400_000:]
    return bytes(out)


def _inside(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """A zip archive with one member mutated."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as z, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as w:
        names = z.namelist()
        victim = rng.choice(names)
        for n in names:
            content = z.read(n)
            w.writestr(n, mutated(content, rng, others) if n == victim and content and not content.startswith(b"PK") else content)
    return out.getvalue()


def main() -> int:
    p = argparse.ArgumentParser()
    p.add_argument("--files", type=int, default=20_000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--memory", type=int, default=2048)
    p.add_argument("--slow", type=float, default=20.0)
    p.add_argument("--keep", type=Path, default=None, help="folder for files that did harm")
    given = p.parse_args()
    rng = random.Random(given.seed)
    start = seeds()
    every = list(start.values())
    fates: dict[str, Counter[str]] = {name: Counter() for name in start}
    harm = 0
    slowest = (0.0, "")
    with Reader(Limits(memory=given.memory * 1024**2, seconds=given.slow)) as reader:
        for n in range(given.files):
            name = rng.choice(list(start))
            data = mutated(start[name], rng, every)
            began = time.monotonic()
            fate = "lost"
            for read in reader.read(data, name):
                why = read.fault.why if read.fault else ""
                fate = "read" if read.document is not None else "refused"
                if "more than" in why and ("seconds" in why or "memory" in why):
                    fate = "stopped at a limit"
                elif "made its reader fail" in why:
                    fate = "ended the reader"
                elif "could not be read (" in why:
                    fate = f"unforeseen {why.split('(')[1].split(':')[0]}"
            took = time.monotonic() - began
            slowest = max(slowest, (took, f"{name} #{n}"))
            fates[name][fate] += 1
            if fate in ("lost", "ended the reader", "stopped at a limit") or fate.startswith("unforeseen"):
                harm += fate in ("lost", "ended the reader", "stopped at a limit")
                if given.keep:
                    (given.keep / f"{n}-{fate.replace(' ', '_')}-{name}").write_bytes(data)
            if (n + 1) % 2000 == 0:
                print(f"{n + 1} files, {harm} with harm, slowest {slowest[0]:.1f} s ({slowest[1]})", file=sys.stderr, flush=True)
    for name, found in fates.items():
        print(f"{name:14} {found.total():6}  " + ", ".join(f"{k} {v}" for k, v in found.most_common()))
    print(f"{given.files} files, {harm} did harm, slowest {slowest[0]:.1f} s ({slowest[1]})")
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())
