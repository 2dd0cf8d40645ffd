"""Mobile JKN: the service that BPJS calls, both versions, over the same queue as everybody's (docs/bpjs.md)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime

from flask import Blueprint, Response, abort, request
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import RequestEntityTooLarge

from bot.jkn.answers import HTTP_BUSY, HTTP_TOO_MANY, Refused, broken_off, granted, refused
from bot.jkn.bodies import Booking, Held, read_body, read_booking, read_day, read_held, read_newcomer, read_poli_code
from bot.jkn.booking import ACTOR, Booked, book
from bot.jkn.login import check_token, token_for
from bot.jkn.newcomers import register
from bot.jkn.standing import come_early, give_back, number_standing, poli_name, poli_standing, standing_by_doctor
from bot.security import csrf, limiter
from bot.services import Services, current_services
from clinic.audit import record
from clinic.database import DATABASE_ERRORS

log = logging.getLogger(__name__)
pages = Blueprint("jkn", __name__, url_prefix="/jkn")
csrf.exempt(pages)

MAX_BODY_BYTES = 16 * 1024
LOGINS_REFUSED = "30 per 5 minutes"
CALLS = "1200 per minute"
CALLS_OF_STRANGERS = "60 per minute"


@pages.before_request
def need_token() -> Response | None:
    """Nobody is here unless the centre serves Mobile JKN; then everything but the login wants its token."""
    services = current_services()
    if not (services.facility.bpjs.serve and services.settings.has_jkn):
        abort(404)
    request.max_content_length = MAX_BODY_BYTES
    if request.endpoint != "jkn.auth":
        _check_token(services)
    return None


@pages.errorhandler(Refused)
def tell_refusal(refusal: Refused) -> Response:
    log.info("jkn refused %s code=%s", refusal.key, refusal.code)
    return refused(refusal)


@pages.errorhandler(429)
def tell_too_many(_error: Exception) -> Response:
    log.warning("jkn: too many calls of %s", request.endpoint)
    return broken_off("login_wrong", status=HTTP_TOO_MANY, retry_after=60)


def tell_busy(error: Exception) -> Response:
    """The database is busy or broken: nothing was done."""
    log.warning("jkn: nothing done: %s", type(error).__name__)
    return broken_off("busy", status=HTTP_BUSY, retry_after=5)


for _error in DATABASE_ERRORS:
    pages.register_error_handler(_error, tell_busy)


def _is_refused(response: Response) -> bool:
    return response.status_code != 200


def _is_stranger() -> bool:
    try:
        _check_token(current_services())
    except Refused:
        return True
    return False


def _caller() -> str:
    """BPJS by its token, so that strangers behind the same proxy take nothing away from it."""
    return f"stranger:{get_remote_address()}" if _is_stranger() else "bpjs"


def _calls() -> str:
    return CALLS_OF_STRANGERS if _is_stranger() else CALLS


limiter.shared_limit(_calls, scope="jkn", key_func=_caller, exempt_when=lambda: request.endpoint == "jkn.auth")(pages)


@pages.get("/auth")
@limiter.limit(LOGINS_REFUSED, key_func=get_remote_address, deduct_when=_is_refused)
def auth() -> Response:
    """A token for the user and password that BPJS was given."""
    services, now = current_services(), current_services().clock()
    username, password = request.headers.get("x-username", ""), request.headers.get("x-password", "")
    try:
        token = token_for(username, password, settings=services.settings, now=now)
    except Refused:
        with services.database.transaction() as db:
            record(db, actor=ACTOR, action="jkn.login_failed", subject=ACTOR, now=now)
        raise
    return granted({"token": token})


@pages.get("/antrean/status/<poli_code>/<day>")
def show_poli(poli_code: str, day: str) -> Response:
    """How a poli's day stands."""
    services, code, wanted = _asked(poli_code, day)
    with services.database.reading() as db:
        return granted(poli_standing(db, services, code, wanted))


@pages.get("/v2/antrean/status/<poli_code>/<day>")
def show_doctors(poli_code: str, day: str) -> Response:
    """The same, one line per doctor."""
    services, code, wanted = _asked(poli_code, day)
    with services.database.reading() as db:
        return granted(standing_by_doctor(db, services, code, wanted))


@pages.post("/antrean")
def take() -> Response:
    """A number; its count is text."""
    return _take(with_doctor=False)


@pages.post("/v2/antrean")
def take_of_doctor() -> Response:
    """A number in the hours of a doctor; its count is a number."""
    return _take(with_doctor=True)


@pages.get("/antrean/sisapeserta/<card>/<poli_code>/<day>")
def show_number(card: str, poli_code: str, day: str) -> Response:
    """Where one patient's number stands."""
    services, now = current_services(), current_services().clock()
    held = read_held(card=card, poli_code=poli_code, day=day, today=services.facility.today(now))
    with services.database.transaction() as db:
        return granted(number_standing(db, services, held, now=now))


@pages.put("/antrean/batal")
@pages.put("/v2/antrean/batal")
def cancel() -> Response:
    """Give a number back; the second version's reason is not kept."""
    services, now = current_services(), current_services().clock()
    with services.database.transaction() as db:
        give_back(db, services, _held_in_body(services, now), now=now)
    return granted()


@pages.post("/peserta")
def add_patient() -> Response:
    """A patient whom we do not know yet."""
    services, now = current_services(), current_services().clock()
    newcomer = read_newcomer(_body(), today=services.facility.today(now))
    with services.database.transaction() as db:
        refusal = register(db, services, newcomer, now=now)
    if refusal is not None:
        raise refusal
    return granted()


def _take(*, with_doctor: bool) -> Response:
    services, now = current_services(), current_services().clock()
    wish: Booking = read_booking(_body(), today=services.facility.today(now), with_doctor=with_doctor)
    with services.database.transaction() as db:
        booked = book(db, services, wish, now=now)
    if isinstance(booked, Refused):
        raise booked
    return granted(_as_told(services, booked, count_is_text=not with_doctor))


def _as_told(services: Services, booked: Booked, *, count_is_text: bool) -> Mapping[str, object]:
    ticket, facility = booked.ticket, services.facility
    poli = facility.poli(ticket.poli)
    return {
        "nomorantrean": ticket.code,
        "angkaantrean": str(ticket.number) if count_is_text else ticket.number,
        "namapoli": poli_name(poli) if poli is not None else ticket.poli_name,
        "sisaantrean": str(booked.before),
        "antreanpanggil": booked.last_called,
        "keterangan": come_early(facility),
    }


def _asked(poli_code: str, day: str) -> tuple[Services, str, date]:
    """The poli and the day of a path, checked like those of a body."""
    services = current_services()
    today = services.facility.today(services.clock())
    return services, read_poli_code(poli_code), read_day(day, today=today)


def _held_in_body(services: Services, now: datetime) -> Held:
    body = _body()
    return read_held(
        card=body.get("nomorkartu"),
        poli_code=body.get("kodepoli"),
        day=body.get("tanggalperiksa"),
        today=services.facility.today(now),
    )


def _body() -> Mapping[str, object]:
    """What is too large is not read, and has no fields."""
    try:
        return read_body(request.get_data())
    except RequestEntityTooLarge:
        return {}


def _check_token(services: Services) -> None:
    check_token(
        request.headers.get("x-token", ""),
        request.headers.get("x-username", ""),
        settings=services.settings,
        now=services.clock(),
    )
