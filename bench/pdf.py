"""Time and memory of reading PDFs of 125 to 1,000 pages, beside pdfplumber's own text extraction. Each reading runs in a process of its own.

    python bench/pdf.py [PAGES ...]        default: 125 250 500 1000

Prints a row a size: seconds of the processor and peak memory of both, seconds a page, and the ratio. pdfplumber reads no more than the plain
text here (`extract_text` of every page); the reader of this package finds paragraphs, tables, footnotes and the box of every word as well.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = "from musterroll import documents; d = documents.read_bytes(data, 'r.pdf'); print(len(d.text), len(d.layout.pages), len(d.layout.tables))"
THEIRS = (
    "import io, pdfplumber\n"
    "n = 0\n"
    "with pdfplumber.open(io.BytesIO(data)) as pdf:\n"
    "    for page in pdf.pages:\n"
    "        n += len(page.extract_text())\n"
    "        page.close()\n"
    "print(n)"
)
MEASURE = "\nimport resource\nu = resource.getrusage(resource.RUSAGE_SELF)\nprint(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)"


def report(pages: int) -> bytes:
    """A report of so many pages: prose in paragraphs, a ruled table on every tenth page, running heads."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    c = canvas.Canvas(out, pagesize=A4)
    words = "In {y} the ministry of the interior said that {n} people had left {p} for the war and that {m} of them had come back since then."
    places = ("Norway", "Sweden", "Denmark", "Finland", "Tunisia", "Morocco", "Jordan", "Kosovo")
    for page in range(pages):
        c.setFont("Helvetica", 8)
        c.drawString(72, 800, "Yearbook of the institute")
        c.drawCentredString(297, 30, str(page + 1))
        c.setFont("Times-Roman", 11)
        y = 770
        while y > (300 if page % 10 == 9 else 60):
            k = page * 40 + int(y)
            text = words.format(y=2011 + k % 9, n=20 + k % 700, p=places[k % 8], m=3 + k % 19)
            c.drawString(72, y, text[:88])
            c.drawString(72, y - 13, text[88:])
            y -= 34
        if page % 10 == 9:
            c.setStrokeColor(colors.black)
            for r in range(9):
                for k, cell in enumerate(("Country", "Left", "Returned") if not r else (places[r - 1], str(40 + r * page % 90), str(r + 2))):
                    c.rect(72 + k * 120, 260 - r * 18, 120, 18)
                    c.drawString(76 + k * 120, 265 - r * 18, cell)
        c.showPage()
    c.save()
    return out.getvalue()


def measured(code: str, file: Path) -> tuple[float, float, str]:
    """(seconds of the processor, peak megabytes, what it printed) of a fresh process that reads the file."""
    program = f"data = open({str(file)!r}, 'rb').read()\n{code}{MEASURE}"
    lines = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip().splitlines()
    seconds, megabytes = map(float, lines[-1].split())
    return seconds, megabytes, " ".join(lines[:-1])


def main() -> None:
    sizes = [int(a) for a in sys.argv[1:]] or [125, 250, 500, 1000]
    print(f"{'pages':>6} {'MB':>8} | {'s':>6} {'ms/page':>8} {'peak MB':>8} | {'plumber s':>9} {'peak MB':>8} | {'s ratio':>8}   text, pages, tables")
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            file = Path(folder) / f"{n}.pdf"
            file.write_bytes(report(n))
            ours, theirs = measured(OURS, file), measured(THEIRS, file)
            print(
                f"{n:>6} {file.stat().st_size / 1e6:>8.1f} | {ours[0]:>6.1f} {1000 * ours[0] / n:>8.1f} {ours[1]:>8.0f} | {theirs[0]:>9.1f} "
                f"{theirs[1]:>8.0f} | {ours[0] / theirs[0]:>8.2f}   {ours[2]}",
                flush=True,
            )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
