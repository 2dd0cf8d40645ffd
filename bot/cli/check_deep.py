"""`sapa check --deep`, here: the database, the disk, backups, the parser and what waits, by really trying them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli.findings import Finding, Look
from bot.services import Services
from clinic.soundness import faults_in, file_of
from clinic.watch import can_keep, take_picture
from nlu.client import ParserClient

INTEGRITY_SECONDS = 20.0
LITTLE_SPACE, TOO_LITTLE_SPACE = 1_000_000_000, 200_000_000
BACKUP_IS_OLD_AFTER = timedelta(hours=26)
SENTENCE = "saya mau daftar poli gigi besok"
"""What a patient may write; the model has to find an intent in it."""


def local_looks() -> tuple[Look, ...]:
    """What needs nobody outside, in the order in which one would repair it."""
    return (_database, _disk, _backup, _parser, _duty_phone, _outbox)


def _database(services: Services) -> Iterator[Finding]:
    faults = faults_in(services.database, within_seconds=INTEGRITY_SECONDS)
    if faults is None:
        yield Finding("database file", "warning", f"not checked to the end in {INTEGRITY_SECONDS:.0f} s; try at night")
    elif faults:
        words = f"broken ({'; '.join(faults)}): stop Sapa and put the last backup back (sapa restore FILE)"
        yield Finding("database file", "fault", words)
    else:
        yield Finding("database file", "ok", "whole")
    if can_keep(services.database, now=services.clock()):
        yield Finding("database writes", "ok", "kept")
    else:
        words = "not kept: is the disk full, the file read-only, or was it made by another version of Sapa?"
        yield Finding("database writes", "fault", words)


def _disk(services: Services) -> Iterator[Finding]:
    file = file_of(services.database)
    places = {"disk of the database": file.parent if file else None, "disk of the backups": _backups(services)}
    size = file.stat().st_size if file and file.exists() else 0
    for what, folder in places.items():
        if folder is None:
            continue
        free = shutil.disk_usage(_existing(folder)).free
        said = f"{free / 1e9:.1f} GB free"
        if free < TOO_LITTLE_SPACE:
            yield Finding(what, "fault", f"{said}: make room now, soon nothing can be kept")
        elif free < max(LITTLE_SPACE, 2 * size):
            yield Finding(what, "warning", f"{said}: make room, a copy of the database takes {size / 1e9:.1f} GB")
        else:
            yield Finding(what, "ok", said)


def _backup(services: Services) -> Iterator[Finding]:
    folder = _backups(services)
    if folder is None:
        yield Finding("backup", "warning", "Postgres is not copied by Sapa: see that pg_dump runs every night")
        return
    copies = sorted(folder.glob("sapa-*.db"), key=lambda path: path.stat().st_mtime)
    if not copies:
        yield Finding("backup", "warning", f"none in {folder}: the worker makes one every night, sapa backup now")
        return
    age = services.clock() - datetime.fromtimestamp(copies[-1].stat().st_mtime, UTC)
    said = f"{copies[-1].name}, {age / timedelta(hours=1):.0f} h old"
    if age > BACKUP_IS_OLD_AFTER:
        yield Finding("backup", "warning", f"{said}: did the worker run at 01.30? sapa backup makes one now")
    else:
        yield Finding("backup", "ok", said)


def _parser(services: Services) -> Iterator[Finding]:
    settings = services.settings
    parser = ParserClient(url=settings.nlu_url, token=settings.nlu_token, read_timeout=5.0)
    try:
        reading = parser.parse(SENTENCE)
    finally:
        parser.close()
    if reading is None:
        words = "reads nothing: sapa run starts it; if it runs elsewhere, SAPA_NLU_URL and SAPA_NLU_TOKEN must fit"
        yield Finding("parser reads", "warning", words)
    else:
        yield Finding("parser reads", "ok", f"{reading.intent}, {reading.confidence:.2f}")


def _duty_phone(services: Services) -> Iterator[Finding]:
    if services.facility.duty_phone is None:
        words = "none: nobody is told when messages do not go out (duty_phone in puskesmas.yml)"
        yield Finding("duty phone", "warning", words)
    else:
        yield Finding("duty phone", "ok", "set")


def _outbox(services: Services) -> Iterator[Finding]:
    picture = take_picture(services.database, now=services.clock())
    if picture is None:
        return
    stuck = picture.stuck_since(longer_than=timedelta(minutes=services.facility.limits.alarm_minutes))
    waiting = sum(each.count for each in picture.unsent)
    for channel, since in stuck.items():
        minutes = (picture.at - since) / timedelta(minutes=1)
        words = f"waiting for {minutes:.0f} minutes: does the worker run, and which route is down? (/healthz)"
        yield Finding(f"messages on {channel}", "fault", words)
    if not stuck:
        yield Finding("messages", "ok", f"{waiting} on their way, none for too long")


def _backups(services: Services) -> Path | None:
    return services.settings.backup_folder if file_of(services.database) else None


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(each for each in (folder, *folder.resolve().parents) if each.exists())
