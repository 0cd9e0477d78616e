"""What the tests share: the material beside the checkout, a fresh ledger, the command itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from musterroll.roll import Roll, open_roll

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with seeds and gold: $MUSTER_SHARED, else ../shared beside the checkout."""
    path = Path(os.environ.get("MUSTER_SHARED") or ROOT.parent / "shared")
    if not (path / "gold").is_dir():
        pytest.skip(f"no shared material at {path}: set MUSTER_SHARED to the folder that holds seeds/ and gold/")
    return path


@pytest.fixture
def roll(tmp_path: Path) -> Iterator[Roll]:
    """An empty ledger."""
    with open_roll(tmp_path / "roll.db", user="tester", clock=lambda: "2020-01-01T00:00:00+00:00") as r:
        yield r


@pytest.fixture
def muster(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real command in an empty folder."""

    def run(*args: object, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
        environ = {k: v for k, v in os.environ.items() if not k.startswith("MUSTER_")} | {"NO_COLOR": "1", "COLUMNS": "160"} | env
        command = [str(Path(sys.executable).with_name("muster")), *map(str, args)]
        done = subprocess.run(command, cwd=tmp_path, input=stdin, capture_output=True, env=environ, timeout=300, check=False)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def golden(name: str) -> list[tuple[str, str]]:
    """(input, expected) pairs of a data file: a line of text, then an indented line of what is expected; # comments."""
    pairs, text = [], ""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("    "):
            pairs.append((text, line.strip()))
        else:
            text = line
    return pairs
