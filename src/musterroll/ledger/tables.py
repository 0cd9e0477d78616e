"""The tables of the ledger. Rows are added, never changed; `current` and `origin` are derived and can be rebuilt.

    document ─┬─ text ── claim ─┬─ reading ── run          what was read at a span, by which extractor
              └─ raw            └─ current → reading       the newest reading of each claim (derived)
    likeness: text – text                                  one report in two files, or in two papers
    reference → document                                   an entry of a library of references
    judgement → any subject                                what people decided, newest stands

A claim is an identity (text, span, ordinal); everything interpreted is in its readings. A document may share its text with another.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

text = Table(
    "text",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of the text
    Column("text", Text, nullable=False),
    Column("blocks", JSON, nullable=False),
    Column("sentences", JSON, nullable=False),
    Column("signature", LargeBinary),  # by which texts that are alike are found
)

document = Table(
    "document",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of the file's bytes
    Column("text_id", String(64), ForeignKey("text.id"), nullable=False, index=True),
    Column("name", String, nullable=False, index=True),
    Column("media_type", String, nullable=False),
    Column("encoding", String, nullable=False),
    Column("encoding_how", String, nullable=False),
    Column("title", String),
    Column("publisher", String),
    Column("published", String),
    Column("url", String),
    Column("language", String),
    Column("licence", String),
    Column("authors", JSON, nullable=False, default=list),
    Column("retrieved", String),
    Column("created", String),
    Column("visibility", String, nullable=False, default="public"),
    Column("notes", JSON, nullable=False),
    Column("reader", String, nullable=False),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
    Column("layout", LargeBinary),  # pages, boxes, cells and notes as JSON, compressed by zlib
)

likeness = Table(
    "likeness",
    metadata,
    Column("text_id", String(64), ForeignKey("text.id"), primary_key=True),
    Column("other_id", String(64), ForeignKey("text.id"), primary_key=True, index=True),
    Column("share", Float, nullable=False),  # of the shorter text that stands in both
)

reference = Table(
    "reference",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of key and item
    Column("key", String, nullable=False, index=True),
    Column("item", JSON, nullable=False),  # CSL-JSON
    Column("library", String, nullable=False),
    Column("document_id", String(64), ForeignKey("document.id"), index=True),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
)

raw = Table(
    "raw",
    metadata,
    Column("document_id", String(64), ForeignKey("document.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),  # the file's bytes, compressed by zlib
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("extractor", String, nullable=False),
    Column("codebook", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("started_by", String, nullable=False),
)

claim = Table(
    "claim",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("text_id", String(64), ForeignKey("text.id"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False, default=0),
    Column("kind", String, nullable=False),
)

reading = Table(
    "reading",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("claim_id", String(24), ForeignKey("claim.id"), nullable=False, index=True),
    Column("run_id", Integer, ForeignKey("run.id"), nullable=False, index=True),
    Column("measure", String, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("side", String, nullable=False),
    Column("group", String, index=True),
    Column("source", String, index=True),
    Column("first_day", String),
    Column("last_day", String, index=True),
    Column("confidence", Float, nullable=False),
    Column("fields", JSON, nullable=False),
)

origin = Table(
    "origin",
    metadata,
    Column("reading_id", Integer, ForeignKey("reading.id"), primary_key=True),
    Column("code", String, primary_key=True, index=True),
)

current = Table(
    "current",
    metadata,
    Column("claim_id", String(24), ForeignKey("claim.id"), primary_key=True),
    Column("reading_id", Integer, ForeignKey("reading.id"), nullable=False, unique=True),
)

judgement = Table(
    "judgement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("action", String, nullable=False),
    Column("field", String),
    Column("value", JSON),
    Column("reason", Text),
    Column("reading_id", Integer, ForeignKey("reading.id")),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Index("ix_judgement_subject", "subject_kind", "subject_id"),
)
