"""Document → claims. A stage is a function; `STAGES` is their order.

The package is callable, so that both `musterroll.extract(text)` and `musterroll.extract.quantities(text)` read as they should.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

from ..codebook import Codebook, load
from ..documents import from_text
from ..records import Claim, Document
from . import lexical
from .analysis import Analysis, cut_clauses, read_dates, read_quantities, read_sources, segment, start
from .columns import read_tables
from .model import model
from .quantities import Quantity, quantities
from .walk import claims

__all__ = ["RULES", "STAGES", "VERSION", "Analysis", "Extractor", "Quantity", "analyse", "extract", "extract_text", "quantities", "version"]

VERSION = "1"


class Extractor(Protocol):
    """A way to find claims. `local` says that documents stay on this machine."""

    local: bool

    def claims(self, document: Document, codebook: Codebook) -> list[Claim]:
        """Every claim of a document, in reading order."""

    def version(self, codebook: Codebook) -> str:
        """Its name with that of its scorers, kept with every reading."""


Stage = Callable[[Analysis], Analysis]
"""A stage takes an analysis and returns a new one; it may rely on everything the stages before it filled in."""

STAGES: tuple[Stage, ...] = (
    segment,  # sentences, blocks, headings
    read_dates,  # needs tokens
    read_quantities,  # needs dates: their numbers are taken
    cut_clauses,  # needs quantities: a new number opens a clause
    read_sources,  # needs dates and quantities: no name runs over them
    read_tables,  # needs quantities: a row that counts nothing heads a table
)


def analyse(document: Document, codebook: Codebook | None = None) -> Analysis:
    """The document's words with every stage done."""
    a = start(document, codebook or load())
    for stage in STAGES:
        a = stage(a)
    return a


def extract(document: Document, codebook: Codebook | None = None) -> list[Claim]:
    """Every claim of a document, in reading order. English is coded in full, other languages by their lexicon where there is one."""
    book = codebook or load()
    if document.language not in (None, "en"):
        return lexical.claims(document, book, version(book))
    return claims(analyse(document, book), model(book), version(book))


def extract_text(text: str, *, name: str | None = None, published: str | None = None) -> list[Claim]:
    """Every claim of a text in hand. `published` (ISO 8601) dates "now" and the plain present."""
    return extract(from_text(text, name or "text", published=published))


def version(codebook: Codebook) -> str:
    """Name of the extractor with its scorers, kept with every reading."""
    return f"{VERSION}-{model(codebook).version}"


class _Rules:
    """The grammar with its scorers: what is used where nothing else is asked for."""

    local = True

    def claims(self, document: Document, codebook: Codebook) -> list[Claim]:
        return extract(document, codebook)

    def version(self, codebook: Codebook) -> str:
        return version(codebook)


RULES: Extractor = _Rules()


class _Callable(ModuleType):
    def __call__(self, text: str, **about: Any) -> list[Claim]:
        return extract_text(text, **about)


sys.modules[__name__].__class__ = _Callable
