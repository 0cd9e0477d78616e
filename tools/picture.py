"""Draw the README's picture from what the command prints.  usage: picture.py FILE"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

COMMANDS = (["demo"], ["show", "FR", "--ledger", "demo.db"])
LINES = (16, 18)


def picture() -> str:
    """An SVG of a terminal with the beginning of each command's output."""
    muster = str(Path(sys.executable).with_name("muster"))
    console = Console(record=True, width=150, file=io.StringIO(), highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        for args, most in zip(COMMANDS, LINES, strict=True):
            done = subprocess.run(
                [muster, *args], cwd=folder, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "150", "NO_COLOR": "1"}
            )
            console.print(Text.assemble(("$ ", "bold green"), (f"muster {' '.join(args)}", "bold")))
            for line in done.stdout.splitlines()[:most]:
                style = "bold" if line.startswith(("#", "SAMPLE", "origin")) else ""
                console.print(Text(line, style=style), no_wrap=True, overflow="ellipsis")
            console.print(Text("…\n", style="dim"))
    return console.export_svg(title="Muster Roll", unique_id="muster")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
