"""Delivery by several routes: which one, what it cost, how each route is; bursts of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "route_state",
        sa.Column("route", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("closed_until", TIME, nullable=True),
        sa.Column("free_from", TIME, nullable=True),
        sa.Column("last_ok_at", TIME, nullable=True),
        sa.Column("last_failure_at", TIME, nullable=True),
        sa.Column("last_error", sa.String(length=32), nullable=True),
        sa.Column("seen_at", TIME, nullable=True),
        sa.Column("trouble", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_route_state")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("route", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("last_delivered_at", TIME, nullable=True))
        batch_op.add_column(sa.Column("last_failed_at", TIME, nullable=True))
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_from", TIME, nullable=True))
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("choices", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("media", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("route", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("segments", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cost", sa.Integer(), nullable=True))
        batch_op.drop_index("ix_outbox_message_due")
        batch_op.drop_index("ix_outbox_message_contact_state")
        batch_op.create_index("ix_outbox_message_due", ["state", "channel", "next_try_at"], unique=False)
        batch_op.create_index("ix_outbox_message_in_order", ["state", "channel", "priority", "id"], unique=False)
        batch_op.create_index("ix_outbox_message_address_state", ["address_id", "state"], unique=False)
        batch_op.create_index("ix_outbox_message_contact_sent", ["contact_id", "sent_at"], unique=False)
        batch_op.create_index("ix_outbox_message_sent", ["sent_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        for name in ("sent", "contact_sent", "address_state", "in_order", "due"):
            batch_op.drop_index(f"ix_outbox_message_{name}")
        batch_op.create_index("ix_outbox_message_due", ["state", "next_try_at", "priority"], unique=False)
        batch_op.create_index("ix_outbox_message_contact_state", ["contact_id", "state"], unique=False)
        for name in ("cost", "segments", "route", "media", "choices"):
            batch_op.drop_column(name)
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_column("answer_from")
    with op.batch_alter_table("address", schema=None) as batch_op:
        for name in ("last_failed_at", "last_delivered_at", "route"):
            batch_op.drop_column(name)
    op.drop_table("route_state")
