"""Ways: on which channel a contact is best written to now, by what last worked, window, cost and preference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.routing import RouteKind
from bot.prices import price_of
from bot.template_ids import template_ids
from bot.traffic import preferred
from clinic.contacts import Address, addresses_of, contacts_of, find_or_create_contact
from clinic.database import Session
from clinic.facility import Facility
from clinic.reach import is_window_open
from clinic.routes import route_states

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
STILL_TELLS = timedelta(days=90)
"""What arrived longer ago says little about today."""


@dataclass(frozen=True)
class Wish:
    """What is to be sent, as far as the choice depends on it."""

    text: str
    until: datetime
    """The latest moment at which it may leave: the window has to be open until then."""
    template_sid: str | None = None
    """Of an approved WhatsApp template that can carry it."""


@dataclass(frozen=True)
class Way:
    """One address of a contact and the route that would carry the message there."""

    contact_id: int
    address_id: int | None
    """None: the contact's number, which has not been written to on this channel yet; see `address_for`."""
    number: str
    channel: str
    route: str
    needs_template: bool
    cost: int | None
    """Hundredths of a rupiah; None where the health centre has not said."""


def best_way(
    db: Session,
    contact_id: int,
    wish: Wish,
    *,
    facility: Facility,
    routes: Mapping[str, RouteKind],
    now: datetime,
) -> Way | None:
    """The best of all ways to this contact; None when nothing can reach it.

    A route that works comes before one that rests; an address where something arrived lately before one that was
    never tried, and both before one where the last message failed; a channel on which can be answered before one
    on which cannot; then the cheaper way (one without a known price comes last), the address that was used last,
    and the order in puskesmas.yml.
    """
    views = route_states(db, routes)
    addresses = addresses_of(db, contact_id)
    latest = max((sign for each in addresses if (sign := _last_sign(each)) is not None), default=None)
    order = {route: place for place, route in enumerate(preferred(facility, routes))}

    def rank(pair: tuple[Address, Way]) -> tuple[object, ...]:
        address, way = pair
        return (
            not views[way.route].is_well(now),
            _distrust(address, way, now=now),
            not routes[way.route].capabilities.is_two_way,
            (way.cost is None, way.cost or 0),
            _last_sign(address) != latest or way.address_id is None,
            order[way.route],
        )

    templates = template_ids(db, facility) if wish.template_sid else {}
    found = list(_ways(addresses, wish, facility=facility, routes=routes, templates=templates))
    return min(found, key=rank)[1] if found else None


def best_way_to_person(
    db: Session,
    person_id: int,
    wish: Wish,
    *,
    facility: Facility,
    routes: Mapping[str, RouteKind],
    now: datetime,
) -> Way | None:
    """The best way to the best proven contact of a person that has not said stop and can be reached."""
    ways = (
        best_way(db, contact_id, wish, facility=facility, routes=routes, now=now)
        for contact_id in contacts_of(db, person_id)
    )
    return next((way for way in ways if way is not None), None)


def address_for(db: Session, way: Way, *, now: datetime) -> int:
    """The id of the way's address, made now where the number was not yet known on this channel."""
    if way.address_id is not None:
        return way.address_id
    _, address = find_or_create_contact(db, channel=way.channel, address=way.number, profile_name=None, now=now)
    return address.id


def _ways(
    addresses: Sequence[Address],
    wish: Wish,
    *,
    facility: Facility,
    routes: Mapping[str, RouteKind],
    templates: Mapping[str, str],
) -> Iterator[tuple[Address, Way]]:
    """Every way that can carry this message, with the address it starts from."""
    channels = {address.channel for address in addresses}
    for address in addresses:
        for route, kind in routes.items():
            is_own = kind.channel == address.channel
            is_new = kind.channel == "sms" and "sms" not in channels and bool(E164.fullmatch(address.address))
            if address.blocked_at is not None and is_own or not (is_own or is_new):
                continue
            way = _way(address, route, kind, wish, facility=facility, templates=templates, is_new=not is_own)
            if way is not None:
                yield address, way


def _way(
    address: Address,
    route: str,
    kind: RouteKind,
    wish: Wish,
    *,
    facility: Facility,
    templates: Mapping[str, str],
    is_new: bool,
) -> Way | None:
    """None: only a template could be sent there, and there is none."""
    in_window = is_window_open(address.last_inbound_at, at=wish.until)
    needs_template = kind.capabilities.window_hours is not None and not in_window
    if needs_template and wish.template_sid is None:
        return None
    template = {"sid": wish.template_sid} if needs_template else None
    price = price_of(
        facility.prices,
        route=route,
        text=wish.text,
        template=template,
        in_window=in_window,
        templates=templates,
    )
    return Way(
        contact_id=address.contact_id,
        address_id=None if is_new else address.id,
        number=address.address,
        channel=kind.channel,
        route=route,
        needs_template=needs_template,
        cost=price.cost,
    )


def _distrust(address: Address, way: Way, *, now: datetime) -> int:
    """0: something arrived there lately; 1: nobody knows; 2: the last message did not arrive."""
    sign = _last_sign(address)
    if way.address_id is None:
        return 1
    if address.last_failed_at is not None and (sign is None or address.last_failed_at > sign):
        return 2
    return 0 if sign is not None and now - sign < STILL_TELLS else 1


def _last_sign(address: Address) -> datetime | None:
    """When something last came from there or surely arrived there."""
    signs = [sign for sign in (address.last_inbound_at, address.last_delivered_at) if sign is not None]
    return max(signs, default=None)
