"""Queue notices: staff close a session or let it begin late, and everyone who holds a number there is told once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.channels.routing import EVERY_ROUTE, RouteKind, route_kinds
from bot.queue_change_news import change_news, close_offer, undo_news, with_offer
from bot.queue_news import can_reach, way_for, write_news
from bot.services import Services
from clinic.contacts import contacts_of
from clinic.database import Session, wait_for_turn
from clinic.facility import Facility
from clinic.queue_estimate import Estimate, estimates_on
from clinic.queue_sessions import CLOSED, ChangeView, add_change, undo_change
from clinic.queue_told import (
    CHANGE,
    Holder,
    Told,
    change_by_id,
    holders_on,
    is_undone,
    mark_told,
    note_told,
    told_to,
    untold_changes,
)

log = logging.getLogger(__name__)

TELLING = 7_223_011
"""Whoever tells of a change and whoever takes it back do so one after the other."""


@dataclass(frozen=True)
class Concerned:
    """A number that a change concerns; whoever cannot be told has to be called or met by staff."""

    entry_id: int
    code: str
    session: str
    person_id: int
    person_name: str
    contact_id: int | None
    can_be_told: bool


def concerned(
    db: Session,
    facility: Facility,
    *,
    poli: str,
    day: date,
    session: str | None,
    now: datetime,
    routes: Mapping[str, RouteKind] = EVERY_ROUTE,
) -> tuple[Concerned, ...]:
    """Who waits for that session (None: for any of the day), by number, and whether a message reaches them."""
    holders = holders_on(db, facility, poli=poli, day=day, session=session, waiting_only=True)
    found = []
    for holder in holders:
        contact_id = _contact_of(db, facility, holder, routes=routes, now=now)
        named = (holder.entry_id, holder.code, holder.session, holder.person_id, holder.person_name)
        found.append(Concerned(*named, contact_id=contact_id, can_be_told=contact_id is not None))
    return tuple(found)


def change_session(
    services: Services,
    *,
    poli: str,
    day: date,
    session: str | None,
    kind: str,
    late_minutes: int | None,
    reason: str,
    staff_id: int | None,
    now: datetime,
) -> int:
    """Close a session ("closed") or let it begin late ("late"), and tell everyone; how many people are told.

    The change counts at once. What a crash leaves untold is told by the worker's next look; nobody is told twice.
    """
    with services.database.transaction() as db:
        change_id = add_change(
            db,
            poli=poli,
            day=day,
            session=session,
            kind=kind,
            late_minutes=late_minutes,
            reason=reason,
            staff_id=staff_id,
            now=now,
        )
    return tell_change(services, change_id, now=now)


def tell_change(services: Services, change_id: int, *, now: datetime) -> int:
    """Tell whoever was not told of this change yet; how many people that were."""
    routes = route_kinds(services.settings)
    with services.database.reading() as db:
        change = change_by_id(db, change_id)
        if change is None:
            return 0
        holders = _waiting(db, services.facility, change)
        groups = _by_contact(db, services.facility, holders, routes=routes, now=now)
    told = 0
    for contact_id, mine in groups.items():
        with services.database.transaction() as db:
            told += _tell(services, db, change, contact_id, {each.entry_id for each in mine}, routes=routes, now=now)
    with services.database.transaction() as db:
        mark_told(db, change_id, now=now)
    log.info("session change=%s kind=%s told=%s of=%s", change_id, change.kind, told, len(holders))
    return told


def finish_changes(services: Services, *, now: datetime) -> int:
    """Tell what a process that ended in the middle left untold; how many people."""
    with services.database.reading() as db:
        left = untold_changes(db, from_day=services.facility.today(now))
    return sum(tell_change(services, change_id, now=now) for change_id in left)


def undo_session_change(services: Services, change_id: int, *, staff_id: int | None, now: datetime) -> bool:
    """The session is as ever again, and whoever was told otherwise is told so; False when it was undone already."""
    routes = route_kinds(services.settings)
    with services.database.transaction() as db:
        wait_for_turn(db, TELLING)
        change = change_by_id(db, change_id)
        if change is None or not undo_change(db, change_id, now=now):
            return False
        holders = _waiting(db, services.facility, change)
        told = told_to(db, (each.entry_id for each in holders))
        were_told = [each for each in holders if _was_told(told.get(each.entry_id, ()), change_id)]
        for contact_id, mine in _by_contact(db, services.facility, were_told, routes=routes, now=now).items():
            _tell_of_undo(services, db, change, contact_id, mine, routes=routes, now=now)
    log.info("session change=%s undone by staff=%s told=%s", change_id, staff_id, len(were_told))
    return True


def _tell(
    services: Services,
    db: Session,
    change: ChangeView,
    contact_id: int,
    ids: set[int],
    *,
    routes: Mapping[str, RouteKind],
    now: datetime,
) -> int:
    """One message for all numbers of this phone that still wait and were not told of this change."""
    wait_for_turn(db, TELLING)
    facility = services.facility
    if is_undone(db, change.id):
        return 0
    mine = [each for each in _waiting(db, facility, change) if each.entry_id in ids]
    told = told_to(db, ids)
    mine = [each for each in mine if not _was_told(told.get(each.entry_id, ()), change.id)]
    if not mine:
        return 0
    news = change_news(db, facility, change, mine, now=now)
    way = way_for(db, facility, contact_id, news, routes=routes, now=now)
    if way is None:
        return 0
    if change.kind == CLOSED and not way.needs_template:
        news = with_offer(services, db, news, way, mine, now=now)
    known = estimates_on(db, facility, poli=change.poli, day=change.day, now=now)
    for each in mine:
        note_told(db, each.entry_id, CHANGE, occurrence=change.id, **_range(known.get(each.entry_id)), now=now)
    key = f"change:{change.id}:{contact_id}:{mine[0].entry_id}"
    return len(mine) if write_news(db, facility, way, news, key=key, now=now) else 0


def _tell_of_undo(
    services: Services,
    db: Session,
    change: ChangeView,
    contact_id: int,
    mine: Sequence[Holder],
    *,
    routes: Mapping[str, RouteKind],
    now: datetime,
) -> None:
    news = undo_news(db, services.facility, change, mine, now=now)
    way = way_for(db, services.facility, contact_id, news, routes=routes, now=now)
    close_offer(db, contact_id, now=now)
    if way is None:
        return
    known = estimates_on(db, services.facility, poli=change.poli, day=change.day, now=now)
    for each in mine:
        note_told(db, each.entry_id, CHANGE, occurrence=-change.id, **_range(known.get(each.entry_id)), now=now)
    write_news(db, services.facility, way, news, key=f"change:{change.id}:undone:{contact_id}", now=now)


def _range(estimate: Estimate | None) -> dict[str, datetime | None]:
    """The range as it is now: what moves after this is told by the worker's pushes."""
    if estimate is None:
        return {"told_from": None, "told_until": None}
    return {"told_from": estimate.earliest, "told_until": estimate.latest}


def _waiting(db: Session, facility: Facility, change: ChangeView) -> tuple[Holder, ...]:
    return holders_on(db, facility, poli=change.poli, day=change.day, session=change.session, waiting_only=True)


def _was_told(told: Iterable[Told], change_id: int) -> bool:
    return any(each.kind == CHANGE and each.occurrence == change_id for each in told)


def _by_contact(
    db: Session, facility: Facility, holders: Iterable[Holder], *, routes: Mapping[str, RouteKind], now: datetime
) -> dict[int, list[Holder]]:
    """The numbers that one phone is told about together; those that no phone can be told about are left out."""
    groups: dict[int, list[Holder]] = {}
    for holder in holders:
        contact_id = _contact_of(db, facility, holder, routes=routes, now=now)
        if contact_id is not None:
            groups.setdefault(contact_id, []).append(holder)
    return groups


def _contact_of(
    db: Session, facility: Facility, holder: Holder, *, routes: Mapping[str, RouteKind], now: datetime
) -> int | None:
    """The phone that took the number, else the best proven one of the person; None when none can be reached."""
    first = () if holder.contact_id is None else (holder.contact_id,)
    for contact_id in dict.fromkeys((*first, *contacts_of(db, holder.person_id))):
        if can_reach(db, facility, contact_id, routes=routes, now=now):
            return contact_id
    return None
