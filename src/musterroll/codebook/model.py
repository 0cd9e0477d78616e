"""The frozen types of a codebook: what may be counted, of whom, where, and the words that say so.

A codebook is data (YAML); these types carry it through the program. Nothing here knows any subject: every code, name and cue
comes from the files, so that another subject needs another codebook and no other code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .matcher import Matcher


@dataclass(frozen=True)
class Measure:
    """One thing that may be counted. `role` is its place in the balance, `unit` what its numbers are in."""

    code: str
    description: str
    role: str
    unit: str


@dataclass(frozen=True)
class Place:
    """A country or territory: `code` (ISO 3166-1 alpha-2) and its usual English name."""

    code: str
    name: str
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Region:
    """A set of countries with a code of its own."""

    code: str
    description: str
    names: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A named organisation and the side its members serve."""

    code: str
    side: str
    description: str
    names: tuple[str, ...]
    origin: str | None = None


@dataclass(frozen=True)
class Noun:
    """What a counted noun says by itself. `kind` is people, events, items, countries or none."""

    key: str
    kind: str
    who: str | None = None
    attribute: str | None = None
    measure: str | None = None


@dataclass(frozen=True)
class Resolution:
    """What a name stands for. More than one code means the name alone does not decide."""

    name: str
    codes: tuple[str, ...]
    note: str = ""

    @property
    def ambiguous(self) -> bool:
        """True where the name alone does not say which place is meant."""
        return len(self.codes) > 1


@dataclass(frozen=True)
class Balance:
    """The accounting identity: total + inflows = present + exits; leaks move people between states."""

    total: str = ""
    inflows: tuple[str, ...] = ()
    present: str = ""
    exits: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Codebook:
    """Everything the program knows of its subject. Build one with `musterroll.codebook.load`."""

    name: str
    digest: str
    measures: Mapping[str, Measure]
    balance: Balance
    facets: tuple[str, ...]
    window: tuple[str, str]
    units: Mapping[str, str]
    qualifiers: Mapping[str, str]
    stances: Mapping[str, str]
    who: Mapping[str, str]
    sides: Mapping[str, str]
    groups: Mapping[str, Group]
    places: Mapping[str, Place]
    regions: Mapping[str, Region]
    war_places: Mapping[str, str]
    theatre: frozenset[str]
    nouns: Mapping[str, Noun]
    wording: Mapping[str, Any]
    dates: Mapping[str, Any]
    words: Mapping[str, frozenset[str]]
    reporting: Mapping[str, Any]
    skip: frozenset[str]
    given_names: frozenset[str]
    attributes: Mapping[str, tuple[str, ...]]
    ambiguous: Mapping[str, Resolution]
    matcher: Matcher = field(repr=False, compare=False)
    names: Mapping[str, tuple[str, ...]] = field(repr=False, compare=False)
    weights: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    network: bytes | None = field(default=None, repr=False, compare=False)

    @cached_property
    def origins(self) -> frozenset[str]:
        """Every code an origin may have: places, regions and the communities that have a name."""
        return frozenset((*self.places, *self.regions, *(c for codes in self.names.values() for c in codes if ":" in c)))

    @cached_property
    def everyone(self) -> frozenset[str]:
        """The first two parts of the population: all, and those by whose name most texts mean all."""
        return frozenset(tuple(self.who)[:2])

    def resolve(self, name: str) -> Resolution:
        """The codes a place name, demonym, plural or region name stands for; no code where it is unknown.

        A form that several places share gives all of them, never silently one.
        """
        key = " ".join(name.replace("’", "'").split())
        low = key.casefold()
        for form, res in self.ambiguous.items():
            if form.casefold() == low:
                return res
        codes = self.names.get(low, ())
        if low.startswith("the ") and not codes:
            codes = self.names.get(low[4:], ())
        return Resolution(key, codes)

    def label(self, code: str) -> str:
        """The readable name of an origin code: `FR` France, `western_europe` Western Europe, `RU:x` Russia (x)."""
        base, _, community = code.partition(":")
        if base in self.places:
            name = self.places[base].name
        elif base in self.regions:
            name = base.replace("_", " ").title() if base not in ("eu",) else "European Union"
        else:
            name = base
        return f"{name} ({community.replace('_', ' ')})" if community else name
