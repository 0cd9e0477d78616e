"""The scorers of a codebook, as one object, and the protocol by which a walk over a text asks for decisions.

`Model` answers from weights (or by hand-set votes where the codebook has none); the trainer's `Teacher` answers from coded claims. Both see
the same features, because both are asked by the same walk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..codebook import Codebook
from .analysis import Analysis
from .candidates import Candidate
from .columns import Says, says
from .network import Network, Reading
from .quantities import Quantity
from .scorer import Chooser, Classifier, softmax

NONE = "none"  # the class of numbers that are no claim

POOL = {"measure": (1.0, 0.85), "who": (1.0, 1.0), "origin": (2.0, 0.85), "as_of": (1.0, 0.85), "source": (0.5, 0.75)}

SAID = 0.95  # how far the headings of a table are believed

HAND_MEASURE = {"in": 3.0, "govr": 2.5, "govl": 2.0, "govx": 1.5, "cr": 1.0, "cl": 1.0, "ps-": 0.2, "s": 0.3, "pes-": 1.5, "pps-": 1.5}
HAND_WHO = {"w": 5.0, "nrn": 0.5}
HAND_CHOICE = {
    "origin": {
        "nearest": 1.0,
        "ishead": 4.0,
        "how:clause": 1.0,
        "pos:R:5:c": 0.5,
        "prev:same": 1.0,
        "heading:only": 1.0,
        "none": 0.5,
        "main:nohere": 0.7,
        "prep:from:R": 2.0,
    },
    "as_of": {"nearest": 1.5, "here": 1.0, "none": 0.8, "back:1": 0.2, "doc:now": 1.5, "doc:present": 1.2, "prev:same": 1.0},
    "source": {"nearest": 1.0, "here": 1.0, "pat:cue:c": 1.0, "pat:subject:c": 1.0, "none": 1.0, "prev:same": 1.5, "known:True": 0.5},
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A class with its probability, and the likeliest alternatives."""

    value: str
    probability: float
    top: tuple[tuple[str, float], ...] = ()


class Judge(Protocol):
    """Whoever decides slots: the trained model, or the teacher that knows the answers."""

    def open(self, a: Analysis, numbers: Sequence[int]) -> Judge:
        """The judge of one document, of which the quantities `numbers` will be asked about."""

    def measure(self, q: Quantity, features: Sequence[str], allowed: frozenset[str] | None) -> Decision:
        """What `q` counts, or `NONE`; only classes of `allowed` where it is given."""

    def who(self, q: Quantity, features: Sequence[str]) -> Decision:
        """Which part of the population `q` counts."""

    def weigh(self, slot: str, q: Quantity, candidates: Sequence[Candidate]) -> Sequence[float]:
        """Probability of each candidate for `slot` (origin, as_of, source)."""


class Model:
    """Decisions from the codebook's weights: linear scorers and, where the codebook has one, the network.

    Both are pooled logarithmically, p ∝ (p₁ p₂^g)^(s/(1+g)) (Genest & Zidek 1986). `POOL` holds the network's weight g and the sharpness s of
    each slot, chosen on documents held out of training: g for what is right most often, s so that probabilities are calibrated.
    """

    def __init__(self, codebook: Codebook) -> None:
        w = codebook.weights
        self.network = _network(codebook.network) if w and codebook.network else None
        self.version = str(w.get("version", "trained")) if w else "hand"
        measures = (NONE, *codebook.measures)
        default_who = next(iter(codebook.who))
        if w:
            self._measure, self._who = Classifier.load(w["measure"]), Classifier.load(w["who"])
            self._choose = {slot: Chooser.load(w[slot]) for slot in ("origin", "as_of", "source")}
        else:
            self._measure = Classifier(measures, {}, [1.5 * (c == NONE) for c in measures], HAND_MEASURE)
            self._who = Classifier(tuple(codebook.who), {}, [2.0 * (c == default_who) for c in codebook.who], HAND_WHO)
            self._choose = {slot: Chooser(v) for slot, v in HAND_CHOICE.items()}
        self._none = self._measure.classes.index(NONE)

    def open(self, a: Analysis, numbers: Sequence[int]) -> Judge:
        """See `Judge`."""
        said = says(a, numbers)
        if not numbers or (self.network is None and not said):
            return self
        opened = copy(self)
        opened._says = said
        opened._reading = self.network.read(a, numbers) if self.network else None
        return opened

    _reading: Reading | None = None
    _says: Mapping[int, Says] = MappingProxyType({})

    def _pool(self, slot: str, linear: NDArray[np.float64], network: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities from those of the linear scorer and the network's log probabilities, of equal shapes."""
        g, s = POOL[slot]
        return softmax((np.log(np.maximum(linear, 1e-12)) + g * network) * (s / (1 + g)))

    def measure(self, q: Quantity, features: Sequence[str], allowed: frozenset[str] | None) -> Decision:
        """See `Judge`."""
        classes = self._measure.classes
        said = self._says.get(q.i)
        if said and not said.counts:
            return Decision(NONE, SAID)
        p = self._measure.probabilities(features)
        if self._reading:
            p = self._pool("measure", p, self._reading.measure(q, features, classes))
        if said and said.measures:
            p = p * [said.measures.get(c, 1.0) for c in classes]
            p = p / p.sum()
        if allowed is not None:
            p = p * [c in allowed for c in classes]
            if p.sum() <= 0:
                return Decision(NONE, 1.0)
            p = p / p.sum()
        order = [int(k) for k in p.argsort()[::-1] if classes[int(k)] != NONE]
        none = float(p[self._none])
        if none >= 0.5 or not order or p[order[0]] <= 0:  # a claim where claiming is likelier than not, however unsure its measure
            return Decision(NONE, none)
        top = tuple((classes[k], round(float(p[k]), 4)) for k in order[:3])
        return Decision(classes[order[0]], float(p[order[0]]), top)

    def who(self, q: Quantity, features: Sequence[str]) -> Decision:
        """See `Judge`."""
        p = self._who.probabilities(features)
        if self._reading:
            p = self._pool("who", p, self._reading.who(q, features, self._who.classes))
        if (said := self._says.get(q.i)) and said.who:
            p = _said(p, [c == said.who for c in self._who.classes])
        k = int(p.argmax())
        return Decision(self._who.classes[k], float(p[k]))

    def weigh(self, slot: str, q: Quantity, candidates: Sequence[Candidate]) -> Sequence[float]:
        """See `Judge`."""
        p = self._choose[slot].probabilities([c.features for c in candidates])
        if self._reading:
            p = self._pool(slot, p, self._reading.choose(slot, q, candidates))
        if said := self._says.get(q.i):
            p = _said(p, [said.means(slot, c) for c in candidates])
        return [float(x) for x in p]


def _said(p: NDArray[np.float64], right: Sequence[bool]) -> NDArray[np.float64]:
    """Probabilities after a table's headings have spoken for some of the choices; unchanged where they spoke for none."""
    mine = np.asarray(right, dtype=bool)
    if not mine.any():
        return p
    inside = np.maximum(p, 1e-6) * mine
    out: NDArray[np.float64] = SAID * inside / inside.sum() + (1 - SAID) * p
    return out


@lru_cache(maxsize=16)
def _network(data: bytes) -> Network:
    return Network.load(data)


@lru_cache(maxsize=4)
def model(codebook: Codebook) -> Model:
    """The scorers of a codebook, built once."""
    return Model(codebook)
