"""The printed words of a PDF page with their boxes, in the order of the file, and the runs of words that stand on one line.

Lengths are in points from the upper left corner of the page as it is shown.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .build import one_line

RAISED = 0.85  # a mark is printed smaller than this share of the letters before it
WIDE_GAP = 1.5  # ems between words that do not read on
SAME_LINE = 0.5  # share of its height by which a word overlaps its line
MOST_CHARS = 200_000  # of one page


@dataclass(slots=True)
class Word:
    """A word with its box. `glued` joins it to the word before; a `mark` is a raised footnote mark."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    glued: bool = False
    mark: bool = False


@dataclass(slots=True)
class Run:
    """Words that stand side by side on one line of a page and read on."""

    page: int
    words: list[Word]

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return max(w.right for w in self.words)

    @property
    def top(self) -> float:
        return min(w.top for w in self.plain)

    @property
    def bottom(self) -> float:
        return max(w.bottom for w in self.plain)

    @property
    def plain(self) -> list[Word]:
        """The words that are no marks; all where all are."""
        return [w for w in self.words if not w.mark] or self.words

    @property
    def size(self) -> float:
        return max(self.plain, key=lambda w: len(w.text)).size

    @property
    def bold(self) -> bool:
        return sum(len(w.text) for w in self.words if w.bold) * 2 > sum(len(w.text) for w in self.words)

    @property
    def text(self) -> str:
        return join(self.words)


def join(words: Sequence[Word]) -> str:
    """Words as a line of text."""
    return "".join(("" if w.glued or not n else " ") + w.text for n, w in enumerate(words))


def words(textpage: Any, raw: Any, width: float, height: float, rotation: int, corner: tuple[float, float]) -> Iterator[Word]:
    """Words of a page in the order of the file. `corner` is the lower left corner of what is shown; `rotation` in degrees clockwise."""
    page = textpage.raw
    count = min(raw.FPDFText_CountChars(page), MOST_CHARS)
    box, unicode, loose, size, weight = raw.FS_RECTF(), raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, raw.FPDFText_GetFontSize, 0
    at = ctypes.byref(box)
    letters: list[str] = []
    now: Word | None = None
    high = 0

    def done() -> Word | None:
        nonlocal now
        if now is None:
            return None
        now.text = one_line("".join(letters))
        letters.clear()
        finished, now = now, None
        return finished if finished.text else None

    gap = True  # white space stood before
    for k in range(count):
        code = unicode(page, k)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
            high = 0
        if code <= 32 or code in (0xFFFE, 0xFFFF):
            if code == 0xFFFE or code == 2:  # how the library writes a hyphen at the end of a line
                letters.append("-")
            if w := done():
                yield w
            gap = True
            continue
        if not loose(page, k, at):
            continue
        left, top, right, bottom = _turned(box, width, height, rotation, corner)
        tall = bottom - top
        if now is not None:
            was = now.bottom - now.top
            smaller = was > 0 and abs(tall / was - 1) > 0.12 and abs((top + bottom) - (now.top + now.bottom)) > 0.1 * was
            if smaller or left < now.left - 1 or left - now.right > 0.6 * max(tall, 1):
                moved = left - now.right > 0.6 * max(tall, 1) or left < now.left - 1
                if w := done():
                    yield w
                gap = moved
        if now is None:
            weight = raw.FPDFText_GetFontWeight(page, k)
            now = Word("", left, top, right, bottom, float(size(page, k)) or tall, weight >= 600, not gap)
            gap = False
        else:
            now.right, now.top, now.bottom = max(now.right, right), min(now.top, top), max(now.bottom, bottom)
        letters.append(chr(code))
    if w := done():
        yield w


def _turned(box: Any, width: float, height: float, rotation: int, corner: tuple[float, float]) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) on the page as it is shown."""
    x0, x1, y0, y1 = box.left - corner[0], box.right - corner[0], box.bottom - corner[1], box.top - corner[1]
    if rotation == 90:
        return y0, x0, y1, x1
    if rotation == 180:
        return width - x1, y0, width - x0, y1
    if rotation == 270:
        return width - y1, height - x1, width - y0, height - x0
    return x0, height - y1, x1, height - y0


def runs(page: int, found: Sequence[Word]) -> list[Run]:
    """Words put together where they stand on one line and read on; raised marks told apart."""
    out: list[Run] = []
    for w in found:
        last = out[-1].words[-1] if out else None
        if last is None:
            out.append(Run(page, [w]))
            continue
        run = out[-1]
        lap = min(w.bottom, run.bottom) - max(w.top, run.top)
        near = -2 * w.size < w.left - last.right < WIDE_GAP * max(w.size, last.size)
        if lap < SAME_LINE * min(w.bottom - w.top, last.bottom - last.top) or not near:
            w.glued = False
            out.append(Run(page, [w]))
            continue
        base = run.plain[-1]
        if _is_mark(w, base) and not base.mark:
            w.mark, w.text = True, f"[{w.text.strip('[]()').lower()}]"
            w.glued = True
        run.words.append(w)
    for run in out:  # a line that opens with a raised mark is a footnote
        first, rest = run.words[0], run.words[1:]
        if rest and _is_mark(first, rest[0]):
            first.mark = True
            first.text = f"[{first.text.strip('[]()').lower()}]"
            rest[0].glued = False
    return out


def _is_mark(w: Word, base: Word) -> bool:
    words = w.text.strip("[]()")
    if not ((words.isdecimal() and len(words) <= 3) or (len(words) == 1 and (words.isalpha() or words in "*†‡§"))) or (
        not words.isascii() and words not in "†‡§"
    ):
        return False
    tall, was = w.bottom - w.top, base.bottom - base.top
    return tall < RAISED * was and w.bottom < base.bottom - 0.12 * was
