"""A small neural reader beside the linear scorers: convolutions over a document's tokens, a recurrent pass over its numbers, one head a slot.

Trained from scratch on the coded corpus by `train_network`; here is only what answers, in NumPy. Shapes: K members trained from different
starts, L tokens, N numbers of a document, d channels of a token's embedding, c of the convolutions, r of the recurrent state.

    x_t  = Σ_f E_f over the features f of token t                                    (K, L, d)
    h    ← h + tanh(a) ⊙ σ(b),  [a b] = conv3(h), dilation 1, 2, 4, 8, 16             gated residual convolutions, (K, L, c); van den Oord et al. 2016
    u_n  = [h x] at the number's first token and at its noun                         (K, N, 2(c+d))
    v_n  = forward and backward gated recurrent unit over relu(W[u_n, gap_n])         (K, N, 2r); Cho et al. 2014
    slot = W₂ relu(W₁[u_n, v_n] + Σ_f G_f) over the linear scorers' features f

A candidate i of number n scores w·relu(A z_n + B u_i + how_i + Σ_f C_f) + (P z_n)·(Q u_i)/7, with z_n = [u_n, v_n]. Answers are the mean of
the members' log probabilities.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import citing, dating
from .analysis import Analysis
from .candidates import Candidate
from .features import gap_features
from .quantities import Quantity
from .tokenfeatures import found_features, word_features

Array = NDArray[np.float32]
BACK = max(citing.BACK, dating.BACK)
DILATIONS = (1, 2, 4, 8, 16)
HOWS = ("none", "clause", "sentence", "previous_sentence", "heading", "document", "previous_claim")  # how far a candidate was fetched
HOW = {how: n for n, how in enumerate(HOWS)}
Key = TypeVar("Key", bound=Hashable)
UNKNOWN = -20.0  # log score of a class that no coded claim had


class Bag:
    """Sums of embeddings of named features: rows of shape (K, features, d)."""

    def __init__(self, names: Sequence[str], rows: Array) -> None:
        self._index = {n: k for k, n in enumerate(names)}
        self._rows = np.ascontiguousarray(rows.transpose(1, 0, 2))

    def __call__(self, features: Sequence[str]) -> Array:
        """Shape (K, d)."""
        get = self._index.get
        return np.asarray(self._rows[[k for f in features if (k := get(f)) is not None]].sum(axis=0))

    def many(self, lists: Sequence[Sequence[str]]) -> Array:
        """Shape (K, lists, d)."""
        get = self._index.get
        ids = [[k for f in fs if (k := get(f)) is not None] for fs in lists]
        some = [k for k, x in enumerate(ids) if x]
        out = np.zeros((len(lists), *self._rows.shape[1:]), dtype=np.float32)
        if some:
            starts = np.cumsum([0, *(len(ids[k]) for k in some[:-1])])
            out[some] = np.add.reduceat(self._rows[[i for x in ids for i in x]], starts, axis=0)
        return out.transpose(1, 0, 2)

    def each(self, keys: Sequence[Key], features: Callable[[Key], Sequence[str]]) -> Array:
        """Shape (K, keys, d): the sum of each key's features, made once where keys repeat."""
        number: dict[Key, int] = {}
        at = [number.setdefault(key, len(number)) for key in keys]
        return self.many([features(key) for key in number])[:, at]


class Network:
    """The trained readers of a codebook. Weights are named arrays with the members first; `load` reads them from an `.npz` file."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        meta = json.loads(bytes(arrays["meta"]).decode())
        self.classes: tuple[str, ...] = tuple(meta["classes"])
        self.who: tuple[str, ...] = tuple(meta["who"])
        self.slots: tuple[str, ...] = tuple(meta["slots"])
        self.version: str = meta["version"]
        w = {k: np.asarray(v, dtype=np.float32) for k, v in arrays.items() if v.dtype == np.float16}
        for k, v in arrays.items():
            if v.dtype == np.int8:  # rows, scaled one by one
                w[k] = v.astype(np.float32) * w[f"{k}.scale"].reshape(*v.shape[:2], *(1,) * (v.ndim - 2))
        self._bias = {k[:-5]: v[:, None, :] for k, v in w.items() if k.endswith(".bias")}
        self._weight = {k[:-7]: np.ascontiguousarray(v.transpose(0, 2, 1)) for k, v in w.items() if k.endswith(".weight") and v.ndim == 3}
        self._taps = {k[:-7]: np.concatenate([v[..., m].transpose(0, 2, 1) for m in range(3)], axis=1) for k, v in w.items() if v.ndim == 4}
        for slot in self.slots:  # two layers over a candidate's tokens as one
            a, b = f"{slot}.candidate", f"{slot}.right"
            self._weight[f"{slot}.met"] = np.concatenate([self._weight.pop(a), self._weight.pop(b)], axis=2)
            self._bias[f"{slot}.met"] = np.concatenate([self._bias.pop(a) + self._bias.pop(f"{slot}.features"), self._bias.pop(b)], axis=2)
        self._w = w
        self._bags = {}
        for k, names in meta["vocabulary"].items():
            rows = w[f"bag.{k}"]
            if k in (*self.slots, "measure", "who"):  # the layer behind the sum, taken into its rows
                rows = rows @ self._weight[f"{k}.features"]
            self._bags[k] = Bag(names, rows)

    @classmethod
    def load(cls, data: bytes) -> Network:
        """From the bytes of an `.npz` file. Raises ValueError where it is none."""
        with np.load(io.BytesIO(data), allow_pickle=False) as z:
            return cls({k: z[k] for k in z.files})

    def read(self, a: Analysis, numbers: Sequence[int]) -> Reading:
        """The document read once: `numbers` are the quantities that will be asked about.

        Only the sentences in which their candidates stand are read, each with as many tokens around it as a convolution sees: the answers are
        those of the whole document.
        """
        kept = _in_play(a, numbers)
        row = np.full(len(a.tokens) + 1, -1)
        row[kept] = np.arange(len(kept))
        bag, t = self._bags["token"], a.tokens
        x = bag.each([(t.low[k], t.raw[k]) for k in kept], lambda word: word_features(*word)) + bag.each(found_features(a, kept), lambda f: f)
        h = self._dense("inp", x)
        for k, dilation in enumerate(DILATIONS):
            h = h + _gate(self._convolve(f"conv{k}", h, dilation))
        tokens = np.concatenate([h, x], axis=2)
        first = [a.quantities[n].i for n in numbers]
        noun = [q.head if q.head >= 0 else q.j - 1 for q in (a.quantities[n] for n in numbers)]
        own = np.concatenate([tokens[:, row[first]], tokens[:, row[noun]]], axis=2)
        gaps = self._bags["gap"].many([gap_features(a, n) for n in numbers])
        steps = np.maximum(self._dense("number", np.concatenate([own, gaps], axis=2)), 0)
        around = np.concatenate([self._recur("forward", steps), self._recur("backward", steps[:, ::-1])[:, ::-1]], axis=2)
        return Reading(self, tokens, row, np.concatenate([own, around], axis=2), {a.quantities[n].i: k for k, n in enumerate(numbers)})

    def _dense(self, name: str, x: Array) -> Array:
        """(K, n, in) → (K, n, out)."""
        return np.asarray(x @ self._weight[name] + self._bias[name])

    def _convolve(self, name: str, h: Array, dilation: int) -> Array:
        """A convolution of width three along the tokens."""
        length, c = h.shape[1:]
        three = np.zeros((h.shape[0], length, 3 * c), dtype=np.float32)  # what stands before, here and behind, side by side
        three[..., c : 2 * c] = h
        if length > dilation:
            three[:, dilation:, :c] = h[:, :-dilation]
            three[:, :-dilation, 2 * c :] = h[:, dilation:]
        return np.asarray(three @ self._taps[name] + self._bias[name])

    def _recur(self, name: str, x: Array) -> Array:
        """A gated recurrent unit along the numbers; its gates stand in the order reset, update, new."""
        w = {k: self._w[f"{name}.{k}"] for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        gates = x @ w["weight_ih"].transpose(0, 2, 1) + w["bias_ih"][:, None, :]
        again, bias = np.ascontiguousarray(w["weight_hh"].transpose(0, 2, 1)), w["bias_hh"][:, None, :]
        r = again.shape[1]
        h = np.zeros((x.shape[0], 1, r), dtype=np.float32)
        out = np.zeros((x.shape[0], x.shape[1], r), dtype=np.float32)
        for k in range(x.shape[1]):
            g, u = gates[:, k : k + 1], h @ again + bias
            both = _sigmoid(g[..., : 2 * r] + u[..., : 2 * r])
            update = both[..., r:]
            h = (1 - update) * np.tanh(g[..., 2 * r :] + both[..., :r] * u[..., 2 * r :]) + update * h
            out[:, k] = h[:, 0]
        return out


class Reading:
    """What the network made of one document: log probabilities of classes and candidates, on demand."""

    def __init__(self, network: Network, tokens: Array, row: NDArray[np.int64], numbers: Array, place: Mapping[int, int]) -> None:
        self._net, self._tokens, self._row, self._place = network, tokens, row, place
        layers = ("measure.1", "who.1", *(f"{s}.{k}" for s in network.slots for k in ("number", "left")))
        self._ready = {k: network._dense(k, numbers) for k in layers}  # all numbers at once: what does not depend on earlier decisions

    def measure(self, q: Quantity, features: Sequence[str], classes: Sequence[str]) -> NDArray[np.float64]:
        """Log probabilities of `classes`."""
        return self._head("measure", q, features, self._net.classes, classes)

    def who(self, q: Quantity, features: Sequence[str], classes: Sequence[str]) -> NDArray[np.float64]:
        """Log probabilities of `classes`."""
        return self._head("who", q, features, self._net.who, classes)

    def _head(self, name: str, q: Quantity, features: Sequence[str], mine: Sequence[str], asked: Sequence[str]) -> NDArray[np.float64]:
        net, k = self._net, self._place[q.i]
        hidden = np.maximum(self._ready[f"{name}.1"][:, k] + net._bags[name](features), 0)
        mean = _log_mean(net._dense(f"{name}.2", hidden[:, None, :])[:, 0])
        return mean if tuple(asked) == tuple(mine) else np.array([mean[mine.index(c)] if c in mine else UNKNOWN for c in asked])

    def choose(self, slot: str, q: Quantity, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
        """Log probabilities of the candidates."""
        net, k = self._net, self._place[q.i]
        ends = self._row[[(c.i, c.j - 1) if c.i >= 0 else (-1, -1) for c in candidates]]
        u = self._tokens[:, ends].reshape(self._tokens.shape[0], len(candidates), -1)
        nowhere = ends.min(axis=1) < 0
        if nowhere.any():
            u[:, nowhere] = 0
        both, d = net._dense(f"{slot}.met", u), self._ready[f"{slot}.number"].shape[2]  # candidate and right, side by side
        hidden = both[..., :d] + self._ready[f"{slot}.number"][:, k : k + 1]
        hidden += net._w[f"{slot}.how"][:, [HOW[c.how] for c in candidates]]
        hidden += net._bags[slot].many([c.features for c in candidates])
        plain = net._dense(f"{slot}.out", np.maximum(hidden, 0, out=hidden))[..., 0]
        met = both[..., d:] @ self._ready[f"{slot}.left"][:, k, :, None]
        return _log_mean(plain + met[..., 0] / 7)


def _in_play(a: Analysis, numbers: Sequence[int]) -> NDArray[np.int64]:
    """Tokens of the sentences that may hold a candidate for one of the numbers, and all within a convolution's reach of them."""
    sentences = {0}
    for n in numbers:
        s = a.sentence[a.quantities[n].i]
        sentences |= {s, a.paragraph_first[s], max(a.heading[s], 0)}
        first = s
        for first, _ in a.earlier(s, BACK):
            sentences.add(first)
        far = [*citing.elsewhere(a, first), *dating.elsewhere(a, first)]
        sentences |= {a.sentence[x.i] for _, x in far if x is not None}
        if place := a.place_before(a.bounds[s][0]):
            sentences.add(a.sentence[place.i])
    reach = sum(DILATIONS)
    keep = np.zeros(len(a.tokens), dtype=bool)
    for s in sentences:
        i, j = a.bounds[s]
        keep[max(0, i - reach) : j + reach] = True
    return np.flatnonzero(keep)


def _log_mean(scores: Any) -> NDArray[np.float64]:
    """Mean over the members of their log probabilities: (K, n) → (n,)."""
    s = np.asarray(scores, dtype=np.float64)
    s = s - s.max(axis=1, keepdims=True)
    s = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    return np.asarray(s.mean(axis=0))


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def _gate(x: Array) -> Array:
    half = x.shape[2] // 2
    return np.asarray(np.tanh(x[..., :half]) * _sigmoid(x[..., half:]))
