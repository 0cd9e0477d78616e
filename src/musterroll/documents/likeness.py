"""How much of one text stands in another: the same report as PDF and as a page, a wire item in five papers.

A text is known by a MinHash of its runs of five words (Broder 1997): 128 numbers by which the share of common runs is estimated with a standard
error of at most 0.045.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RUN = 5  # words
NUMBERS = 128
LEAST = 30  # runs; shorter texts are alike by chance
ALIKE, WITHIN = 0.6, 0.8  # share of common runs in both together, in the shorter one
_WORD = re.compile(r"\w+")
MOST = 200_000  # words


class Signature(NamedTuple):
    """The number of a text's different runs, and its MinHash, shape (128,), uint32."""

    runs: int
    values: NDArray[np.uint32]

    def pack(self) -> bytes:
        """As bytes for storing."""
        return struct.pack("<I", self.runs) + self.values.astype("<u4").tobytes()

    @classmethod
    def unpack(cls, data: bytes) -> Signature:
        """The signature again."""
        return cls(struct.unpack("<I", data[:4])[0], np.frombuffer(data[4:], dtype="<u4").astype(np.uint32))


def signature(text: str) -> Signature | None:
    """The signature of a text; None for one too short to be told from others."""
    from datasketch import MinHash  # slow to import, needed only here

    words = _WORD.findall(text.lower())[:MOST]
    runs = {" ".join(words[k : k + RUN]) for k in range(len(words) - RUN + 1)}
    if len(runs) < LEAST:
        return None
    m = MinHash(num_perm=NUMBERS, seed=1)
    m.update_batch([r.encode() for r in runs])
    return Signature(len(runs), m.hashvalues.astype(np.uint32))


def alike(one: Signature, others: Sequence[Signature]) -> list[tuple[int, float]]:
    """(number, likeness) of the texts that are the same report: likeness is the share of the shorter one's runs that both have."""
    if not others:
        return []
    common = (np.stack([o.values for o in others]) == one.values).mean(axis=1)
    sizes = np.array([o.runs for o in others], dtype=float)
    within = common * (one.runs + sizes) / ((1 + common) * np.minimum(one.runs, sizes))
    found = np.flatnonzero((common >= ALIKE) | (within >= WITHIN))
    return [(int(k), float(min(1.0, round(within[k], 3)))) for k in found]
