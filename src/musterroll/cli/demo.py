"""The command demo: a first look."""

from __future__ import annotations

from rich.text import Text

from .. import examples
from ..codebook import load
from ..errors import LedgerError
from ..roll import open_roll, sample_hashes, summary
from .looking import claim_table
from .shared import JsonOption, print_json, stdout


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
        print_json({"ledger": "demo.db", "banner": examples.BANNER, **summary(results), "claims": [c.guide() for c in found]})
        return
    out = stdout()
    out.print(Text(f"{examples.BANNER.upper()}: {len(examples.paths())} sample reports, read into ./demo.db", style="bold"))
    out.print()
    claim_table(found, by_origin=True)
    out.print()
    out.print(Text(f"{len(found)} claims, each tied to its words ({examples.BANNER})."))
    out.print(Text("Next: muster show FR --ledger demo.db      then your own reports: muster add REPORTS/"))
