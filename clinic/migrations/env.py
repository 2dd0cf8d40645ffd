"""Alembic's entry: runs on the connection that `clinic.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from clinic.database import UtcTime
from clinic.tables import METADATA


def render_item(kind: str, value: Any, _autogen: Any) -> str | Literal[False]:
    """Our own column type, as a migration writes it."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UtcTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
