"""The command `muster`: the only place that prints or sets exit codes.

Data goes to stdout, progress and errors to stderr. Exit code 0: done; 1: something could not be read; 2: the request or the ledger is at fault.
Each module holds one group of commands; `COMMANDS` is their order in the help.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.text import Text

from .. import __version__
from ..errors import MusterError
from .demo import demo
from .looking import claims, documents, references, show, where
from .proving import audit, evaluate, export, train
from .reading import add, explain, extract, init
from .shared import stderr

COMMANDS: tuple[tuple[str, tuple[Callable[..., None], ...]], ...] = (
    ("A first look", (demo,)),
    ("Read reports", (extract, explain, init, add)),
    ("Look", (claims, show, documents, references, where)),
    ("Prove and pass on", (audit, evaluate, train, export)),
)

app = typer.Typer(
    name="muster",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every number in a pile of reports, tied to its words: what it counts, of whom, when, and who says so.",
    epilog="A first look: `muster demo`. Your own reports: `muster add REPORTS/`, then `muster claims` and `muster show FR`.",
)

for panel, commands in COMMANDS:
    for command in commands:
        app.command(rich_help_panel=panel)(command)


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"muster {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")] = False,
) -> None:
    del version


def main() -> None:
    """Run the command; every error becomes one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except MusterError as e:
        stderr().print(Text(f"muster: {e.line()}", style="red"), soft_wrap=True)
        raise SystemExit(e.exit_code) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        stderr().print("muster: stopped; what was finished is kept", style="red")
        raise SystemExit(130) from None
    except OSError as e:
        if e.errno != errno.ENOSPC:
            raise
        stderr().print(
            Text("muster: the output cannot be written, the disk is full. Make room and run the command again", style="red"), soft_wrap=True
        )
        raise SystemExit(2) from None
    except Exception as e:
        if os.environ.get("MUSTER_DEBUG"):
            raise
        stderr().print(
            Text(f"muster: unexpected fault ({type(e).__name__}: {e}). Run again with MUSTER_DEBUG=1 and report what it prints", style="red"),
            soft_wrap=True,
        )
        raise SystemExit(2) from None


__all__ = ["app", "main"]
