"""Train the slot scorers on coded claims (JSON Lines as in docs/coding-guide.md). Needs the extra `[train]`.

The walk over each document is the one that extraction does, with a teacher in the judge's place: it answers from the coded claims and notes the
features it was shown. Classifiers are multinomial logistic regressions with shared votes; choosers are conditional logits

    log p(i) = w·x_i − log Σ_j exp(w·x_j)            (McFadden 1974)

whose likelihood sums over all candidates that are right, fitted by L-BFGS with an L2 penalty.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .analysis import Analysis
from .examples import SLOTS, Example, examples
from .model import Model
from .tokenfeatures import token_features
from .train_network import DEFAULTS, Settings, Vectors, fit_network, pack, pages, vocabulary

SETTINGS = {"measure": 0.3, "who": 0.5, "origin": 0.3, "as_of": 0.3, "source": 0.3, "least": 4}


def note(
    documents: Mapping[str, Analysis],
    gold: Mapping[str, Sequence[Mapping[str, Any]]],
    settings: Mapping[str, float] = SETTINGS,
    folds: int = 4,
) -> dict[str, list[Example]]:
    """Examples of coded documents: first with the teacher's answers all the way, then with those of pupils that never saw the document."""
    names = sorted(documents, key=lambda n: hashlib.sha256(n.encode()).hexdigest())
    first = {n: examples(documents[n], gold[n]) for n in names}
    second: dict[str, list[Example]] = {}
    for k in range(folds):
        rest = [e for i, n in enumerate(names) if i % folds != k for e in first[n]]
        pupil = Model(replace(documents[names[0]].codebook, weights=fit(rest, settings), network=None))
        second |= {n: examples(documents[n], gold[n], pupil) for i, n in enumerate(names) if i % folds == k}
    return second


def learn(
    documents: Mapping[str, Analysis], gold: Mapping[str, Sequence[Mapping[str, Any]]], members: int, seed: int = 1, vectors: Vectors | None = None
) -> tuple[dict[str, Any], bytes | None]:
    """Linear weights, and a network of that many members (None for none), from coded documents and, if given, word vectors."""
    noted = note(documents, gold)
    weights = fit([e for examples in noted.values() for e in examples])
    return weights, network(noted, documents, range(seed, seed + members), vectors=vectors) if members else None


def network(
    noted: Mapping[str, list[Example]],
    documents: Mapping[str, Analysis],
    seeds: Iterable[int],
    settings: Settings = DEFAULTS,
    vectors: Vectors | None = None,
) -> bytes:
    """The network of the same examples, one member a seed, as the bytes of its file."""
    read = [p for n in sorted(noted) if noted[n] for p in pages(token_features(documents[n]), noted[n])]
    return pack([fit_network(read, tuple(SLOTS), seed, settings, vectors=vectors) for seed in seeds])


def fit(data: Sequence[Example], settings: Mapping[str, float] = SETTINGS) -> dict[str, Any]:
    """Weights of every scorer, as the JSON that a codebook carries."""
    out: dict[str, Any] = {
        "measure": fit_classifier([(e.features, e.measure) for e in data], settings["measure"], int(settings["least"])),
        "who": fit_classifier([e.who for e in data if e.who], settings["who"], int(settings["least"])),
    }
    for slot in SLOTS:
        out[slot] = fit_chooser([(c.features, c.right) for e in data if (c := e.choices.get(slot))], settings[slot], int(settings["least"]))
    return out


def fit_classifier(rows: Sequence[tuple[list[str], str]], c: float, least: int, vote: float = 20.0) -> dict[str, Any]:
    """Multinomial logistic regression with shared votes (see `scorer.Classifier`), by L-BFGS.

    `c` is the inverse L2 penalty of the class weights, `vote` times that of the shared votes; features seen less than `least` times are left out.
    """
    from scipy.optimize import minimize

    classes = sorted({y for _, y in rows})
    index = {name: n for n, name in enumerate(classes)}
    names = vocabulary((f for f, _ in rows), least)
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
        row = {str(j): round(float(u), 2) for j, u in enumerate(w[at_row]) if abs(u) >= 0.06}
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
    names = vocabulary(flat, least)
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


def _matrix(rows: Sequence[Sequence[str]], names: Mapping[str, int]) -> Any:
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    indptr = [0]
    for row in rows:
        indices.extend(names[f] for f in row if f in names)
        indptr.append(len(indices))
    return csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(rows), len(names)))


def write(folder: Path, weights: Mapping[str, Any], network: bytes | None, gold: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Scorers into a codebook's folder, with the digest of what they were trained on. Files are replaced whole."""
    about = {"version": digest(g for d in sorted(gold) for g in gold[d])[:8], "documents": len(gold), "claims": sum(map(len, gold.values()))}
    files = {"weights.json": to_json({**about, **weights}).encode()}
    if network is not None:
        files["network.npz"] = network
    for name, data in files.items():
        part = folder / f"{name}.part"
        part.write_bytes(data)
        part.replace(folder / name)


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
