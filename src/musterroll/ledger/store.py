"""The ledger: an append-only store of documents, claims, readings and judgements.

Everything of one document is written in one transaction, so that a killed process leaves whole documents or nothing, and adding again
goes on where it stopped. Errors of the database become errors a user can act on.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from ..errors import DiskFull, LedgerCorrupt, LedgerError, LedgerLocked, LedgerNewer
from ..layout import Layout
from ..records import Block, Claim, Document, Span, content_hash, interval
from . import tables as t

HEAD = "0002"  # the newest migration
READER = "2"  # version of the readers, kept with every document
WAIT = 10.0  # seconds to wait for another writer


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the ledger lists it."""

    id: str
    name: str
    title: str | None
    publisher: str | None
    published: str | None
    url: str | None
    visibility: str
    licence: str | None
    encoding: str
    encoding_how: str
    claims: int
    text_id: str
    media_type: str
    authors: tuple[str, ...]
    retrieved: str | None
    created: str | None
    language: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which claims are wanted; None does not narrow. Dates are ISO days; `text` is searched in the quotes."""

    origins: tuple[str, ...] | None = None
    measure: str | None = None
    who: str | None = None
    group: str | None = None
    source: str | None = None
    first: str | None = None
    last: str | None = None
    text: str | None = None
    document: str | None = None


class Ledger:
    """An open ledger. Use `Ledger.open`; close it, or use it as a context manager."""

    def __init__(self, engine: Engine, where: str) -> None:
        self._engine, self.where = engine, where

    # -- opening -------------------------------------------------------------------------------------------------------------------

    @classmethod
    def open(cls, where: str | Path, *, create: bool = True) -> Ledger:
        """Open the ledger at a path or database URL, creating or upgrading it.

        Raises LedgerLocked, LedgerCorrupt, LedgerNewer, DiskFull or LedgerError.
        """
        place = str(where)
        if "://" in place:
            try:
                engine = sa.create_engine(place)
            except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as e:
                raise LedgerError(place, f"is no database this machine can open ({e})", "Check the URL, or install its driver") from None
            file = engine.url.database if engine.dialect.name == "sqlite" else None
            if file and not create and not Path(file).exists():
                raise LedgerError(place, "there is no ledger here", "Make one with: muster add PATH, or name another with --ledger")
        else:
            path = Path(place)
            if path.is_dir():
                raise LedgerError(path, "is a folder, not a ledger", f"Name a file in it, for example {path / 'roll.db'}")
            if not path.exists() and not create:
                raise LedgerError(path, "there is no ledger here", "Make one with: muster add PATH, or name another with --ledger")
            if not path.parent.exists():
                raise LedgerError(path, f"the folder {path.parent} does not exist", "Make it first, or choose another place")
            engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": WAIT})
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _sqlite)
            sa.event.listen(engine, "begin", _begin)
        ledger = cls(engine, place)
        try:
            ledger._upgrade()
        except BaseException:
            engine.dispose()
            raise
        return ledger

    def _upgrade(self) -> None:
        with self._read() as c:  # looking takes no lock, so a ledger opens while another process writes to it
            if self._schema(c) == HEAD:
                return
        with self._write() as c:
            found = self._schema(c)
            if found == HEAD:
                return
            if found is not None and found > HEAD:
                raise LedgerNewer(
                    self.where,
                    f"was written by a newer version (schema {found}, this one knows {HEAD})",
                    "Upgrade: pip install --upgrade musterroll",
                )
            from alembic import command  # slow to import, needed only here
            from alembic.config import Config

            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = c
            command.upgrade(config, "head")

    def _schema(self, c: Connection) -> str | None:
        """Revision of the tables; None where there are none yet."""
        tables = set(sa.inspect(c).get_table_names())
        if "alembic_version" in tables:
            found = c.execute(sa.text("select version_num from alembic_version")).scalar()
            return str(found) if found is not None else None
        if tables:
            raise LedgerCorrupt(self.where, "this database holds other tables and is no ledger", "Choose another file with --ledger")
        return None

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Database errors as errors that name the ledger and the remedy."""
        try:
            yield
        except OperationalError as e:
            text = str(e.orig).lower()
            if "locked" in text or "busy" in text:
                raise LedgerLocked(self.where, "another process is writing to this ledger", "Wait for it to end and run the command again") from None
            if "full" in text:
                raise DiskFull(
                    self.where, "the disk is full; what was finished before is kept", "Free some space and run the command again"
                ) from None
            if "readonly" in text or "unable to open" in text or "permission" in text:
                raise LedgerError(self.where, f"cannot be opened for writing ({e.orig})", "Check the rights of the file and its folder") from None
            if "i/o error" in text:
                raise LedgerError(self.where, f"the disk does not answer ({e.orig})", "Check the disk, then run the command again") from None
            raise LedgerError(self.where, f"the database does not answer ({e.orig})", "Check the path or the URL") from None
        except DatabaseError as e:
            raise LedgerCorrupt(
                self.where, f"is not a ledger or is damaged ({e.orig})", "Restore a copy, or name another file with --ledger"
            ) from None

    @contextlib.contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._errors(), self._engine.begin() as c:
            yield c

    @contextlib.contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._errors(), self._engine.connect().execution_options(read=True) as c:
            yield c

    # -- writing -------------------------------------------------------------------------------------------------------------------

    def has(self, file_hash: str) -> bool:
        """Is a file with these bytes in the ledger?"""
        with self._read() as c:
            return c.execute(sa.select(t.document.c.id).where(t.document.c.id == file_hash)).first() is not None

    def start_run(self, extractor: str, codebook: str, at: str, by: str) -> int:
        """A new extraction run; its id."""
        with self._write() as c:
            result = c.execute(t.run.insert().values(extractor=extractor, codebook=codebook, started_at=at, started_by=by))
            return _new_id(result)

    def put(
        self,
        doc: Document,
        data: bytes,
        claims: Sequence[Claim],
        run_id: int,
        *,
        at: str,
        by: str,
        visibility: str = "public",
        licence: str | None = None,
        signature: bytes | None = None,
    ) -> int | None:
        """Store a document with its claims in one transaction; the number of its claims, or None where the document was there already."""
        text_id = doc.text_hash
        with self._write() as c:
            if c.execute(sa.select(t.document.c.id).where(t.document.c.id == doc.file_hash)).first():
                return None
            if not c.execute(sa.select(t.text.c.id).where(t.text.c.id == text_id)).first():
                sentences = [[s.start, s.end] for s in doc.sentences]
                blocks = [[b.kind, b.start, b.end, b.level] for b in doc.blocks]
                c.execute(t.text.insert().values(id=text_id, text=doc.text, blocks=blocks, sentences=sentences, signature=signature))
            c.execute(
                t.document.insert().values(
                    id=doc.file_hash, text_id=text_id, name=doc.name, media_type=doc.media_type, encoding=doc.encoding, encoding_how=doc.encoding_how,
                    title=doc.title, publisher=doc.publisher, published=doc.published, url=doc.url, language=doc.language,
                    licence=licence or doc.licence, visibility=visibility, notes=list(doc.notes), reader=READER, added_at=at, added_by=by,
                    authors=list(doc.authors), retrieved=doc.retrieved, created=doc.created, layout=_packed(doc.layout),
                )
            )  # fmt: skip
            c.execute(t.raw.insert().values(document_id=doc.file_hash, data=zlib.compress(data, 6)))
            self._put_claims(c, claims, run_id)
        return len(claims)

    def _put_claims(self, c: Connection, claims: Sequence[Claim], run_id: int) -> None:
        """Store claims with a reading each. One that another file with the same text brought is read anew only where this file knows its place."""
        known: dict[str, Mapping[str, Any]] = {}
        if claims:
            cl, r = t.claim, t.reading
            q = sa.select(cl.c.id, r.c.fields).join(t.current, t.current.c.claim_id == cl.c.id).join(r, r.c.id == t.current.c.reading_id)
            known = {row[0]: row[1] for row in c.execute(q.where(cl.c.text_id == claims[0].text_hash))}
        for claim in claims:
            old = known.get(claim.id)
            if old is not None and (claim.page is None or old.get("page") is not None) and (claim.cell is None or old.get("cell") is not None):
                continue
            if old is None:
                identity = {"id": claim.id, "text_id": claim.text_hash, "start": claim.start, "end": claim.end, "ordinal": 0, "kind": claim.kind}
                c.execute(t.claim.insert().values(**identity))
            reading_id = self._put_reading(c, claim, run_id)
            if old is None:
                c.execute(t.current.insert().values(claim_id=claim.id, reading_id=reading_id))
            else:
                c.execute(t.current.update().where(t.current.c.claim_id == claim.id).values(reading_id=reading_id))

    def _put_reading(self, c: Connection, claim: Claim, run_id: int) -> int:
        """Store what was read at a claim's span; the row's number."""
        days = interval(claim.as_of)
        result = c.execute(
            t.reading.insert().values(
                claim_id=claim.id, run_id=run_id, measure=claim.measure, who=claim.who, side=claim.side, group=claim.group, source=claim.source,
                first_day=days[0] if days else None, last_day=days[1] if days else None, confidence=claim.confidence, fields=claim.reading(),
            )
        )  # fmt: skip
        reading_id = _new_id(result)
        if claim.origin:
            c.execute(t.origin.insert(), [{"reading_id": reading_id, "code": code} for code in dict.fromkeys(claim.origin)])
        return reading_id

    # -- reading -------------------------------------------------------------------------------------------------------------------

    def claims(self, f: Filter = Filter()) -> list[Claim]:
        """Claims with their newest reading, in the order of documents and offsets."""
        r, cl = t.reading, t.claim
        names = sa.select(t.document.c.text_id, sa.func.min(t.document.c.name).label("name")).group_by(t.document.c.text_id)
        if f.document is not None:  # a claim is of every document that has its text
            names = names.where(t.document.c.name == f.document)
        first_name = names.subquery()
        q = (
            sa.select(cl.c.id, cl.c.text_id, cl.c.start, cl.c.end, r.c.fields, first_name.c.name)
            .join(t.current, t.current.c.claim_id == cl.c.id)
            .join(r, r.c.id == t.current.c.reading_id)
            .join(first_name, first_name.c.text_id == cl.c.text_id)
            .order_by(first_name.c.name, cl.c.start, cl.c.ordinal)
        )
        for column, value in ((r.c.measure, f.measure), (r.c.who, f.who), (r.c.group, f.group)):
            if value is not None:
                q = q.where(column == value)
        if f.origins is not None:
            with_origin = sa.select(t.origin.c.reading_id).where(
                sa.or_(*(sa.or_(t.origin.c.code == o, t.origin.c.code.like(o + ":%")) for o in f.origins))
            )
            q = q.where(r.c.id.in_(with_origin))
        if f.first is not None:
            q = q.where(r.c.last_day >= f.first)
        if f.last is not None:
            q = q.where(r.c.first_day <= f.last)
        with self._read() as c:
            rows = c.execute(q).all()
        out = [Claim.from_reading(i, th, s, e, {**fields, "doc": name}) for i, th, s, e, fields, name in rows]
        if f.text is not None:
            low = f.text.lower()
            out = [x for x in out if low in x.quote.lower()]
        if f.source is not None:  # here and not in SQL, because databases fold the case of ASCII alone
            low = f.source.casefold()
            out = [x for x in out if low in (x.source or "").casefold()]
        return out

    def documents(self) -> list[StoredDocument]:
        """Every document with the number of its claims."""
        d = t.document
        count = sa.select(t.claim.c.text_id, sa.func.count().label("n")).group_by(t.claim.c.text_id).subquery()
        columns = [c for c in d.c if c.name != "layout"]
        q = sa.select(*columns, sa.func.coalesce(count.c.n, 0).label("claims")).outerjoin(count, count.c.text_id == d.c.text_id).order_by(d.c.name)
        with self._read() as c:
            rows = c.execute(q).mappings().all()
        names = StoredDocument.__dataclass_fields__
        return [StoredDocument(**{**{n: row[n] for n in names}, "authors": tuple(row["authors"]), "notes": tuple(row["notes"])}) for row in rows]

    def texts(self) -> Iterator[tuple[str, str]]:
        """(id, text) of every stored text."""
        with self._read() as c:
            for row in c.execute(sa.select(t.text.c.id, t.text.c.text).order_by(t.text.c.id)):
                yield row[0], row[1]

    def document(self, name_or_id: str) -> Document | None:
        """A stored document by file name or (the beginning of) its id."""
        d = t.document
        with self._read() as c:
            row = (
                c.execute(sa.select(d).where(sa.or_(d.c.name == name_or_id, d.c.id.startswith(name_or_id, autoescape=True))).order_by(d.c.id))
                .mappings()
                .first()
            )
            if row is None:
                return None
            body = c.execute(sa.select(t.text).where(t.text.c.id == row["text_id"])).mappings().one()
        return _document(dict(row), dict(body))

    # -- likeness and references ---------------------------------------------------------------------------------------------------

    def signatures(self) -> list[tuple[str, bytes]]:
        """(text id, signature) of every text that has one."""
        with self._read() as c:
            rows = c.execute(sa.select(t.text.c.id, t.text.c.signature).where(t.text.c.signature.is_not(None)))
            return [(row[0], row[1]) for row in rows]

    def link(self, text_id: str, others: Sequence[tuple[str, float]]) -> None:
        """Keep that a text is like others, each with the share of the shorter one that stands in both."""
        pairs = [(*sorted((text_id, other)), share) for other, share in others if other != text_id]
        with self._write() as c:
            for a, b, share in pairs:
                known = sa.select(t.likeness.c.share).where(t.likeness.c.text_id == a, t.likeness.c.other_id == b)
                if c.execute(known).first() is None:
                    c.execute(t.likeness.insert().values(text_id=a, other_id=b, share=share))

    def alike(self) -> dict[str, list[tuple[str, float]]]:
        """For every document the names of those with the same text or one like it, with the share in common, most first."""
        with self._read() as c:
            texts = c.execute(sa.select(t.document.c.id, t.document.c.text_id, t.document.c.name)).all()
            pairs = c.execute(sa.select(t.likeness)).all()
        by: dict[str, list[tuple[str, str]]] = {}
        for doc, text_id, name in texts:
            by.setdefault(text_id, []).append((doc, name))
        out: dict[str, list[tuple[str, float]]] = {}
        for same in by.values():
            for doc, _ in same:
                out[doc] = [(name, 1.0) for other, name in same if other != doc]
        for a, b, share in pairs:
            for one, other in ((a, b), (b, a)):
                for doc, _ in by.get(one, ()):
                    out[doc] += [(name, share) for _, name in by.get(other, ())]
        return {k: sorted(v, key=lambda x: (-x[1], x[0])) for k, v in out.items() if v}

    def alike_to(self, document_id: str) -> list[str]:
        """Names of the documents that hold the same report."""
        d, k = t.document, t.likeness
        with self._read() as c:
            mine = c.execute(sa.select(d.c.text_id).where(d.c.id == document_id)).scalar()
            pairs = c.execute(sa.select(k.c.text_id, k.c.other_id).where(sa.or_(k.c.text_id == mine, k.c.other_id == mine))).all()
            texts = {mine, *(x for p in pairs for x in p)}
            return [row[0] for row in c.execute(sa.select(d.c.name).where(d.c.text_id.in_(texts), d.c.id != document_id).order_by(d.c.name))]

    def refer(self, key: str, item: Mapping[str, Any], library: str, document_id: str | None, *, at: str, by: str) -> bool:
        """Keep an entry of a library of references, with the document it names; False where it is there already."""
        rid = content_hash(key, json.dumps(item, sort_keys=True, ensure_ascii=False), document_id or "")
        r = t.reference
        with self._write() as c:
            if c.execute(sa.select(r.c.id).where(r.c.id == rid)).first():
                return False
            c.execute(r.insert().values(id=rid, key=key, item=dict(item), library=library, document_id=document_id, added_at=at, added_by=by))
        return True

    def references(self) -> list[tuple[str, dict[str, Any], str | None]]:
        """(key, CSL-JSON item, document's id) of every entry, in the order of keys; without a document only where no other row gives one."""
        r = t.reference
        with self._read() as c:
            rows = c.execute(sa.select(r.c.key, r.c.item, r.c.document_id).order_by(r.c.key, r.c.id)).all()
        linked = {(row[0], json.dumps(row[1], sort_keys=True)) for row in rows if row[2]}
        return [(row[0], row[1], row[2]) for row in rows if row[2] or (row[0], json.dumps(row[1], sort_keys=True)) not in linked]

    def audit(self) -> Iterator[tuple[str, str]]:
        """(what, fault) of everything that does not hold; nothing where all is well.

        Checks each file's and text's hash, and of every reading that the span holds the number and the quote stands around it.
        """
        with self._read() as c:
            for row in c.execute(sa.select(t.raw.c.document_id, t.raw.c.data)):
                try:
                    whole = content_hash(zlib.decompress(row[1])) == row[0]
                except zlib.error:
                    whole = False
                if not whole:
                    yield f"document {row[0][:12]}", "the stored file does not have the hash it is kept under"
        with self._read() as c:
            lost = sa.select(t.claim.c.id).where(t.claim.c.id.not_in(sa.select(t.current.c.claim_id)))
            for (cid,) in c.execute(lost):
                yield f"claim {cid}", "has no current reading: lists will not show it"
        for text_id, body in self.texts():
            if content_hash(body) != text_id:
                yield f"text {text_id[:12]}", "the stored text does not have the hash it is kept under"
            with self._read() as c:
                q = (
                    sa.select(t.claim.c.id, t.claim.c.start, t.claim.c.end, t.claim.c.ordinal, t.reading.c.fields)
                    .join(t.reading, t.reading.c.claim_id == t.claim.c.id)
                    .where(t.claim.c.text_id == text_id)
                )
                for cid, start, end, ordinal, fields in c.execute(q):
                    yield from ((f"claim {cid}", fault) for fault in _faults(body, text_id, cid, start, end, ordinal, fields))

    def counts(self) -> dict[str, int]:
        """Number of rows of each table."""
        with self._read() as c:
            return {name: int(c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()) for name, table in t.metadata.tables.items()}


def _faults(body: str, text_id: str, cid: str, start: int, end: int, ordinal: int, fields: Mapping[str, Any]) -> Iterator[str]:
    if body[start:end] != fields["number"]:
        yield f"the text has {body[start:end]!r} at {start}, the reading {fields['number']!r}"
    at = body.find(fields["quote"], max(0, start - len(fields["quote"])), end + len(fields["quote"]))
    if not (0 <= at <= start and end <= at + len(fields["quote"])):
        yield "the quote does not stand around the number"
    if content_hash(text_id, start, end, ordinal)[:24] != cid:
        yield "the id is not the hash of text and span"


def _document(row: Mapping[str, Any], body: Mapping[str, Any]) -> Document:
    copied = (
        "name",
        "media_type",
        "encoding",
        "encoding_how",
        "title",
        "publisher",
        "published",
        "url",
        "language",
        "licence",
        "retrieved",
        "created",
    )
    return Document(
        text=body["text"],
        file_hash=row["id"],
        blocks=tuple(Block(*b) for b in body["blocks"]),
        sentences=tuple(Span(*s) for s in body["sentences"]),
        notes=tuple(row["notes"]),
        authors=tuple(row["authors"]),
        layout=Layout.of(json.loads(zlib.decompress(row["layout"]))) if row["layout"] else Layout(),
        **{k: row[k] for k in copied},
    )


def _packed(layout: Layout) -> bytes | None:
    """A layout as it is stored; nothing for one that is empty."""
    plain = layout.plain()
    return zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), 6) if plain else None


def _new_id(result: sa.CursorResult[Any]) -> int:
    """The primary key that an insert made."""
    key = result.inserted_primary_key
    if key is None:
        raise LedgerError("", "the database gave no key for a new row", "Report this")
    return int(key[0])


def _sqlite(connection: Any, _: Any) -> None:
    """Settings of every SQLite connection. Transactions are opened by `_begin`, not by the driver, so that migrations are atomic too."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("pragma foreign_keys = on")
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = normal")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once, so that two writers wait for each other instead of failing half way."""
    connection.exec_driver_sql("begin" if connection.get_execution_options().get("read") else "begin immediate")
