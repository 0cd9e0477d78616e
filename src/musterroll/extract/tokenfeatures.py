"""What a token is to the network: named features, from its letters, the codebook, and the dates and numbers found.

Prefixes: `w` the word, `p` its first five letters, `s` its last three, `sh` its capitals; `h` the kind of a known phrase it belongs to, `m` a measure
it points to, `n`, `nk`, `nw` a counted noun with its kind and part of the population, `o` a place, `g` and `side` a group; `d` a date; `q`, `qq`,
`qu`, `qp` a number; `S` opens a sentence, `P` a paragraph, `B` the block's kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..codebook import Codebook, Hit
from .analysis import Analysis
from .origins import WORLD


@lru_cache(maxsize=50_000)
def word_features(low: str, raw: str) -> tuple[str, ...]:
    """Features of the letters alone."""
    if low[0].isdigit():
        return ("#y",) if len(low) == 4 and low[:2] in ("19", "20") else ("#d",)
    if not low[0].isalpha():
        return (f"w={low}",)
    shape = "A" if raw.isupper() and len(raw) > 1 else "C" if raw[0].isupper() else "l"
    return f"w={low}", f"p={low[:5]}", f"s={low[-3:]}", f"sh:{shape}"


def hit_features(h: Hit, book: Codebook) -> list[str]:
    """Features of a known phrase, the same for all its tokens."""
    f = [f"h:{h.kind}"]
    if h.kind == "origin":
        theatre = h.value.split(":")[0] in book.theatre
        f += [f"o:{h.form}", "o:theatre" if theatre else "o:region" if h.value in book.regions else "o:land"]
        if h.value == WORLD:
            f.append("o:world")
    elif h.kind == "noun":
        noun = book.nouns[h.value]
        f += [f"n:{h.value}", f"nk:{noun.kind}", f"nw:{noun.who}"]
        if noun.measure:
            f.append(f"m:{noun.measure}")
    elif h.kind in ("measure", "phrase"):
        f += [f"m:{h.value}", f"m{h.form[:1]}:{h.value}"]
    elif h.kind == "group":
        f += [f"g:{h.value}", f"side:{book.groups[h.value].side}"]
    elif h.kind != "source_known":
        f.append(f"h:{h.kind}:{h.value}")
    return f


def token_features(a: Analysis) -> list[list[str]]:
    """Features of every token of a document, in order."""
    t = a.tokens
    return [[*word_features(low, raw), *more] for low, raw, more in zip(t.low, t.raw, found_features(a, range(len(t))), strict=True)]


def found_features(a: Analysis, tokens: Iterable[int]) -> list[tuple[str, ...]]:
    """Features of the tokens asked for, in order, by what was found at them; those of their letters apart."""
    book, named = a.codebook, a.places_named
    out: dict[int, list[str]] = {int(k): [] for k in tokens}

    def mark(i: int, j: int, features: list[str]) -> None:
        for k in range(i, j):
            if k in out:
                out[k] += features

    for h in a.hits:
        if h.i not in out and h.j - 1 not in out:
            continue
        f = hit_features(h, book)
        if h.kind == "origin":
            if h.value == named.first:
                f.append("o:first")
            f.append(f"o:n{min(named.counts.get(h.value, 0), 5)}")
        mark(h.i, h.j, f)
    for d in a.dates:
        mark(d.i, d.j, ["d", f"d:{d.kind}", f"d:{d.mark}", "d:ok" if d.value else "d:no"])
    for q in a.quantities:
        mark(q.i, q.j, ["q", f"q:{q.kind}", f"qq:{q.qualifier}", f"qu:{q.unit}"])
        if q.partitive:
            mark(q.i, q.i + 1, [f"qp:{q.partitive}"])
        if q.head >= 0:
            mark(q.head, q.head + 1, ["qhead"])
    blocks = a.document.blocks
    for s, (i, j) in enumerate(a.bounds):
        mark(i, i + 1, ["S", "P" if not s or a.paragraph[s] != a.paragraph[s - 1] else "p"])
        kind = blocks[a.paragraph[s]].kind if blocks else "paragraph"
        if kind != "paragraph":
            mark(i, j, [f"B:{kind}"])
    return [tuple(dict.fromkeys(f)) for f in out.values()]
