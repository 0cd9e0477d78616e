"""Phrases that name who says something: found by reporting verbs, cues ("according to"), parentheses and nouns of authority."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..codebook import Hit, Tokens

if TYPE_CHECKING:
    from .analysis import Analysis

_CITE = re.compile(r"\(([A-Z][\w&.'’ -]{1,60}?),? (?:19|20)\d\d[a-z]?(?:[:,] ?[\d–-]+)?\)")
_SHORT = re.compile(r"(?<![\w'’-])((?:[A-Z][\w'’-]*)(?: (?:of|for|the|and|on|in|to|&|[A-Z][\w'’-]*)){1,12}) \(([A-Z]{2,7})\)")

# How a phrase was found, the surest first: behind "according to"; subject of a reporting verb, before or behind it; "(Author 2016)"; in
# brackets; before a noun of figures; a place or group, or anybody, as such a subject; before a colon; a known or anonymous source; a name;
# a body in small letters.
PATTERNS = ("cue", "subject", "inverted", "cite", "paren", "figures", "place", "any", "colon", "known", "anonymous", "org", "np")
SURE = PATTERNS.index("place")


@dataclass(frozen=True, slots=True)
class SourcePhrase:
    """A source named at tokens i … j-1. `pattern` is how it was found, `verb` the tokens of the reporting cue (or the phrase itself)."""

    i: int
    j: int
    pattern: str
    cue: int
    text: str
    lemma: str = ""

    @property
    def sure(self) -> bool:
        """Is it a source by its construction, and not only a name or a body that might be one?"""
        return PATTERNS.index(self.pattern) <= SURE


def find_sources(a: Analysis) -> list[SourcePhrase]:
    """Every source phrase of the document, in order; several patterns may find the same words, the strongest is kept."""
    out: dict[tuple[int, int], SourcePhrase] = {}
    for i0, j0 in a.bounds:
        hits = a.hits_in(i0, j0)
        for phrase in _sentence(a, i0, j0, hits):
            p = _before_mark(a, phrase)
            old = out.get((p.i, p.j))
            if old is None or PATTERNS.index(p.pattern) < PATTERNS.index(old.pattern):
                out[(p.i, p.j)] = p
    found = sorted(out.values(), key=lambda p: (p.i, -p.j))
    kept: list[SourcePhrase] = []
    for p in found:
        if kept and p.j <= kept[-1].j and PATTERNS.index(p.pattern) >= PATTERNS.index(kept[-1].pattern):
            continue
        kept.append(p)
    full = _abbreviations(a.document.text)
    return [replace(p, text=full[p.text]) if p.text in full else p for p in kept]


def _before_mark(a: Analysis, p: SourcePhrase) -> SourcePhrase:
    """A phrase without the footnote mark behind it: "the Institute" of "according to the Institute.[1]"."""
    raw = a.tokens.raw
    j = next((k for k in range(p.i + 1, p.j) if raw[k] == "["), p.j)
    if j == p.j:
        return p
    while j > p.i + 1 and raw[j - 1] in (".", ",", ";", ":"):
        j -= 1
    return replace(p, j=j, text=a.words(p.i, j))


def _abbreviations(text: str) -> dict[str, str]:
    """Short names under the full ones that a document gives them: "ICSM" as "International Centre for Such Matters (ICSM)"."""
    full: dict[str, str] = {}
    for m in _SHORT.finditer(text):
        words = m.group(1).split()
        start = next((k for k, w in enumerate(words) if w[0] == m.group(2)[0]), None)
        if start is not None and len(words) - start > 1:
            full.setdefault(m.group(2), f"{' '.join(words[start:])} ({m.group(2)})")
    return full


def _sentence(a: Analysis, i0: int, j0: int, hits: Sequence[Hit]) -> list[SourcePhrase]:
    t = a.tokens
    words = a.codebook.words
    lead, inside, stop = words["phrase_lead"], words["phrase_inside"], words["phrase_stop"]
    heads = {k for h in hits if h.kind in ("source_head", "role") for k in range(h.i, h.j)}
    known = {k for h in hits if h.kind == "source_known" for k in range(h.i, h.j)}
    blocked = {k for q in a.quantities_in(i0, j0) for k in range(q.i, q.j)}
    blocked |= {k for d in a.dates_in(i0, j0) if d.kind != "now" for k in range(d.i, d.j)}
    taken = {k for h in hits if h.kind in ("origin", "group", "where") for k in range(h.i, h.j)}
    out: list[SourcePhrase] = []

    verbs = {h.i for h in hits if h.kind == "report"} - heads - known

    def phrase(i: int, j: int, pattern: str, cue: int, lemma: str = "") -> None:
        j = next((k for k in range(i + 1, j) if k in verbs and k - 1 in heads | known), j)  # "the group gave figures": the group
        while i < j and (t.low[i] in lead or not t.low[i][0].isalnum()):
            i += 1
        while j > i and (t.low[j - 1] in inside or not t.low[j - 1][0].isalnum() or t.low[j - 1] in stop):
            j -= 1
        if j > i and j - i <= 14:
            out.append(SourcePhrase(i, j, pattern, cue, a.words(i, j), lemma))

    def right(i: int) -> int:
        """End of the noun phrase that begins at i."""
        k = i
        while k < j0:
            w = t.low[k]
            if (k in blocked and k > i) or w in (",", ";", ":", ")", "(", "—", '"', "“", "”") or (w == "." and k >= j0 - 1):
                break
            if k > i and w in stop and w not in ("and",):
                break
            if w == "and" and not (k + 1 < j0 and (t.raw[k + 1][0].isupper() or k + 1 in heads or k + 2 in heads)):
                break
            if k > i + 1 and w in ("in", "on") and k + 1 < j0 and not t.raw[k + 1][:1].isupper():
                break
            k += 1
            if k - i > 13:
                break
        return k

    def left(j: int) -> int:
        """Start of the noun phrase that ends before j."""
        k = j
        while k > i0:
            w = t.low[k - 1]
            if (k - 1) in blocked or w in (";", ":", "(", ")", "—", '"', "“", "”", "!", "?"):
                break
            if w == ",":
                break
            if (w in stop and w not in ("and", "from", "by", "with", "at", "as")) or w in ("it", "he", "she", "they", "there"):
                break
            k -= 1
            if j - k > 12:
                break
        return k

    def named(i: int, j: int) -> bool:
        """Does the run hold a body, a role or a name?"""
        return any(x in heads or x in known for x in range(i, j)) or _proper(a, i, j)

    for h in hits:
        if h.kind == "source_cues":
            if h.j < j0:
                phrase(h.j, right(h.j), "cue", h.i, h.value)
        elif h.kind == "report":
            k = h.i
            while k > i0 and t.low[k - 1] in words["auxiliaries"]:
                k -= 1
            s = left(k)
            cut = _after_clause(t.low, s, k, heads)
            if s < k and named(cut, k):
                phrase(cut, k, "subject", h.i, h.value)
            elif k > i0 + 1 and t.low[k - 1] == ")":  # "Author (Institute 2015) puts"
                bracket = next((c for c in range(k - 2, max(i0, k - 10), -1) if t.low[c] == "("), -1)
                s2 = left(bracket) if bracket > i0 else -1
                if 0 <= s2 < bracket:
                    phrase(s2, k, "subject", h.i, h.value)
            elif k > i0 + 1 and t.low[k - 1] == ",":  # "the agency, a Geneva body, said", "N N, who runs the agency, said"
                aside = next((c for c in range(k - 2, max(i0, k - 16), -1) if t.low[c] == ","), -1)
                s2 = left(aside) if aside > i0 else -1
                if 0 <= s2 < aside and (named(s2, aside) or named(aside + 1, k - 1)):
                    phrase(s2, aside if t.low[aside + 1] in words["phrase_stop"] else k - 1, "subject", h.i, h.value)
            elif s < k and k - cut <= 7 and _noun_phrase(t, cut, k, words):
                places = any(x in taken for x in range(cut, k))
                phrase(cut, k, "place" if places else "any", h.i, h.value)
            if h.value in words["inverting"] and h.j < j0:
                e = right(h.j)
                if any(x in heads or x in known for x in range(h.j, min(e, h.j + 7))) and t.low[h.j] not in ("that", "it"):
                    phrase(h.j, e, "inverted", h.i, h.value)
        elif h.kind == "source_known":
            phrase(h.i, h.j, "known", h.i)
        elif h.kind == "source_anonymous":
            phrase(h.i, h.j, "anonymous", h.i)
        elif h.kind == "source_head" and t.low[h.i] in words["figure_nouns"]:
            s = left(h.i)
            s = _after_clause(t.low, s, h.i, heads)
            if s < h.i and named(s, h.i):
                phrase(s, h.j, "figures", h.i)
            elif s < h.i and any(x in taken for x in range(s, h.i)):
                phrase(s, h.j, "place", h.i)
            if h.j < j0 and t.low[h.j] in ("by", "of", "at", "from"):  # "a survey by two bloggers"
                e = right(h.j + 1)
                phrase(s, min(e, h.j + 8), "figures" if named(h.j + 1, e) else "any", h.i)
    if (c := _label(t.low, i0, j0)) > i0:
        e = next((k for k in range(i0 + 1, c) if t.low[k] in (",", "(") or k in blocked), c)
        if t.low[e - 1] not in words["nobody"] and (named(i0, e) or any(x in taken for x in range(i0, e))):
            phrase(i0, e, "colon", c)
    covered = {k for p in out for k in range(p.i, p.j)}
    for i, j, pattern in [*_parentheses(t, i0, j0, named), *_names(a, i0, j0, heads), *_plain(a, i0, j0, heads, blocked)]:
        if pattern == "paren" or not any(k in covered for k in range(i, j)):
            phrase(i, j, pattern, i)
    text = a.words(i0, j0)
    base = t.start[i0]
    for m in _CITE.finditer(text):
        i = next((k for k in range(i0, j0) if t.start[k] >= base + m.start(1)), -1)
        j = next((k for k in range(i0, j0) if t.start[k] >= base + m.end(1)), j0)
        if i >= 0:
            phrase(i, j, "cite", i)
    return out


def _noun_phrase(t: Tokens, i: int, j: int, words: Mapping[str, frozenset[str]]) -> bool:
    """Do tokens i … j-1 look like somebody: a determiner, capital or plural before the verb, and a full word at its end?"""
    last = t.low[j - 1]
    if len(last) < 3 or not last[0].isalpha() or last in words["phrase_lead"] | words["phrase_inside"] | words["phrase_stop"] | words["nobody"]:
        return False
    before = t.low[i - 1] if i else ""
    return t.low[i] in words["openers"] or before in words["openers"] or t.raw[i][0].isupper() or last.endswith("s")


def _label(low: Sequence[str], i0: int, j0: int) -> int:
    """The colon behind a label that opens a sentence ("Moscow, June 2014: 800", "RESEARCHER: …"), -1 where there is none."""
    return next((k for k in range(i0, min(i0 + 10, j0 - 1)) if low[k] == ":"), -1)


def _parentheses(t: Tokens, i0: int, j0: int, named: Callable[[int, int], bool]) -> list[tuple[int, int, str]]:
    """Names in round brackets, up to the first comma or number: "(State Security Service, November 2018)"."""
    out = []
    for k in range(i0, j0):
        if t.low[k] != "(":
            continue
        e = k + 1
        while e < j0 and t.low[e] not in (")", ",", ";", ":") and not t.low[e][0].isdecimal() and e - k < 10:
            e += 1
        if e > k + 1 and named(k + 1, e):
            out.append((k + 1, e, "paren"))
    return out


def _names(a: Analysis, i0: int, j0: int, heads: set[int]) -> list[tuple[int, int, str]]:
    """Runs of capitalised words that are no place or group: "International Centre for Such Matters (ICSM)", "ASIO"."""
    t, out = a.tokens, []
    inside = a.codebook.words["phrase_inside"]
    taken = {k for h in a.hits_in(i0, j0) if h.kind in ("group", "where", "side") for k in range(h.i, h.j)}
    places = {k for h in a.hits_in(i0, j0) if h.kind == "origin" for k in range(h.i, h.j)}
    k = i0
    while k < j0:
        if not t.raw[k][:1].isupper() or k in taken or t.low[k] in a.codebook.dates.get("months", {}):
            k += 1
            continue
        e = k + 1
        while e < j0 and e not in taken:
            if t.raw[e][:1].isupper():
                e += 1
            elif (
                t.low[e] in inside
                and t.low[e] not in ("and", ".", "on", "in", "to")
                and e + 1 < j0
                and t.raw[e + 1][:1].isupper()
                and e + 1 not in taken
            ):
                e += 2
            else:
                break
        words = [
            x
            for x in range(k, e)
            if x not in places and t.raw[x][:1].isupper() and (x > i0 or x in heads or e - k > 1 or (len(t.raw[x]) > 1 and t.raw[x].isupper()))
        ]
        if words and (len(words) > 1 or (t.raw[words[0]].isupper() and len(t.raw[words[0]]) > 1) or words[0] in heads):
            if t.low[e : e + 1] == ("(",) and t.low[e + 2 : e + 3] == (")",) and t.raw[e + 1].isupper():
                e += 3  # the abbreviation is part of the name
            out.append((k, _title(a, e, j0, heads), "org"))
        k = e
    return out


def _title(a: Analysis, e: int, j0: int, heads: set[int]) -> int:
    """End of a name with the office behind it: "N N, then head of the bureau, …"; `e` where none follows."""
    low = a.tokens.low
    if low[e : e + 1] != (",",):
        return e
    end = next((k for k in range(e + 1, min(e + 12, j0)) if low[k] in (",", ";", ".", "(", ")", "—")), -1)
    return end if end > 0 and any(k in heads for k in range(e + 1, min(end, e + 6))) and low[end] == "," else e


def _plain(a: Analysis, i0: int, j0: int, heads: set[int], blocked: set[int]) -> list[tuple[int, int, str]]:
    """Bodies and roles in small letters, wherever they stand: "the interior ministry", "a defence college"."""
    t, out = a.tokens, []
    words = a.codebook.words
    k = i0
    while k < j0:
        if k not in heads:
            k += 1
            continue
        s = k
        while (
            s > i0
            and k - s < 4
            and t.low[s - 1][0].isalpha()
            and s - 1 not in blocked
            and t.low[s - 1] not in words["phrase_stop"] | words["phrase_lead"]
        ):
            s -= 1
        e = k + 1
        while e < j0 and e in heads:
            e += 1
        out.append((s, e, "np"))
        k = e
    return out


def _proper(a: Analysis, i: int, j: int) -> bool:
    """Does the run hold a capitalised word that does not merely open the sentence and is no place or group?"""
    t = a.tokens
    known = {k for h in a.hits_in(i, j) if h.kind in ("origin", "group", "where", "side") for k in range(h.i, h.j)}
    return any(
        t.raw[k][:1].isupper()
        and k not in known
        and t.low[k] not in a.codebook.words["phrase_lead"]
        and (k > i or j - i > 1)
        and len(t.raw[k]) > 1
        and t.low[k] not in a.codebook.dates.get("months", {})
        for k in range(i, j)
    )


def _after_clause(low: Sequence[str], s: int, k: int, heads: set[int]) -> int:
    """Drop the words before the last preposition that opens the phrase ("those who left, by the ministry" → the ministry)."""
    for x in range(k - 1, s, -1):
        if low[x] in ("that", "which", "who", "but", "while", "by") and x + 1 < k:
            return x + 1
    return s
