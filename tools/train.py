"""Train the slot scorers on every coded document that may be read, and measure them on those that may not.

usage: train.py            write src/musterroll/codebook/data/weights.json
       train.py --report   print out-of-fold figures, never-read figures and the coders' agreement as Markdown

Documents: corpus/, and the shared material ($MUSTER_SHARED, else ../shared) where it is at hand.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from musterroll.codebook import load
from musterroll.documents import read
from musterroll.extract import Analysis, analyse, train
from musterroll.extract.model import Model
from musterroll.extract.scoring import score
from musterroll.extract.walk import claims

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("MUSTER_SHARED") or ROOT.parent / "shared")
WEIGHTS = ROOT / "src/musterroll/codebook/data/weights.json"
SPLIT = yaml.safe_load((ROOT / "corpus/split.yaml").read_text())
Gold = dict[str, list[dict[str, Any]]]


def gold() -> tuple[Gold, dict[str, Path]]:
    """Coded claims by document, and where each document lies."""
    files = [*sorted((ROOT / "corpus/claims").glob("*.jsonl"))]
    files += [SHARED / "gold" / f"{n}.jsonl" for n in ("seeds", "practice", "hard", "varied") if (SHARED / "gold" / f"{n}.jsonl").exists()]
    rows: Gold = defaultdict(list)
    for f in files:
        for line in f.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows[row["doc"]].append(row)
    folders = (ROOT / "corpus/texts", SHARED / "seeds", SHARED / "practice")
    return rows, {d: next(p / d for p in folders if (p / d).exists()) for d in rows}


def never(doc: str) -> bool:
    """May this document not be read?"""
    return any(re.search(rule, doc) for rule in SPLIT["never"].values())


def fold(doc: str, k: int) -> int:
    """Number of the document's fold; documents that repeat each other share one."""
    name = next((rule for rule in SPLIT["together"] if re.search(rule, doc)), doc)
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % k


def figures(weights: dict[str, Any], docs: Iterable[str], analyses: dict[str, Analysis], coded: Gold) -> tuple[list[Any], list[Any]]:
    """(gold rows, predicted rows) of documents under weights."""
    book = load()
    m = Model(dataclasses.replace(book, weights=weights))
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


def report() -> str:
    """Out-of-fold, never-read and agreement figures."""
    coded, paths = gold()
    book = load()
    analyses = {d: analyse(read(paths[d]), book) for d in coded}
    readable = [d for d in coded if not never(d)]
    parts: dict[str, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    k = 3
    for n in range(k):
        w = train.learn({d: analyses[d] for d in readable if fold(d, k) != n}, coded)
        for d in readable:
            if fold(d, k) == n:
                g, p = figures(w, [d], analyses, coded)
                parts[_part(d)][0].extend(g)
                parts[_part(d)][1].extend(p)
    rows = [(f"{name}, out of fold", score(*gp)) for name, gp in sorted(parts.items())]
    w = train.learn({d: analyses[d] for d in readable}, coded)
    unread: dict[str, list[str]] = defaultdict(list)
    for d in coded:
        if never(d):
            unread[_part(d)].append(d)
    rows += [(f"{name}, never read", score(*figures(w, docs, analyses, coded))) for name, docs in sorted(unread.items())]
    rows.append(("all never read", score(*figures(w, [d for d in coded if never(d)], analyses, coded))))
    rows.append(("all read, in sample", score(*figures(w, readable, analyses, coded))))
    second = [json.loads(x) for x in (ROOT / "corpus/second/second.jsonl").read_text().splitlines()]
    have = {r["doc"] for r in second} & set(coded)
    rows.append(("second coder against first", score([r for r in second if r["doc"] in have], [r for d in have for r in coded[d]])))
    return table(rows)


def _part(doc: str) -> str:
    return {"0": "seeds", "p": "practice", "b": "difficult", "w": "varied", "n": "corpus, odd", "m": "corpus, plain"}[doc[0]]


def write() -> None:
    """Train on everything readable and write the weights, one feature a line."""
    coded, paths = gold()
    book = load()
    docs = sorted(d for d in coded if not never(d))
    w = train.learn({d: analyse(read(paths[d]), book) for d in docs}, coded)
    version = train.digest(g for d in docs for g in coded[d])[:8]
    WEIGHTS.write_text(train.to_json({"version": version, "documents": len(docs), "claims": sum(len(coded[d]) for d in docs), **w}), encoding="utf-8")


if __name__ == "__main__":
    if "--report" in sys.argv:
        print(report())
    else:
        write()
