"""What readers of more formats know: layouts, authors, days of getting and making, likeness of texts, references of libraries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables; what is stored stays as it is."""
    with op.batch_alter_table("document") as t:
        t.add_column(sa.Column("authors", sa.JSON(), nullable=False, server_default="[]"))
        t.add_column(sa.Column("retrieved", sa.String()))
        t.add_column(sa.Column("created", sa.String()))
        t.add_column(sa.Column("layout", sa.LargeBinary()))
    with op.batch_alter_table("text") as t:
        t.add_column(sa.Column("signature", sa.LargeBinary()))
    op.create_table(
        "likeness",
        sa.Column("text_id", sa.String(64), nullable=False),
        sa.Column("other_id", sa.String(64), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["text.id"], name=op.f("fk_likeness_text_id_text")),
        sa.ForeignKeyConstraint(["other_id"], ["text.id"], name=op.f("fk_likeness_other_id_text")),
        sa.PrimaryKeyConstraint("text_id", "other_id", name=op.f("pk_likeness")),
    )
    op.create_index(op.f("ix_likeness_other_id"), "likeness", ["other_id"])
    op.create_table(
        "reference",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("item", sa.JSON(), nullable=False),
        sa.Column("library", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(64)),
        sa.Column("added_at", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_reference_document_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference")),
    )
    op.create_index(op.f("ix_reference_key"), "reference", ["key"])
    op.create_index(op.f("ix_reference_document_id"), "reference", ["document_id"])
