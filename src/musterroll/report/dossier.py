"""All that is claimed of one origin, by measure and date: a page that an analyst can paste into a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..codebook import Codebook
from ..ledger import StoredDocument
from ..records import Claim, interval
from .words import date_words, number_words, one_line, unit_words


@dataclass(frozen=True)
class Section:
    """The claims of one measure, oldest first, undated last."""

    measure: str
    title: str
    description: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Member:
    """A country of a region with claims of its own: how many, and the lowest and highest total said of it."""

    code: str
    name: str
    claims: int
    total: tuple[float, float] | None


@dataclass(frozen=True)
class Dossier:
    """What a ledger holds of one origin."""

    code: str
    name: str
    sections: tuple[Section, ...]
    documents: Mapping[str, StoredDocument]
    total: str = ""
    members: tuple[Member, ...] = ()

    @classmethod
    def build(
        cls, code: str, codebook: Codebook, claims: Sequence[Claim], documents: Sequence[StoredDocument], members: Sequence[Claim] = ()
    ) -> Dossier:
        """Group claims by measure, in the codebook's order (the balance first); `members` are the claims on a region's countries."""
        order = {m: n for n, m in enumerate(codebook.measures)}
        by_measure: dict[str, list[Claim]] = {}
        for c in claims:
            by_measure.setdefault(c.measure, []).append(c)
        sections = tuple(
            Section(m, m.replace("_", " ").capitalize(), codebook.measures[m].description, tuple(sorted(rows, key=_when)))
            for m, rows in sorted(by_measure.items(), key=lambda kv: order.get(kv[0], 99))
        )
        total = codebook.balance.total
        rows = tuple(_members(members, total, codebook))
        return cls(code, codebook.label(code), sections, {d.text_id: d for d in reversed(documents)}, total, rows)

    @property
    def claims(self) -> list[Claim]:
        """Every claim, in the order shown."""
        return [c for s in self.sections for c in s.claims]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "origin": self.code,
            "name": self.name,
            "claims": len(self.claims),
            "members": [{"origin": m.code, "name": m.name, "claims": m.claims, "total": m.total} for m in self.members],
            "measures": {s.measure: [{"id": c.id, **c.guide(), "confidence": c.confidence} for c in s.claims] for s in self.sections},
        }

    def markdown(self) -> str:
        """The dossier as Markdown, each figure with its date, source and words, the documents as numbered notes."""
        rows = self.claims
        docs = {c.text_hash: c.doc for c in rows}
        note = {d: n + 1 for n, d in enumerate(docs)}
        lines = [f"# {self.name}", ""]
        if not rows:
            lines.append(f"No claim about {self.name}{' as a whole' if self.members else ''} stands in this ledger.")
            return "\n".join([*lines, *self._members()]) + "\n"
        years = sorted({d[1][:4] for c in rows if (d := interval(c.as_of)) and d[1] < "9"})
        span = f", {years[0]}–{years[-1]}" if len(years) > 1 else f", {years[0]}" if years else ""
        lines += [
            f"{_count(len(rows), 'claim')} in {_count(len(docs), 'document')}{span}. None has been reviewed unless marked; "
            "figures of different dates, sides or definitions do not add up.",
            "",
        ]
        for s in self.sections:
            lines += [f"## {s.title}", "", f"*{s.description}*", ""]
            lines += [_claim_line(c, note[c.text_hash]) for c in s.claims]
            lines.append("")
        lines += [*self._members()[1:], ""] if self.members else []
        lines += ["## Documents", ""]
        for key, name in docs.items():
            stored = self.documents.get(key)
            about = [x for x in (stored.title, stored.publisher, stored.published, stored.url) if x] if stored else []
            lines.append(f"{note[key]}. {'. '.join([*(one_line(x, 120) for x in about), name])}")
        return "\n".join(lines) + "\n"

    def _members(self) -> list[str]:
        """The region's countries as a table."""
        if not self.members:
            return []
        named = self.total.replace("_", " ") or "total"
        lines = ["", "## Its countries", "", f"*Claims on one country of the region each; {named}: the lowest and highest figure of any date.*", ""]
        lines += [f"| country | claims | {named} | page |", "|---|--:|--:|---|"]
        for m in self.members:
            span = "–" if m.total is None else f"{m.total[0]:,.0f}" if m.total[0] == m.total[1] else f"{m.total[0]:,.0f} to {m.total[1]:,.0f}"
            lines.append(f"| {m.name} | {m.claims} | {span} | `muster show {m.code}` |")
        return lines


def _members(claims: Sequence[Claim], total: str, codebook: Codebook) -> list[Member]:
    """Countries by number of claims, those with most first."""
    rows: dict[str, list[Claim]] = {}
    for c in claims:
        if len(c.origin) == 1:
            rows.setdefault(c.origin[0].partition(":")[0], []).append(c)
    out = []
    for code, found in rows.items():
        plain = [c for c in found if c.measure == total and c.who in codebook.everyone and c.stance == "asserted" and not c.attribute]
        whole = [c for c in plain if c.origin == (code,) and c.qualifier != "vague" and c.unit == codebook.measures[total].unit]
        values = [v for c in whole for v in (c.point, c.low, c.high) if v is not None]
        out.append(Member(code, codebook.label(code), len(found), (min(values), max(values)) if values else None))
    return sorted(out, key=lambda m: (-m.claims, m.name))


def _when(c: Claim) -> tuple[str, str, int]:
    days = interval(c.as_of)
    return (days[1] if days else "9999-99", days[0] if days else "", c.start)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"


def _claim_line(c: Claim, note: int) -> str:
    what = number_words(c)
    unit = unit_words(c)
    part = [p for p in (unit, c.attribute.replace("_", " ") if c.attribute else "", c.side if c.side != "unknown" else "") if p]
    head = f"- **{what}**" + (f" {', '.join(part)}" if part else "")
    tail = [date_words(c.as_of) or "undated", c.source or "no source named"]
    if c.stance != "asserted":
        tail.append(c.stance)
    doubt = f" · confidence {c.confidence:.0%}" if c.confidence < 0.5 else ""
    notes = f" · {one_line('; '.join(c.notes), 300)}" if c.notes else ""
    place = "".join(f", {p}" for p in (f"p. {c.page}" if c.page else "", c.cell or "") if p)
    cited = "".join(f" ← {x.url or one_line(x.words, 120)}" for x in c.cites)
    return f"{head} · {' · '.join(tail)}{doubt}{notes} · “{one_line(c.quote, 220)}” [{note}{place}, {c.start}]{cited}"
