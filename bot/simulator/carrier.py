"""Carrier: stands in for Twilio's REST API, so that a demo and the tests send and receive without an account."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Blueprint, Flask, Response, jsonify, request

from bot.security import csrf
from bot.settings import DEMO_ACCOUNT, DEMO_TOKEN
from bot.simulator.callbacks import CallbackPoster
from bot.simulator.carrier_store import CarrierMessage, CarrierStore, Shown
from bot.simulator.contents import add_contents, shown_message
from bot.simulator.faults import Fault, Faults, read_fault
from bot.simulator.media_fetch import fetch_kinds
from bot.simulator.rest_format import Refused, as_json, check_outgoing, page_of, refused_json, was_sent_in

MEDIA_NOT_FETCHED = 63019
API = "/2010-04-01/Accounts/<account_sid>"


class Carrier:
    """One pretended account: its keys, its messages, and how fast it tells what became of them."""

    def __init__(
        self,
        store: CarrierStore,
        *,
        account_sid: str = DEMO_ACCOUNT,
        auth_token: str = DEMO_TOKEN,
        sent_after: float = 0.3,
        delivered_after: float = 1.0,
        faults: Faults | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        fetch: Callable[[Sequence[str]], tuple[str, ...] | None] = fetch_kinds,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store = store
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.faults = faults or Faults()
        self.pause = pause
        self.clock = clock
        self._fetch = fetch
        self._sent_after = sent_after
        self._delivered_after = delivered_after
        self._poster = CallbackPoster(auth_token)

    def accept(self, fields: dict[str, str], fault: Fault, media: Sequence[str] = ()) -> CarrierMessage:
        """Keep the message and promise its callbacks; raises Refused as Twilio would.

        What `media` names is fetched as Twilio fetches it; what cannot be had is told as undelivered.
        """
        check_outgoing(fields)
        body, shown = shown_message(self.store, fields)
        kinds = self._fetch(media) if media else ()
        if kinds is None:
            fault = replace(fault, final_status="undelivered", final_code=MEDIA_NOT_FETCHED)
        elif kinds:
            shown = Shown(media=[{"url": url, "kind": kind} for url, kind in zip(media, kinds, strict=True)])
        kept = self.store.add(
            sid="SM" + secrets.token_hex(16),
            direction="outbound-api",
            sender=fields["From"],
            recipient=fields["To"],
            body=body,
            shown=shown,
            status="queued",
            now=self.clock(),
            content_sid=fields.get("ContentSid"),
            status_callback=fields.get("StatusCallback"),
        )
        code = str(fault.final_code) if fault.final_code else None
        self._tell(kept, "sent", None, after=self._sent_after)
        self._tell(kept, fault.final_status or "delivered", code, after=self._delivered_after)
        return kept

    def _tell(self, kept: CarrierMessage, status: str, code: str | None, *, after: float) -> None:
        """The list shows the new status at once, the callback comes when a network would bring it."""
        self.store.set_status(kept.sid, status=status, error_code=code)
        if not kept.status_callback:
            return
        form = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": kept.sender,
            "To": kept.recipient,
            "MessageSid": kept.sid,
            "SmsSid": kept.sid,
            "MessageStatus": status,
            "SmsStatus": status,
        }
        told = form | {"ErrorCode": code} if code else form
        self._poster.post_later(kept.status_callback, told, delay_seconds=after)


def carrier_blueprint(carrier: Carrier) -> Blueprint:
    """The routes; register with url_prefix="/simulator/twilio" and point SAPA_TWILIO_API_URL there."""
    routes = Blueprint("carrier", __name__)
    csrf.exempt(routes)

    @routes.before_request
    def check_keys() -> Response | None:
        given, account_sid = request.authorization, (request.view_args or {}).get("account_sid")
        known = (carrier.account_sid, carrier.auth_token)
        if given is None or (given.username, given.password) != known:
            return refused_json(Refused(401, 20003, "Authenticate"))
        if account_sid not in (None, carrier.account_sid):
            return _not_found()
        return None

    @routes.post("/faults")
    def set_fault() -> tuple[str, int]:
        """Not Twilio's: what goes wrong from now on. An empty form ends it."""
        carrier.faults.set(read_fault(request.form) if request.form else None)
        return "", 204

    _add_messages(routes, carrier)
    _add_media(routes, carrier)
    add_contents(routes, carrier.store, account_sid=carrier.account_sid, clock=carrier.clock)
    return routes


def _add_messages(routes: Blueprint, carrier: Carrier) -> None:
    """Twilio's own: send a message, list what was sent, look at one."""

    @routes.post(f"{API}/Messages.json")
    def create(account_sid: str) -> tuple[Response, int] | Response:
        fault = carrier.faults.take()
        carrier.pause(fault.delay_seconds)
        if fault.status is not None:
            return refused_json(Refused(fault.status, fault.code, "Fault", fault.retry_after))
        try:
            kept = carrier.accept(request.form.to_dict(), fault, request.form.getlist("MediaUrl"))
        except Refused as error:
            return refused_json(error)
        carrier.pause(fault.hang_seconds)
        return jsonify(as_json(kept, account_sid)), 201

    @routes.get(f"{API}/Messages.json")
    def index(account_sid: str) -> Response:
        asked = request.args
        found = carrier.store.outbound(recipient=asked.get("To"), sender=asked.get("From"))
        chosen = [kept for kept in found if was_sent_in(kept, asked)]
        return jsonify(page_of(chosen, asked, account_sid=account_sid, path=request.path))

    @routes.get(f"{API}/Messages/<sid>.json")
    def fetch(account_sid: str, sid: str) -> Response:
        kept = carrier.store.by_sid(sid)
        return _not_found() if kept is None else jsonify(as_json(kept, account_sid))


def _add_media(routes: Blueprint, carrier: Carrier) -> None:
    """Twilio's own: a picture or sound that came with a patient's message."""

    @routes.get(f"{API}/Messages/<message_sid>/Media/<sid>")
    def show_media(account_sid: str, message_sid: str, sid: str) -> Response:
        found = carrier.store.media(sid, message_sid=message_sid)
        return _not_found() if found is None else Response(found[1], mimetype=found[0])


def _not_found() -> Response:
    return refused_json(Refused(404, 20404, "The requested resource was not found"))


def create_carrier_app(carrier: Carrier) -> Flask:
    """The carrier alone, at the root, for tests and as a process of its own."""
    carrier.store.prepare()
    app = Flask("carrier")
    app.register_blueprint(carrier_blueprint(carrier))
    return app


@click.command()
@click.option("--port", type=int, default=4020, show_default=True)
@click.option("--store", "path", type=click.Path(path_type=Path), default=Path("var/carrier.db"), show_default=True)
@click.option("--account-sid", default=DEMO_ACCOUNT, envvar="TWILIO_ACCOUNT_SID")
@click.option("--auth-token", default=DEMO_TOKEN, envvar="TWILIO_AUTH_TOKEN", show_default=False)
@click.option("--delay-seconds", type=float, default=0.0, help="How long each answer takes.")
def main(port: int, path: Path, account_sid: str, auth_token: str, delay_seconds: float) -> None:
    """Run the carrier as a process of its own on 127.0.0.1."""
    faults = Faults(Fault(delay_seconds=delay_seconds) if delay_seconds else None)
    carrier = Carrier(CarrierStore(path), account_sid=account_sid, auth_token=auth_token, faults=faults)
    create_carrier_app(carrier).run("127.0.0.1", port, threaded=True)


if __name__ == "__main__":
    main()
