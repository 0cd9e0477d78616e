"""Commands that read reports: extract, explain, init, add."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from ..errors import UsageError
from ..extract.explain import explain as explain_number
from ..records import Claim
from ..report.words import one_line
from ..roll import expand, extract_files, summary
from .extractors import BudgetOption, EndpointOption, ExtractorOption, ModelOption, PaceOption, chosen, told
from .shared import JsonOption, LedgerOption, adding, fields, ledger_place, open_ledger, placed, print_json, stderr, stdin, stdout


def extract(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, globs, or - for stdin.")],
    json_: JsonOption = False,
    extractor: ExtractorOption = "rules",
    endpoint: EndpointOption = None,
    model: ModelOption = None,
    budget: BudgetOption = None,
    per_minute: PaceOption = None,
) -> None:
    """Print the claims of files as JSON Lines, with no ledger.

    One claim a line, with the field names of the coding guide: a filter for pipes. With --json one array instead. With --extractor merge a claim
    on which a model differs carries `notes` that say how.
    """
    by = chosen(extractor, endpoint, model, budget, per_minute)
    failed = 0
    rows: list[dict[str, Any]] = []
    for _, claims, error in extract_files(paths, stdin=stdin, extractor=by):
        if error is not None:
            failed += 1
            stderr().print(Text(f"muster: {error.line()}", style="red"), soft_wrap=True)
        if json_:
            rows += [_row(c, extractor) for c in claims]
        else:
            sys.stdout.write("".join(json.dumps(_row(c, extractor), ensure_ascii=False) + "\n" for c in claims))
    if json_:
        print_json(rows)
    if line := told(by):
        stderr().print(Text(line, style="dim"), soft_wrap=True)
    raise typer.Exit(1 if failed else 0)


def _row(c: Claim, extractor: str) -> dict[str, Any]:
    """The guide's fields, and of a model's claims what is to be said of them."""
    return {**c.guide(), "notes": list(c.notes)} if extractor != "rules" and c.notes else c.guide()


def explain(
    where: Annotated[str, typer.Argument(metavar="DOC:OFFSET", help="A file or a document of the ledger, and the character offset of a number.")],
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Show why one number is coded as it is: the candidates of each slot, how likely each was held, and where it stands."""
    document, offset = placed(where, ledger)
    e = explain_number(document, offset)
    if json_:
        print_json(e.to_dict())
        return
    out = stdout()
    at = e.sentence.find(e.number)
    out.print(
        Text.assemble(
            one_line(e.sentence[:at]), " " if at > 0 else "", (e.number, "bold reverse"), e.sentence[at + len(e.number) :].replace("\n", " ")
        )
    )
    t = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("slot", "probability", "value", "taken from", "words"):
        t.add_column(column, justify="right" if column == "probability" else "left")
    for slot, weighed in e.slots.items():
        for n, w in enumerate(weighed[:5]):
            value = ", ".join(w.value) if isinstance(w.value, list) else w.value
            place = w.how.replace("_", " ")
            words = f"{one_line(w.words, 60)} ({w.start})" if w.words else ""
            t.add_row(*(Text(x, style="" if n else "bold") for x in (slot if not n else "", f"{w.probability:.2f}", value or "none", place, words)))
    out.print(t)


def init(ledger: LedgerOption = None, json_: JsonOption = False) -> None:
    """Make an empty ledger; where there is one already, nothing changes."""
    where = ledger_place(ledger)
    existed = "://" not in where and Path(where).exists()
    open_ledger(ledger, create=True).close()
    if json_:
        print_json({"ledger": where, "created": not existed})
    else:
        stdout().print(f"{where} {'is there already' if existed else 'is ready'}. Next: muster add REPORTS/", markup=False)


def add(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, globs, or - for stdin.")],
    ledger: LedgerOption = None,
    visibility: Annotated[str, typer.Option(help="public, team or confidential.")] = "public",
    licence: Annotated[str | None, typer.Option(help="Licence of these documents, if they have one.")] = None,
    extractor: ExtractorOption = "rules",
    endpoint: EndpointOption = None,
    model: ModelOption = None,
    budget: BudgetOption = None,
    per_minute: PaceOption = None,
    ocr: Annotated[bool, typer.Option("--ocr", help="Read scans by OCR (needs ocrmypdf).")] = False,
    json_: JsonOption = False,
) -> None:
    """Read reports into the ledger.

    PDF, Word, OpenDocument, web pages, wikitext, e-mails, spreadsheets, text; ZIP, WARC and wiki dumps of them; RIS, BibTeX and CSL-JSON
    libraries with their attachments. What is known of report.pdf may stand beside it in report.pdf.about.yaml. Folders are read to the
    bottom. A file that is in the ledger already changes nothing; one that cannot be read is named with the reason, and the others go on. A
    run that was stopped goes on where it ended.
    """
    if visibility not in ("public", "team", "confidential"):
        raise UsageError(f"--visibility {visibility}", "is none of public, team, confidential")
    by = chosen(extractor, endpoint, model, budget, per_minute, keep=visibility != "confidential")
    with open_ledger(ledger, create=True) as roll:
        results = adding(roll, expand(paths), json_, visibility=visibility, licence=licence, extractor=by, ocr=ocr)
    if line := told(by):
        stderr().print(Text(line, style="dim"), soft_wrap=True)
    if json_:
        print_json({"ledger": ledger_place(ledger), "files": [fields(r) for r in results], **summary(results)})
    else:
        s = summary(results)
        linked = f", {s['linked'] + s['noted']} references ({s['linked']} of reports here)" if s["linked"] + s["noted"] else ""
        stdout().print(
            f"{s['added']} added with {s['claims']} claims, {s['unchanged']} unchanged, {s['failed']} failed{linked} → {ledger_place(ledger)}",
            markup=False,
        )
        if s["added"]:
            stdout().print("Next: muster claims, or muster show FR", markup=False)
    raise typer.Exit(1 if any(r.status == "failed" for r in results) else 0)
