"""Find known phrases in tokenised text, in one pass.

A phrase is a sequence of lower-case tokens under the key of its first one. Capital letters decide only where the phrase asks for it:
an abbreviation ("IS") must match letter by letter, a name must begin with a capital, an ordinary word matches either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Words, numbers (with separators inside) and single marks. Hyphens and apostrophes stand alone, so that "al-X" and "X-led" meet the same entries.
TOKEN = re.compile(
    r"\d+(?:[.,\u00a0\u2009\u202f'’](?=\d)\d+)*"
    r"|[^\W\d_]+"
    r"|[^\s\w]|_"
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text cut into tokens: lower-case form, original form, and character offsets, all of equal length."""

    low: tuple[str, ...]
    raw: tuple[str, ...]
    start: tuple[int, ...]
    end: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.low)

    def part(self, i: int, j: int) -> Tokens:
        """Tokens i … j-1; offsets stay those of the whole text."""
        return Tokens(self.low[i:j], self.raw[i:j], self.start[i:j], self.end[i:j])


def tokenise(text: str) -> Tokens:
    """Cut `text` into tokens. Offsets are characters of `text`."""
    low: list[str] = []
    raw: list[str] = []
    start: list[int] = []
    end: list[int] = []
    for m in TOKEN.finditer(text):
        word = m.group()
        raw.append(word)
        low.append("'" if word in "’‘`" else word.lower())
        start.append(m.start())
        end.append(m.end())
    return Tokens(tuple(low), tuple(raw), tuple(start), tuple(end))


@dataclass(frozen=True, slots=True)
class Hit:
    """A known phrase at tokens i … j-1. `kind` names the list it stands in, `value` what it means there."""

    kind: str
    value: str
    form: str
    i: int
    j: int


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[str, ...]
    raw: tuple[str, ...]
    kind: str
    value: str
    form: str
    case: int  # 0 any, 1 first letter capital, 2 exact


class Matcher:
    """All phrases of a codebook, ready to be found."""

    def __init__(self) -> None:
        self._single: dict[str, list[_Entry]] = {}
        self._longer: dict[tuple[str, ...], list[_Entry]] = {}  # by the first two words, the longest phrase first
        self._seen: set[tuple[tuple[str, ...], tuple[str, ...], str, str]] = set()

    def add(self, phrase: str, kind: str, value: str, form: str = "", *, cased: bool = False) -> None:
        """Learn a phrase. With `cased` it must begin with a capital; abbreviations must match exactly."""
        toks = tokenise(phrase)
        if not toks.low:
            return
        letters = "".join(c for c in phrase if c.isalpha())
        case = 0
        if cased and letters:
            short_upper = letters.isupper() and len(letters) <= 5
            case = 2 if short_upper or (len(letters) <= 4 and letters[:1].isupper()) else 1 if letters[0].isupper() else 0
        key = (toks.low, toks.raw if case == 2 else (), kind, value)
        if key in self._seen:
            return
        self._seen.add(key)
        entry = _Entry(toks.low, toks.raw, kind, value, form, case)
        if len(toks.low) == 1:
            self._single.setdefault(toks.low[0], []).append(entry)
            return
        bucket = self._longer.setdefault(toks.low[:2], [])
        bucket.append(entry)
        bucket.sort(key=lambda e: -len(e.words))

    def find(self, tokens: Tokens) -> tuple[Hit, ...]:
        """Every hit, in order; within one kind only the longest at a place, but several values of equal length."""
        out: list[Hit] = []
        low, raw, n = tokens.low, tokens.raw, len(tokens)
        busy: dict[str, int] = {}  # kind → first token free again
        for i in range(n):
            longer = self._longer.get(low[i : i + 2], ())
            single = self._single.get(low[i], ())
            if not longer and not single:
                continue
            best: dict[str, int] = {}
            for e in (*longer, *single):
                k = len(e.words)
                if i + k > n or (k > 1 and low[i : i + k] != e.words):
                    continue
                if e.case == 1 and not raw[i][:1].isupper():
                    continue
                if e.case == 2 and raw[i : i + k] != e.raw:
                    continue
                if busy.get(e.kind, 0) > i or best.get(e.kind, k) > k:
                    continue
                best[e.kind] = k
                out.append(Hit(e.kind, e.value, e.form, i, i + k))
            for kind, k in best.items():
                busy[kind] = i + k
        return tuple(out)


def plural(word: str) -> str:
    """The regular English plural of the last word of a phrase."""
    if re.search(r"(s|x|z|ch|sh)$", word):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + "s"


def verb_forms(lemma: str, irregular: Iterable[str] = ()) -> set[str]:
    """Every form of an English verb. `irregular` holds the forms that no rule gives; they replace the regular past."""
    head, _, tail = lemma.partition(" ")
    tail = f" {tail}" if tail else ""
    given = set(irregular)
    if tail and given:  # forms of a phrasal verb are listed whole
        return given | {lemma, plural(head) + tail}
    forms = {head, plural(head)}
    stem = head[:-1] if head.endswith("e") and not head.endswith(("ee", "ye")) else head
    double = re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", head) is not None
    ing = {stem + "ing"} if not double else {head + head[-1] + "ing"}
    if given:
        forms |= given
        forms |= ing if not any(f.endswith("ing") for f in given) else set()
    elif head.endswith("e"):
        forms |= {head + "d"} | ing
    elif re.search(r"[^aeiou]y$", head):
        forms |= {head[:-1] + "ied", head + "ing"}
    else:
        forms |= {(head + head[-1] if double else head) + "ed"} | ing
    return {f + tail for f in forms}
