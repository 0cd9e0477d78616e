"""Documents read against core F1 on documents never read: does more text help, or do better features?

usage: learning.py [MEMBERS]     MEMBERS networks beside the linear scorers (default 0: minutes, not hours)

Each step doubles the training documents, drawn by the digest of their names; the same never-read documents score them all.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
import train as tool

from musterroll.extract.scoring import score

STEPS = (0.0625, 0.125, 0.25, 0.5, 1.0)


def main() -> None:
    """Print the curve as Markdown."""
    members = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    coded, analyses = tool.gold()
    never = [d for d in coded if tool.never(d)]
    read = sorted((d for d in coded if not tool.never(d)), key=lambda d: hashlib.sha256(d.encode()).hexdigest())
    print("| documents | claims | found | core | full | measure | origin | date | source |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for step in STEPS:
        docs = read[: round(step * len(read))]
        s = score(*tool.figures(tool.learn(docs, analyses, coded, members), never, analyses, coded))
        cells = [f"{s[k]['f1']:.3f}" for k in ("found", "core", "full")] + [f"{s['slots'][k]:.3f}" for k in ("measure", "origin", "as_of", "source")]
        print(f"| {len(docs)} | {sum(len(coded[d]) for d in docs)} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
