"""`sapa cases`: what staff have to look at, from the command line."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import click

from bot.cli.opening import json_option, now_option, open_services, print_json, print_rows
from bot.services import Services
from clinic.audit import record
from clinic.cases import CaseView, case_by_code, close_case, list_cases
from clinic.contacts import best_address
from clinic.database import Session
from clinic.outbox import queue_message


@click.group()
def cases() -> None:
    """Open cases: complaints, questions, emergencies, undelivered messages."""


@cases.command("list")
@click.option("--state", type=click.Choice(["open", "taken", "closed", "all"]), default="all", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@json_option
def list_(state: str, limit: int, as_json: bool) -> None:
    """Cases, urgent first."""
    with open_services().database.reading() as db:
        found = list_cases(db, state=None if state == "all" else state, limit=limit, offset=0)
    print_rows([_as_row(case) for case in found], as_json=as_json)


@cases.command()
@click.argument("code")
@json_option
def show(code: str, as_json: bool) -> None:
    """One case with its text."""
    with open_services().database.reading() as db:
        case = _find(db, code)
    row = {**_as_row(case), "text": case.text, "outcome": case.outcome, "contact": case.contact_id}
    print_json(row) if as_json else print_rows([row], as_json=False)


@cases.command()
@click.argument("code")
@click.argument("text")
@now_option
def reply(code: str, text: str, now: datetime | None) -> None:
    """Answer the patient of a case; goes out like every staff reply."""
    services = open_services(now=now)
    with services.database.transaction() as db:
        _queue_reply(db, services, _find(db, code), text, now=services.clock())
    click.echo("queued")


@cases.command()
@click.argument("code")
@click.option("--outcome", default="", help="What was done, for the record.")
@now_option
def close(code: str, outcome: str, now: datetime | None) -> None:
    """Close a case; the bot answers this patient again."""
    services = open_services(now=now)
    now = services.clock()
    with services.database.transaction() as db:
        case = _find(db, code)
        close_case(db, case.id, staff_id=None, outcome=outcome, now=now)
        record(db, actor="cli", action="case.close", subject=f"case:{case.id}", detail="", now=now)
    click.echo(f"closed {case.code}")


def _find(db: Session, code: str) -> CaseView:
    case = case_by_code(db, code)
    if case is None:
        raise click.ClickException(f"there is no case {code!r}")
    return case


def _queue_reply(db: Session, services: Services, case: CaseView, text: str, *, now: datetime) -> None:
    address = best_address(db, case.contact_id) if case.contact_id is not None else None
    if address is None or case.contact_id is None:
        raise click.ClickException("this case has nobody to answer")
    queue_message(
        db,
        key=f"staff:{uuid.uuid4()}",
        contact_id=case.contact_id,
        address_id=address.id,
        channel=address.channel,
        text=text,
        now=now,
        priority="staff",
    )
    record(db, actor="cli", action="case.reply", subject=f"case:{case.id}", detail="", now=now)


def _as_row(case: CaseView) -> dict[str, Any]:
    return {
        "code": case.code,
        "kind": case.kind,
        "topic": case.topic,
        "state": case.state,
        "urgent": case.urgent,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
    }
