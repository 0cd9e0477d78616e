"""Small lexicons of other languages: enough to find the numbers of people in a report that is kept but not coded in full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "data" / "languages"
KNOWN = tuple(sorted(f.stem for f in FOLDER.glob("*.yaml")))


@dataclass(frozen=True)
class Lexicon:
    """The words of one language. Patterns match whole words, a form with * all that begin or end so; each has its value as the group's name."""

    code: str
    numerals: Mapping[str, float]
    scales: Mapping[str, float]
    vague: Mapping[str, tuple[float, float]]
    number: re.Pattern[str]
    bounds: Mapping[str, re.Pattern[str]]
    ranges: tuple[tuple[re.Pattern[str], str], ...]
    nouns: Mapping[str, re.Pattern[str]]
    measures: Mapping[str, re.Pattern[str]]
    weak: Mapping[str, re.Pattern[str]]
    places: Mapping[str, re.Pattern[str]]
    months: tuple[str, ...]
    between: frozenset[str]


@lru_cache(maxsize=8)
def lexicon(code: str) -> Lexicon | None:
    """The lexicon of a language by its ISO 639-1 code; None where there is none."""
    if code not in KNOWN:
        return None
    raw: dict[str, Any] = yaml.safe_load((FOLDER / f"{code}.yaml").read_text(encoding="utf-8"))
    low = {k: {str(w).lower(): v for w, v in raw[k].items()} for k in ("numerals", "scales", "vague")}
    words = sorted((*low["numerals"], *low["vague"]), key=len, reverse=True)
    scales = "|".join(re.escape(w) for w in sorted(low["scales"], key=len, reverse=True))
    digits = r"\d{1,3}(?:[.\u00a0\u2009\u202f ’']\d{3})+|\d+(?:,\d+)?"
    spelt = "|".join(re.escape(w) for w in words)
    join = "|".join(re.escape(w) for w in [*raw["between"], *(z for _, z in raw["ranges"])])
    one = rf"(?:(?:{digits})(?:[\s\u00a0](?:{scales})\b)?|\b(?:{spelt})\b(?:[\s\u00a0](?:{scales})\b)?)"
    return Lexicon(
        code=code,
        numerals=low["numerals"],
        scales=low["scales"],
        vague={k: (float(v[0]), float(v[1])) for k, v in low["vague"].items()},
        number=re.compile(rf"(?<![\w.,/-])(?P<a>{one})(?:\s*(?P<join>[–-]|\b(?:{join})\b)\s*(?P<b>{one}))?(?![\w%]|[.,]\d|\s?%)", re.I),
        bounds={k: re.compile(rf"\b{_either(v)}[\s\u00a0]*$", re.I) for k, v in raw["bounds"].items()},
        ranges=tuple((re.compile(rf"\b{re.escape(a)}[\s\u00a0]+$", re.I), str(b).lower()) for a, b in raw["ranges"]),
        nouns={k: re.compile(_either(v), re.I) for k, v in raw["nouns"].items()},
        measures={k: re.compile(_either(v), re.I) for k, v in raw["measures"].items()},
        weak={k: re.compile(_either(v), re.I) for k, v in raw["weak"].items()},
        places={str(k): re.compile(_either(v), re.I) for k, v in raw["places"].items()},
        months=tuple(str(m).lower() for m in raw["months"]),
        between=frozenset(("-", "–", *(str(w).lower() for w in raw["between"]))),
    )


def _either(forms: Iterable[Any]) -> str:
    """A pattern of any of the forms as whole words."""
    return r"(?<!\w)(?:" + "|".join(_form(str(f)) for f in forms) + r")(?!\w)"


def _form(form: str) -> str:
    inner = re.escape(form.strip("*")).replace(r"\ ", r"[\s\u00a0]+")
    return (r"\w*" if form.startswith("*") else "") + inner + (r"\w*" if form.endswith("*") else "")
