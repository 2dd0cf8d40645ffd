"""`sapa chat`: a phone in the terminal, over the same signed webhook and the same delivery as any other."""

from __future__ import annotations

import sys
import time

import click
import httpx

from bot.cli.opening import open_services
from bot.services import Services
from bot.simulator.carrier_store import CarrierStore
from bot.simulator.patient import post_signed_message, sms_form, whatsapp_form
from clinic.inbound import end_of_burst

WAIT_SECONDS = 20.0
LOOK_EVERY = 0.1
REFUSED = "the webhook refused the message (HTTP {status})"


@click.command()
@click.option("--from", "number", default="+6281200000099", show_default=True, help="The phone to write from.")
@click.option("--channel", type=click.Choice(["whatsapp", "sms"]), default="whatsapp", show_default=True)
def chat(number: str, channel: str) -> None:
    """Talk to a running demo (`sapa run`): one line is one message, Ctrl-D ends."""
    services = open_services()
    if not services.settings.is_demo:
        raise click.ClickException("the chat writes from an invented phone: set SAPA_DEMO=1, or use a real phone")
    store = CarrierStore(services.carrier_path)
    store.prepare()
    for line in sys.stdin:
        if not sys.stdin.isatty():
            click.echo(f"> {line.strip()}")
        seen = _last_id(store, number, channel)
        _send(services, number=number, channel=channel, text=line.strip())
        click.echo(_wait_for_answer(store, number, channel, after=seen))


def _send(services: Services, *, number: str, channel: str, text: str) -> None:
    settings = services.settings
    make, recipient = (
        (whatsapp_form, settings.whatsapp_from) if channel == "whatsapp" else (sms_form, settings.sms_from)
    )
    form = make(sender=number, recipient=recipient, text=text, account_sid=settings.twilio_account_sid)
    here = f"http://127.0.0.1:{settings.port}"
    try:
        status = post_signed_message(settings.public_url, settings.twilio_auth_token, form, via=here)
    except httpx.HTTPError as error:
        raise click.ClickException(f"nobody answers on {here}: is `sapa run` running?") from error
    if status != httpx.codes.OK:
        raise click.ClickException(REFUSED.format(status=status))
    with services.database.transaction() as db:
        end_of_burst(db, channel=channel, address=number)  # a line is a whole message here: nothing is waited for


def _wait_for_answer(store: CarrierStore, number: str, channel: str, *, after: int) -> str:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        new = store.messages_for(_address(number, channel), after_id=after)
        if new:
            return "\n".join(f"< {line}" for message in new for line in message.body.splitlines())
        time.sleep(LOOK_EVERY)
    return "(no answer: a person holds this conversation, or the worker does not run)"


def _last_id(store: CarrierStore, number: str, channel: str) -> int:
    messages = store.messages_for(_address(number, channel))
    return messages[-1].id if messages else 0


def _address(number: str, channel: str) -> str:
    return f"whatsapp:{number}" if channel == "whatsapp" else number
