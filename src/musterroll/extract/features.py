"""Named features of one quantity for the measure and who scorers.

A feature is a short string; its presence is its value. Prefixes: `hk` kind of head, `hn` its codebook noun, `hw` its word, `nr`/`nl` nearest
cue to the right/left, `cr`/`cl` any cue of the clause, `s` a cue elsewhere in the sentence, `ps` one of the sentence before, `h` one of the
heading, `p` the measure of the claim before, `r`/`l`/`a` plain words to the right/left/right after.
"""

from __future__ import annotations

from bisect import bisect_left

from .analysis import Analysis
from .columns import column
from .quantities import Quantity

GAPS = (1, 2, 3, 5, 8, 14, 25, 50)  # steps of a distance in tokens
NEAR = 6  # tokens
STEM = 5  # letters of a word that its forms mostly share


def measure_features(a: Analysis, n: int, previous: str | None, previous_near: bool) -> list[str]:
    """Features of quantity `n`; `previous` is the measure of the claim before it, `previous_near` whether that stands in the same sentence."""
    q = a.quantities[n]
    t = a.tokens
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    clause = a.clause[q.i]
    prev_q = a.quantities[n - 1] if n else None
    next_q = a.quantities[n + 1] if n + 1 < len(a.quantities) else None
    right_end = min(j0, next_q.i if next_q else j0)
    left_start = max(i0, prev_q.j if prev_q else i0)
    f = list(head_features(q))
    f.append(f"unit:{q.unit}")
    f.append(f"qual:{q.qualifier}")
    if q.word:
        f.append("word")
    if q.value < 2:
        f.append("below2")
    own = _cues(a, q, i0, j0, clause, f)
    if s:
        ps, pe = a.bounds[s - 1]
        if a.paragraph[s - 1] == a.paragraph[s]:
            f.extend({f"ps{own}:{h.value}" for h in a.hits_in(ps, pe) if h.kind in ("measure", "phrase")})
    if (hd := a.heading[s]) >= 0:
        f.extend({f"h{own}:{h.value}" for h in a.hits_in(*a.bounds[hd]) if h.kind in ("measure", "phrase")})
    if previous:
        near = "s" if previous_near else "x"
        f.append(f"p{near}{own}:{previous}")
        if q.head < 0:
            f.append(f"pe{near}{own}:{previous}")
        if q.partitive:
            f.append(f"pp{near}{own}:{previous}")
        if "gap:list" in (gap := gap_features(a, n)):
            f.append(f"pl{near}:{previous}")
        if "gap:bare" in gap:
            f.append(f"pb{near}:{previous}")
    if q.head < 0 and (noun := _antecedent(a, q, i0)):
        f.append(f"ln={noun}")
        if measure := a.codebook.nouns[noun].measure:
            f.append(f"lnm{own}:{measure}")
    f.extend(chain_features(a, n))
    f.extend(column_features(a, q))
    for k in range(q.j, min(right_end, q.j + 12)):
        f.append(f"r={t.low[k]}")
        f.append(f"r~{t.low[k][:STEM]}")
    for k in range(i0, j0):
        if t.low[k][0].isalpha():
            f.append(f"s~{t.low[k][:STEM]}")
    k = q.j
    if q.head >= 0:
        k = q.head + 1
    for d in range(3):
        if k + d < j0:
            f.append(f"a{d}={t.low[k + d]}")
    if k + 1 < j0:
        f.append(f"ab={t.low[k]}_{t.low[k + 1]}")
    for k in range(max(left_start, q.i - 9), q.i):
        f.append(f"l={t.low[k]}")
        f.append(f"l~{t.low[k][:STEM]}")
    for d in (1, 2):
        if q.i - d >= i0:
            f.append(f"b{d}={t.low[q.i - d]}")
    if q.i - 2 >= i0:
        f.append(f"bb={t.low[q.i - 2]}_{t.low[q.i - 1]}")
    if q.i == i0:
        f.append("first")
    for h in a.hits_in(i0, j0):
        if h.kind in (
            "group",
            "where",
            "unreal",
            "negation",
            "attribute",
            "partitive",
            "side",
            "current",
            "running_total",
            "denied",
            "disputed",
        ):
            same = "c" if a.clause[h.i] == clause else "s"
            f.append(f"{same}{h.kind}={h.value if h.kind in ('side', 'attribute', 'partitive', 'unreal', 'where') else ''}")
    block = a.document.blocks[a.paragraph[s]].kind if a.document.blocks else "paragraph"
    f.append(f"block={block}")
    return list(dict.fromkeys(f))


def gap_features(a: Analysis, n: int) -> list[str]:
    """What stands between quantity `n` and the one before it: how much, a mere list ("31 N, 17 M and 4 K"), no cue of any measure (bare)."""
    if not n:
        return ["gap:first"]
    q, last = a.quantities[n], a.quantities[n - 1]
    f = [f"gap:{bisect_left(GAPS, q.i - last.j)}"]
    if a.sentence[q.i] != a.sentence[last.i]:
        return [*f, "gap:far" if a.sentence[q.i] - a.sentence[last.i] > 1 else "gap:next"]
    between = a.hits_in(last.j, q.i)
    known = {k for h in between if h.kind in ("noun", "origin", "group") for k in range(h.i, h.j)}
    if a.chains[n][0] < n:
        f.append("gap:list")
    if not any(h.kind in ("measure", "phrase") for h in between if h.i not in known):
        f.append("gap:bare")
    return f


def chain_features(a: Analysis, n: int) -> list[str]:
    """What stands before and behind the list that quantity `n` is a member of: its members share one verb ("there died 73 N, 31 M and 17 K")."""
    first, last = a.chains[n]
    if first == last:
        return []
    t, head, tail = a.tokens, a.quantities[first], a.quantities[last]
    i0, j0 = a.bounds[a.sentence[head.i]]
    left = max(i0, head.i - 10, a.quantities[first - 1].j if first else 0)
    right = max(tail.head + 1, tail.j)
    right_end = min(j0, right + 10, a.quantities[last + 1].i if last + 1 < len(a.quantities) else j0)
    f = [f"chain:{'first' if n == first else 'last' if n == last else 'inner'}"]
    for side, i, j in (("l", left, head.i), ("r", right, right_end)):
        f += [f"x{side}:{h.value}" for h in a.hits_in(i, j) if h.kind in ("measure", "phrase")]
        f += [f"x{side}={t.low[k]}" for k in range(i, j)]
    return f


def head_features(q: Quantity) -> list[str]:
    """What the counted noun says."""
    if q.head < 0:
        return ["hk:elided", f"part:{q.partitive}", f"hkk:{q.kind}"]
    return [f"hk:{q.kind}", f"hn:{q.noun_key}", f"hw={(q.noun or '').lower()}", f"part:{q.partitive}"]


def _antecedent(a: Analysis, q: Quantity, i0: int) -> str | None:
    """The codebook noun nearest to the left of a number whose own noun is left out ("the troops, 510 at first, were now 2,000")."""
    nouns = a.codebook.nouns
    left = [h for h in a.hits_in(i0, q.i) if h.kind == "noun" and nouns[h.value].kind != "none"]
    return left[-1].value if left else None


def _cues(a: Analysis, q: Quantity, i0: int, j0: int, clause: int, f: list[str]) -> str:
    """Cues of the sentence by side, distance and clause.

    Returns where the governing cue stands: r (right of the noun, no other number between), l (left, none between), x (left, beyond other
    numbers, as a verb that a list shares) or - (none in the clause). What the context suggests weighs differently in each case.
    """
    best: dict[str, tuple[int, list[str]]] = {}
    own: dict[str, tuple[int, list[str]]] = {}  # nearest cue on each side with no other number between
    low_limit = max((p.j for p in a.quantities_in(i0, q.i) if p.kind in ("count", "percent", "vague")), default=i0)
    high_limit = min((p.i for p in a.quantities_in(q.i + 1, j0) if p.kind in ("count", "percent", "vague")), default=j0)
    head_end = q.head + 1 if q.head >= 0 else q.j
    for h in a.hits_in(i0, j0):
        if h.kind not in ("measure", "phrase") or q.i <= h.i < q.j:
            continue
        inside = h.i < head_end and h.i >= q.j
        right = h.i >= q.j
        d = h.i - head_end if right else q.i - h.j
        if low_limit <= h.i < high_limit and not inside:
            side = "r" if right else "l"
            if side not in own or d < own[side][0]:
                own[side] = (d, [h.value])
            elif d == own[side][0]:
                own[side][1].append(h.value)
        if a.clause[h.i] == clause:
            side = "r" if right else "l"
            f.append(f"c{side}:{h.value}")
            f.append(f"c{side}{h.form[0]}{'n' if d <= NEAR else 'f'}:{h.value}")
            if inside:
                f.append(f"in:{h.value}")
            rank = best.get(side)
            d = max(d, 0)
            if rank is None or d < rank[0]:
                best[side] = (d, [h.value])
            elif d == rank[0]:
                rank[1].append(h.value)
        else:
            f.append(f"s:{h.value}")
    for side, (_, codes) in best.items():
        f.extend(f"n{side}:{c}" for c in codes)
    for side, (_, codes) in own.items():
        f.extend(f"g{side}:{c}" for c in codes)
    if not best:
        f.append("nocue")
    if "r" in own:
        state, codes = "r", own["r"][1]
    elif "l" in own:
        state, codes = "l", own["l"][1]
    elif "l" in best:
        state, codes = "x", best["l"][1]
    else:
        return "-"
    f.extend(f"gov{state}:{c}" for c in codes)
    if "l" in own and state == "r":
        f.extend(f"gov2:{c}" for c in own["l"][1])
    return state


def who_features(a: Analysis, n: int, measure: str, previous: str | None, previous_near: bool) -> list[str]:
    """Features of quantity `n` for the part of the population it counts."""
    q = a.quantities[n]
    t = a.tokens
    s = a.sentence[q.i]
    i0, j0 = a.bounds[s]
    f = [
        f"hn:{q.noun_key}" if q.head >= 0 else "hn:none",
        f"hw={(q.noun or '').lower()}",
        f"m:{measure}",
        f"unit:{q.unit}",
        f"part:{q.partitive}",
    ]
    noun = a.codebook.nouns.get(q.noun_key or "")
    if noun and noun.who:
        f.append(f"w:{noun.who}")
    if previous:
        f.append(f"p{'s' if previous_near else 'x'}:{previous}")
        if q.head < 0:
            f.append(f"pe:{previous}")
    clause = a.clause[q.i]
    for h in a.hits_in(i0, j0):
        if h.kind == "noun" and not q.i <= h.i < q.j:
            key = a.codebook.nouns[h.value]
            if key.who and a.clause[h.i] == clause:
                right = h.i >= q.j
                d = h.i - q.j if right else q.i - h.j
                f.append(f"n{'r' if right else 'l'}{'n' if d <= 4 else 'f'}:{key.who}")
    bare = "e" if q.head < 0 else "p" if q.partitive else "h"
    around = [("ps", a.bounds[s - 1])] if s and a.paragraph[s - 1] == a.paragraph[s] else []
    if (hd := a.heading[s]) >= 0:
        around.append(("hd", a.bounds[hd]))
    for name, (i, j) in around:
        f.extend(f"{name}{bare}:{a.codebook.nouns[h.value].who}" for h in a.hits_in(i, j) if h.kind == "noun")
    if a.chains[n][0] < n and (head := a.codebook.nouns.get(a.quantities[n - 1].noun_key or "")):
        f.append(f"list{bare}:{head.who}")
    k = q.head + 1 if q.head >= 0 else q.j
    for d in range(4):
        if k + d < j0:
            f.append(f"a={t.low[k + d]}")
    for d in (1, 2, 3):
        if q.i - d >= i0:
            f.append(f"b={t.low[q.i - d]}")
    return list(dict.fromkeys(f))


def column_features(a: Analysis, q: Quantity) -> list[str]:
    """Cues of the column heading."""
    c = column(a, q)
    if c is None:
        return []
    f = [f"col:{h.value}" for h in a.hits_in(*c) if h.kind in ("measure", "phrase")]
    f += [f"colw={w}" for w in a.tokens.low[slice(*c)]]
    return f or ["col:none"]
