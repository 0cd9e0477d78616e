"""What the documentation says is what the program does."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from cli_reference import reference
from picture import picture


def test_the_cli_reference_is_the_commands_own() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference(), "run: make docs"


def test_the_picture_is_what_the_command_prints() -> None:
    def words(svg: str) -> list[str]:
        return re.findall(r">([^<>]+)</text>", svg)

    assert words((ROOT / "docs" / "picture.svg").read_text(encoding="utf-8")) == words(picture()), "run: make docs"


def test_the_readme_names_two_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = re.findall(r"^make (\w+)", readme, re.MULTILINE)
    assert commands == ["demo", "test"]
    assert set(commands) <= targets
    assert "docs/picture.svg" in readme


def test_every_local_link_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_coding_guide_equals_the_shared_one(shared: Path) -> None:
    ours, theirs = ((p / "coding-guide.md").read_text(encoding="utf-8") for p in (ROOT / "docs", shared / "docs"))
    assert ours.startswith(theirs.rstrip()), "rulings may be added at the end, never changed above"


def test_nothing_of_the_seeds_stands_in_the_repository(shared: Path) -> None:
    def shingles(text: str, k: int = 12) -> set[str]:
        w = re.findall(r"\w+", text.lower())
        return {" ".join(w[i : i + k]) for i in range(len(w) - k + 1)}

    known = set().union(*(shingles(p.read_text(errors="replace")) for p in (shared / "seeds").glob("*.txt")))
    kinds = {".py", ".md", ".txt", ".yaml", ".json", ".jsonl"}
    skip = {".venv", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
    for f in ROOT.rglob("*"):
        if f.suffix in kinds and f.is_file() and not skip & set(f.relative_to(ROOT).parts) and f.stat().st_size < 4_000_000:
            hit = shingles(f.read_text(errors="replace")) & known
            assert not hit, f"{f.relative_to(ROOT)}: {sorted(hit)[:2]}"


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "docs/decisions.md"])
def test_a_house_has_its_papers(name: str) -> None:
    assert (ROOT / name).stat().st_size > 300
