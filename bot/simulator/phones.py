"""Phones: two pretended phones that write to us as Twilio would and show what delivery sends (demo mode only)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.services import Services, current_services
from bot.simulator.carrier_store import CarrierMessage, CarrierStore
from bot.simulator.patient import Button, Location, Media, post_signed_message, sms_form, whatsapp_form
from bot.simulator.samples import sample_photo, sample_voice
from clinic.conversation_view import KnownNumber, known_numbers
from clinic.inbound import waits_for_answer

log = logging.getLogger(__name__)
pages = Blueprint("simulator", __name__, url_prefix="/simulator")

PHONES = ("whatsapp", "sms")
SPARE_NUMBERS = {"whatsapp": "+628120000101", "sms": "+628130000101"}
MAX_TEXT = 4096
NUMBERS_OFFERED = 30
EXTRAS = {"photo": "📷 Foto", "voice": "🎤 Pesan suara", "place": "📍 Lokasi"}
SAMPLES = {"photo": ("image/png", sample_photo), "voice": ("audio/ogg", sample_voice)}


@dataclass(frozen=True)
class Phone:
    """What one phone shows."""

    kind: str
    number: str
    numbers: tuple[KnownNumber, ...]
    messages: tuple[CarrierMessage, ...]
    is_being_answered: bool = False
    """Something was written that has no answer yet: we wait for the rest of it, or read it."""

    @property
    def owner(self) -> str | None:
        return next((known.name for known in self.numbers if known.address == self.number), None)


@pages.get("")
def show_phones() -> str:
    """Both phones side by side."""
    numbers = _chosen_numbers(request.args)
    phones = {kind: _read_phone(kind, number) for kind, number in numbers.items()}
    return render_template("simulator/phones.html", phones=phones, numbers=numbers, drafts={}, fresh=_fresh_number())


@pages.get("/<any(whatsapp, sms):kind>/screen")
def live_screen(kind: str) -> str:
    """The messages of one phone, as they refresh themselves."""
    return render_template("simulator/_messages.html", phone=_read_phone(kind, _number(request.args, kind)))


@pages.post("/<any(whatsapp, sms):kind>/send")
def send(kind: str) -> AnyResponse | str:
    """Send what was typed, tapped or attached, or press a key of the keypad, which only types."""
    number = _number(request.form, kind)
    text = request.form.get("text", "")[:MAX_TEXT]
    key = request.form.get("key", "")
    draft = ""
    if key:
        draft = text[:-1] if key == "C" else text + key[:1]
    else:
        tap = request.form.get("tap", "")
        button = _tapped(kind, number, tap) if tap else None
        _send_as_patient(kind, number, text=text, button=button, extra=request.form.get("attach", ""))
    if "HX-Request" in request.headers:
        return render_template("simulator/_phone.html", phone=_read_phone(kind, number), draft=draft)
    if draft:
        return _page_with_draft(kind, draft)
    chosen = _chosen_numbers(request.form)
    return redirect(url_for("simulator.show_phones", whatsapp=chosen["whatsapp"], sms=chosen["sms"]))


@pages.post("/letters")
def count_letters() -> str:
    """How long the typed text is, as SMS."""
    return render_template("_letters.html", text=request.form.get("text", "")[:MAX_TEXT])


def _page_with_draft(kind: str, draft: str) -> str:
    numbers = _chosen_numbers(request.form)
    phones = {each: _read_phone(each, number) for each, number in numbers.items()}
    return render_template(
        "simulator/phones.html", phones=phones, numbers=numbers, drafts={kind: draft}, fresh=_fresh_number()
    )


def _tapped(kind: str, number: str, tap: str) -> Button:
    """The button that was tapped, "<message>:<id>", on a message that this phone got."""
    sid, _, given = tap.partition(":")
    message = _store(current_services()).by_sid(sid)
    if kind != "whatsapp" or message is None or message.recipient != f"whatsapp:{number}":
        abort(400)
    button = next((each for each in message.buttons if each.id == given), None) or abort(400)
    return Button(button.title, button.id, message.sid, is_row=message.list_button is not None)


def _send_as_patient(kind: str, number: str, *, text: str, button: Button | None, extra: str) -> None:
    services = current_services()
    form = _twilio_form(services, kind, number, text=text, button=button, extra=extra)
    if not form["Body"] and not extra:
        return
    store = _store(services)
    sid, sender, recipient = form["MessageSid"], form["From"], form["To"]
    store.add(
        sid=sid,
        direction="inbound",
        sender=sender,
        recipient=recipient,
        body=form["Body"] or EXTRAS[extra],
        status="sent",
        now=services.clock(),
    )
    try:
        status = post_signed_message(
            services.settings.public_url,
            services.settings.twilio_auth_token,
            form,
            via=f"http://127.0.0.1:{services.settings.port}",
        )
    except httpx.HTTPError as error:
        log.warning("simulated message not taken: %s", type(error).__name__)
        status = 0
    store.set_status(sid, status="delivered" if status == httpx.codes.OK else "failed")


def _twilio_form(
    services: Services, kind: str, number: str, *, text: str, button: Button | None, extra: str
) -> dict[str, str]:
    settings = services.settings
    account = settings.twilio_account_sid
    if kind == "sms":
        return sms_form(sender=number, recipient=settings.sms_from, text=text, account_sid=account)
    if extra and extra not in EXTRAS:
        abort(400)
    return whatsapp_form(
        sender=number,
        recipient=settings.whatsapp_from,
        text="" if extra else text,
        profile_name=_owner(services, number) or "Tamu",
        button=button,
        media=(_attached(services, extra),) if extra in SAMPLES else (),
        location=Location(latitude=-0.5022, longitude=117.1536) if extra == "place" else None,
        account_sid=account,
    )


def _attached(services: Services, extra: str) -> Media:
    """A sample put where Twilio keeps what patients send: behind the keys of the account."""
    content_type, make = SAMPLES[extra]
    message_sid, sid = "MM" + secrets.token_hex(16), "ME" + secrets.token_hex(16)
    _store(services).add_media(sid=sid, message_sid=message_sid, kind=content_type, data=make())
    base = services.settings.twilio_api_url or services.settings.public_url
    path = f"/2010-04-01/Accounts/{services.settings.twilio_account_sid}/Messages/{message_sid}/Media/{sid}"
    return Media(url=base.rstrip("/") + path, content_type=content_type)


def _read_phone(kind: str, number: str) -> Phone:
    services = current_services()
    messages = _store(services).messages_for(f"whatsapp:{number}" if kind == "whatsapp" else number)
    with services.database.reading() as db:
        known = known_numbers(db, channel=kind, limit=NUMBERS_OFFERED)
        waits = waits_for_answer(db, channel=kind, address=number)
    return Phone(kind=kind, number=number, numbers=known, messages=messages, is_being_answered=waits)


def _owner(services: Services, number: str) -> str | None:
    with services.database.reading() as db:
        known = known_numbers(db, channel="whatsapp", limit=NUMBERS_OFFERED)
    return next((each.name for each in known if each.address == number), None)


def _store(services: Services) -> CarrierStore:
    return CarrierStore(services.carrier_path)


def _chosen_numbers(form: Mapping[str, str]) -> dict[str, str]:
    return {kind: _number(form, kind) for kind in PHONES}


def _number(form: Mapping[str, str], kind: str) -> str:
    """The number of this phone: E.164; when the form says nothing usable, the first patient's on this channel."""
    number = form.get(kind, "").replace(" ", "+")
    is_number = number.startswith("+") and number[1:].isdecimal() and number[1:].isascii() and 8 <= len(number) <= 16
    return number if is_number else _first_number(kind)


def _first_number(kind: str) -> str:
    with current_services().database.reading() as db:
        known = known_numbers(db, channel=kind, limit=1)
    return known[0].address if known else SPARE_NUMBERS[kind]


def _fresh_number() -> str:
    return "+62812" + "".join(secrets.choice("0123456789") for _ in range(7))
