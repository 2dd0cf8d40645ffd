"""Messages that were not surely understood, and what staff say that they mean."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unclear_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("others", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=True),
        sa.Column("labelled_by", sa.Integer(), nullable=True),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_message.id"],
            name=op.f("fk_unclear_message_inbound_id_inbound_message"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["labelled_by"], ["staff_member.id"], name=op.f("fk_unclear_message_labelled_by_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unclear_message")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_unclear_message_inbound_id")),
    )
    with op.batch_alter_table("unclear_message", schema=None) as batch_op:
        batch_op.create_index("ix_unclear_message_state", ["state", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unclear_message", schema=None) as batch_op:
        batch_op.drop_index("ix_unclear_message_state")

    op.drop_table("unclear_message")
