"""The command `muster`: the only place that prints or sets exit codes.

Data goes to stdout, progress and errors to stderr. Exit code 0: done; 1: something could not be read; 2: the request or the ledger is at fault.
"""

from __future__ import annotations

import errno
import getpass
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from . import __version__, examples
from .codebook import load
from .documents import LARGEST
from .documents import read as read_file
from .errors import LedgerError, MusterError, UsageError
from .extract.explain import explain as explain_number
from .records import Claim
from .report import export as exporting
from .report.scores import evaluate as score_claims
from .report.scores import read_jsonl, summary_lines
from .report.words import date_words, number_words, one_line, unit_words
from .roll import Added, Roll, expand, extract_files, open_roll, sample_hashes, summary, train_scorers

app = typer.Typer(
    name="muster",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every number in a pile of reports, tied to its words: what it counts, of whom, when, and who says so.",
    epilog="A first look: `muster demo`. Your own reports: `muster add REPORTS/`, then `muster claims` and `muster show FR`.",
)

LedgerOption = Annotated[str | None, typer.Option("--ledger", metavar="PATH|URL", help="The ledger. Default: $MUSTER_LEDGER, else ./roll.db.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]
Origin = Annotated[str | None, typer.Option("--origin", help="Country, community or region: FR, France, RU:chechen, 'Western Europe'.")]


def _where(ledger: str | None) -> str:
    return ledger or os.environ.get("MUSTER_LEDGER") or "roll.db"


def _open(ledger: str | None, *, create: bool = False) -> Roll:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no name for this user id, as in some containers
        user = str(os.getuid())
    return open_roll(_where(ledger), user=user, create=create)


def _stdin() -> bytes:
    """Standard input, as much of it as a report may have and one byte more."""
    if sys.stdin is None:
        return b""
    return sys.stdin.buffer.read(LARGEST + 1)


def _print(data: Any) -> None:
    """One JSON value on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def _out() -> Console:
    width = None if sys.stdout.isatty() else int(columns) if (columns := os.environ.get("COLUMNS", "")).isdecimal() else 160
    return Console(width=width, highlight=False, soft_wrap=False)


def _err() -> Console:
    return Console(stderr=True, highlight=False)


# -- reading reports ---------------------------------------------------------------------------------------------------------------------


@app.command()
def extract(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, globs, or - for stdin.")],
    json_: JsonOption = False,
) -> None:
    """Print the claims of files as JSON Lines, with no ledger.

    One claim a line, with the field names of the coding guide: a filter for pipes. With --json one array instead.
    """
    failed = 0
    rows: list[dict[str, Any]] = []
    for _, claims, error in extract_files(paths, stdin=_stdin):
        if error is not None:
            failed += 1
            _err().print(Text(f"muster: {error.line()}", style="red"), soft_wrap=True)
        if json_:
            rows += [c.guide() for c in claims]
        else:
            sys.stdout.write("".join(c.to_json() + "\n" for c in claims))
    if json_:
        _print(rows)
    raise typer.Exit(1 if failed else 0)


@app.command()
def explain(
    where: Annotated[str, typer.Argument(metavar="DOC:OFFSET", help="A file or a document of the ledger, and the character offset of a number.")],
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Show why one number is coded as it is: the candidates of each slot, how likely each was held, and where it stands."""
    name, _, offset = where.rpartition(":")
    if not name or not offset.isdecimal():
        raise UsageError(where, "is not DOC:OFFSET", "Give a document and a character offset, such as report.txt:120")
    if Path(name).is_file():
        document = read_file(name)
    else:
        with _open(ledger) as roll:
            document = roll.document(name)
    e = explain_number(document, int(offset))
    if json_:
        _print(e.to_dict())
        return
    out = _out()
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


@app.command()
def init(ledger: LedgerOption = None, json_: JsonOption = False) -> None:
    """Make an empty ledger; where there is one already, nothing changes."""
    where = _where(ledger)
    existed = "://" not in where and Path(where).exists()
    _open(ledger, create=True).close()
    if json_:
        _print({"ledger": where, "created": not existed})
    else:
        _out().print(f"{where} {'is there already' if existed else 'is ready'}. Next: muster add REPORTS/", markup=False)


@app.command()
def add(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, globs, or - for stdin.")],
    ledger: LedgerOption = None,
    visibility: Annotated[str, typer.Option(help="public, team or confidential.")] = "public",
    licence: Annotated[str | None, typer.Option(help="Licence of these documents, if they have one.")] = None,
    json_: JsonOption = False,
) -> None:
    """Read reports into the ledger.

    Folders are read to the bottom. A file that is in the ledger already changes nothing; one that cannot be read is named with the reason, and
    the others go on. A run that was stopped goes on where it ended.
    """
    if visibility not in ("public", "team", "confidential"):
        raise UsageError(f"--visibility {visibility}", "is none of public, team, confidential")
    with _open(ledger, create=True) as roll:
        results = _adding(roll, expand(paths), json_, visibility=visibility, licence=licence)
    if json_:
        _print({"ledger": _where(ledger), "files": [_fields(r) for r in results], **summary(results)})
    else:
        s = summary(results)
        _out().print(
            f"{s['added']} added with {s['claims']} claims, {s['unchanged']} unchanged, {s['failed']} failed → {_where(ledger)}",
            markup=False,
        )
        if s["added"]:
            _out().print("Next: muster claims, or muster show FR", markup=False)
    raise typer.Exit(1 if any(r.status == "failed" for r in results) else 0)


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _adding(roll: Roll, files: Sequence[Path], quiet: bool, **options: Any) -> list[Added]:
    """Add with a progress bar on stderr and one line a file."""
    results: list[Added] = []
    console = _err()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=len(files))
        for r in roll.adding(files, stdin=_stdin, **options):
            results.append(r)
            bar.advance(task)
            if r.status == "failed":
                console.print(Text(f"muster: {r.reason}", style="red"), soft_wrap=True)
            elif not quiet:
                detail = f"{r.claims} claims, {r.encoding}" if r.status == "added" else r.status
                console.print(Text(f"{r.path}: {detail}", style="dim"), soft_wrap=True)
    return results


# -- looking -----------------------------------------------------------------------------------------------------------------------------


@app.command()
def claims(
    origin: Origin = None,
    measure: Annotated[str | None, typer.Option(help="What is counted: departed, returned, killed, …")] = None,
    who: Annotated[str | None, typer.Option(help="Which part of the population: women, children, …")] = None,
    group: Annotated[str | None, typer.Option(help="A named group by its code.")] = None,
    source: Annotated[str | None, typer.Option(help="Part of the cited source's name.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Earliest date the claim may speak of: 2015, 2015-06.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Latest date the claim may speak of.")] = None,
    text: Annotated[str | None, typer.Option(help="Words that stand in the quote.")] = None,
    document: Annotated[str | None, typer.Option(help="File name of a document.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print JSON Lines.")] = False,
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """List claims, narrowed by any filters, as a table, CSV or JSON Lines."""
    with _open(ledger) as roll:
        found = roll.claims(
            origin=origin, measure=measure, who=who, group=group, source=source, since=since, until=until, text=text, document=document
        )
        table = exporting.rows(found, roll.documents()) if csv or jsonl or json_ else []
    if csv:
        sys.stdout.write(exporting.to_csv(table))
    elif jsonl:
        sys.stdout.write(exporting.to_jsonl(table))
    elif json_:
        _print(table)
    else:
        _table(found)
        _out().print(f"{len(found)} claims", markup=False)


def _table(found: Sequence[Claim], *, by_origin: bool = False) -> None:
    """Claims as a table of a terminal's width."""
    book = load()
    out = _out()
    t = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    wide = out.width >= 130
    widths = (
        {"origin": 15, "measure": 13, "number": 22, "when": 15, "source": 20, "at": 20}
        if wide
        else {"origin": 10, "measure": 9, "number": 14, "when": 8, "at": 14}
    )
    rest = max(12, out.width - sum(widths.values()) - 2 * len(widths) - 2)  # every width is given: else long words squeeze the others
    for name in ("origin", "measure", "number", "when", "source", "words", "at"):
        if name in widths or name == "words":
            t.add_column(name, width=widths.get(name, rest), no_wrap=True, overflow="ellipsis", style="dim" if name == "at" else "")
    last = None
    for c in found:
        label = ", ".join(book.label(o) for o in c.origin) or "–"
        name = label if not by_origin or label != last else ""
        last = label
        number = f"{number_words(c)} {unit_words(c)}".strip()
        at = c.doc if len(c.doc) <= 12 else c.doc[:11] + "…"
        cells = [
            name,
            c.measure.replace("_", " "),
            number,
            date_words(c.as_of) or "–",
            one_line(c.source or "–", 40),
            _around(c),
            f"{at}:{c.start}",
        ]
        if not wide:
            del cells[4]
        t.add_row(*(Text(x) for x in cells))
    out.print(t)


def _around(c: Claim) -> str:
    """The words of the quote from a little before the number on, so that a cut line still shows it."""
    at = c.start - (c.sentence.start if c.sentence and c.quote else c.start)
    at = c.quote.find(c.number) if not 0 <= at < len(c.quote) or not c.quote.startswith(c.number, at) else at
    cut = c.quote.rfind(" ", 0, max(0, at - 18)) + 1 if at > 24 else 0
    return ("…" if cut else "") + one_line(c.quote[cut:], 200)


@app.command()
def show(
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="Country, community or region: FR, Tunisia, 'Western Europe', world.")],
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Print all that is claimed of one country or region, by measure and date, with quotes and sources, as Markdown."""
    with _open(ledger) as roll:
        dossier = roll.show(origin)
    if json_:
        _print(dossier.to_dict())
    else:
        sys.stdout.write(dossier.markdown())


@app.command()
def documents(json_: JsonOption = False, ledger: LedgerOption = None) -> None:
    """List the documents of the ledger."""
    with _open(ledger) as roll:
        found = roll.documents()
    if json_:
        _print([_fields(d) for d in found])
        return
    t = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("document", "claims", "published", "encoding", "title"):
        t.add_column(name, justify="right" if name == "claims" else "left")
    for d in found:
        t.add_row(*(Text(x) for x in (d.name, str(d.claims), d.published or "–", f"{d.encoding} ({d.encoding_how})", one_line(d.title or "–", 70))))
    _out().print(t)


# -- proving -----------------------------------------------------------------------------------------------------------------------------


@app.command()
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
        with _open(ledger) as roll:
            rows = [c.guide() for c in roll.claims()]
    result, lines = score_claims(coded, rows, errors)
    if json_:
        _print(result)
        return
    for line in (*summary_lines(result), *lines):
        _out().print(Text(line), soft_wrap=True)


@app.command()
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
    made = train_scorers(coded, documents or [], out, members, lambda line: _err().print(Text(line)))
    if json_:
        _print(made)
    else:
        _out().print(
            f"{made['claims']} claims of {made['documents']} documents → {made['codebook']}. Use it: MUSTER_CODEBOOK={made['codebook']} muster …",
            markup=False,
        )


@app.command()
def audit(json_: JsonOption = False, ledger: LedgerOption = None) -> None:
    """Prove that every claim's span holds its number, every quote stands around it, and every hash is right."""
    with _open(ledger) as roll:
        checked, faults = roll.audit()
    if json_:
        _print({"claims": checked, "faults": [{"what": w, "fault": f} for w, f in faults]})
    else:
        for what, fault in faults:
            _err().print(Text(f"muster: {what}: {fault}", style="red"))
        share = 100.0 * (1 - len({w for w, _ in faults if w.startswith("claim")}) / checked) if checked else 100.0
        _out().print(f"{checked} claims checked, {len(faults)} faults: {share:.4g}% hold", markup=False)
    raise typer.Exit(1 if faults else 0)


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="File to write: .csv or .jsonl; next to a CSV a datapackage.json is written.")],
    origin: Origin = None,
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Write claims to a file that another program can read."""
    if path.suffix.lower() not in (".csv", ".jsonl"):
        raise UsageError(path, "is neither .csv nor .jsonl", "End the file's name in one of them")
    with _open(ledger) as roll:
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
        _print({"path": str(path), "claims": len(table)})
    else:
        _out().print(f"{len(table)} claims → {path}", markup=False)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@app.command()
def demo(json_: JsonOption = False) -> None:
    """Read the sample reports into ./demo.db and print every number in them, by country.

    Sample text, not evidence: it enters no other ledger.
    """
    with open_roll("demo.db", user="demo") as roll:
        if any(d.id not in sample_hashes() for d in roll.documents()):
            raise LedgerError("demo.db", "holds reports of your own", "Run the demo in another folder, or rename that ledger")
        results = list(roll.adding(examples.paths(), samples=True))
        found = sorted(roll.claims(), key=lambda c: (not c.origin, [load().label(o) for o in c.origin], c.measure, c.as_of or "9999", c.doc, c.start))
    if json_:
        _print({"ledger": "demo.db", "banner": examples.BANNER, **summary(results), "claims": [c.guide() for c in found]})
        return
    out = _out()
    out.print(Text(f"{examples.BANNER.upper()}: {len(examples.paths())} sample reports, read into ./demo.db", style="bold"))
    out.print()
    _table(found, by_origin=True)
    out.print()
    out.print(Text(f"{len(found)} claims, each tied to its words ({examples.BANNER})."))
    out.print(Text("Next: muster show FR --ledger demo.db      then your own reports: muster add REPORTS/"))


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
        _err().print(Text(f"muster: {e.line()}", style="red"), soft_wrap=True)
        raise SystemExit(e.exit_code) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        _err().print("muster: stopped; what was finished is kept", style="red")
        raise SystemExit(130) from None
    except OSError as e:
        if e.errno != errno.ENOSPC:
            raise
        _err().print(Text("muster: the output cannot be written, the disk is full. Make room and run the command again", style="red"), soft_wrap=True)
        raise SystemExit(2) from None
    except Exception as e:
        if os.environ.get("MUSTER_DEBUG"):
            raise
        _err().print(
            Text(f"muster: unexpected fault ({type(e).__name__}: {e}). Run again with MUSTER_DEBUG=1 and report what it prints", style="red"),
            soft_wrap=True,
        )
        raise SystemExit(2) from None


__all__ = ["app", "main"]
