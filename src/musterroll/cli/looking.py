"""Commands that look into a ledger: claims, show, documents, where, references."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ..codebook import load
from ..records import Claim
from ..report import bibliography
from ..report import export as exporting
from ..report.places import locate
from ..report.words import date_words, number_words, one_line, unit_words
from .shared import JsonOption, LedgerOption, Origin, fields, open_ledger, placed, print_json, stdout


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
    with open_ledger(ledger) as roll:
        found = roll.claims(
            origin=origin, measure=measure, who=who, group=group, source=source, since=since, until=until, text=text, document=document
        )
        table = exporting.rows(found, roll.documents()) if csv or jsonl or json_ else []
    if csv:
        sys.stdout.write(exporting.to_csv(table))
    elif jsonl:
        sys.stdout.write(exporting.to_jsonl(table))
    elif json_:
        print_json([exporting.plain(r) for r in table])
    else:
        claim_table(found)
        stdout().print(f"{len(found)} claims", markup=False)


def claim_table(found: Sequence[Claim], *, by_origin: bool = False) -> None:
    """Claims as a table of a terminal's width."""
    book = load()
    out = stdout()
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


def show(
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="Country, community or region: FR, Tunisia, 'Western Europe', world.")],
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Print all that is claimed of one country or region, by measure and date, with quotes and sources, as Markdown."""
    with open_ledger(ledger) as roll:
        dossier = roll.show(origin)
    if json_:
        print_json(dossier.to_dict())
    else:
        sys.stdout.write(dossier.markdown())


def documents(json_: JsonOption = False, ledger: LedgerOption = None) -> None:
    """List the documents of the ledger."""
    with open_ledger(ledger) as roll:
        found, alike = roll.documents(), roll.alike()
    if json_:
        print_json([{**fields(d), "alike": [{"document": name, "share": share} for name, share in alike.get(d.id, ())]} for d in found])
        return
    t = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("document", "claims", "language", "published", "title", "the same report as"):
        t.add_column(name, justify="right" if name == "claims" else "left")
    for d in found:
        same = [name if share == 1 else f"{name} ({share:.0%})" for name, share in alike.get(d.id, ())]
        row = (d.name, str(d.claims), d.language or "–", d.published or "–", one_line(d.title or "–", 60), one_line(", ".join(same), 60))
        t.add_row(*map(Text, row))
    stdout().print(t)


def where(
    place: Annotated[str, typer.Argument(metavar="DOC:OFFSET", help="A file or a document of the ledger, and the character offset of a number.")],
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Tell where a number stands in its file: the page and box, the cell of a table, the notes it cites."""
    document, offset = placed(place, ledger)
    found = locate(document, offset)
    if json_:
        print_json(found)
        return
    out = stdout()
    out.print(Text(f"{found['document']}: {found['words']}", style="bold"))
    for name in ("heading", "page", "cell"):
        if found[name] is not None:
            out.print(Text(f"{name:8} {found[name]}"))
    for box in found["boxes"]:
        out.print(Text("box      page {page}, {left:g} to {right:g} points from the left, {top:g} to {bottom:g} from the top".format(**box)))
    for c in found["cites"]:
        out.print(Text(f"note     [{c['label']}] {c['words']}" + (f" {c['url']}" if c["url"] and c["url"] not in c["words"] else "")))


def references(
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print BibTeX.")] = False,
    ris: Annotated[bool, typer.Option("--ris", help="Print RIS.")] = False,
    json_: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """List the ledger's sources under the keys of the libraries they came from; --json prints CSL-JSON."""
    with open_ledger(ledger) as roll:
        items = roll.references()
    if bibtex:
        sys.stdout.write(bibliography.to_bibtex(items))
    elif ris:
        sys.stdout.write(bibliography.to_ris(items))
    elif json_:
        print_json(items)
    else:
        t = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("key", "year", "publisher", "title", "document"):
            t.add_column(name)
        for i in items:
            parts = (i.get("issued") or {}).get("date-parts") or [[""]]
            publisher = i.get("publisher") or i.get("container-title") or "–"
            row = (i["id"], str(parts[0][0]) or "–", publisher, i.get("title") or "–", i.get("document") or "–")
            t.add_row(*(Text(one_line(str(x), 60)) for x in row))
        stdout().print(t)
