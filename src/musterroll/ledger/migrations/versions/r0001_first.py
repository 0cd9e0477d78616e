"""The first tables: documents, texts, claims, readings, runs, judgements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables as they were in version 0.1."""
    op.create_table(
        "text",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("sentences", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("text_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("encoding", sa.String(), nullable=False),
        sa.Column("encoding_how", sa.String(), nullable=False),
        sa.Column("title", sa.String()),
        sa.Column("publisher", sa.String()),
        sa.Column("published", sa.String()),
        sa.Column("url", sa.String()),
        sa.Column("language", sa.String()),
        sa.Column("licence", sa.String()),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("added_at", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["text.id"], name=op.f("fk_document_text_id_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_text_id"), "document", ["text_id"])
    op.create_index(op.f("ix_document_name"), "document", ["name"])
    op.create_table(
        "raw",
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_raw_document_id_document")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_raw")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("extractor", sa.String(), nullable=False),
        sa.Column("codebook", sa.String(), nullable=False),
        sa.Column("started_at", sa.String(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("text_id", sa.String(64), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["text.id"], name=op.f("fk_claim_text_id_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_text_id"), "claim", ["text_id"])
    op.create_table(
        "reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.String(24), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("group", sa.String()),
        sa.Column("source", sa.String()),
        sa.Column("first_day", sa.String()),
        sa.Column("last_day", sa.String()),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_reading_claim_id_claim")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_reading_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
    )
    for column in ("claim_id", "run_id", "measure", "group", "source", "last_day"):
        op.create_index(op.f(f"ix_reading_{column}"), "reading", [column])
    op.create_table(
        "origin",
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_origin_reading_id_reading")),
        sa.PrimaryKeyConstraint("reading_id", "code", name=op.f("pk_origin")),
    )
    op.create_index(op.f("ix_origin_code"), "origin", ["code"])
    op.create_table(
        "current",
        sa.Column("claim_id", sa.String(24), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_current_claim_id_claim")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_current_reading_id_reading")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_current")),
        sa.UniqueConstraint("reading_id", name=op.f("uq_current_reading_id")),
    )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("field", sa.String()),
        sa.Column("value", sa.JSON()),
        sa.Column("reason", sa.Text()),
        sa.Column("reading_id", sa.Integer()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_judgement_reading_id_reading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    op.create_index("ix_judgement_subject", "judgement", ["subject_kind", "subject_id"])
