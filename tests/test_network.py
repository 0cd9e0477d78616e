"""The neural reader: what was trained is what answers, answers are probabilities, and a document's answers do not depend on others."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musterroll.codebook import load
from musterroll.extract import analyse, explain, network, train
from musterroll.extract.corpus import tagged_corpus
from musterroll.extract.explain import explain as explain_number
from musterroll.extract.model import POOL, Model
from musterroll.extract.network import Bag, Network
from musterroll.extract.walk import offered, walk

ROOT = Path(__file__).parent.parent
TEXT = "In May 2015 the interior ministry said that 60 Danes had gone to Iraq, of whom 12 died. Norway counted 30, and nine more were held in Turkey."


def test_a_bag_sums_the_rows_of_known_features() -> None:
    rows = np.arange(12, dtype=np.float32).reshape(2, 3, 2)  # two members, three features, two channels
    bag = Bag(["a", "b", "c"], rows)
    assert bag(["a", "c", "unknown"]).tolist() == [[4, 6], [16, 18]]
    assert bag.many([["b"], [], ["a", "a"]]).tolist() == [[[2, 3], [0, 0], [0, 2]], [[8, 9], [0, 0], [12, 14]]]
    assert bag([]).tolist() == [[0, 0], [0, 0]]


def test_the_shipped_network_reads_every_number_of_a_document() -> None:
    book = load()
    assert book.network is not None
    net = Network.load(book.network)
    a = analyse(_document(TEXT), book)
    numbers = [n for n, _, _ in offered(a)]
    reading = net.read(a, numbers)
    for n in numbers:
        p = np.exp(reading.measure(a.quantities[n], [], net.classes))
        assert p.shape == (len(net.classes),) and 0 < p.sum() <= 1 + 1e-6 and set(net.classes) - {"none"} <= set(book.measures)


def test_other_documents_change_no_answer() -> None:
    book = load()
    m = Model(book)
    a, b = analyse(_document(TEXT), book), analyse(_document("Forty Swedes left in 2014 and 13 came back."), book)
    before = [(t.measure, t.probability, t.weights) for t in walk(a, m)]
    list(walk(b, m))
    assert [(t.measure, t.probability, t.weights) for t in walk(a, m)] == before


def test_every_choice_adds_up_to_one() -> None:
    book = load()
    for t in walk(analyse(_document(TEXT), book), Model(book)):
        assert t.weights is not None
        assert all(abs(sum(p) - 1) < 1e-6 for p in t.weights.values())


def test_explain_gives_the_candidates_of_a_number_with_their_places() -> None:
    e = explain_number(_document(TEXT), TEXT.index("12 died"))
    assert e.number == "12" and e.reading["point"] == 12
    assert e.slots["measure"][0].value == "killed"
    origins = {str(w.value): w for w in e.slots["origin"]}
    assert origins["['DK']"].words == "Danes" and TEXT[origins["['DK']"].start : origins["['DK']"].end] == "Danes"
    assert e.slots["origin"][0].probability == max(w.probability for w in e.slots["origin"])


def test_explain_takes_the_nearest_number_of_the_sentence_and_says_where_there_is_none() -> None:
    assert explain_number(_document(TEXT), 0).number == "60"
    with pytest.raises(explain.NotFound, match="no number"):
        explain_number(_document("Nobody knows. In May 2015, 60 Danes had gone."), 3)


@pytest.mark.parametrize("with_vectors", [False, True])
def test_what_is_trained_is_what_answers(with_vectors: bool) -> None:
    """A network that learnt seven documents by heart must answer from its file as it did in training, with word vectors folded in or without."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'musterroll[train]'")
    documents, coded = tagged_corpus([ROOT / "corpus/tagged/ta.txt"], load())
    names = sorted(documents)[:7]
    noted = {n: train.examples(documents[n], coded[n]) for n in names}
    by_heart = replace(train.DEFAULTS, dropout=0.0, lose=0.0, lose_token=0.0, epochs=30, batch=2, least_token=1, least_measure=1, rate=3e-3)
    words = tuple(sorted({w for n in names for w in documents[n].tokens.low if w.isalpha()}))[::2]
    vectors = train.Vectors((*words, "zyx"), np.random.default_rng(1).normal(size=(len(words) + 1, 20))) if with_vectors else None
    data = train.network(noted, documents, [1], by_heart, vectors)
    with np.load(io.BytesIO(data)) as z:
        assert ("w=zyx" in json.loads(bytes(z["meta"]))["vocabulary"]["token"]) == with_vectors
    net = Network.load(data)
    right = total = 0
    for n in names:
        a = documents[n]
        reading = net.read(a, [k for k, _, _ in offered(a)])
        quantities = {q.i: q for q in a.quantities}
        for e in noted[n]:
            q = quantities[e.at[0]]
            scores = reading.measure(q, e.features, net.classes)
            if e.allowed is not None:
                scores = np.where([c in e.allowed for c in net.classes], scores, -np.inf)
            total += 1
            right += net.classes[int(scores.argmax())] == e.measure
    assert total > 80 and right / total > 0.95


def _document(text: str) -> explain.Document:
    from musterroll.documents import from_text

    return from_text(text, "here.txt")


def test_reading_what_is_in_play_answers_as_reading_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    book = load()
    idle = "\n\n".join("The committee sat until evening, spoke of bread and rain, and adjourned without a word on the matter." for _ in range(12))
    a = analyse(_document(f"{TEXT}\n\n{idle}\n\n{TEXT}\n\n{idle}"), book)
    numbers = [n for n, _, _ in offered(a)]
    net = Network.load(book.network or b"")
    part = net.read(a, numbers)
    assert len(network._in_play(a, numbers)) < 0.7 * len(a.tokens)
    monkeypatch.setattr(network, "_in_play", lambda a, numbers: np.arange(len(a.tokens)))
    whole = net.read(a, numbers)
    for n in numbers:
        q = a.quantities[n]
        assert np.allclose(part.measure(q, [], net.classes), whole.measure(q, [], net.classes), atol=1e-4)


def test_a_pool_lies_between_its_members_and_is_tempered() -> None:
    m = Model(load())
    linear, network = np.array([0.9, 0.1]), np.log(np.array([0.4, 0.6]))
    g, s = POOL["origin"]
    odds = (9 * (0.4 / 0.6) ** g) ** (s / (1 + g))
    assert np.allclose(m._pool("origin", linear, network), [odds / (1 + odds), 1 / (1 + odds)])
    assert 0.4 < m._pool("origin", linear, network)[0] < 0.9
