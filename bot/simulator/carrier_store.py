"""Carrier store: messages, contents and media of the pretended carrier, in a file that several processes share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
CREATE TABLE IF NOT EXISTS content (
    sid TEXT NOT NULL PRIMARY KEY,
    friendly_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    approval TEXT,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS media (
    sid TEXT NOT NULL PRIMARY KEY,
    message_sid TEXT NOT NULL,
    kind TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_message_recipient ON message (recipient, id);
CREATE INDEX IF NOT EXISTS ix_message_sender ON message (sender, id);
"""
LATER_COLUMNS = ("buttons", "list_button", "media")
"""Of messages; a file of an older version gets them at its first use."""
LIST_LENGTH = 1000


@dataclass(frozen=True)
class ShownButton:
    """A quick reply or a list row: what it says, and what a tap on it tells."""

    title: str
    id: str


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
    buttons: tuple[ShownButton, ...] = ()
    list_button: str | None = None
    """What opens the list whose rows `buttons` are; None: quick replies."""
    media: tuple[Mapping[str, str], ...] = ()
    """url and kind of each."""


@dataclass(frozen=True)
class CarrierContent:
    """One Content resource; `approval` is what WhatsApp was asked and said."""

    sid: str
    friendly_name: str
    definition: Mapping[str, Any]
    approval: Mapping[str, Any] | None
    created_at: datetime


@dataclass(frozen=True)
class Shown:
    """What the phone shows besides the text."""

    buttons: tuple[ShownButton, ...] = ()
    list_button: str | None = None
    media: Sequence[Mapping[str, str]] = field(default_factory=tuple)


PLAIN = Shown()


@dataclass(frozen=True)
class CarrierStore:
    """The file; every call opens it anew, so threads, processes and restarts all see the same."""

    path: Path

    def prepare(self) -> None:
        """Create the file and its tables; nothing happens the second time."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(TABLE)
            known = {row["name"] for row in db.execute("PRAGMA table_info(message)")}
            for column in LATER_COLUMNS:
                if column not in known:
                    db.execute(f"ALTER TABLE message ADD COLUMN {column} TEXT")

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
        shown: Shown = PLAIN,
    ) -> CarrierMessage:
        """Keep one message."""
        buttons = json.dumps([[button.title, button.id] for button in shown.buttons])
        media = json.dumps([dict(item) for item in shown.media])
        row = (sid, direction, sender, recipient, body, content_sid, status_callback, status, now.isoformat())
        with self._open() as db:
            cursor = db.execute(
                "INSERT INTO message (sid, direction, sender, recipient, body, content_sid, status_callback,"
                " status, created_at, buttons, list_button, media) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, buttons, shown.list_button, media),
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

    def add_content(self, *, sid: str, friendly_name: str, definition: Mapping[str, Any], now: datetime) -> None:
        with self._open() as db:
            db.execute(
                "INSERT INTO content (sid, friendly_name, definition, created_at) VALUES (?, ?, ?, ?)",
                (sid, friendly_name, json.dumps(definition), now.isoformat()),
            )

    def set_approval(self, sid: str, approval: Mapping[str, Any]) -> None:
        with self._open() as db:
            db.execute("UPDATE content SET approval = ? WHERE sid = ?", (json.dumps(approval), sid))

    def content(self, sid: str) -> CarrierContent | None:
        with self._open() as db:
            found = db.execute("SELECT * FROM content WHERE sid = ?", (sid,)).fetchone()
        return _content(found) if found else None

    def contents(self) -> tuple[CarrierContent, ...]:
        """All of them, the newest first."""
        with self._open() as db:
            rows = db.execute("SELECT * FROM content ORDER BY rowid DESC LIMIT ?", (LIST_LENGTH,)).fetchall()
        return tuple(_content(row) for row in rows)

    def remove_content(self, sid: str) -> bool:
        with self._open() as db:
            return db.execute("DELETE FROM content WHERE sid = ?", (sid,)).rowcount > 0

    def add_media(self, *, sid: str, message_sid: str, kind: str, data: bytes) -> None:
        """Keep a picture or sound that came with a patient's message."""
        with self._open() as db:
            db.execute("INSERT INTO media VALUES (?, ?, ?, ?)", (sid, message_sid, kind, data))

    def media(self, sid: str, *, message_sid: str) -> tuple[str, bytes] | None:
        """Kind and bytes."""
        with self._open() as db:
            row = db.execute("SELECT * FROM media WHERE sid = ? AND message_sid = ?", (sid, message_sid)).fetchone()
        return (row["kind"], row["data"]) if row else None

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
        buttons=tuple(ShownButton(title, given) for title, given in json.loads(row["buttons"] or "[]")),
        list_button=row["list_button"],
        media=tuple(json.loads(row["media"] or "[]")),
    )


def _content(row: sqlite3.Row) -> CarrierContent:
    return CarrierContent(
        sid=row["sid"],
        friendly_name=row["friendly_name"],
        definition=json.loads(row["definition"]),
        approval=json.loads(row["approval"]) if row["approval"] else None,
        created_at=datetime.fromisoformat(row["created_at"]).astimezone(UTC),
    )
