"""Sample reports for the demo. Sample text, not evidence: they enter no ledger but the demo's."""

from __future__ import annotations

from pathlib import Path

BANNER = "sample text, not evidence"


def paths() -> list[Path]:
    """The sample reports, in order."""
    return sorted(Path(__file__).parent.glob("*.txt"))
