"""Train the slot scorers on coded claims (JSON Lines as in docs/coding-guide.md). Needs the extra `[train]`.

The walk over each document is the one that extraction does, with a teacher in the judge's place: it answers from the coded claims and notes the
features it was shown. Classifiers are multinomial logistic regressions with shared votes; choosers are conditional logits

    log p(i) = w·x_i − log Σ_j exp(w·x_j)            (McFadden 1974)

whose likelihood sums over all candidates that are right, fitted by L-BFGS with an L2 penalty.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .analysis import Analysis
from .candidates import Candidate
from .model import NONE, Decision, Judge, Model
from .quantities import Quantity
from .scoring import same_date, same_origin, same_source, same_value
from .walk import walk

SLOTS: dict[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "origin": lambda g, v: same_origin(g, {"origin": list(v or ())}),
    "as_of": lambda g, v: same_date(g, {"as_of": v}),
    "source": lambda g, v: same_source(g, {"source": v}),
}
SETTINGS = {"measure": 0.3, "who": 0.5, "origin": 0.3, "as_of": 0.3, "source": 0.3, "least": 2}


@dataclass
class Examples:
    """Everything the teacher noted over a set of documents."""

    measure: list[tuple[list[str], str]] = field(default_factory=list)
    who: list[tuple[list[str], str]] = field(default_factory=list)
    picks: dict[str, list[tuple[list[list[str]], list[bool]]]] = field(default_factory=lambda: defaultdict(list))
    offered: Counter[str] = field(default_factory=Counter)

    def extend(self, other: Examples) -> None:
        """Add another set's examples."""
        self.measure += other.measure
        self.who += other.who
        for k, v in other.picks.items():
            self.picks[k] += v
        self.offered += other.offered


class Teacher:
    """A judge that knows the answers of one document.

    With `pupil` it notes the right answers but gives the pupil's, so that the features of what follows are those that a model's own
    decisions lead to, mistakes included (Ross, Gordon & Bagnell 2011, DAgger).
    """

    def __init__(self, gold: Sequence[Mapping[str, Any]], pupil: Judge | None = None) -> None:
        self.gold = list(gold)
        self.pupil = pupil
        self.noted = Examples()
        self._used: set[int] = set()
        self._current: Mapping[str, Any] | None = None

    def _match(self, q: Quantity) -> Mapping[str, Any] | None:
        p = {"point": q.point, "low": q.low, "high": q.high, "unit": "percent" if q.unit == "percent" else ""}
        best, size = None, 0
        for n, g in enumerate(self.gold):
            overlap = min(g["end"], q.end) - max(g["start"], q.start)
            if n not in self._used and overlap > size and same_value(g, p):
                best, size = n, overlap
        if best is None:
            return None
        self._used.add(best)
        return self.gold[best]

    def measure(self, q: Quantity, features: Sequence[str], allowed: frozenset[str] | None) -> Decision:
        """The coded measure, or NONE where the number is not coded."""
        g = self._current = self._match(q)
        label = str(g["measure"]) if g else NONE
        self.noted.measure.append((list(features), label))
        if self.pupil is not None:
            said = self.pupil.measure(q, features, allowed)
            return said if said.value != NONE else Decision(label, 1.0)
        return Decision(label, 1.0)

    def who(self, q: Quantity, features: Sequence[str]) -> Decision:
        """The coded part of the population."""
        if self._current is not None:
            label = str(self._current["who"])
            self.noted.who.append((list(features), label))
        return self.pupil.who(q, features) if self.pupil is not None else Decision(label, 1.0)

    def pick(self, slot: str, q: Quantity, candidates: Sequence[Candidate]) -> tuple[int, float]:
        """A right candidate; where none is right, none is learnt and "none" is carried on."""
        g = self._current
        if g is None:
            assert self.pupil is not None
            return self.pupil.pick(slot, q, candidates)
        right = [SLOTS[slot](g, c.value) for c in candidates]
        self.noted.offered[f"{slot}:{any(right)}"] += 1
        if any(right):
            self.noted.picks[slot].append(([c.features for c in candidates], right))
        if self.pupil is not None:
            return self.pupil.pick(slot, q, candidates)
        if any(right):
            return right.index(True), 1.0
        return next(k for k, c in enumerate(candidates) if c.how == "none"), 1.0


def examples(a: Analysis, gold: Sequence[Mapping[str, Any]], pupil: Judge | None = None) -> Examples:
    """What the teacher notes on one analysed document."""
    teacher = Teacher(gold, pupil)
    for _ in walk(a, teacher):
        pass
    return teacher.noted


def learn(
    documents: Mapping[str, Analysis],
    gold: Mapping[str, Sequence[Mapping[str, Any]]],
    settings: Mapping[str, float] = SETTINGS,
    folds: int = 4,
) -> dict[str, Any]:
    """Weights from coded documents: first with the teacher's answers all the way, then with those of pupils that never saw the document."""
    names = sorted(documents, key=lambda n: hashlib.sha256(n.encode()).hexdigest())
    first = {n: examples(documents[n], gold[n]) for n in names}
    data = Examples()
    for k in range(folds):
        rest = Examples()
        for i, n in enumerate(names):
            if i % folds != k:
                rest.extend(first[n])
        pupil = Model(replace(documents[names[0]].codebook, weights=fit(rest, settings)))
        for i, n in enumerate(names):
            if i % folds == k:
                data.extend(examples(documents[n], gold[n], pupil))
    return fit(data, settings)


def fit(data: Examples, settings: Mapping[str, float] = SETTINGS) -> dict[str, Any]:
    """Weights of every scorer, as the JSON that a codebook carries."""
    out: dict[str, Any] = {
        "measure": fit_classifier(data.measure, settings["measure"], int(settings["least"])),
        "who": fit_classifier(data.who, settings["who"], int(settings["least"])),
    }
    for slot in SLOTS:
        out[slot] = fit_chooser(data.picks[slot], settings[slot], int(settings["least"]))
    return out


def fit_classifier(rows: Sequence[tuple[list[str], str]], c: float, least: int, vote: float = 20.0) -> dict[str, Any]:
    """Multinomial logistic regression with shared votes (see `scorer.Classifier`), by L-BFGS.

    `c` is the inverse L2 penalty of the class weights, `vote` times that of the shared votes; features seen less than `least` times are left out.
    """
    from scipy.optimize import minimize

    classes = sorted({y for _, y in rows})
    index = {name: n for n, name in enumerate(classes)}
    names = _vocabulary((f for f, _ in rows), least)
    x = _matrix([f for f, _ in rows], names)
    n, k, m = len(rows), len(classes), len(names)
    y = np.zeros((n, k))
    y[np.arange(n), [index[label] for _, label in rows]] = 1.0
    prefixes: dict[str, tuple[list[int], list[int]]] = {}
    for r, (features, _) in enumerate(rows):
        for f in features:
            prefix, colon, code = f.partition(":")
            if colon and code in index:
                at = prefixes.setdefault(prefix, ([], []))
                at[0].append(r)
                at[1].append(index[code])
    votes = sorted(prefixes)
    places = [prefixes[p] for p in votes]

    def loss(theta: Any) -> tuple[float, Any]:
        w, b, v = theta[: m * k].reshape(m, k), theta[m * k : m * k + k], theta[m * k + k :]
        s = x @ w + b
        for weight, (i, j) in zip(v, places, strict=True):
            np.add.at(s, (i, j), weight)
        s -= s.max(axis=1, keepdims=True)
        p = np.exp(s)
        p /= p.sum(axis=1, keepdims=True)
        value = (
            -np.log(np.maximum((p * y).sum(axis=1), 1e-300)).sum()
            + 0.5 * (w**2).sum() / c
            + 0.5 * (v**2).sum() / (c * vote)
            + 0.5 * 0.01 * (b**2).sum()
        )
        d = p - y
        gv = np.array([d[i, j].sum() for i, j in places]) + v / (c * vote)
        return float(value), np.concatenate([((x.T @ d) + w / c).ravel(), d.sum(axis=0) + 0.01 * b, gv])

    theta = minimize(loss, np.zeros(m * k + k + len(votes)), jac=True, method="L-BFGS-B", options={"maxiter": 150, "ftol": 1e-6}).x
    w, b, v = theta[: m * k].reshape(m, k), theta[m * k : m * k + k], theta[m * k + k :]
    weights = {}
    for name, at_row in names.items():
        row = {str(j): round(float(u), 2) for j, u in enumerate(w[at_row]) if abs(u) >= 0.04}
        if row:
            weights[name] = row
    return {
        "classes": classes,
        "bias": [round(float(u), 4) for u in b],
        "votes": {p: round(float(u), 3) for p, u in zip(votes, v, strict=True)},
        "weights": dict(sorted(weights.items())),
    }


def fit_chooser(rows: Sequence[tuple[list[list[str]], list[bool]]], c: float, least: int) -> dict[str, Any]:
    """Conditional logit over candidates, several of which may be right; `c` is the inverse penalty."""
    from scipy.optimize import minimize

    flat = [f for cands, _ in rows for f in cands]
    names = _vocabulary(flat, least)
    x = _matrix(flat, names)
    right = np.array([r for _, rr in rows for r in rr])
    starts = np.cumsum([0, *[len(cands) for cands, _ in rows][:-1]])
    group = np.repeat(np.arange(len(rows)), [len(cands) for cands, _ in rows])

    def loss(w: Any) -> tuple[float, Any]:
        s = x @ w
        s = s - np.maximum.reduceat(s, starts)[group]
        e = np.exp(s)
        z, zr = np.add.reduceat(e, starts), np.add.reduceat(e * right, starts)
        zr = np.maximum(zr, 1e-300)
        g = x.T @ (e / z[group] - e * right / zr[group]) + w / c
        return float(np.sum(np.log(z) - np.log(zr)) + 0.5 * (w @ w) / c), g

    w = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return {"weights": {n: round(float(w[k]), 3) for n, k in sorted(names.items()) if abs(w[k]) >= 0.01}}


def _vocabulary(rows: Iterable[Sequence[str]], least: int) -> dict[str, int]:
    counts = Counter(f for row in rows for f in row)
    return {f: n for n, f in enumerate(sorted(f for f, k in counts.items() if k >= least))}


def _matrix(rows: Sequence[Sequence[str]], names: Mapping[str, int]) -> Any:
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    indptr = [0]
    for row in rows:
        indices.extend(names[f] for f in row if f in names)
        indptr.append(len(indices))
    return csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(rows), len(names)))


def digest(gold: Iterable[Mapping[str, Any]]) -> str:
    """Digest of the coded claims that weights were trained on."""
    h = hashlib.sha256()
    for g in gold:
        h.update(json.dumps(g, sort_keys=True, ensure_ascii=False).encode())
    return h.hexdigest()[:16]


def to_json(weights: Mapping[str, Any]) -> str:
    """Weights as JSON that reads well in a diff: one feature a line."""
    lines = ["{"]
    for name, value in weights.items():
        if isinstance(value, dict):
            inner = []
            for key, v in value.items():
                if key == "weights":
                    rows = ",\n".join(f"   {json.dumps(f, ensure_ascii=False)}: {json.dumps(x)}" for f, x in v.items())
                    inner.append('  "weights": {\n' + rows + "\n  }")
                else:
                    inner.append(f"  {json.dumps(key)}: {json.dumps(v, ensure_ascii=False)}")
            lines.append(f" {json.dumps(name)}: {{\n" + ",\n".join(inner) + "\n },")
        else:
            lines.append(f" {json.dumps(name)}: {json.dumps(value)},")
    lines[-1] = lines[-1].rstrip(",")
    return "\n".join([*lines, "}"]) + "\n"
