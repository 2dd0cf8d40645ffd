"""Gammu mail: takes what the modem received into our database, and what became of our SMS back to their messages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import metrics, modem
from bot.channels import Unreadable
from bot.channels.gammu import GammuChannel, open_gammu
from bot.channels.sms_parts import GSM_CODING, UNICODE_CODING
from bot.gammu_states import GammuStates
from bot.operator_notices import is_about_the_sim, tell_of_notice
from bot.receiving import keep
from bot.services import Services
from clinic import gammu_inbox
from clinic.database import DATABASE_ERRORS, Database
from clinic.facility import Facility
from clinic.gammu_inbox import InboxRow
from clinic.gammu_tables import GammuUncertain, GammuUnreachable
from scheduler.clock import Job

log = logging.getLogger(__name__)

MAIL_SECONDS = 1
STATES_SECONDS = 3
MODEM_SECONDS = 10
PLACE_EVERY = timedelta(hours=1)
SENT_TOGETHER = timedelta(minutes=10)
"""The network's centre took all pieces of a message within such a time, however late one of them came to us."""


@dataclass(frozen=True)
class Letter:
    """One message from one sender, of one row or of several."""

    rows: tuple[InboxRow, ...]
    given: Mapping[str, Any]
    """What the channel reads."""


@dataclass
class GammuMail:
    """One per worker; several at once read the same rows and keep each once.

    Our own database is committed first, gammu's row is marked afterwards: a kill between the two brings the same row
    again, and its id is known. Rows are not locked for that, so the order of arrival stays.
    """

    database: Database
    facility: Facility
    channel: GammuChannel
    clock: Callable[[], datetime]
    from_id: int = 0
    newest: int = 0
    placed_at: datetime | None = None
    is_away: bool = False

    def take_in(self) -> int:
        """Take over what waits in gammu's inbox, in order of arrival; the count of new messages. Never raises."""
        try:
            taken = self._take_in()
        except (GammuUnreachable, GammuUncertain, *DATABASE_ERRORS) as error:
            if not self.is_away:
                log.warning("gammu mail waits: %s", type(error).__name__)
            self.is_away = True
            return 0
        self.is_away = False
        return taken

    def _take_in(self) -> int:
        self._find_place()
        rows = gammu_inbox.waiting_rows(self.channel.store, from_id=self.from_id)
        taken = 0
        done: set[int] = set()
        for row in rows:
            if row.id in done:
                continue
            letter = self._letter(row)
            if letter is None:
                continue
            taken += self._keep(letter) if letter.given else 0
            done |= {each.id for each in letter.rows}
            gammu_inbox.mark_processed(self.channel.store, [each.id for each in letter.rows])
        return taken

    def _find_place(self) -> None:
        """Where something may be new: looked for every hour, and when the database was made anew and counts from 1."""
        now, newest = self.clock(), gammu_inbox.newest_id(self.channel.store)
        is_due = self.placed_at is None or now - self.placed_at >= PLACE_EVERY
        if is_due or newest < self.newest:
            self.from_id, self.placed_at = gammu_inbox.first_waiting_id(self.channel.store), now
        self.newest = newest

    def _letter(self, row: InboxRow) -> Letter | None:
        """The message that this row belongs to; None: its other parts may still be on their way into the table."""
        if row.part is None:
            return Letter((row,), _given(row))
        if row.coding not in (GSM_CODING, UNICODE_CODING):
            return Letter((row,), _given(row) if row.part.number == 1 else {})
        pieces = _pieces(row, gammu_inbox.pieces_of(self.channel.store, row))
        missing = [number for number in range(1, row.part.of + 1) if number not in pieces]
        return None if missing and not row.is_settled else _joined(pieces, missing)

    def _keep(self, letter: Letter) -> int:
        try:
            said = self.channel.receive(letter.given)
        except Unreadable:
            self._take_operators(str(letter.given.get("TextDecoded") or ""))
            return 0
        with self.database.transaction() as db:
            received = keep(db, said, limits=self.facility.limits, now=self.clock())
        if received.is_new:
            metrics.inbound(channel=said.channel)
        log.info("received inbound=%s contact=%s new=%s", received.inbound_id, received.contact_id, received.is_new)
        return int(received.is_new)

    def _take_operators(self, text: str) -> None:
        """Not a patient: kept out of the dialog; what concerns our SIM reaches staff, the rest stays with gammu."""
        is_ours = is_about_the_sim(text)
        log.info("an SMS from a sender name or short number about_sim=%s", is_ours)
        if is_ours:
            with self.database.transaction() as db:
                tell_of_notice(db, self.facility, text, now=self.clock())


def gammu_jobs(services: Services) -> tuple[Job, ...]:
    """What a worker does for the modem; nothing where there is none."""
    channel = open_gammu(services.settings)
    if channel is None:
        return ()
    database, facility, clock = services.database, services.facility, services.clock
    mail = GammuMail(database, facility, channel, clock)
    states = GammuStates(database, facility, channel, clock)

    def look() -> None:
        modem.look(database, facility, channel.store, now=clock())

    return (
        Job("gammu mail", mail.take_in, every_seconds=MAIL_SECONDS),
        Job("gammu states", states.take_states, every_seconds=STATES_SECONDS),
        Job("modem", look, every_seconds=MODEM_SECONDS),
    )


def _given(row: InboxRow) -> dict[str, Any]:
    return {
        "SenderNumber": row.sender,
        "TextDecoded": row.text,
        "Text": row.raw,
        "UDH": row.header,
        "Coding": row.coding,
        "ReceivingDateTime": row.received_at,
        "RecipientID": row.phone,
    }


def _pieces(row: InboxRow, candidates: Sequence[InboxRow]) -> dict[int, InboxRow]:
    """Number -> row of what one phone sent as one message.

    gammu-smsd joins parts by their reference alone, whoever sent them, and a reference is one of 256: so we join anew,
    by sender and time, from what each part brought.
    """
    near = [each for each in candidates if each.part and _was_sent_with(row, each)]
    return {each.part.number: each for each in [*near, row] if each.part}


def _joined(pieces: Mapping[int, InboxRow], missing: Sequence[int]) -> Letter:
    rows = tuple(pieces[number] for number in sorted(pieces))
    given = _given(rows[0]) | {"TextDecoded": " ... ".join(_runs(pieces)), "Text": "".join(row.raw for row in rows)}
    if missing:
        # gammu-smsd lets go of one part at a time: whoever wrote is asked once, with the first of them.
        again = any(row.is_taken for row in rows)
        given["Fragment"] = {"of": len(rows) + len(missing), "missing": list(missing), "again": again}
    return Letter(rows, given)


def _was_sent_with(row: InboxRow, other: InboxRow) -> bool:
    if row.received_at is None or other.received_at is None:
        return row.id == other.id
    return abs(row.received_at - other.received_at) <= SENT_TOGETHER


def _runs(pieces: Mapping[int, InboxRow]) -> Iterator[str]:
    """The text of parts that follow each other, joined as it was cut: also in the middle of an emoji."""
    run = ""
    for number in sorted(pieces):
        if run and number - 1 not in pieces:
            yield _decoded(run)
            run = ""
        run += pieces[number].raw
    yield _decoded(run)


def _decoded(raw: str) -> str:
    """gammu keeps every text as UTF-16 in hexadecimal; half an emoji whose other half is missing is shown as such."""
    try:
        return bytes.fromhex(raw).decode("utf-16-be", "replace")
    except ValueError:
        return ""
