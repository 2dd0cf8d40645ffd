"""What gammu-smsd does to its tables, done by hand: a sign of life, an SMS that came, an SMS that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text

from clinic.gammu_clock import clock_of
from clinic.gammu_tables import GammuStore, inbox, outbox, outbox_multipart, phones, sentitems

GSM, UNICODE, BINARY = "Default_No_Compression", "Unicode_No_Compression", "8bit"
MODEM = "puskesmas1"
PATIENT = "+6281200000041"


@dataclass(frozen=True)
class Smsd:
    """Stands in for the daemon where a test wants one certain row and no process."""

    store: GammuStore

    def beats(self, *, ago: timedelta = timedelta(0), zone: timedelta = timedelta(0)) -> None:
        """A sign of life so long ago, by a daemon whose own clock is `zone` off UTC."""
        with self.store.writing() as db:
            at = clock_of(db) - ago
            db.execute(phones.delete())
            self._insert(
                db,
                "phones",
                {
                    "IMEI": "999999999999999",
                    "IMSI": "994299429942994",
                    "ID": MODEM,
                    "Client": "test",
                    "UpdatedInDB": at,
                    "TimeOut": at + zone + timedelta(seconds=10),
                    "Signal": 42,
                },
            )

    def receives(
        self,
        words: str,
        *,
        sender: str = PATIENT,
        header: str = "",
        coding: str = GSM,
        raw: str | None = None,
        taken_at: datetime | None = None,
        ago: timedelta = timedelta(seconds=10),
    ) -> int:
        """One row of the inbox, written so long ago; its id."""
        with self.store.writing() as db:
            now = clock_of(db)
            self._insert(
                db,
                "inbox",
                {
                    "SenderNumber": sender,
                    "TextDecoded": words,
                    "Text": words.encode("utf-16-be").hex() if raw is None else raw,
                    "UDH": header,
                    "Coding": coding,
                    "RecipientID": MODEM,
                    "ReceivingDateTime": taken_at or now.replace(microsecond=0),
                    "UpdatedInDB": now - ago,
                },
            )
            return int(db.scalar(select(inbox.c.id).order_by(inbox.c.id.desc()).limit(1)) or 0)

    def receives_joined(self, sender: str, *parts: str, reference: int = 0xA5) -> None:
        """A long SMS as the daemon writes it: all text in the first row, and in each row what its part brought."""
        for number, part in enumerate(parts, 1):
            header = f"050003{reference:02X}{len(parts):02X}{number:02X}"
            raw = part.encode("utf-16-be").hex()
            self.receives("".join(parts) if number == 1 else "", sender=sender, header=header, raw=raw)

    def sends(self, *statuses: str, code: int = -1, error: int = -1) -> None:
        """The oldest SMS of the outbox, its parts with these statuses; it leaves the outbox when all are named."""
        with self.store.writing() as db:
            row = db.execute(select(outbox).order_by(outbox.c.id).limit(1)).mappings().one()
            parts = 1 + len(db.execute(select(outbox_multipart).where(outbox_multipart.c.id == row["ID"])).all())
            for number, status in enumerate(statuses, 1):
                self.adds_sent(db, row, number, status, code=code, error=error)
            if len(statuses) >= parts:
                db.execute(outbox.delete().where(outbox.c.id == row["ID"]))
                db.execute(outbox_multipart.delete().where(outbox_multipart.c.id == row["ID"]))

    def adds_sent(
        self, db: Connection, row: Mapping[Any, Any], number: int, status: str, *, code: int = -1, error: int = -1
    ) -> None:
        values = {
            "ID": row["ID"],
            "SequencePosition": number,
            "CreatorID": row["CreatorID"],
            "DestinationNumber": row["DestinationNumber"],
            "Status": status,
            "StatusCode": code,
            "StatusError": error,
            "Text": "",
            "UDH": "",
            "SenderID": MODEM,
        }
        self._insert(db, "sentitems", values)

    def reports(self, status: str, *, part: int = 1, error: int = -1) -> None:
        """A delivery report for a part of the newest SMS."""
        with self.store.writing() as db:
            newest = db.scalar(select(sentitems.c.id).order_by(sentitems.c.id.desc()).limit(1))
            mine = (sentitems.c.id == newest, sentitems.c.SequencePosition == part)
            db.execute(sentitems.update().where(*mine).values(Status=status, StatusError=error))

    def outbox(self) -> list[dict[str, Any]]:
        with self.store.reading() as db:
            return [dict(row) for row in db.execute(select(outbox).order_by(outbox.c.id)).mappings()]

    def further_parts(self) -> list[dict[str, Any]]:
        with self.store.reading() as db:
            rows = db.execute(select(outbox_multipart).order_by(outbox_multipart.c.SequencePosition)).mappings()
            return [dict(row) for row in rows]

    def unprocessed(self) -> list[int]:
        with self.store.reading() as db:
            rows = db.execute(select(inbox.c.id, inbox.c.Processed).order_by(inbox.c.id))
            return [row_id for row_id, is_processed in rows if not is_processed]

    def _insert(self, db: Connection, table: str, values: Mapping[str, Any]) -> None:
        """By name, as the daemon does: our own tables leave out what we do not use."""
        names = ", ".join(f'"{name}"' for name in values)
        places = ", ".join(f":{name}" for name in values)
        written = {
            name: f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) and _is_sqlite(db) else value
            for name, value in values.items()
        }
        db.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), written)


def _is_sqlite(db: Connection) -> bool:
    return db.dialect.name == "sqlite"
