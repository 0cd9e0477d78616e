"""Train the neural reader of `network` from scratch on the teacher's examples. Needs the extra `[train]` (PyTorch).

All slots share one reading of the document and are learnt together: cross-entropy for the classes, the likelihood of all right candidates for
the choices. Features of tokens and of examples are dropped at random, so that no single word carries a decision; of some tokens all letters at
once, so that what the codebook and the context say of a word is learnt beside the word (likelihoods on held-out documents rise in every slot).

Word vectors made elsewhere (such as GloVe, Pennington et al. 2014) may be given: a token's embedding is then Σ_f E_f + V_w G with G learnt, and
what is stored is the product, a row a word, so that words no coded text has are read by their neighbours and answering needs nothing more.
"""

from __future__ import annotations

import io
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .examples import Example
from .network import DILATIONS, HOWS

LONGEST = 700  # tokens of a document that is read in one piece; longer ones are cut
CONTEXT, PIECE = 200, 450
LETTERS = ("w=", "p=", "s=")  # prefixes of the features of a token's letters
PARTS = ("1", "2", "number", "candidate", "features", "out", "left", "right")


@dataclass(frozen=True)
class Settings:
    """Sizes and strengths, found on documents held out of the readable ones."""

    token: int = 48
    channels: int = 64
    recurrent: int = 32
    hidden: int = 64
    bag: int = 24
    gap: int = 16
    dropout: float = 0.3
    lose_token: float = 0.15
    lose_word: float = 0.3
    lose_vector: float = 0.1
    lose: float = 0.3
    rate: float = 4e-3
    decay: float = 1e-3
    epochs: int = 10
    batch: int = 8
    least: int = 4
    least_token: int = 6
    least_measure: int = 7


DEFAULTS = Settings()


class Member(NamedTuple):
    """A trained network: its arrays, and the names of classes, slots and features."""

    seed: int
    arrays: dict[str, Any]
    meta: dict[str, Any]


class Vectors(NamedTuple):
    """Word vectors: lower-case words, the commonest first, and their rows, shape (words, d)."""

    words: tuple[str, ...]
    rows: Any


class Page(NamedTuple):
    """A document, or a piece of one: token features and examples in order."""

    tokens: list[list[str]]
    examples: list[Example]


def pages(tokens: list[list[str]], examples: list[Example]) -> list[Page]:
    """A document as one page, a long one as several, each with some tokens before and behind."""
    if len(tokens) <= LONGEST:
        return [Page(tokens, examples)]
    out = []
    for a in range(0, len(tokens), PIECE):
        mine = [e for e in examples if a <= e.at[0] < a + PIECE]
        low, high = max(0, a - CONTEXT), min(len(tokens), a + PIECE + CONTEXT // 3)

        def move(k: int, low: int = low, high: int = high) -> int:
            return k - low if low <= k < high else -1

        moved = []
        for e in mine:
            choices = {s: c._replace(first=[move(k) for k in c.first], last=[move(k) for k in c.last]) for s, c in e.choices.items()}
            first = move(e.at[0])
            at = (first, max(move(e.at[1]), first), max(move(e.at[2]), first) if e.at[2] >= 0 else max(move(e.at[1]), first))
            moved.append(Example(at, e.gap, e.features, e.measure, e.allowed, e.who, choices))
        if moved:
            out.append(Page(tokens[low:high], moved))
    return out


def vocabulary(bags: Iterable[Sequence[str]], least: int) -> dict[str, int]:
    """Features seen at least `least` times, numbered."""
    counts = Counter(f for b in bags for f in b)
    return {f: k for k, f in enumerate(sorted(f for f, n in counts.items() if n >= least))}


def fit_network(
    documents: Sequence[Page],
    slots: Sequence[str],
    seed: int = 1,
    settings: Settings = DEFAULTS,
    progress: Any = None,
    vectors: Vectors | None = None,
) -> Member:
    """One member, trained from the start that `seed` gives."""
    import torch
    from torch.nn import functional

    torch.manual_seed(seed)
    rng = random.Random(seed)
    examples = [e for d in documents for e in d.examples]
    words = {
        "token": vocabulary((f for d in documents for f in d.tokens), settings.least_token),
        "gap": vocabulary((e.gap for e in examples), 1),
        "measure": vocabulary((e.features for e in examples), settings.least_measure),
        "who": vocabulary((e.who[0] for e in examples if e.who), settings.least),
        **{s: vocabulary((f for e in examples if s in e.choices for f in e.choices[s].features), settings.least) for s in slots},
    }
    classes = sorted({e.measure for e in examples})
    who = sorted({e.who[1] for e in examples if e.who})
    net = build(settings, {k: len(v) for k, v in words.items()}, len(classes), len(who), slots)
    known = {w: k for k, w in enumerate(vectors.words, 1)} if vectors else {}
    table = None
    if vectors:
        net["vector"] = torch.nn.Linear(vectors.rows.shape[1], settings.token, bias=False)
        table = torch.tensor(np.vstack([np.zeros((1, vectors.rows.shape[1])), vectors.rows]).astype(np.float32))  # row 0: a word without one
    batches = math.ceil(len(documents) / settings.batch)
    optimiser = torch.optim.AdamW(net.parameters(), lr=settings.rate, weight_decay=settings.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, total_steps=settings.epochs * batches + 1, pct_start=0.15)
    encoded = [_encode(d, words, classes, who, known) for d in documents]
    letters = torch.tensor([f.startswith(LETTERS) for f in words["token"]])
    for epoch in range(settings.epochs):
        order = sorted(range(len(encoded)), key=lambda k: len(encoded[k]["tokens"]) + rng.random() * 400)
        groups = [order[k : k + settings.batch] for k in range(0, len(order), settings.batch)]
        rng.shuffle(groups)
        total = 0.0
        for group in groups:
            loss, n = _loss(net, [encoded[k] for k in group], settings, slots, letters, table, torch, functional)
            optimiser.zero_grad()
            (loss / n).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        if progress:
            progress(epoch, total / len(examples))
    names = {k: list(v) for k, v in words.items()}
    arrays = _state(net)
    if vectors:
        names["token"], arrays["bag.token"] = _with_vectors(words["token"], arrays["bag.token"], vectors, arrays.pop("vector.weight"))
    return Member(seed, arrays, {"classes": classes, "who": who, "slots": list(slots), "vocabulary": names})


def _with_vectors(names: Mapping[str, int], rows: Any, vectors: Vectors, g: Any) -> tuple[list[str], Any]:
    """(names, rows) of token features with the words' vectors in the same space: added to the rows of known words, appended for the others."""
    made = vectors.rows @ g.T
    at = {w: k for k, w in enumerate(vectors.words)}
    rows = rows.copy()
    for name, k in names.items():
        if name.startswith("w=") and (n := at.get(name[2:])) is not None:
            rows[k] += made[n]
    new = [n for n, w in enumerate(vectors.words) if f"w={w}" not in names]
    return [*names, *(f"w={vectors.words[n]}" for n in new)], np.vstack([rows, made[new]])


def build(s: Settings, sizes: Mapping[str, int], classes: int, who: int, slots: Sequence[str]) -> Any:
    """The layers by the names of `network.Network`."""
    from torch import nn

    token = s.channels + s.token
    number = 2 * token + 2 * s.recurrent
    layers: dict[str, Any] = {"bag_token": _bag(sizes["token"], s.token), "inp": nn.Linear(s.token, s.channels)}
    for k, dilation in enumerate(DILATIONS):
        layers[f"conv{k}"] = nn.Conv1d(s.channels, 2 * s.channels, 3, padding=dilation, dilation=dilation)
    layers["bag_gap"] = _bag(sizes["gap"], s.gap)
    layers["number"] = nn.Linear(2 * token + s.gap, s.recurrent)
    layers["recur"] = nn.GRU(s.recurrent, s.recurrent, bidirectional=True, batch_first=True)
    for name, out in (("measure", classes), ("who", who)):
        layers[f"bag_{name}"] = _bag(sizes[name], s.bag)
        layers[f"{name}_1"], layers[f"{name}_2"] = nn.Linear(number + s.bag, s.hidden), nn.Linear(s.hidden, out)
    for slot in slots:
        layers[f"bag_{slot}"] = _bag(sizes[slot], s.bag)
        layers[f"{slot}_number"], layers[f"{slot}_candidate"] = nn.Linear(number, s.hidden), nn.Linear(2 * token, s.hidden)
        layers[f"{slot}_how"], layers[f"{slot}_features"] = nn.Embedding(len(HOWS), s.hidden), nn.Linear(s.bag, s.hidden)
        layers[f"{slot}_out"] = nn.Linear(s.hidden, 1)
        layers[f"{slot}_left"], layers[f"{slot}_right"] = nn.Linear(number, s.hidden // 2), nn.Linear(2 * token, s.hidden // 2)
    return nn.ModuleDict(layers)


def _bag(n: int, d: int) -> Any:
    from torch import nn

    bag = nn.EmbeddingBag(n, d, mode="sum")
    nn.init.normal_(bag.weight, std=0.1)
    return bag


def _encode(
    page: Page, words: Mapping[str, Mapping[str, int]], classes: Sequence[str], who: Sequence[str], known: Mapping[str, int]
) -> dict[str, Any]:
    """Numbers in place of names."""

    def ids(name: str, features: Sequence[str]) -> list[int]:
        index = words[name]
        return [index[f] for f in features if f in index]

    rows = []
    for e in page.examples:
        rows.append(
            {
                "at": e.at,
                "gap": ids("gap", e.gap),
                "measure": (ids("measure", e.features), classes.index(e.measure)),
                "allowed": None if e.allowed is None else [k for k, c in enumerate(classes) if c in e.allowed],
                "who": (ids("who", e.who[0]), who.index(e.who[1])) if e.who else ([], -1),
                "choices": {
                    s: ([ids(s, f) for f in c.features], c.first, c.last, [HOWS.index(h) for h in c.how], c.right) for s, c in e.choices.items()
                },
            }
        )
    vectors = [next((known.get(f[2:], 0) for f in features if f.startswith("w=")), 0) for features in page.tokens]
    return {"tokens": [ids("token", f) for f in page.tokens], "vectors": vectors, "rows": rows}


def _loss(
    net: Any, batch: Sequence[Mapping[str, Any]], s: Settings, slots: Sequence[str], letters: Any, table: Any, torch: Any, functional: Any
) -> tuple[Any, int]:
    """Summed loss of a batch of pages, and the number of its examples. `letters` marks the token features that come of a word's letters."""

    def bag(name: str, lists: Sequence[Sequence[int]], lose: float) -> Any:
        flat = torch.tensor([k for x in lists for k in x], dtype=torch.long)
        starts = torch.tensor(np.cumsum([0, *map(len, lists)])[:-1], dtype=torch.long)
        weights = (torch.rand(len(flat)) > lose).float() / (1 - lose)
        if name == "token":
            unread = torch.repeat_interleave(torch.rand(len(lists)) < s.lose_word, torch.tensor([len(x) for x in lists]))
            weights = weights * ~(unread & letters[flat])
        return net[f"bag_{name}"](flat, starts, per_sample_weights=weights)

    def drop(x: Any, p: float = s.dropout) -> Any:
        return functional.dropout(x, p)

    lengths = [len(d["tokens"]) for d in batch]
    flat = bag("token", [x for d in batch for x in d["tokens"]], s.lose_token)
    if table is not None:
        ids = torch.tensor([k for d in batch for k in d["vectors"]])
        flat = flat + net["vector"](table[ids]) * (torch.rand(len(ids), 1) > s.lose_vector)
    flat = drop(flat, s.dropout / 2)
    x = flat.new_zeros(len(batch), max(lengths), flat.shape[1])
    mask = torch.zeros(len(batch), 1, max(lengths))
    at = 0
    for k, n in enumerate(lengths):
        x[k, :n] = flat[at : at + n]
        mask[k, 0, :n] = 1
        at += n
    h = net["inp"](x).transpose(1, 2) * mask
    for k in range(len(DILATIONS)):
        a, b = net[f"conv{k}"](h).chunk(2, 1)
        h = (h + drop(torch.tanh(a) * torch.sigmoid(b), s.dropout / 2)) * mask  # what lies behind a document's end stays nought
    tokens = torch.cat([h.transpose(1, 2), x], 2)
    rows = [(k, r) for k, d in enumerate(batch) for r in d["rows"]]
    page = torch.tensor([k for k, _ in rows])
    first, last, noun = (torch.tensor([r["at"][m] for _, r in rows]) for m in range(3))
    own = torch.cat([tokens[page, first], tokens[page, torch.where(noun >= 0, noun, last)]], 1)
    steps = functional.relu(net["number"](drop(torch.cat([own, bag("gap", [r["gap"] for _, r in rows], 0.0)], 1), s.dropout / 2)))
    counts = [len(d["rows"]) for d in batch]
    order = torch.cat([torch.arange(c) for c in counts])
    grid = steps.new_zeros(len(batch), max(counts), steps.shape[1])
    grid[page, order] = steps
    packed = torch.nn.utils.rnn.pack_padded_sequence(grid, torch.tensor(counts), batch_first=True, enforce_sorted=False)
    around, _ = torch.nn.utils.rnn.pad_packed_sequence(net["recur"](packed)[0], batch_first=True)
    number = torch.cat([own, around[page, order]], 1)

    def head(name: str) -> Any:
        z = torch.cat([number, bag(name, [r[name][0] for _, r in rows], s.lose)], 1)
        return net[f"{name}_2"](drop(functional.relu(net[f"{name}_1"](drop(z)))))

    scores = head("measure")
    barred = torch.zeros_like(scores)
    for k, (_, r) in enumerate(rows):
        if r["allowed"] is not None:
            barred[k] = -1e4
            barred[k, r["allowed"]] = 0
    label = torch.tensor([r["measure"][1] for _, r in rows])
    fair = barred.gather(1, label.unsqueeze(1)).squeeze(1) == 0
    loss = functional.cross_entropy((scores + barred)[fair], label[fair], reduction="sum")
    label = torch.tensor([r["who"][1] for _, r in rows])
    loss = loss + 0.5 * functional.cross_entropy(head("who")[label >= 0], label[label >= 0], reduction="sum")
    for slot in slots:
        mine = [k for k, (_, r) in enumerate(rows) if slot in r["choices"]]
        if mine:
            loss = loss + _choice_loss(net, slot, mine, rows, tokens, number, bag, drop, torch, functional)
    return loss, len(rows)


def _choice_loss(
    net: Any, slot: str, mine: Sequence[int], rows: Any, tokens: Any, number: Any, bag: Any, drop: Any, torch: Any, functional: Any
) -> Any:
    """−log of the share of all right candidates, summed over the numbers that have one."""
    choices = [rows[k][1]["choices"][slot] for k in mine]
    group = torch.tensor([g for g, c in enumerate(choices) for _ in c[0]])
    page = torch.tensor([rows[k][0] for k, c in zip(mine, choices, strict=True) for _ in c[0]])
    first, last, how = (torch.tensor([v for c in choices for v in c[m]]) for m in (1, 2, 3))
    right = torch.tensor([v for c in choices for v in c[4]])
    u = drop(torch.cat([tokens[page, first.clamp(min=0)], tokens[page, last.clamp(min=0)]], 1) * (first >= 0).unsqueeze(1))
    z = drop(number[torch.tensor(mine)])
    hidden = net[f"{slot}_number"](z)[group] + net[f"{slot}_candidate"](u) + net[f"{slot}_how"](how)
    hidden = hidden + net[f"{slot}_features"](bag(slot, [f for c in choices for f in c[0]], 0.1))
    score = net[f"{slot}_out"](drop(functional.relu(hidden))).squeeze(1)
    score = score + (net[f"{slot}_left"](z)[group] * net[f"{slot}_right"](u)).sum(1) / 7

    def logsum(v: Any) -> Any:
        top = torch.full((len(mine),), -1e9).scatter_reduce(0, group, v, "amax")
        return top + torch.log(torch.zeros(len(mine)).scatter_add(0, group, torch.exp(v - top[group])) + 1e-30)

    return (logsum(score) - logsum(score.masked_fill(~right, -1e9))).sum()


def _state(net: Any) -> dict[str, Any]:
    """A trained member's arrays under the names that `network.Network` reads."""
    arrays: dict[str, Any] = {}
    for name, value in net.state_dict().items():
        layer, _, kind = name.partition(".")
        v = value.numpy()
        base, _, part = layer.rpartition("_")
        if layer.startswith("bag_"):
            arrays[f"bag.{layer[4:]}"] = v
        elif layer == "recur":
            side = "backward" if kind.endswith("_reverse") else "forward"
            arrays[f"{side}.{kind.replace('_l0', '').replace('_reverse', '')}"] = v
        elif part == "how":
            arrays[f"{base}.how"] = v
        elif part == "1":  # the part behind the summed features apart
            width = net[f"bag_{base}"].embedding_dim
            if kind == "weight":
                arrays[f"{base}.1.weight"], arrays[f"{base}.features.weight"] = v[:, :-width], v[:, -width:]
            else:
                arrays[f"{base}.1.bias"] = v
        else:
            arrays[f"{base}.{part}.{kind}" if base and part in PARTS else f"{layer}.{kind}"] = v
    return arrays


def pack(members: Sequence[Member]) -> bytes:
    """Members of one training set as one `.npz` file: matrices as whole numbers of one byte, scaled by rows, the rest in half precision."""
    first = members[0]
    arrays: dict[str, Any] = {}
    for name in first.arrays:
        v = np.stack([m.arrays[name] for m in members])
        if v.ndim > 2:
            rows = v.reshape(*v.shape[:2], -1)
            scale = (np.maximum(np.abs(rows).max(axis=2), 1e-4) / 127).astype(np.float16)
            arrays[name] = np.round(rows / scale[..., None].astype(np.float32)).clip(-127, 127).astype(np.int8).reshape(v.shape)
            arrays[f"{name}.scale"] = scale
        else:
            arrays[name] = v.astype(np.float16)
    meta = {**first.meta, "version": "+".join(f"n{m.seed}" for m in members)}
    arrays["meta"] = np.frombuffer(json.dumps(meta, ensure_ascii=False).encode(), dtype=np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()
