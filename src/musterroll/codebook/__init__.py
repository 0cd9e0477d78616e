"""What may be counted: measures, people, places, groups and the words for them, read from YAML."""

from .load import folder, load
from .matcher import Hit, Matcher, Tokens, tokenise
from .model import Balance, Codebook, Group, Measure, Noun, Place, Region, Resolution

__all__ = [
    "Balance", "Codebook", "Group", "Hit", "Matcher", "Measure", "Noun", "Place", "Region", "Resolution", "Tokens", "folder", "load", "tokenise",
]  # fmt: skip
