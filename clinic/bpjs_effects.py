"""BPJS effects: what BPJS is still to be told of our numbers, whose turn that is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from clinic.cases import Case, open_case
from clinic.contacts import Address, PersonLink
from clinic.database import rows_changed, wait_for_turn
from clinic.identity import IdentityKeeper
from clinic.people import Person
from clinic.queue_events import FROM_BPJS
from clinic.queue_table import BpjsEffect, QueueEntry
from clinic.sent import CASE_LOCK

OPEN = ("waiting", "sending", "unknown")
PERHAPS_TOLD = "perhaps"
"""In last_code, from the first try on that broke off until the effect is settled."""
REFUSED_TOPIC = "bpjs_refused"
PHONE_CHANNELS = ("whatsapp", "sms")


@dataclass(frozen=True)
class Effect:
    """One thing to tell, ours until the lease ends; `was_perhaps_told`: an earlier try broke off."""

    id: int
    kind: str
    entry_id: int
    status: int | None
    happened_at: datetime
    tries: int
    was_perhaps_told: bool


@dataclass(frozen=True)
class EffectFacts:
    """What the body is made of; with numbers in clear, for BPJS only."""

    poli: str
    day: date
    session: str
    number: int
    state: str
    via: str
    nik: str
    card: str
    record_number: str
    phone: str
    is_known: bool
    """BPJS has this number now, as far as we know: it was added, or taken there, and not cancelled since."""


def has_due(db: Session, *, now: datetime) -> bool:
    """Whether claim_effect may find anything: a cheap look, good inside database.reading()."""
    return db.scalar(select(BpjsEffect.id).where(_is_due(now)).limit(1)) is not None


def claim_effect(db: Session, *, worker: str, now: datetime, lease_seconds: float) -> Effect | None:
    """Take the oldest effect that is due, with its memo; what happened to one number is told in order.

    One whose lease has ended is taken again: whether it was told nobody knows.
    """
    earlier = aliased(BpjsEffect)
    before = exists().where(
        earlier.entry_id == BpjsEffect.entry_id, earlier.id < BpjsEffect.id, earlier.state.in_(OPEN)
    )
    found = db.execute(
        select(BpjsEffect.id, BpjsEffect.state)
        .where(_is_due(now), ~before)
        .order_by(BpjsEffect.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=BpjsEffect)
    ).first()
    if found is None:
        return None
    values: dict[str, Any] = {"state": "sending", "claimed_by": worker, "tries": BpjsEffect.tries + 1}
    values["claimed_until"] = now + timedelta(seconds=lease_seconds)
    if found.state != "waiting":
        values["last_code"] = PERHAPS_TOLD
    claim = update(BpjsEffect).where(BpjsEffect.id == found.id, _is_due(now)).values(values).returning(BpjsEffect)
    row = db.scalars(claim, execution_options={"populate_existing": True, "synchronize_session": False}).first()
    return None if row is None else _view(row)


def facts_of(db: Session, effect: Effect, *, keeper: IdentityKeeper) -> EffectFacts:
    """Who and what it is about, as the rows are now."""
    entry = db.scalars(
        select(QueueEntry).where(QueueEntry.id == effect.entry_id), execution_options={"populate_existing": True}
    ).one()
    person = db.get_one(Person, entry.person_id)
    return EffectFacts(
        poli=entry.poli,
        day=entry.day,
        session=entry.session,
        number=entry.number,
        state=entry.state,
        via=entry.via,
        nik=keeper.decrypt(person.nik_encrypted) if person.nik_encrypted else "",
        card=keeper.decrypt(person.card_encrypted) if person.card_encrypted else "",
        record_number=person.record_number or "",
        phone=_own_phone(db, entry),
        is_known=_is_known(db, entry, before=effect.id),
    )


def settle(db: Session, effect: Effect, *, state: str, code: str, message: str, now: datetime) -> bool:
    """It is over: done, refused or dropped. False when somebody else took it meanwhile."""
    over = {"state": state, "last_code": code[:16], "last_message": message[:400] or None, "done_at": now}
    return _change(db, effect, {**over, "claimed_by": None, "claimed_until": None})


def try_later(db: Session, effect: Effect, *, state: str, code: str, message: str, due_at: datetime) -> bool:
    """Again at that time; `state` is waiting, or unknown where it may have been told."""
    kept = PERHAPS_TOLD if effect.was_perhaps_told or state == "unknown" else code[:16]
    later = {"state": state, "last_code": kept, "last_message": f"{code} {message}".strip()[:400], "due_at": due_at}
    return _change(db, effect, {**later, "claimed_by": None, "claimed_until": None})


def tell_refusal_once(db: Session, text: str, *, since: datetime, now: datetime, due_hours: int) -> bool:
    """A case about what BPJS refuses; False when one with these words was opened since then."""
    wait_for_turn(db, CASE_LOCK)
    same = (Case.topic == REFUSED_TOPIC, Case.text == text, Case.opened_at >= since)
    if db.scalar(select(Case.id).where(*same).limit(1)) is not None:
        return False
    open_case(db, kind="error", topic=REFUSED_TOPIC, text=text, contact_id=None, now=now, due_hours=due_hours)
    return True


def count_effects(db: Session, *, since: datetime) -> Mapping[tuple[str, str], int]:
    """(state, why) -> how many of what we tell; what is over counts from that time on, what is open always."""
    recent = or_(BpjsEffect.state.in_(OPEN), BpjsEffect.done_at >= since)
    why = func.coalesce(BpjsEffect.last_code, "")
    ours = (recent, why != FROM_BPJS)
    rows = db.execute(select(BpjsEffect.state, why, func.count()).where(*ours).group_by(BpjsEffect.state, why))
    return {(state, code): count for state, code, count in rows}


def _is_due(now: datetime) -> Any:
    lost = and_(BpjsEffect.state == "sending", BpjsEffect.claimed_until <= now)
    return or_(and_(BpjsEffect.state.in_(("waiting", "unknown")), BpjsEffect.due_at <= now), lost)


def _change(db: Session, effect: Effect, values: Mapping[str, Any]) -> bool:
    """Only as long as the try is the one that was claimed."""
    same = (BpjsEffect.id == effect.id, BpjsEffect.state == "sending", BpjsEffect.tries == effect.tries)
    return rows_changed(db, update(BpjsEffect).where(*same).values(values)) > 0


def _is_known(db: Session, entry: QueueEntry, *, before: int) -> bool:
    """By the last thing that BPJS took; nothing was noted of numbers that are older than the telling."""
    told = (BpjsEffect.entry_id == entry.id, BpjsEffect.id < before, BpjsEffect.kind.in_(("add", "batal")))
    rows = db.execute(select(BpjsEffect.kind, BpjsEffect.state).where(*told).order_by(BpjsEffect.id.desc())).all()
    if not rows:
        return entry.via == FROM_BPJS
    return next((row.kind == "add" for row in rows if row.state == "done"), False)


def _own_phone(db: Session, entry: QueueEntry) -> str:
    """The patient's own phone, as people write it; a relative's is not passed on."""
    own = (PersonLink.contact_id == entry.contact_id, PersonLink.person_id == entry.person_id)
    phone = db.scalar(
        select(Address.address)
        .join(PersonLink, PersonLink.contact_id == Address.contact_id)
        .where(*own, PersonLink.role == "self", PersonLink.unlinked_at.is_(None), Address.channel.in_(PHONE_CHANNELS))
        .where(Address.address.like("+62%"))
        .order_by(Address.id)
        .limit(1)
    )
    return "" if phone is None else "0" + phone.removeprefix("+62")


def _view(row: BpjsEffect) -> Effect:
    return Effect(
        id=row.id,
        kind=row.kind,
        entry_id=row.entry_id,
        status=row.status,
        happened_at=row.happened_at,
        tries=row.tries,
        was_perhaps_told=row.last_code == PERHAPS_TOLD,
    )
