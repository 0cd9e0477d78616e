"""Commands that prove, teach and hand on: evaluate, train, audit, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from .. import __version__
from ..errors import UsageError
from ..report import export as exporting
from ..report.scores import evaluate as score_claims
from ..report.scores import read_jsonl, summary_lines
from ..roll import train_scorers
from .shared import JsonOption, LedgerOption, Origin, open_ledger, print_json, stderr, stdout


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Coded claims: JSON Lines as in the coding guide.")],
    predicted: Annotated[Path | None, typer.Option("--predicted", help="Score this file of claims instead of the ledger's.")] = None,
    errors: Annotated[int, typer.Option(help="Print this many misses, extras and wrong slots.")] = 0,
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Score the ledger's claims against coded ones: found, core and full F1, and the share of right slots."""
    coded = read_jsonl(gold)
    if predicted is not None:
        rows = read_jsonl(predicted)
    else:
        with open_ledger(ledger) as roll:
            rows = [c.guide() for c in roll.claims()]
    result, lines = score_claims(coded, rows, errors)
    if json_:
        print_json(result)
        return
    for line in (*summary_lines(result), *lines):
        stdout().print(Text(line), soft_wrap=True)


def train(
    coded: Annotated[list[Path], typer.Argument(metavar="CODED…", help="Coded claims (.jsonl, with --documents) or tagged texts (.txt).")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the codebook with its new scorers; use it by MUSTER_CODEBOOK=FOLDER.")],
    documents: Annotated[list[Path] | None, typer.Option("--documents", help="Folder of the texts that .jsonl files speak of.")] = None,
    members: Annotated[int, typer.Option(help="Networks to train; 0 keeps to the linear scorers.", min=0)] = 2,
    json_: JsonOption = False,
) -> None:
    """Train the slot scorers on coded claims. Needs the extra: pip install 'musterroll[train]'.

    Minutes for the linear scorers, most of an hour for networks on some thousand claims. The shipped scorers stay as they are.
    """
    made = train_scorers(coded, documents or [], out, members, lambda line: stderr().print(Text(line)))
    if json_:
        print_json(made)
    else:
        stdout().print(
            f"{made['claims']} claims of {made['documents']} documents → {made['codebook']}. Use it: MUSTER_CODEBOOK={made['codebook']} muster …",
            markup=False,
        )


def audit(json_: JsonOption = False, ledger: LedgerOption = None) -> None:
    """Prove that every claim's span holds its number, every quote stands around it, and every hash is right."""
    with open_ledger(ledger) as roll:
        checked, faults = roll.audit()
    if json_:
        print_json({"claims": checked, "faults": [{"what": w, "fault": f} for w, f in faults]})
    else:
        for what, fault in faults:
            stderr().print(Text(f"muster: {what}: {fault}", style="red"))
        share = 100.0 * (1 - len({w for w, _ in faults if w.startswith("claim")}) / checked) if checked else 100.0
        stdout().print(f"{checked} claims checked, {len(faults)} faults: {share:.4g}% hold", markup=False)
    raise typer.Exit(1 if faults else 0)


def export(
    path: Annotated[Path, typer.Argument(help="File to write: .csv or .jsonl; next to a CSV a datapackage.json is written.")],
    origin: Origin = None,
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Write claims to a file that another program can read."""
    if path.suffix.lower() not in (".csv", ".jsonl"):
        raise UsageError(path, "is neither .csv nor .jsonl", "End the file's name in one of them")
    with open_ledger(ledger) as roll:
        table = exporting.rows(roll.claims(origin=origin), roll.documents())
    try:
        if path.suffix.lower() == ".csv":
            _write(path, exporting.to_csv(table))
            package = json.dumps(exporting.datapackage(path.name, len(table), __version__), indent=1)
            _write(path.with_name("datapackage.json"), package + "\n")
        else:
            _write(path, exporting.to_jsonl(table))
    except OSError as e:
        raise UsageError(path, f"cannot be written ({e.strerror})", "Choose another folder, or make room") from None
    if json_:
        print_json({"path": str(path), "claims": len(table)})
    else:
        stdout().print(f"{len(table)} claims → {path}", markup=False)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
