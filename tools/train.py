"""Train the slot scorers on every coded document that may be read, and measure them on those that may not.

usage: train.py                    write weights.json and network.npz into src/musterroll/codebook/data (an hour)
       train.py --report           print, as Markdown, how the shipped scorers do on what was never read, their errors, how far their confidence holds
       train.py --folds [MEMBERS]  print out-of-fold figures, with MEMBERS networks (default 0): trains three times

Word vectors come from the file that $MUSTER_VECTORS names, if it does (tools/vectors.py); the shipped network was trained with them. Documents:
corpus/, and the shared material ($MUSTER_SHARED, else ../shared) where it is at hand.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from musterroll.codebook import load
from musterroll.extract import Analysis, train
from musterroll.extract.corpus import Coded, claim_rows, read_coded, tagged_corpus
from musterroll.extract.model import Model
from musterroll.extract.scoring import SLOTS, pair, score
from musterroll.extract.train_network import Vectors
from musterroll.extract.walk import claims

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("MUSTER_SHARED") or ROOT.parent / "shared")
DATA = ROOT / "src/musterroll/codebook/data"
SPLIT = yaml.safe_load((ROOT / "corpus/split.yaml").read_text())
MEMBERS = 2
Learnt = tuple[dict[str, Any], bytes | None]


def gold() -> tuple[Coded, dict[str, Analysis]]:
    """Coded claims and analysis of every document: JSON Lines beside texts, and tagged texts."""
    files = [*sorted((ROOT / "corpus/claims").glob("*.jsonl"))]
    files += [SHARED / "gold" / f"{n}.jsonl" for n in ("seeds", "practice", "hard", "varied") if (SHARED / "gold" / f"{n}.jsonl").exists()]
    coded = claim_rows(files)
    analyses = read_coded(coded, (ROOT / "corpus/texts", SHARED / "seeds", SHARED / "practice"), load())
    more, rows = tagged_corpus(sorted((ROOT / "corpus/tagged").glob("*.txt")), load())
    return coded | rows, analyses | more


def never(doc: str) -> bool:
    """May this document not be read?"""
    return any(re.search(rule, doc) for rule in SPLIT["never"].values())


def fold(doc: str, k: int) -> int:
    """Number of the document's fold; documents that repeat each other share one."""
    name = next((rule for rule in SPLIT["together"] if re.search(rule, doc)), doc)
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % k


def vectors() -> Vectors | None:
    """Word vectors from the file that $MUSTER_VECTORS names (made by tools/vectors.py); None where it names none."""
    file = os.environ.get("MUSTER_VECTORS")
    if not file:
        return None
    with np.load(file) as z:
        return Vectors(tuple(str(w) for w in z["words"]), z["rows"].astype(np.float32))


def learn(docs: Sequence[str], analyses: dict[str, Analysis], coded: Coded, members: int = MEMBERS) -> Learnt:
    """Linear weights and the network from the documents named."""
    return train.learn({d: analyses[d] for d in docs}, coded, members, vectors=vectors())


def figures(learnt: Learnt, docs: Iterable[str], analyses: dict[str, Analysis], coded: Coded) -> tuple[list[Any], list[Any]]:
    """(gold rows, predicted rows) of documents under weights."""
    m = Model(dataclasses.replace(load(), weights=learnt[0], network=learnt[1]))
    g, p = [], []
    for d in docs:
        g += coded[d]
        p += [c.guide() for c in claims(analyses[d], m, "")]
    return g, p


def table(rows: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Scores as a Markdown table."""
    lines = ["| documents | claims | found | core | full | measure | who | origin | date | source |", "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for name, s in rows:
        cells = [f"{s[k]['f1']:.3f}" for k in ("found", "core", "full")] + [
            f"{s['slots'][k]:.3f}" for k in ("measure", "who", "origin", "as_of", "source")
        ]
        lines.append(f"| {name} | {s['gold']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def shipped() -> Learnt:
    """The scorers as they are shipped."""
    book = load()
    assert book.weights is not None
    return dict(book.weights), book.network


def folds(members: int, k: int = 3) -> str:
    """Out-of-fold figures: every readable document coded by scorers that never saw it. Trains k times."""
    coded, analyses = gold()
    tagged, readable = _tagged(coded), _readable(coded)
    parts: dict[str, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for n in range(k):
        w = learn([*tagged, *(d for d in readable if fold(d, k) != n)], analyses, coded, members)
        for d in readable:
            if fold(d, k) == n:
                g, p = figures(w, [d], analyses, coded)
                parts[_part(d)][0].extend(g)
                parts[_part(d)][1].extend(p)
    return table([(f"{name}, out of fold", score(*gp)) for name, gp in sorted(parts.items())])


def report() -> str:
    """Figures of the shipped scorers: never read, in sample, the two coders' agreement; and how their confidence holds on what was never read."""
    coded, analyses = gold()
    unread: dict[str, list[str]] = defaultdict(list)
    for d in coded:
        if never(d):
            unread[_part(d)].append(d)
    every = [d for docs in unread.values() for d in docs]
    w = shipped()
    rows = [(f"{name}, never read", score(*figures(w, docs, analyses, coded))) for name, docs in sorted(unread.items())]
    rows.append(("all never read", score(*figures(w, every, analyses, coded))))
    rows.append(("all read, in sample", score(*figures(w, _readable(coded), analyses, coded))))
    second = claim_rows([ROOT / "corpus/second/second.jsonl"])
    both = [d for d in second if d in coded]
    rows.append(("second coder against first", score([r for d in both for r in second[d]], [r for d in both for r in coded[d]])))
    g, p = figures(w, every, analyses, coded)
    return f"{table(rows)}\n\n{classes(g, p)}\n\n{reliability(w, every, analyses, coded)}"


def classes(gold_rows: Sequence[Any], rows: Sequence[Any], most: int = 8) -> str:
    """What went wrong, by kinds and counts alone: nothing of the texts is shown, so that documents never read stay so."""
    pairs = pair(gold_rows, rows)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    kinds["number"]["not found"] = len(gold_rows) - len(pairs)
    kinds["number"]["none coded"] = len(rows) - len(pairs)
    for i, j in pairs:
        g, p = gold_rows[i], rows[j]
        for slot in ("measure", "who", "origin", "as_of", "source"):
            if not SLOTS[slot](g, p):
                kinds[slot][f"{_kind(slot, g[slot])} taken for {_kind(slot, p[slot])}"] += 1
    lines = ["| slot | wrong | the commonest kinds |", "|---|--:|---|"]
    for slot, counts in kinds.items():
        lines.append(f"| {slot} | {sum(counts.values())} | {', '.join(f'{k} {n}' for k, n in counts.most_common(most))} |")
    return "\n".join(lines)


def _kind(slot: str, value: Any) -> str:
    """A coded value, so far as it is of a fixed list; of others only whether there is one."""
    if slot in ("measure", "who"):
        return str(value)
    if not value:
        return "none"
    return "everyone" if value == ["world"] else "one" if slot != "origin" or len(value) == 1 else "several"


def reliability(w: Learnt, docs: Sequence[str], analyses: dict[str, Analysis], coded: Coded, bins: int = 10) -> str:
    """Confidence against truth in bins of equal mass, as Markdown, with the expected calibration error (Naeini, Cooper & Hauskrecht 2015)."""
    m = Model(dataclasses.replace(load(), weights=w[0], network=w[1]))
    held: list[tuple[float, bool]] = []
    for d in docs:
        found = claims(analyses[d], m, "")
        rows = [c.guide() for c in found]
        partner = {j: coded[d][i] for i, j in pair(coded[d], rows)}
        for j, c in enumerate(found):
            held.append((c.confidence, j in partner and all(SLOTS[s](partner[j], rows[j]) for s in ("measure", "who", "origin"))))
    held.sort()
    lines = ["| claims | confidence | right |", "|--:|--:|--:|"]
    error = 0.0
    for k in range(bins):
        part = held[k * len(held) // bins : (k + 1) * len(held) // bins]
        p, y = sum(c for c, _ in part) / len(part), sum(r for _, r in part) / len(part)
        error += abs(p - y) * len(part) / len(held)
        lines.append(f"| {len(part)} | {p:.2f} | {y:.2f} |")
    return "\n".join([*lines, "", f"Expected calibration error: {error:.3f}"])


def _tagged(coded: Coded) -> list[str]:
    """Documents written and coded by one hand: for learning only."""
    return [d for d in coded if not d.endswith(".txt")]


def _readable(coded: Coded) -> list[str]:
    return [d for d in coded if d.endswith(".txt") and not never(d)]


def _part(doc: str) -> str:
    return {"0": "seeds", "p": "practice", "b": "difficult", "w": "varied", "n": "corpus, odd", "m": "corpus, plain"}[doc[0]]


def write() -> None:
    """Train on everything readable and write the weights, one feature a line, and the networks."""
    coded, analyses = gold()
    docs = sorted(d for d in coded if not never(d))
    train.write(DATA, *learn(docs, analyses, coded), {d: coded[d] for d in docs})


if __name__ == "__main__":
    if "--report" in sys.argv:
        print(report())
    elif "--folds" in sys.argv:
        print(folds(int(sys.argv[-1]) if sys.argv[-1].isdecimal() else 0))
    else:
        write()
