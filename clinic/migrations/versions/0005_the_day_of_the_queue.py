"""The day of the queue: who is there, in which room, what happened, what is told to patients and to BPJS."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_columns()
    _make_events()
    _make_pushes()
    _make_effects()
    _make_pairs()


def downgrade() -> None:
    for name in ("told_apart", "bpjs_effect", "paper_block", "queue_push", "session_change", "queue_event"):
        op.drop_table(name)
    with op.batch_alter_table("person") as table:
        table.drop_index("ix_person_merged_into_id")
        table.drop_column("merged_into_id")
        table.drop_column("record_number")
        table.drop_column("is_birth_date_exact")
    with op.batch_alter_table("contact") as table:
        table.drop_column("travel_asked_at")
        table.drop_column("travel_minutes")
    with op.batch_alter_table("queue_entry") as table:
        for name in ("complaint", "priority", "called_order", "calls", "room", "rank"):
            table.drop_column(name)
        for name in ("served_at", "arrived_at", "held_until"):
            table.drop_column(name)


def _add_columns() -> None:
    with op.batch_alter_table("queue_entry") as table:
        table.add_column(sa.Column("held_until", TIME, nullable=True))
        table.add_column(sa.Column("arrived_at", TIME, nullable=True))
        table.add_column(sa.Column("served_at", TIME, nullable=True))
        table.add_column(sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("room", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("calls", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("called_order", sa.Integer(), nullable=True))
        table.add_column(sa.Column("priority", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("complaint", sa.String(length=400), nullable=True))
    op.execute("UPDATE queue_entry SET rank = number * 1000")
    with op.batch_alter_table("queue_entry") as table:
        table.alter_column("rank", server_default=None)
        table.alter_column("calls", server_default=None)
    with op.batch_alter_table("contact") as table:
        table.add_column(sa.Column("travel_minutes", sa.Integer(), nullable=True))
        table.add_column(sa.Column("travel_asked_at", TIME, nullable=True))
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("is_birth_date_exact", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("record_number", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_person_merged_into_id_person", "person", ["merged_into_id"], ["id"])
        table.create_index("ix_person_merged_into_id", ["merged_into_id"])
    with op.batch_alter_table("person") as table:
        table.alter_column("is_birth_date_exact", server_default=None)


def _make_events() -> None:
    op.create_table(
        "queue_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("poli", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("passed", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["queue_entry.id"], name=op.f("fk_queue_event_entry_id_queue_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_event")),
    )
    op.create_index("ix_queue_event_day_kind_poli", "queue_event", ["day", "kind", "poli", "id"], unique=False)
    op.create_index(op.f("ix_queue_event_entry_id"), "queue_event", ["entry_id"], unique=False)
    op.create_table(
        "session_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poli", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("session", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("undone_at", TIME, nullable=True),
        sa.Column("told_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_session_change_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_change")),
    )
    op.create_index("ix_session_change_day_poli", "session_change", ["day", "poli"], unique=False)


def _make_pushes() -> None:
    op.create_table(
        "queue_push",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("told_from", TIME, nullable=True),
        sa.Column("told_until", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["queue_entry.id"], name=op.f("fk_queue_push_entry_id_queue_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_push")),
        sa.UniqueConstraint("entry_id", "kind", "occurrence", name=op.f("uq_queue_push_entry_id_kind_occurrence")),
    )
    op.create_table(
        "paper_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poli", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("printed_at", TIME, nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_block")),
        sa.UniqueConstraint("poli", "day", "first_number", name=op.f("uq_paper_block_poli_day_first_number")),
    )


def _make_effects() -> None:
    op.create_table(
        "bpjs_effect",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("happened_at", TIME, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.Column("last_code", sa.String(length=16), nullable=True),
        sa.Column("last_message", sa.String(length=400), nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["queue_entry.id"], name=op.f("fk_bpjs_effect_entry_id_queue_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bpjs_effect")),
        sa.UniqueConstraint("key", name=op.f("uq_bpjs_effect_key")),
    )
    op.create_index("ix_bpjs_effect_state_due", "bpjs_effect", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_bpjs_effect_entry_id"), "bpjs_effect", ["entry_id"], unique=False)


def _make_pairs() -> None:
    op.create_table(
        "told_apart",
        sa.Column("lower_id", sa.Integer(), nullable=False),
        sa.Column("higher_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("told_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["lower_id"], ["person.id"], name=op.f("fk_told_apart_lower_id_person")),
        sa.ForeignKeyConstraint(["higher_id"], ["person.id"], name=op.f("fk_told_apart_higher_id_person")),
        sa.PrimaryKeyConstraint("lower_id", "higher_id", name=op.f("pk_told_apart")),
    )
    op.create_index(op.f("ix_told_apart_higher_id"), "told_apart", ["higher_id"], unique=False)
