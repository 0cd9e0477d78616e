"""The use cases: the one place that writes. The clock and the user's name come in as arguments; nothing here prints.

>>> import musterroll as mr
>>> claims = mr.extract("In 2015, the interior ministry said that 60 Danes had gone to the war.")
>>> claims[0].number, claims[0].origin
('60', ('DK',))
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import documents, examples
from .codebook import Codebook, folder, load
from .documents.intake import Intake
from .documents.library import Entry
from .documents.likeness import Signature, alike, signature
from .errors import MusterError, NotFound, ServiceError, Unreadable, UsageError
from .extract import RULES, Extractor
from .ledger import Filter, Ledger, StoredDocument
from .records import Claim, Document, Visibility, content_hash
from .report import bibliography
from .report.dossier import Dossier
from .report.words import one_line

Clock = Callable[[], str]
LIBRARIES = frozenset((".ris", ".bib"))
LEAST_TO_TRAIN = 100  # claims; with fewer the scorers would only repeat them


def utc_now() -> str:
    """The time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one report: status is added, unchanged, linked (an entry of a library that names a report in the ledger), noted (one that
    names none) or failed. `like` names the documents that are the same report, `notes` what the reader has to say.
    """

    path: str
    status: str
    claims: int = 0
    encoding: str = ""
    reason: str = ""
    like: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Claims(list[Claim]):
    """A list of claims that turns into a data frame."""

    def to_pandas(self) -> Any:
        """A pandas DataFrame, one row a claim, with the guide's fields and `id`. Needs pandas (extra `[pandas]`)."""
        try:
            import pandas as pd
        except ImportError:
            raise UsageError("to_pandas", "needs pandas, which is not installed", "Install it: pip install 'musterroll[pandas]'") from None
        return pd.DataFrame([{"id": c.id, **c.guide(), "confidence": c.confidence} for c in self])


class Roll:
    """An open ledger with everything one can do to it. Close it, or use it as a context manager."""

    def __init__(self, ledger: Ledger, *, codebook: Codebook | None = None, user: str = "", clock: Clock = utc_now) -> None:
        self._ledger, self.codebook = ledger, codebook or load()
        self._user, self._clock = user, clock
        self._signatures: dict[str, Signature] | None = None  # of the texts in the ledger, once the first report is added

    def __enter__(self) -> Roll:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    # -- writing -------------------------------------------------------------------------------------------------------------------

    def add(
        self, *paths: str | Path, visibility: Visibility = "public", licence: str | None = None, stdin: Callable[[], bytes] | None = None
    ) -> list[Added]:
        """Read files, folders, globs or "-" into the ledger; what became of each file. Bad files do not stop the others."""
        return list(self.adding(expand(paths), visibility=visibility, licence=licence, stdin=stdin))

    def adding(
        self,
        files: Sequence[Path],
        *,
        visibility: Visibility = "public",
        licence: str | None = None,
        stdin: Callable[[], bytes] | None = None,
        samples: bool = False,
        extractor: Extractor = RULES,
        ocr: bool = False,
    ) -> Iterator[Added]:
        """The same, one result at a time, several of an archive. `samples` lets the package's sample texts in, which only the demo may do; `ocr`
        reads scans, where OCR is installed.

        Raises LedgerError when the ledger itself fails; everything stored until then stays.
        """
        if not extractor.local and visibility == "confidential":
            raise UsageError("--visibility confidential", "would leave this machine", "Use the rules, or a model that runs here")
        run_id: int | None = None
        ended: ServiceError | None = None
        about = {"visibility": visibility, "licence": licence}
        with Intake(known=self._ledger.has, refused=(lambda _: None) if samples else _sample, ocr=ocr) as intake:
            for path in files:
                if ended is not None:
                    yield Added(_shown(path), "failed", reason=_left_out(path, ended).line())
                    continue
                for read in _reads(intake, path, stdin):
                    shown = _shown(path) if read.name == _name(path) else _shown(path.parent / read.name) if str(path) != "-" else read.name
                    if read.fault is not None:
                        if read.entry is not None:  # the reference is kept, whatever its file is
                            self._refer(read.entry, path, None)
                        yield Added(shown, "failed", reason=_fault(shown, read.fault).line())
                    elif read.document is None:
                        yield self._old(shown, read, path)
                    elif ended is not None:
                        yield Added(shown, "failed", reason=_left_out(shown, ended).line())
                    else:
                        try:
                            claims = extractor.claims(read.document, self.codebook)
                        except Exception as e:  # whatever one file does, the others go on
                            ended = _final(e)
                            yield Added(shown, "failed", reason=_fault(shown, e).line())
                            continue
                        if run_id is None:
                            run_id = self._ledger.start_run(extractor.version(self.codebook), self.codebook.digest, self._clock(), self._user)
                        yield self._put(shown, read, claims, run_id, path, **about)

    def _put(self, shown: str, read: documents.Read, claims: Sequence[Claim], run_id: int, path: Path, **about: Any) -> Added:
        """Store a report that was read, linked with those it is like and with the entry that names it."""
        doc = read.document
        assert doc is not None
        mine = signature(doc.text)
        packed = mine.pack() if mine else None
        n = self._ledger.put(doc, read.data, claims, run_id, at=self._clock(), by=self._user, signature=packed, **about)
        if n is None:  # another process was quicker
            return Added(shown, "unchanged")
        if mine is not None:
            if self._signatures is None:
                self._signatures = {i: Signature.unpack(s) for i, s in self._ledger.signatures()}
            known = [i for i in self._signatures if i != doc.text_hash]
            self._ledger.link(doc.text_hash, [(known[k], share) for k, share in alike(mine, [self._signatures[i] for i in known])])
            self._signatures[doc.text_hash] = mine
        if read.entry is not None:
            self._refer(read.entry, path, doc.file_hash)
        like = tuple(self._ledger.alike_to(doc.file_hash))
        return Added(shown, "added", n, f"{doc.encoding} ({doc.encoding_how})", like=like, notes=doc.notes)

    def _old(self, shown: str, read: documents.Read, path: Path) -> Added:
        """A file that is there already, or an entry of a library without a file: the entry is kept, with the document it names."""
        if read.entry is None:
            return Added(shown, "unchanged")
        named = content_hash(read.data) if read.known else self._named(read.entry)
        new = self._refer(read.entry, path, named)
        if not new:
            return Added(shown, "unchanged")
        return Added(shown, "linked" if named else "noted")

    def _refer(self, entry: Entry, path: Path, document_id: str | None) -> bool:
        return self._ledger.refer(entry.key, entry.item, path.name, document_id, at=self._clock(), by=self._user)

    def _named(self, entry: Entry) -> str | None:
        """The id of the document that an entry without files names, by address or title."""
        about = entry.about
        for d in self._ledger.documents():
            if (about.url and d.url and _address(d.url) == _address(about.url)) or (
                about.title and d.title and len(about.title) > 12 and _letters(d.title) == _letters(about.title)
            ):
                return d.id
        return None

    # -- reading -------------------------------------------------------------------------------------------------------------------

    def claims(
        self,
        *,
        origin: str | None = None,
        measure: str | None = None,
        who: str | None = None,
        group: str | None = None,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        text: str | None = None,
        document: str | None = None,
    ) -> Claims:
        """Claims that fit every filter. `origin` is a code or a name; dates are ISO 8601 at any precision.

        Raises UsageError for an unknown measure, part, group, place or date, and names what is known.
        """
        book = self.codebook
        for what, value, known in (("measure", measure, book.measures), ("who", who, book.who), ("group", group, book.groups)):
            if value is not None and value not in known:
                raise UsageError(f"--{what} {value}", f"no such {what}", f"Known: {', '.join(sorted(known))}")
        return Claims(
            self._ledger.claims(
                Filter(
                    origins=(self.origin(origin),) if origin else None,
                    measure=measure,
                    who=who,
                    group=group,
                    source=source,
                    first=_day(since, "from", "-01-01"),
                    last=_day(until, "to", "-12-31"),
                    text=text,
                    document=document,
                )
            )
        )

    def show(self, origin: str) -> Dossier:
        """All that is claimed of one country, community or region, and of a region's countries how much."""
        code = self.origin(origin)
        region = self.codebook.regions.get(code)
        every = tuple(p for p in self.codebook.places if p not in self.codebook.theatre)  # the region without members is the world
        members = tuple(m for m in region.members or every if m in self.codebook.places) if region else ()
        inside = self._ledger.claims(Filter(origins=members)) if members else []
        return Dossier.build(code, self.codebook, self.claims(origin=code), self._ledger.documents(), inside)

    def origin(self, name: str) -> str:
        """The code of a place by code or name. Raises UsageError where none or several fit."""
        name = name.strip()
        book = self.codebook
        if name in book.origins:
            return name
        found = book.resolve(name)
        if not found.codes and name.upper() in book.places:
            return name.upper()
        if not found.codes:
            raise UsageError(
                name,
                "no such country or region is known",
                "Give an ISO code such as FR, a name such as France, or a region such as 'Western Europe'",
            )
        if found.ambiguous:
            options = ", ".join(f"{c} ({book.label(c)})" for c in found.codes)
            raise UsageError(name, f"could mean {options}", "Give the code you mean")
        return found.codes[0]

    def documents(self) -> list[StoredDocument]:
        """Every document of the ledger."""
        return self._ledger.documents()

    def alike(self) -> dict[str, list[tuple[str, float]]]:
        """For every document's id the names of those that hold the same report, with the share of the shorter text in common."""
        return self._ledger.alike()

    def references(self) -> list[dict[str, Any]]:
        """Every source as a CSL-JSON item: under the key of its library where it has one, with the name of its document where it is here."""
        return bibliography.items(self._ledger.references(), self._ledger.documents())

    def document(self, name: str) -> Document:
        """A stored document by file name or id. Raises NotFound."""
        named = [d for d in self._ledger.documents() if d.name == name]
        if len({d.text_id for d in named}) > 1:
            options = ", ".join(f"{d.id[:12]} ({one_line(d.title or d.name, 40)})" for d in named[:5])
            raise UsageError(name, f"is the name of {len(named)} documents", f"Give the beginning of an id: {options}")
        doc = self._ledger.document(name)
        if doc is None:
            raise NotFound(name, "no such document in this ledger", "List them with: muster documents")
        return doc

    def audit(self) -> tuple[int, list[tuple[str, str]]]:
        """(number of claims checked, faults): proves every claim's span, hash and quote."""
        faults = list(self._ledger.audit())
        return self._ledger.counts()["claim"], faults


def _shown(path: Path) -> str:
    """A path that can be printed, whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "replace")


def _name(path: Path) -> str:
    """The document's name: the file's own, without its folders."""
    return "stdin.txt" if str(path) == "-" else _shown(Path(path.name))


def _reads(intake: Intake, path: Path, stdin: Callable[[], bytes] | None) -> Iterator[documents.Read]:
    """The reports of a file or of standard input."""
    return intake.given(stdin(), _name(path)) if stdin and str(path) == "-" else intake.file(path)


def _sample(file_hash: str) -> str | None:
    """Why the package's own sample texts are no evidence."""
    return "is one of this package's sample texts, which are no evidence" if file_hash in sample_hashes() else None


def _address(url: str) -> str:
    """An address without what changes from visit to visit."""
    return url.split("://", 1)[-1].removeprefix("www.").split("#", 1)[0].rstrip("/").casefold()


def _letters(words: str) -> str:
    return "".join(ch for ch in words.casefold() if ch.isalnum())


def _fault(path: Path | str, e: Exception) -> MusterError:
    """What went wrong with a file, with its whole path."""
    path = Path(path)
    if isinstance(e, ServiceError):
        return ServiceError(_shown(path), f"{e.what} {e.why}", e.remedy)
    if isinstance(e, MusterError):
        e.what = _shown(path)
        return e
    return Unreadable(_shown(path), f"could not be read ({type(e).__name__}: {e})", "Report this, with the file if you may")


def _final(e: Exception) -> ServiceError | None:
    """The fault of a service that will not answer for the next file either."""
    return e if isinstance(e, ServiceError) and e.final else None


def _left_out(path: Path | str, ended: ServiceError) -> ServiceError:
    """What is said of a file that was not tried any more: none is left out without a word."""
    return ServiceError(_shown(Path(path)), f"not read, since {ended.why}")


def expand(paths: Sequence[str | Path]) -> list[Path]:
    """Files named by paths, folders (read to the bottom, known suffixes only) and globs, in order, each once.

    A path that leads nowhere stays in the list, so that its failure is reported with the others'.
    """
    out: dict[Path, None] = {}
    for given in paths:
        p = Path(given)
        if str(given) == "-":
            out[p] = None
        elif os.path.isdir(p):  # noqa: PTH112 - unlike Path.is_dir it does not raise where a parent may not be entered
            out.update(dict.fromkeys(_in_folder(p)))
        elif not os.path.lexists(p) and any(c in str(given) for c in "*?["):
            matches = sorted(Path(m) for m in glob.glob(str(given), recursive=True) if Path(m).is_file())  # noqa: PTH207 - absolute patterns too
            out.update(dict.fromkeys(matches or [p]))
        else:
            out[p] = None
    return list(out)


def _in_folder(folder: Path) -> list[Path]:
    """Files of a folder to its bottom that a report may be, and subfolders that may not be entered: reading those says why."""
    wanted = documents.READERS.keys() | documents.UNPACKERS.keys() | documents.KNOWN_UNREAD | LIBRARIES
    found: list[Path] = []
    forbidden: list[Path] = []
    for place, dirs, names in os.walk(folder, onerror=lambda e: forbidden.append(Path(str(e.filename)))):
        dirs.sort()
        found += [Path(place) / n for n in names if Path(n).suffix.lower() in wanted and not n.startswith((".", "~$"))]
    found.sort(key=lambda p: (p.suffix.lower() not in LIBRARIES, p))  # what a library knows of its files comes before the files
    return found + forbidden


def _day(value: str | None, name: str, fill: str) -> str | None:
    """An ISO date at any precision as a day."""
    if value is None:
        return None
    try:
        datetime.strptime(value, {4: "%Y", 7: "%Y-%m"}.get(len(value), "%Y-%m-%d"))
        full = value + {4: fill, 7: fill[3:] if fill == "-01-01" else "-31"}.get(len(value), "")
        if len(full) != 10:
            raise ValueError(value)
    except ValueError:
        raise UsageError(f"--{name} {value}", "is no date", "Give a year, month or day such as 2015, 2015-12 or 2015-12-07") from None
    return full


@lru_cache(maxsize=1)
def sample_hashes() -> frozenset[str]:
    """Hashes of the sample texts that ship with the package."""
    return frozenset(content_hash(p.read_bytes()) for p in examples.paths())


def open_roll(
    where: str | Path = "roll.db", *, user: str = "", create: bool = True, codebook: Codebook | None = None, clock: Clock = utc_now
) -> Roll:
    """Open (or make) the ledger at a path or database URL."""
    return Roll(Ledger.open(where, create=create), user=user, codebook=codebook, clock=clock)


def extract_files(
    paths: Sequence[str | Path], *, codebook: Codebook | None = None, stdin: Callable[[], bytes] | None = None, extractor: Extractor = RULES
) -> Iterator[tuple[Path, list[Claim], MusterError | None]]:
    """(path, claims, error) of every file, with no ledger."""
    ended: ServiceError | None = None
    with Intake() as intake:
        for path in expand(paths):
            if ended is not None:
                yield path, [], _left_out(path, ended)
                continue
            for read in _reads(intake, path, stdin):
                if read.document is None:
                    if read.fault is not None:
                        yield path, [], _fault(path if read.name == _name(path) else path.parent / read.name, read.fault)
                    continue
                try:
                    yield path, extractor.claims(read.document, codebook or load()), None
                except Exception as e:  # whatever one file does, the others go on
                    ended = _final(e)
                    yield path, [], _fault(path, e)


def summary(added: Sequence[Added]) -> Mapping[str, int]:
    """Files by status, and claims in all."""
    return {s: sum(a.status == s for a in added) for s in ("added", "unchanged", "linked", "noted", "failed")} | {
        "claims": sum(a.claims for a in added)
    }


def train_scorers(coded: Sequence[Path], folders: Sequence[Path], out: Path, members: int, say: Callable[[str], None]) -> dict[str, Any]:
    """A codebook's folder at `out`, with scorers trained on coded claims (JSON Lines beside texts in `folders`, or tagged texts).

    Raises MusterError where a file is broken, a text is missing, or what training needs is not installed.
    """
    missing = [name for name in ("scipy", *(["torch"] if members else [])) if find_spec(name) is None]
    if missing:
        raise UsageError("muster train", f"needs {' and '.join(missing)}", "Install the extra: pip install 'musterroll[train]'")
    from .extract import corpus, train

    book = load()
    for f in coded:
        if not f.is_file():
            raise NotFound(f, "no such file", "Give .jsonl files of coded claims, or tagged .txt files")
    rows = corpus.claim_rows(f for f in coded if f.suffix == ".jsonl")
    analyses = corpus.read_coded(rows, folders, book)
    tagged, more = corpus.tagged_corpus((f for f in coded if f.suffix != ".jsonl"), book)
    analyses, gold = analyses | tagged, rows | more
    claims = sum(map(len, gold.values()))
    if claims < LEAST_TO_TRAIN:
        raise UsageError("muster train", f"{claims} claims are too few", f"Code {LEAST_TO_TRAIN} at least")
    say(f"{claims} claims of {len(gold)} documents: linear scorers{f', then {members} networks' if members else ''}")
    weights, network = train.learn(analyses, gold, members)
    out.mkdir(parents=True, exist_ok=True)
    for f in folder().glob("*.yaml"):
        (out / f.name).write_bytes(f.read_bytes())
    train.write(out, weights, network, gold)
    return {"codebook": str(out), "documents": len(gold), "claims": claims, "members": members}
