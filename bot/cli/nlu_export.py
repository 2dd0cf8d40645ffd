"""`sapa nlu export`: what staff said that unclear messages mean, as candidate sentences without identity."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from bot.cli.opening import now_option, open_services
from bot.services import Services
from clinic.audit import record
from clinic.database import Session
from clinic.unclear_export import LabelledMessage, all_names, labelled_messages, mark_exported
from nlu.anonymous import KnownNames, anonymous, name_words
from nlu.evaluate import Case

HEAD = """\
# Candidate sentences: messages that were not surely understood, with the meaning that staff gave them.
# Numbers, addresses and names were taken out by rule, and a rule misses some: read every line before it is used.
"""


@click.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was labelled on this day or later.")
@click.option("--all", "is_all", is_flag=True, help="Those that were exported before as well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line (text, intent) instead of Rasa YAML.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@now_option
def export(
    file: Path | None, since: datetime | None, is_all: bool, as_json: bool, force: bool, now: datetime | None
) -> None:
    """Write labelled messages to FILE, or to standard output, with everything that tells who wrote them taken out.

    What was written is remembered: the next export gives only what is new.
    """
    if file is not None and file.exists() and not force:
        raise click.ClickException(f"{file} exists already; --force overwrites it")
    services = open_services(now=now)
    with services.database.transaction() as db:
        messages = labelled_messages(db, since=_start_of(since, services), is_all=is_all)
        cases = _candidates(db, messages)
        if cases:
            mark_exported(db, (message.id for message in messages), now=services.clock())
            detail = f"sentences={len(cases)}"
            record(db, actor="cli", action="nlu.export", subject="unclear", detail=detail, now=services.clock())
            # Written before the commit: a file that could not be written leaves the messages for the next time.
            _write(file, as_lines(cases) if as_json else as_rasa(cases))
    _tell(cases, file)


def as_rasa(cases: Iterable[Case]) -> str:
    """The sentences as Rasa's YAML, grouped by intent; nlu.evaluate reads them back as they are."""
    by_intent: dict[str, list[str]] = {}
    for case in cases:
        by_intent.setdefault(case.intent, []).append(case.text)
    blocks = [
        f"  - intent: {intent}\n    examples: |\n" + "".join(f"      - {text}\n" for text in texts)
        for intent, texts in sorted(by_intent.items())
    ]
    return f'{HEAD}version: "3.1"\nnlu:\n' + "".join(blocks)


def as_lines(cases: Iterable[Case]) -> str:
    """The sentences as JSON, one object per line."""
    rows = ({"text": case.text, "intent": case.intent} for case in cases)
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def _candidates(db: Session, messages: Iterable[LabelledMessage]) -> list[Case]:
    """The sentences, each once per meaning; what says nothing without its identity is left out."""
    register = name_words(all_names(db))
    cases = (
        Case(anonymous(message.text, names=KnownNames.of(message.names, register=register)), message.label)
        for message in messages
    )
    return list(dict.fromkeys(case for case in cases if case.text))


def _start_of(day: datetime | None, services: Services) -> datetime | None:
    return None if day is None else day.replace(tzinfo=services.facility.zone)


def _write(file: Path | None, content: str) -> None:
    if file is None:
        click.echo(content, nl=False)
        return
    half = file.with_name(file.name + ".part")
    try:
        half.write_text(content, encoding="utf-8")
        os.replace(half, file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error


def _tell(cases: list[Case], file: Path | None) -> None:
    if not cases:
        click.echo("nothing to export: no labelled message is left (--all gives those exported before, too)", err=True)
        return
    counts = Counter(case.intent for case in cases)
    listed = ", ".join(f"{intent} {count}" for intent, count in counts.most_common())
    click.echo(f"exported {len(cases)} sentences to {file or 'standard output'}: {listed}", err=True)
