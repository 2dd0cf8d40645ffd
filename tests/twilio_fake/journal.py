"""Journal: every request, message and callback of the fake, in a file that can be read while it runs and afterwards."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, recipient TEXT,
    content TEXT, attempt INTEGER, fault TEXT NOT NULL, is_taken INTEGER NOT NULL, answered INTEGER, code INTEGER
);
CREATE INDEX IF NOT EXISTS ix_request_try ON request (recipient, content);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    body TEXT NOT NULL, content_sid TEXT, variables TEXT, media TEXT NOT NULL, service_sid TEXT,
    status_callback TEXT, request_id INTEGER, is_double INTEGER NOT NULL, fault TEXT NOT NULL, style TEXT NOT NULL,
    taken_at REAL NOT NULL, visible_at REAL NOT NULL, steps TEXT NOT NULL, error_code INTEGER
);
CREATE INDEX IF NOT EXISTS ix_message_recipient ON message (recipient, id);
CREATE TABLE IF NOT EXISTS callback (
    id INTEGER PRIMARY KEY, sid TEXT NOT NULL, status TEXT NOT NULL, error_code INTEGER, at REAL NOT NULL,
    answered INTEGER, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_callback_sid ON callback (sid);
"""


@dataclass(frozen=True)
class Taken:
    """One message that the fake took, or made by itself."""

    id: int
    sid: str
    sender: str
    recipient: str
    """With "whatsapp:" in front where it is one."""
    body: str
    content_sid: str | None
    variables: Mapping[str, str]
    media: tuple[str, ...]
    service_sid: str | None
    status_callback: str | None
    request_id: int | None
    is_double: bool
    """The provider made it by itself: nobody asked for it a second time."""
    fault: str
    style: str
    taken_at: float
    visible_at: float
    steps: tuple[tuple[float, str], ...]
    """What really becomes of it: seconds after it was taken, and the status."""
    error_code: int | None

    @property
    def number(self) -> str:
        return self.recipient.removeprefix("whatsapp:")

    @property
    def content(self) -> str:
        """What tells two messages to one phone apart: the text, or the template with its values."""
        return content_key(self.body, self.content_sid, self.variables)

    def status_at(self, now: float) -> str:
        begin = "accepted" if self.service_sid else "queued"
        reached = [status for after, status in self.steps if self.taken_at + after <= now]
        return reached[-1] if reached else begin


@dataclass(frozen=True)
class Request:
    """One request to the fake and what became of it."""

    id: int
    at: float
    method: str
    path: str
    recipient: str | None
    content: str | None
    attempt: int | None
    fault: str
    is_taken: bool
    answered: int | None
    """The HTTP status that was sent; None where nothing was."""
    code: int | None


@dataclass(frozen=True)
class CallbackRow:
    """One status that was told, and the HTTP status it was answered with."""

    sid: str
    status: str
    error_code: int | None
    at: float
    answered: int | None
    body: str


def content_key(body: str, content_sid: str | None, variables: Mapping[str, str]) -> str:
    return body if content_sid is None else f"{content_sid}:{json.dumps(dict(variables), sort_keys=True)}"


@dataclass
class Journal:
    """The file. One connection with a lock writes; readers open it for themselves."""

    path: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _db: sqlite3.Connection | None = None

    def open(self) -> Journal:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(self.path, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(TABLES)
        return self

    def add_request(self, *, at: float, method: str, path: str, recipient: str | None, content: str | None) -> int:
        """Note that it came; how it went follows with finish_request."""
        with self._writing() as db:
            cursor = db.execute(
                "INSERT INTO request (at, method, path, recipient, content, attempt, fault, is_taken)"
                " VALUES (?, ?, ?, ?, ?, (SELECT count(*) FROM request WHERE method = ? AND path = ?"
                " AND recipient IS ? AND content IS ?), '', 0)",
                (at, method, path, recipient, content, method, path, recipient, content),
            )
            return int(cursor.lastrowid or 0)

    def attempt_of(self, request_id: int) -> int:
        """How many such requests came before."""
        with self._writing() as db:
            return int(db.execute("SELECT attempt FROM request WHERE id = ?", (request_id,)).fetchone()[0])

    def finish_request(
        self, request_id: int, *, fault: str, is_taken: bool, answered: int | None, code: int | None
    ) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE request SET fault = ?, is_taken = ?, answered = ?, code = ? WHERE id = ?",
                (fault, is_taken, answered, code, request_id),
            )

    def add_message(self, **values: Any) -> Taken:
        kept = {
            name: json.dumps(value) if name in ("media", "steps", "variables") else value
            for name, value in values.items()
        }
        names = ", ".join(kept)
        with self._writing() as db:
            cursor = db.execute(
                f"INSERT INTO message ({names}) VALUES ({', '.join('?' * len(kept))})", tuple(kept.values())
            )
            return _taken(db.execute("SELECT * FROM message WHERE id = ?", (cursor.lastrowid,)).fetchone())

    def add_callback(
        self, *, sid: str, status: str, error_code: int | None, at: float, answered: int | None, body: str
    ) -> None:
        with self._writing() as db:
            db.execute(
                "INSERT INTO callback (sid, status, error_code, at, answered, body) VALUES (?, ?, ?, ?, ?, ?)",
                (sid, status, error_code, at, answered, body),
            )

    def by_sid(self, sid: str) -> Taken | None:
        return next(iter(self._messages("WHERE sid = ?", (sid,))), None)

    def messages(self, *, recipient: str | None = None, sender: str | None = None) -> tuple[Taken, ...]:
        """Everything that was taken, in the order of taking."""
        words = "WHERE (? IS NULL OR recipient = ?) AND (? IS NULL OR sender = ?) ORDER BY id"
        return tuple(self._messages(words, (recipient, recipient, sender, sender)))

    def requests(self) -> tuple[Request, ...]:
        rows = self._rows("SELECT * FROM request ORDER BY id")
        return tuple(Request(*(row[name] for name in Request.__dataclass_fields__)) for row in rows)

    def callbacks(self) -> tuple[CallbackRow, ...]:
        rows = self._rows("SELECT sid, status, error_code, at, answered, body FROM callback ORDER BY id")
        return tuple(CallbackRow(*row) for row in rows)

    def _messages(self, words: str, values: Iterable[object]) -> Iterator[Taken]:
        return (_taken(row) for row in self._rows(f"SELECT * FROM message {words}", values))

    def _rows(self, statement: str, values: Iterable[object] = ()) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self.path, timeout=30)) as db:
            db.row_factory = sqlite3.Row
            return db.execute(statement, tuple(values)).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        assert self._db is not None, "open the journal first"
        with self._lock, self._db:
            self._db.row_factory = sqlite3.Row
            yield self._db


def _taken(row: sqlite3.Row) -> Taken:
    return Taken(
        id=row["id"],
        sid=row["sid"],
        sender=row["sender"],
        recipient=row["recipient"],
        body=row["body"],
        content_sid=row["content_sid"],
        variables=json.loads(row["variables"] or "{}"),
        media=tuple(json.loads(row["media"])),
        service_sid=row["service_sid"],
        status_callback=row["status_callback"],
        request_id=row["request_id"],
        is_double=bool(row["is_double"]),
        fault=row["fault"],
        style=row["style"],
        taken_at=row["taken_at"],
        visible_at=row["visible_at"],
        steps=tuple((after, status) for after, status in json.loads(row["steps"])),
        error_code=row["error_code"],
    )
