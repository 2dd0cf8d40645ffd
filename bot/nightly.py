"""Nightly: the day's queue is closed, the SQLite database copied, and files that nobody fetches any more deleted."""

from __future__ import annotations

import logging

from bot.services import Services
from clinic.backup import backup
from clinic.media import delete_old_files
from clinic.queue_closing import close_days

log = logging.getLogger(__name__)

KEPT = 14


def close_queue(services: Services) -> None:
    """End the numbers of days that are over: who was not called, or did not come, is skipped."""
    with services.database.transaction() as db:
        closed = close_days(db, services.facility, now=services.clock())
    if closed:
        log.info("queue closed numbers=%s", closed)


def back_up(services: Services) -> None:
    """Copy the database to the backup folder and keep the newest copies; nothing happens on Postgres.

    Raises BackupError when no sound copy could be made.
    """
    if services.database.engine.dialect.name != "sqlite":
        return
    folder, today = services.settings.backup_folder, services.facility.today(services.clock())
    backup(services.database, folder / f"sapa-{today.isoformat()}.db")
    for old in sorted(folder.glob("sapa-????-??-??.db"))[:-KEPT]:
        old.unlink()
    log.info("backed up to %s", folder)


def delete_files(services: Services) -> None:
    """Delete the photos and PDFs that staff sent a month ago."""
    with services.database.transaction() as db:
        deleted = delete_old_files(db, now=services.clock())
    if deleted:
        log.info("old files deleted=%s", deleted)
