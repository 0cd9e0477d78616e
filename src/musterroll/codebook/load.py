"""Read a codebook from YAML: one loader for the shipped codebook and for a user's own.

`path` is a folder (every *.yaml in it is one codebook together) or a single file. A file needs nothing but `measures`; the words of
numbers and dates come from the shipped English files unless the codebook brings its own.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ..errors import CodebookError
from .matcher import Matcher, plural, verb_forms
from .model import Balance, Codebook, Group, Measure, Noun, Place, Region, Resolution

DATA = Path(__file__).parent / "data"
GENERAL = ("grammar.yaml", "wording.yaml", "dates.yaml", "verbs.yaml", "reporting.yaml")  # English, of any subject
SAME_PLURAL = ("ese", "ish", "ch", "ss", "ois", "ais")


def load(path: str | Path | None = None) -> Codebook:
    """The codebook at `path`; where none is given, that of $MUSTER_CODEBOOK, else the shipped one. Cached.

    Raises CodebookError, with the file and the key at fault.
    """
    return _load(Path(path) if path else folder())


def folder() -> Path:
    """Where the codebook in use lies."""
    return Path(os.environ.get("MUSTER_CODEBOOK") or DATA)


@lru_cache(maxsize=4)
def _load(place: Path) -> Codebook:
    files = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
    raw: dict[str, Any] = {}
    digest = hashlib.sha256()
    names = {f.name for f in files}
    for f in [DATA / g for g in GENERAL if g not in names] + files:
        raw.update(_read(f, digest))
    weights = _weights(place, digest) if place.is_dir() else None
    network = (place / "network.npz").read_bytes() if weights and (place / "network.npz").exists() else None
    digest.update(network or b"")
    if not raw.get("measures"):
        raise CodebookError(place, "has no `measures`", "List at least one measure with a description")
    return _build(raw, digest.hexdigest()[:16], "default" if place == DATA else place.stem, weights, network)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which no key stands twice: the second would silently take the place of the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping; raises YAMLError at a key that was there before."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add(key.value)
        out: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return out


def _read(file: Path, digest: Any) -> dict[str, Any]:
    try:
        data = file.read_bytes()
    except OSError as e:
        raise CodebookError(file, f"cannot be read ({e.strerror})", "Give a folder of YAML files or one YAML file") from e
    digest.update(len(data).to_bytes(8, "big") + data)
    try:
        content = yaml.load(data, Loader=_Loader)
    except yaml.YAMLError as e:
        raise CodebookError(file, f"is not valid YAML ({e})", "Mend the line named here") from e
    if not isinstance(content, dict):
        raise CodebookError(file, "is not a mapping of sections", "Begin with a section such as `measures:`")
    return {"verbs_irregular": content} if file.name == "verbs.yaml" else content


def _weights(folder: Path, digest: Any) -> dict[str, Any] | None:
    file = folder / "weights.json"
    if not file.exists():
        return None
    data = file.read_bytes()
    digest.update(data)
    return dict(json.loads(data))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(v) for v in (value or ()))


def _build(raw: dict[str, Any], digest: str, name: str, weights: dict[str, Any] | None, network: bytes | None) -> Codebook:
    m = Matcher()
    irregular: Mapping[str, Any] = raw.get("verbs_irregular", {})
    measures = {}
    for code, e in raw["measures"].items():
        if not isinstance(e, dict) or not e.get("description"):
            raise CodebookError(f"measures.{code}", "has no description", "Say in one sentence what is counted")
        measures[code] = Measure(code, e["description"], e.get("role", "beside"), e.get("unit", "people"))
        for lemma in _texts(e.get("verbs")):
            for form in verb_forms(lemma, irregular.get(lemma, ())):
                m.add(form, "measure", code, "verb")
        for noun in _texts(e.get("nouns")):
            for form in (noun, plural(noun)):
                m.add(form, "measure", code, "noun")
        for phrase in _texts(e.get("phrases")):
            m.add(phrase, "phrase", code, "phrase")
        for head in _texts(e.get("heads")):
            m.add(head, "head", code, "head")
    names: dict[str, list[str]] = {}
    places = _places(raw, m, names)
    regions = {}
    for code, e in raw.get("regions", {}).items():
        regions[code] = Region(code, e["description"], _texts(e["names"]), _texts(e.get("members")))
        for form in regions[code].names:
            m.add(form, "origin", code, "region", cased=form[:1].isupper())
            names.setdefault(form.casefold(), []).append(code)
        names.setdefault(code.replace("_", " "), []).append(code)
    ambiguous = {}
    for form, e in raw.get("ambiguous", {}).items():
        codes = (e["prior"], *(c for c in e["among"] if c != e["prior"]))
        ambiguous[form] = Resolution(form, codes, e.get("note", ""))
        m.add(form, "origin", e["prior"], "ambiguous", cased=True)
    groups, sides = _groups(raw, m)
    war_places = {}
    for code, e in raw.get("places", {}).items():
        war_places[code] = e["description"]
        for form in _texts(e.get("names")):
            m.add(form, "where", code, "", cased=form[:1].isupper())
    nouns = _nouns(raw, m)
    for attribute, forms in raw.get("attributes", {}).items():
        for form in _texts(forms):
            m.add(form, "attribute", attribute)
    for kind in ("includes", "basis"):
        for value, forms in raw.get(kind, {}).items():
            for form in _texts(forms):
                m.add(form, kind, value)
    for form in _texts(raw.get("partitives")):
        m.add(form, "partitive", form)
    _general(raw, m, irregular)
    balance = raw.get("balance", {})
    window = raw.get("window", {})
    return Codebook(
        name=name,
        digest=digest,
        measures=measures,
        balance=Balance(
            balance.get("total", ""),
            _texts(balance.get("inflows")),
            balance.get("present", ""),
            _texts(balance.get("exits")),
            _texts(balance.get("leaks")),
        ),
        facets=_texts(raw.get("facets")),
        window=(str(window.get("start", "")), str(window.get("end", ""))),
        units=dict(raw.get("units") or _units(measures)),
        qualifiers=dict(raw.get("qualifiers", {})),
        stances=dict(raw.get("stances", {"asserted": "The text gives the figure as it stands."})),
        who=dict(raw.get("who", {"all": "Everyone counted."})),
        sides=sides,
        groups=groups,
        places=places,
        regions=regions,
        war_places=war_places,
        theatre=frozenset(_texts(raw.get("theatre"))),
        nouns=nouns,
        wording={k: raw[k] for k in _WORDING if k in raw},
        dates={k: raw[k] for k in ("months", "seasons", "parts", "now", "open_start", "open_end") if k in raw},
        words={k: frozenset(_texts(e["words"])) for k, e in raw["grammar"].items()},
        reporting={k: raw[k] for k in ("verbs", "cues", "heads", "anonymous", "known", "carry") if k in raw},
        skip=frozenset(w.lower() for w in _texts(raw.get("skip"))),
        given_names=frozenset(_texts(raw.get("given_names"))),
        attributes={k: _texts(v) for k, v in raw.get("attributes", {}).items()},
        ambiguous=ambiguous,
        matcher=m,
        names={k: tuple(dict.fromkeys(v)) for k, v in names.items()},
        weights=weights,
        network=network,
    )


_WORDING = (
    "bounds", "vague", "numerals", "tens", "scales", "suffixes", "collectives", "fractions", "every", "percent", "percent_points", "per", "money",
    "currency_signs", "measures_of_things", "durations", "labels", "reached",
)  # fmt: skip


def _units(measures: Mapping[str, Measure]) -> dict[str, str]:
    return {m.unit: "" for m in measures.values()}


def _places(raw: dict[str, Any], m: Matcher, names: dict[str, list[str]]) -> dict[str, Place]:
    places = {}
    for code, e in raw.get("countries", {}).items():
        of = _texts(e.get("of"))
        people = _texts(e["people"]) if "people" in e else tuple(w if w.endswith(SAME_PLURAL) else w + "s" for w in of)
        forms = [(f, "name") for f in (e["name"], *_texts(e.get("also")))]
        forms += [(f, "adjective") for f in of] + [(f, "people") for f in people]
        for f, form in forms + [(c, "city") for c in (*_texts(e.get("cities")), *_texts(e.get("parts")))]:
            if form == "people" and f in of:
                continue
            m.add(f, "origin", code, form, cased=True)
        for f, _ in forms:
            names.setdefault(f.casefold(), []).append(code)
        names.setdefault(code.casefold(), []).append(code)
        places[code] = Place(code, e["name"], tuple(dict.fromkeys(f for f, _ in forms)))
    for e in raw.get("communities", {}).values():
        for f in e["names"]:
            m.add(f, "origin", e["code"], "community", cased=True)
            names.setdefault(f.casefold(), []).append(e["code"])
    return places


def _groups(raw: dict[str, Any], m: Matcher) -> tuple[dict[str, Group], dict[str, str]]:
    groups, sides = {}, {}
    for code, e in raw.get("sides", {}).items():
        sides[code] = e["description"]
        for form in _texts(e.get("names")):
            for f in (form, form[:1].upper() + form[1:]):
                m.add(f, "side", code)
    for code, e in raw.get("groups", {}).items():
        groups[code] = Group(code, e["side"], e["description"], _texts(e["names"]), e.get("origin"))
        for form in groups[code].names:
            m.add(form, "group", code, cased=form[:1].isupper())
    return groups, sides


def _nouns(raw: dict[str, Any], m: Matcher) -> dict[str, Noun]:
    nouns = {}
    for key, e in raw.get("nouns", {}).items():
        nouns[key] = Noun(key, e["kind"], e.get("who"), e.get("attribute"), e.get("measure"))
        for word in _texts(e["words"]):
            for form in {word, plural(word)}:
                m.add(form, "noun", key)
    return nouns


def _general(raw: dict[str, Any], m: Matcher, irregular: Mapping[str, Any]) -> None:
    """Reporting cues and wording that any subject shares."""
    for lemma in _texts(raw.get("verbs")):
        for form in verb_forms(lemma, irregular.get(lemma, ())):
            m.add(form, "report", lemma)
    for key in ("cues", "anonymous", "known", "carry"):
        for form in _texts(raw.get(key)):
            m.add(form, f"source_{key}", form, cased=key == "known")
    for form in _texts(raw.get("heads")):
        for f in {form, plural(form)}:
            m.add(f, "source_head", form)
    for form in _texts(raw.get("roles")):
        m.add(form, "role", form)
    for key in ("unreal", "negation", "disputed", "denied", "current", "running_total"):
        for form in _texts(raw.get(key)):
            m.add(form, key, form)
