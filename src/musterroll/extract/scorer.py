"""The small scorers that decide slots.

Two forms, both multinomial logistic over sparse named features:

* `Classifier` scores a fixed list of classes (which measure, or none),
* `Chooser` scores the candidates that the text offers for a slot, "none" among them, with one weight per feature.

Weights are plain numbers in a JSON file of the codebook, trained by `musterroll.extract.train`; a codebook without trained weights falls
back on `hand`, where each cue votes for its class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Features = Iterable[str]


def softmax(scores: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from log scores. Shape (n,) → (n,)."""
    s = np.asarray(scores, dtype=float)
    e = np.exp(s - s.max())
    return np.asarray(e / e.sum())


class Classifier:
    """P(class | features): log score of class c = bias_c + Σ_f w_fc + Σ_f v_prefix(f) where feature f is named `prefix:c`.

    The votes v are shared by all classes, so that a rare class profits from what a cue of its own kind says of the common ones. A codebook
    without trained weights uses votes alone.
    """

    def __init__(self, classes: Sequence[str], weights: Mapping[str, Mapping[str, float]], bias: Sequence[float], votes: Mapping[str, float]) -> None:
        self.classes = tuple(classes)
        number = {c: n for n, c in enumerate(self.classes)}
        self._b = np.asarray(bias, dtype=float)
        self._votes = {f"{prefix}:{code}": (n, v) for prefix, v in votes.items() for code, n in number.items()}
        self._index = {name: n for n, name in enumerate(weights)}
        self._w = np.zeros((len(weights), len(self.classes)))
        for n, row in enumerate(weights.values()):
            for k, x in row.items():
                self._w[n, int(k)] = x

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Classifier:
        """From the JSON form {classes, bias, votes, weights: {feature: {class number: weight}}}."""
        return cls(data["classes"], data["weights"], data["bias"], data["votes"])

    def probabilities(self, features: Features) -> NDArray[np.float64]:
        """Shape (classes,)."""
        get, vote = self._index.get, self._votes.get
        features = tuple(features)
        total = self._b + self._w[[k for f in features if (k := get(f)) is not None]].sum(axis=0)
        for n, v in [x for f in features if (x := vote(f)) is not None]:
            total[n] += v
        return softmax(total)


class Chooser:
    """P(candidate | the candidates' features): a conditional logit with weights of shape (features,)."""

    def __init__(self, weights: Mapping[str, float], temperature: float = 1.0) -> None:
        self._w = dict(weights)
        self.temperature = temperature

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Chooser:
        """From {weights: {feature: weight}, temperature}."""
        return cls(data["weights"], data.get("temperature", 1.0))

    def score(self, features: Features) -> float:
        """The log score of one candidate."""
        get = self._w.get
        return sum([get(f, 0.0) for f in features])

    def probabilities(self, candidates: Sequence[Features]) -> NDArray[np.float64]:
        """Shape (candidates,)."""
        return softmax(np.array([self.score(c) for c in candidates]) / self.temperature)
