"""`sapa check --deep`, outside: Twilio, the templates, and our own address as the internet sees it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from bot.channels.contents import ContentError, open_content_api
from bot.channels.refusals import is_known, rule_for
from bot.channels.routing import STATUS_PATH
from bot.channels.twilio_forms import SIGNATURE_HEADER, sign
from bot.channels.twilio_look import AccountSeen, NotSeen, TwilioLook, open_look
from bot.cli.findings import Finding
from bot.contents_upkeep import template_states
from bot.services import Services

WHOLE_SECONDS = 60.0
"""When this is over, what was not asked yet is left out."""
HTTP = httpx.Timeout(6.0, connect=3.0)
CLOCK_LOOK, CLOCK_BAD = timedelta(seconds=30), timedelta(minutes=5)
NO_LINE = "no connection to Twilio or the internet: what lies there was not asked; messages wait until it is back"
DECIDED_AGAINST = ("rejected", "paused", "disabled")


@dataclass
class Outside:
    """One round of questions; what the first of them shows decides which of the others are asked."""

    services: Services
    clock: Callable[[], float] = time.monotonic
    started_at: float = field(init=False)
    has_line: bool = True

    def __post_init__(self) -> None:
        self.started_at = self.clock()

    def look(self) -> Iterator[Finding]:
        """Every finding, as it is made; each call has its own time limit, and so has the whole."""
        for ask in (self._twilio, self._templates, self._public_address):
            if self.clock() - self.started_at > WHOLE_SECONDS:
                yield Finding("time", "warning", f"{WHOLE_SECONDS:.0f} s are over: the rest was not asked; try again")
                return
            yield from ask()

    def _twilio(self) -> Iterator[Finding]:
        settings = self.services.settings
        if not settings.has_twilio or self._is_simulated():
            return
        look = open_look(settings)
        try:
            seen = look.account(now=self.services.clock())
        except NotSeen as refused:
            self.has_line = refused.is_reached
            yield _no_line() if not refused.is_reached else _refused("twilio account", refused)
            return
        yield _account(seen)
        yield from _clock(seen)
        yield from self._senders(look)

    def _senders(self, look: TwilioLook) -> Iterator[Finding]:
        settings = self.services.settings
        try:
            if settings.whatsapp_from:
                yield _whatsapp_sender(look, settings.whatsapp_from.removeprefix("whatsapp:"))
            if settings.sms_from:
                yield _sms_sender(look, settings.sms_from)
        except NotSeen as refused:
            yield _refused("twilio sender", refused)

    def _templates(self) -> Iterator[Finding]:
        """Asked at Twilio, and nothing written down."""
        api = open_content_api(self.services.settings) if self.has_line and not self._is_simulated() else None
        if api is None:
            return
        for state in template_states(self.services.database, self.services.settings.twilio_account_sid):
            if state.content is None or state.content.sid is None:
                words = "not at Twilio yet: sapa templates push"
                yield Finding(f"template {state.name}", "warning", words)
                continue
            if self.clock() - self.started_at > WHOLE_SECONDS:
                return
            try:
                yield _approval(state.name, api.approval(state.content.sid).status)
            except ContentError as error:
                yield Finding(f"template {state.name}", "warning", f"Twilio did not say ({error}): try again later")

    def _public_address(self) -> Iterator[Finding]:
        """Our own page over the address that the internet has of us, then a webhook with a good and a bad signature."""
        url = self.services.settings.public_url
        host = urlsplit(url).hostname or ""
        is_here = _is_near(host)
        if not is_here and not self.has_line:
            return
        if not is_here and not url.startswith("https://"):
            yield Finding("public address", "warning", f"{url} is not https: patients' words travel in the open")
        if "_" in host:
            yield Finding("public address", "fault", f"{host}: Twilio sends no status to a name with an underscore")
        with httpx.Client(timeout=HTTP, follow_redirects=False, trust_env=not is_here) as http:
            answers = _alive(http, url)
            yield answers
            if answers.level == "ok" and self.services.settings.has_twilio:
                yield from _webhook(http, url, self.services.settings.twilio_auth_token)

    def _is_simulated(self) -> bool:
        url = self.services.settings.twilio_api_url
        return url is not None and _is_near(urlsplit(url).hostname or "") and self.services.settings.is_demo


def _account(seen: AccountSeen) -> Finding:
    if seen.status == "active":
        return Finding("twilio account", "ok", "active")
    return Finding("twilio account", "fault", f"{seen.status}: log in at Twilio and see why (is it paid for?)")


def _clock(seen: AccountSeen) -> Iterator[Finding]:
    if seen.clock_off is None:
        return
    off = abs(seen.clock_off)
    said = f"{off.total_seconds():.0f} s from Twilio's"
    level = "fault" if off > CLOCK_BAD else "warning" if off > CLOCK_LOOK else "ok"
    yield Finding("clock", level, said if level == "ok" else f"{said}: let this machine keep time by NTP (timedatectl)")


def _whatsapp_sender(look: TwilioLook, number: str) -> Finding:
    status = look.whatsapp_sender_status(number)
    if status is None:
        words = "Twilio knows no such sender in this account: check SAPA_TWILIO_WHATSAPP_FROM"
        return Finding("whatsapp sender", "fault", words)
    if status.startswith("ONLINE"):
        return Finding("whatsapp sender", "ok", status)
    return Finding("whatsapp sender", "fault", f"{status}: Twilio's console says what it waits for (WhatsApp senders)")


def _sms_sender(look: TwilioLook, sender: str) -> Finding:
    if not sender.startswith("+"):
        return Finding("sms sender", "ok", "a sender name, which Twilio cannot be asked for")
    if look.has_number(sender):
        return Finding("sms sender", "ok", "in this account")
    return Finding("sms sender", "fault", "not a number of this account: check SAPA_TWILIO_SMS_FROM")


def _approval(name: str, status: str) -> Finding:
    what = f"template {name}"
    if status == "approved":
        return Finding(what, "ok", status)
    if status in DECIDED_AGAINST:
        return Finding(what, "fault", f"{status} by WhatsApp: sapa templates status says why; change it and push again")
    if status == "unsubmitted":
        return Finding(what, "warning", f"{status}: sapa templates push asks for approval")
    return Finding(what, "warning", f"{status}: WhatsApp decides within two days; until then it is not used")


def _alive(http: httpx.Client, url: str) -> Finding:
    what = "public address"
    try:
        answer = http.get(f"{url}/healthz/alive")
    except httpx.HTTPError as error:
        words = (
            f"{url} does not answer ({type(error).__name__}): does Sapa run, and does the name lead to this machine?"
        )
        return Finding(what, "fault", words)
    if answer.is_redirect:
        words = f"{url} leads on elsewhere: put the last address into SAPA_PUBLIC_URL, signatures are made for it"
        return Finding(what, "fault", words)
    if answer.status_code != httpx.codes.OK or not _says_alive(answer):
        words = f"{url} answers {answer.status_code}, but not as Sapa: lead the name or proxy to SAPA_PORT"
        return Finding(what, "fault", words)
    return Finding(what, "ok", f"{url} leads to Sapa")


def _says_alive(answer: httpx.Response) -> bool:
    try:
        return bool(answer.json() == {"alive": True})
    except ValueError:
        return False


def _webhook(http: httpx.Client, url: str, token: str) -> Iterator[Finding]:
    """A status of a message that nobody sent: signed it must be taken, signed wrongly refused."""
    sid = "SM" + secrets.token_hex(16)
    form = {"MessageSid": sid, "SmsSid": sid, "MessageStatus": "delivered", "SmsStatus": "delivered"}
    address = url + STATUS_PATH
    try:
        good = sign(url=address, form=form, auth_token=token)
        taken = http.post(address, data=form, headers={SIGNATURE_HEADER: good}).status_code
        refused = http.post(address, data=form, headers={SIGNATURE_HEADER: "AAAA"}).status_code
    except httpx.HTTPError as error:
        yield Finding("webhooks", "fault", f"{address} does not answer ({type(error).__name__}): look at the proxy")
        return
    if taken == httpx.codes.FORBIDDEN:
        words = "a right signature is refused: the running web has another TWILIO_AUTH_TOKEN or SAPA_PUBLIC_URL"
        yield Finding("webhooks", "fault", f"{words}; restart sapa run")
    elif taken != httpx.codes.OK:
        yield Finding("webhooks", "fault", f"answered with {taken} instead of 200: look at the log of the web")
    elif refused != httpx.codes.FORBIDDEN:
        yield Finding(
            "webhooks", "fault", f"a wrong signature is answered with {refused}: who answers there is not Sapa"
        )
    else:
        yield Finding("webhooks", "ok", "a signed status is taken, a forged one refused")


def _refused(what: str, refused: NotSeen) -> Finding:
    words = f"Twilio says {refused.code}"
    if refused.code in ("20003", "20404"):
        return Finding(what, "fault", f"{words}: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    is_passing = is_known(refused.code) and rule_for(refused.code).action == "retry"
    return Finding(what, "warning" if is_passing else "fault", f"{words}: try again, then look it up at Twilio")


def _no_line() -> Finding:
    return Finding("internet", "fault", NO_LINE)


def _is_near(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
