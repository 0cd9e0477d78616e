"""Muster Roll: every number in a pile of reports, tied to its words.

>>> import musterroll as mr
>>> [c.number for c in mr.extract("More than 200 people left Finland for Iraq; 15 of them have been killed.")]
['More than 200', '15']
"""

from importlib.metadata import version as _version
from typing import TYPE_CHECKING

from .records import Claim, Document, Judgement, Span
from .roll import Claims, Roll
from .roll import open_roll as open

if TYPE_CHECKING:
    from .extract import extract_text as extract
else:
    from . import extract  # callable: mr.extract(text)

__version__ = _version("musterroll")
__all__ = ["Claim", "Claims", "Document", "Judgement", "Roll", "Span", "__version__", "extract", "open"]
