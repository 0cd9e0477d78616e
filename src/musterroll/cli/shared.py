"""What the commands share: options, the ledger in use, and how things are printed."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from ..documents import LARGEST
from ..documents.intake import Intake
from ..errors import UsageError
from ..records import Document
from ..roll import Added, Roll, open_roll

LedgerOption = Annotated[str | None, typer.Option("--ledger", metavar="PATH|URL", help="The ledger. Default: $MUSTER_LEDGER, else ./roll.db.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]
Origin = Annotated[str | None, typer.Option("--origin", help="Country, community or region: FR, France, RU:chechen, 'Western Europe'.")]


def ledger_place(ledger: str | None) -> str:
    return ledger or os.environ.get("MUSTER_LEDGER") or "roll.db"


def open_ledger(ledger: str | None, *, create: bool = False) -> Roll:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no name for this user id, as in some containers
        user = str(os.getuid())
    return open_roll(ledger_place(ledger), user=user, create=create)


def placed(where: str, ledger: str | None) -> tuple[Document, int]:
    """The document and offset of DOC:OFFSET: a file, else a document of the ledger. Raises UsageError and what reading raises."""
    name, _, offset = where.rpartition(":")
    if not name or not offset.isdecimal():
        raise UsageError(where, "is not DOC:OFFSET", "Give a document and a character offset, such as report.txt:120")
    if Path(name).is_file():
        with Intake() as intake:
            found = list(intake.file(Path(name)))
        if found and found[0].fault is not None:
            raise found[0].fault
        if len(found) != 1 or found[0].document is None:
            raise UsageError(name, "holds several reports", "Add it to a ledger, and give one of its documents: muster documents")
        return found[0].document, int(offset)
    with open_ledger(ledger) as roll:
        return roll.document(name), int(offset)


def stdin() -> bytes:
    """Standard input, as much of it as a report may have and one byte more."""
    if sys.stdin is None:
        return b""
    return sys.stdin.buffer.read(LARGEST + 1)


def print_json(data: Any) -> None:
    """One JSON value on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def stdout() -> Console:
    width = None if sys.stdout.isatty() else int(columns) if (columns := os.environ.get("COLUMNS", "")).isdecimal() else 160
    return Console(width=width, highlight=False, soft_wrap=False)


def stderr() -> Console:
    return Console(stderr=True, highlight=False)


def fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def adding(roll: Roll, files: Sequence[Path], quiet: bool, **options: Any) -> list[Added]:
    """Add with a progress bar on stderr and one line a file."""
    results: list[Added] = []
    console = stderr()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=len(files))
        for r in roll.adding(files, stdin=stdin, **options):
            results.append(r)
            bar.advance(task)
            if r.status == "failed":
                console.print(Text(f"muster: {r.reason}", style="red"), soft_wrap=True)
            elif not quiet:
                detail = f"{r.claims} claims, {r.encoding}" if r.status == "added" else r.status
                same = f"; the same report as {', '.join(r.like[:3])}" if r.like else ""
                console.print(Text(f"{r.path}: {detail}{same}", style="dim"), soft_wrap=True)
            for note in r.notes if not quiet else ():
                console.print(Text(f"{r.path}: {note}", style="yellow"), soft_wrap=True)
    return results
