"""What Twilio's Content API keeps for us, and the files that staff send."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "content_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=34), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("wording", sa.String(length=12), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=True),
        sa.Column("approval", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("wanted_at", TIME, nullable=False),
        sa.Column("made_at", TIME, nullable=True),
        sa.Column("checked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_template")),
        sa.UniqueConstraint("account", "name", "wording", name=op.f("uq_content_template_account_name_wording")),
    )
    op.create_table(
        "media_file",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name=op.f("fk_media_file_staff_id_staff_member")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_media_file")),
    )
    op.create_index("ix_media_file_created", "media_file", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_media_file_created", table_name="media_file")
    op.drop_table("media_file")
    op.drop_table("content_template")
