"""Gammu, messages out: one SMS into gammu-smsd's outbox, complete or not at all, and what became of it since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from clinic.gammu_clock import clock_of, clock_off, is_postgres, utc_now
from clinic.gammu_tables import GammuStore, outbox, outbox_multipart, sentitems

FAILED = ("SendingError", "Error")
NOT_DELIVERED = ("DeliveryFailed",)
DELIVERED = ("DeliveryOK",)
LONGEST_CREATOR = 100
"""gammu-smsd keeps 200 signs of it, our own column for the provider's id 120."""


@dataclass(frozen=True)
class NewSms:
    """One SMS to be sent, cut into the parts that go over the air."""

    creator: str
    """Names the message for ever: gammu-smsd takes it along from outbox to sentitems."""
    number: str
    coding: str
    """Default_No_Compression or Unicode_No_Compression."""
    parts: tuple[str, ...]
    reference: int
    """0 to 255: the same for all parts of a message, another for the next message."""
    useless_after: datetime | None


@dataclass(frozen=True)
class SmsState:
    """What gammu-smsd did with one SMS so far; of several parts the worst one speaks, "delivered" needs them all."""

    creator: str
    status: str
    """Waiting, or the word of sentitems: SendingOK, SendingError, DeliveryOK, DeliveryFailed ..."""
    status_code: int | None = None
    """What the network or the modem said to a part that could not be sent (CMS error)."""
    status_error: int | None = None
    """What the delivery report said (TP-Status)."""


def creator_of(key: str) -> str:
    """The key of a message as gammu's CreatorID: itself, or cut and told apart by a hash when it is too long."""
    if len(key) <= LONGEST_CREATOR:
        return key
    return f"{key[:67]}~{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def put_sms(store: GammuStore, sms: NewSms) -> bool:
    """Put an SMS into the outbox; False, with nothing written, when one of this creator is or was there.

    All parts are written in one transaction, so gammu-smsd never sees half a message. Raises GammuUnreachable or
    GammuUncertain.
    """
    with store.writing() as db:
        _wait_for_turn(db, sms.creator)
        if _state_of(db, sms.creator, sms.number) is not None:
            return False
        first = {
            "DestinationNumber": sms.number,
            "CreatorID": sms.creator,
            "DeliveryReport": "yes",
            "RelativeValidity": -1,
            **_until_useless(db, sms.useless_after),
            **_part(sms, 1),
            "MultiPart": len(sms.parts) > 1,
        }
        (row_id,) = db.execute(outbox.insert().values(**first)).inserted_primary_key or (None,)
        rest = [
            {"id": row_id, "SequencePosition": number, **_part(sms, number)} for number in range(2, len(sms.parts) + 1)
        ]
        if rest:
            db.execute(outbox_multipart.insert(), rest)
        return True


def find_sms(store: GammuStore, creator: str, number: str) -> SmsState | None:
    """What became of the SMS of this creator; None: surely it never came into the outbox. Raises GammuUnreachable."""
    with store.reading() as db:
        _wait_for_turn(db, creator)
        return _state_of(db, creator, number)


def states_since(
    store: GammuStore, since: datetime | None, *, from_id: int = 0
) -> tuple[tuple[SmsState, ...], datetime]:
    """SMS about which something was written since then, and gammu's own time of this look, for the next one.

    None looks three days back. `from_id` spares the rows before that one; an SMS still in parts is left for later.
    """
    with store.reading() as db:
        now = clock_of(db)
        begin = since or now - timedelta(days=3)
        changed = select(sentitems.c.id).where(sentitems.c.id >= from_id, sentitems.c.UpdatedInDB >= begin)
        ids = set(db.scalars(changed))
        waiting = set(db.scalars(select(outbox.c.id).where(outbox.c.id.in_(ids)))) if ids else set()
        return _states(db, ids - waiting), now


def first_id_since(store: GammuStore, days: int = 3) -> int:
    """The lowest ID that may still get news: what was sent before it is never looked at again."""
    with store.reading() as db:
        begin = clock_of(db) - timedelta(days=days)
        waiting = db.scalar(select(func.min(outbox.c.id)))
        lowest = db.scalar(select(func.min(sentitems.c.id)).where(sentitems.c.UpdatedInDB >= begin))
        found = [row_id for row_id in (waiting, lowest) if row_id is not None]
        return min(found, default=(db.scalar(select(func.max(sentitems.c.id))) or 0) + 1)


def waiting_creators(store: GammuStore, *, limit: int = 500) -> tuple[str, ...]:
    """The creators of what waits in the outbox, oldest first."""
    with store.reading() as db:
        return tuple(db.scalars(select(outbox.c.CreatorID).order_by(outbox.c.id).limit(limit)))


def take_back(store: GammuStore, creator: str) -> bool:
    """Take an SMS out of the outbox again; False when it is gone or the modem has it in hand."""
    with store.writing() as db:
        now = clock_of(db)
        mine = select(outbox.c.id).where(outbox.c.CreatorID == creator, outbox.c.SendingTimeOut < now)
        number = db.scalar(mine.limit(1))
        if number is None:
            return False
        gone = db.execute(outbox.delete().where(outbox.c.id == number, outbox.c.SendingTimeOut < now))
        if gone.rowcount:
            db.execute(outbox_multipart.delete().where(outbox_multipart.c.id == number))
        return bool(gone.rowcount)


def forget_sent(store: GammuStore) -> int:
    """Take out of the outbox what was sent in all its parts; how many SMS.

    gammu-smsd writes sentitems, then deletes in the outbox. Killed in between, it sends that SMS again, cannot write it
    down a second time, and would send it anew after every pause.
    """
    rest = select(func.count()).where(outbox_multipart.c.id == outbox.c.id).scalar_subquery()
    sent = select(func.count()).where(sentitems.c.id == outbox.c.id).scalar_subquery()
    with store.writing() as db:
        done = tuple(db.scalars(select(outbox.c.id).where(sent >= rest + 1)))
        if done:
            db.execute(outbox_multipart.delete().where(outbox_multipart.c.id.in_(done)))
            db.execute(outbox.delete().where(outbox.c.id.in_(done)))
    return len(done)


def relative_validity(left: timedelta) -> int:
    """So long the network may try to deliver, as GSM 03.40 counts it: rounded down, five minutes at least."""
    minutes = int(left.total_seconds() // 60)
    if minutes <= 12 * 60:
        return max(minutes // 5, 1) - 1
    if minutes <= 24 * 60:
        return 143 + (minutes - 12 * 60) // 30
    if minutes <= 30 * 24 * 60:
        return 166 + minutes // (24 * 60)
    return 192 + min(minutes // (7 * 24 * 60), 63)


def _until_useless(db: Connection, useless_after: datetime | None) -> Mapping[str, object]:
    """How long the network may try, and till what time of the day the modem may begin (gammu knows no dates there)."""
    if useless_after is None:
        return {}
    now = utc_now(db)
    limits: dict[str, object] = {"RelativeValidity": relative_validity(useless_after - now)}
    if not clock_off(db) and now.date() == useless_after.astimezone(UTC).date():
        begin, end = now.time().replace(microsecond=0), useless_after.astimezone(UTC).time().replace(microsecond=0)
        limits |= {"SendAfter": _clock_time(db, begin), "SendBefore": _clock_time(db, max(begin, end))}
    return limits


def _clock_time(db: Connection, value: time) -> object:
    return value if is_postgres(db) else value.isoformat()


def _part(sms: NewSms, number: int) -> Mapping[str, object]:
    of = len(sms.parts)
    header = f"050003{sms.reference % 256:02X}{of:02X}{number:02X}" if of > 1 else ""
    return {"Coding": sms.coding, "UDH": header, "TextDecoded": sms.parts[number - 1]}


def _wait_for_turn(db: Connection, creator: str) -> None:
    """One at a time for one creator; on SQLite a writer is alone anyway."""
    if is_postgres(db):
        number = int.from_bytes(hashlib.sha256(creator.encode()).digest()[:8], "big", signed=True)
        db.execute(select(func.pg_advisory_xact_lock(number)))


def _state_of(db: Connection, creator: str, number: str) -> SmsState | None:
    # The outbox first: gammu-smsd writes sentitems before it deletes there, so one of the two has it.
    waits = db.scalar(select(outbox.c.id).where(outbox.c.CreatorID == creator).limit(1))
    if waits is not None:
        return SmsState(creator, "Waiting")
    mine = (sentitems.c.CreatorID == creator, sentitems.c.DestinationNumber == number)
    return next(iter(_states(db, db.scalars(select(sentitems.c.id).where(*mine)))), None)


def _states(db: Connection, ids: Iterable[int]) -> tuple[SmsState, ...]:
    wanted = sorted(set(ids))
    if not wanted:
        return ()
    rows = db.execute(
        select(
            sentitems.c.id,
            sentitems.c.CreatorID,
            sentitems.c.Status,
            sentitems.c.StatusCode,
            sentitems.c.StatusError,
        )
        .where(sentitems.c.id.in_(wanted))
        .order_by(sentitems.c.id, sentitems.c.SequencePosition)
    )
    parts: dict[int, list[SmsState]] = {}
    for row_id, creator, status, code, error in rows:
        parts.setdefault(row_id, []).append(SmsState(creator, status, code, error))
    return tuple(_of_all_parts(states) for states in parts.values())


def _of_all_parts(parts: Sequence[SmsState]) -> SmsState:
    """A part that failed speaks for all, then one that did not arrive; then one that has not arrived yet."""
    for words in (FAILED, NOT_DELIVERED):
        found = [part for part in parts if part.status in words]
        if found:
            return found[0]
    return next((part for part in parts if part.status not in DELIVERED), parts[0])
