"""Write docs/cli.md from the commands themselves.  usage: cli_reference.py FILE"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import typer.main

from musterroll.cli import app


def reference() -> str:
    """Every command with its arguments and options, as Markdown."""
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group) or hasattr(group, "commands")
    lines = ["# Command reference", "", "Made by `make docs` from the commands themselves; a test keeps it so.", ""]
    lines += ["Exit codes: 0 done; 1 something could not be read; 2 the request or the ledger is at fault.", ""]
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        lines += [f"## muster {name}", "", " ".join((command.help or "").split("\n\n")[0].split()), ""]
        for more in (command.help or "").split("\n\n")[1:]:
            lines += [" ".join(more.split()), ""]
        lines += ["| option | meaning | default |", "|---|---|---|"]
        for p in command.params:
            if p.name == "help":
                continue
            flags = ", ".join(f"`{o}`" for o in p.opts) if p.param_type_name == "option" else f"`{p.metavar or p.name}`"
            default = "" if p.default in (None, False, ()) or p.required else f"`{p.default}`"
            lines.append(f"| {flags.replace('|', '/')} | {' '.join((getattr(p, 'help', None) or '').replace('|', '/').split())} | {default} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
