"""The counted noun: what stands to the right of a number, behind adjectives, demonyms and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..codebook import Codebook, Hit, Tokens

REACH = 9  # tokens


class Head(NamedTuple):
    """`token` of the noun (-1 where it is left out), its word, its codebook entry, and how the number is a part: of, of_whom, of_them …"""

    token: int = -1
    word: str | None = None
    key: str | None = None
    part: str = ""


def find_head(t: Tokens, j: int, nouns: Mapping[int, Hit], names: Mapping[int, Hit], book: Codebook) -> Head:
    """The noun counted by an expression that ends before token j. `nouns` and `names` are known phrases by their first token."""
    low, n = t.low, len(t)
    k, part = j, ""
    if k < n and low[k] == "-" and t.start[k] == t.end[k - 1]:
        k += 1
    if k < n and low[k] == "of":
        nxt = low[k + 1] if k + 1 < n else ""
        if nxt in ("whom", "them", "which", "us", "you") or (nxt in ("these", "those") and k + 2 not in nouns):
            return Head(part="of_" + nxt)
        k, part = k + 1, "of"
    unknown = -1
    limit = min(n, k + REACH)
    while k < limit:
        if k in nouns:
            h = nouns[k]
            if h.j < n and low[h.j] == "-" and t.start[h.j] == t.end[h.j - 1]:  # "rebel-held": an adjective
                k = h.j + 2
                continue
            h = _last_of_run(low, h, nouns, limit)
            return Head(h.j - 1, " ".join(t.raw[h.i : h.j]), h.value, part)
        if k in names:
            h = names[k]
            if _is_people(t, h):
                if h.j in nouns:
                    k = h.j
                    continue
                return Head(h.j - 1, " ".join(t.raw[h.i : h.j]), "", part)
            k = h.j + (h.j < n and low[h.j] == "-")
            continue
        w = low[k]
        if not w[0].isalpha():
            if w in ("'", "“", '"', "-", "”"):
                k += 2 if w == "'" and low[k + 1 : k + 2] == ("s",) else 1
                continue
            break
        if w in book.words["head_stop"]:
            break
        if w in book.skip or w.endswith(("ed", "ing", "ly")) or w in ("the", "an", "a"):
            k += 1
            continue
        if unknown >= 0:
            break
        unknown = k
        if w.endswith("s") and not w.endswith("ss"):
            break
        k += 1
    if unknown >= 0 and low[unknown].endswith("s") and not low[unknown].endswith("ss"):
        return Head(unknown, t.raw[unknown], None, part)
    return Head(part=part)


def _is_people(t: Tokens, h: Hit) -> bool:
    """A name that is itself a plural of people ("500 Indonesians", "two Chechens")."""
    if h.kind != "origin":
        return False
    return h.form == "people" or (h.form in ("community", "region", "ambiguous") and t.low[h.j - 1].endswith("s") and t.raw[h.i][:1].isupper())


def _last_of_run(low: tuple[str, ...], h: Hit, nouns: Mapping[int, Hit], limit: int) -> Hit:
    """A noun that only describes the next one gives way to it ("suicide bomber attacks")."""
    while h.j in nouns and h.j < limit and not low[h.j - 1].endswith("s"):
        h = nouns[h.j]
    return h
