"""Carrier store: the messages of the pretended carrier, in a small SQLite file that several processes share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

TABLE = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    content_sid TEXT,
    status_callback TEXT,
    status TEXT NOT NULL,
    error_code TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_message_recipient ON message (recipient, id);
CREATE INDEX IF NOT EXISTS ix_message_sender ON message (sender, id);
"""
LIST_LENGTH = 1000


@dataclass(frozen=True)
class CarrierMessage:
    """One message as the carrier sees it; outbound goes from the health centre to a patient."""

    id: int
    sid: str
    direction: str
    """outbound-api or inbound."""
    sender: str
    """With "whatsapp:" in front where it is one."""
    recipient: str
    body: str
    content_sid: str | None
    status_callback: str | None
    status: str
    error_code: str | None
    created_at: datetime


@dataclass(frozen=True)
class CarrierStore:
    """The file; every call opens it anew, so threads, processes and restarts all see the same."""

    path: Path

    def prepare(self) -> None:
        """Create the file and its table; nothing happens the second time."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(TABLE)

    def add(
        self,
        *,
        sid: str,
        direction: str,
        sender: str,
        recipient: str,
        body: str,
        status: str,
        now: datetime,
        content_sid: str | None = None,
        status_callback: str | None = None,
    ) -> CarrierMessage:
        """Keep one message."""
        row = (sid, direction, sender, recipient, body, content_sid, status_callback, status, now.isoformat())
        with self._open() as db:
            cursor = db.execute(
                "INSERT INTO message (sid, direction, sender, recipient, body, content_sid, status_callback,"
                " status, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            found = db.execute("SELECT * FROM message WHERE id = ?", (cursor.lastrowid,)).fetchone()
        return _message(found)

    def set_status(self, sid: str, *, status: str, error_code: str | None = None) -> None:
        with self._open() as db:
            db.execute("UPDATE message SET status = ?, error_code = ? WHERE sid = ?", (status, error_code, sid))

    def by_sid(self, sid: str) -> CarrierMessage | None:
        with self._open() as db:
            found = db.execute("SELECT * FROM message WHERE sid = ?", (sid,)).fetchone()
        return _message(found) if found else None

    def outbound(self, *, recipient: str | None = None, sender: str | None = None) -> tuple[CarrierMessage, ...]:
        """What the health centre sent, newest first."""
        with self._open() as db:
            rows = db.execute(
                "SELECT * FROM message WHERE direction = 'outbound-api' AND (? IS NULL OR recipient = ?)"
                " AND (? IS NULL OR sender = ?) ORDER BY id DESC LIMIT ?",
                (recipient, recipient, sender, sender, LIST_LENGTH),
            ).fetchall()
        return tuple(_message(row) for row in rows)

    def messages_for(self, address: str, *, after_id: int = 0) -> tuple[CarrierMessage, ...]:
        """What one phone sent and got, oldest first; `address` with "whatsapp:" in front for WhatsApp."""
        with self._open() as db:
            rows = db.execute(
                "SELECT * FROM message WHERE id > ? AND (recipient = ? OR sender = ?) ORDER BY id LIMIT ?",
                (after_id, address, address, LIST_LENGTH),
            ).fetchall()
        return tuple(_message(row) for row in rows)

    def clear(self) -> None:
        with self._open() as db:
            db.execute("DELETE FROM message")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=10)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=NORMAL")
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _message(row: sqlite3.Row) -> CarrierMessage:
    return CarrierMessage(
        id=int(row["id"]),
        sid=row["sid"],
        direction=row["direction"],
        sender=row["sender"],
        recipient=row["recipient"],
        body=row["body"],
        content_sid=row["content_sid"],
        status_callback=row["status_callback"],
        status=row["status"],
        error_code=row["error_code"],
        created_at=datetime.fromisoformat(row["created_at"]).astimezone(UTC),
    )
