"""`sapa messages`: what came and went, without its words unless asked for."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.opening import identity_option, json_option, open_services, print_rows
from clinic.messages import MessageRow, list_messages


@click.group()
def messages() -> None:
    """Messages in both directions."""


@messages.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--contact", type=int, help="Only this contact's.")
@json_option
@identity_option
def list_(limit: int, contact: int | None, as_json: bool, show_identity: bool) -> None:
    """The newest messages, newest first."""
    with open_services().database.reading() as db:
        rows = list_messages(db, limit=limit, contact_id=contact)
    print_rows([_as_row(row, show_identity=show_identity) for row in rows], as_json=as_json)


def _as_row(row: MessageRow, *, show_identity: bool) -> dict[str, Any]:
    return {
        "direction": row.direction,
        "channel": row.channel,
        "contact": row.address if show_identity else row.contact_id,
        "state": row.state,
        "text": row.text,
        "key": row.key,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "route": row.route,
        "rupiah": None if row.cost is None else row.cost / 100,
        "reason": row.reason,
    }
