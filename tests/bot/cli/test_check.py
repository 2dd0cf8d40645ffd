"""`sapa check --deep`: every part is really asked, every finding says what to do, and nothing ends in a traceback."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.app import create_app
from bot.channels.template_contents import template_wordings
from bot.cli.check import LOOKS, check, look
from bot.cli.check_deep import local_looks
from bot.cli.check_outside import Outside
from bot.cli.findings import Finding
from bot.services import Services
from bot.settings import Settings
from clinic import routes
from clinic.content_templates import contents_of, note_made
from clinic.database import open_database
from tests.pages_world import World
from tests.processes import free_port

ACCOUNT, TOKEN = "AC" + "0" * 32, "only-for-tests"
ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "SAPA_SECRET_KEY": "only for tests, only here",  # pragma: allowlist secret
}
WHATSAPP, SMS = "+62811000001", "+62811000002"
NOBODY = "http://127.0.0.1:9"


@dataclass
class Twilio:
    """A Twilio of which one can ask for the account, numbers and senders, as told."""

    status: str = "active"
    refuses: bool = False
    numbers: tuple[str, ...] = (SMS,)
    senders: Mapping[str, str] = field(default_factory=lambda: {f"whatsapp:{WHATSAPP}": "ONLINE"})
    clock_off: timedelta = timedelta(0)
    approvals: Mapping[str, str] = field(default_factory=dict)
    """ContentSid -> what WhatsApp says."""

    def app(self) -> Flask:
        app = Flask("twilio")

        @app.before_request
        def refuse() -> tuple[dict[str, object], int] | None:
            given = request.authorization
            is_right = given is not None and (given.username, given.password) == (ACCOUNT, TOKEN) and not self.refuses
            return None if is_right else ({"code": 20003, "message": "Authenticate", "status": 401}, 401)

        @app.get(f"/2010-04-01/Accounts/{ACCOUNT}.json")
        def account() -> dict[str, str]:
            return {"sid": ACCOUNT, "status": self.status}

        @app.get(f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json")
        def numbers() -> dict[str, object]:
            wanted = request.args["PhoneNumber"]
            return {"incoming_phone_numbers": [{"phone_number": each} for each in self.numbers if each == wanted]}

        @app.get("/v1/Content/<sid>/ApprovalRequests")
        def approval(sid: str) -> dict[str, object]:
            return {"sid": sid, "whatsapp": {"status": self.approvals[sid]}}

        @app.get("/v2/Channels/Senders")
        def senders() -> dict[str, object]:
            return {"senders": [{"sender_id": who, "status": how} for who, how in self.senders.items()]}

        return app


class Clocked(WSGIRequestHandler):
    """A server whose time is not ours."""

    clock_off = timedelta(0)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(datetime.now(UTC) - self.clock_off, usegmt=True)


@contextmanager
def served(app: Flask, port: int = 0, *, clock_off: timedelta = timedelta(0)) -> Iterator[str]:
    handler = type("Handler", (Clocked,), {"clock_off": clock_off})
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)


def settings_with(world: World, **environment: str) -> Settings:
    ours = world.services.settings
    read = Settings.from_environment(ENVIRONMENT | environment)
    return replace(read, database_url=ours.database_url, config_path=ours.config_path)


def services_with(world: World, **environment: str) -> Services:
    return replace(world.services, settings=settings_with(world, **environment), clock=lambda: datetime.now(UTC))


def found(services: Services) -> dict[str, Finding]:
    return {each.what: each for each in Outside(services).look()}


def levels(services: Services) -> dict[str, str]:
    return {what: each.level for what, each in found(services).items() if not what.startswith("template ")}


def ask(world: World, twilio: Twilio, **environment: str) -> dict[str, Finding]:
    with served(twilio.app(), clock_off=twilio.clock_off) as url:
        senders = {"SAPA_TWILIO_WHATSAPP_FROM": WHATSAPP, "SAPA_TWILIO_SMS_FROM": SMS}
        return found(services_with(world, SAPA_TWILIO_API_URL=url, SAPA_PUBLIC_URL=NOBODY, **(senders | environment)))


def test_a_good_account_with_known_senders_is_well(world: World) -> None:
    seen = ask(world, Twilio())

    assert ["ok"] * 4 == [seen[what].level for what in ("twilio account", "clock", "whatsapp sender", "sms sender")]


@pytest.mark.parametrize(
    ("twilio", "what", "level", "to_do"),
    [
        pytest.param(Twilio(status="suspended"), "twilio account", "fault", "log in at Twilio", id="suspended"),
        pytest.param(Twilio(refuses=True), "twilio account", "fault", "TWILIO_AUTH_TOKEN", id="wrong token"),
        pytest.param(Twilio(senders={}), "whatsapp sender", "fault", "SAPA_TWILIO_WHATSAPP_FROM", id="no sender"),
        pytest.param(
            Twilio(senders={f"whatsapp:{WHATSAPP}": "OFFLINE"}), "whatsapp sender", "fault", "console", id="offline"
        ),
        pytest.param(Twilio(numbers=()), "sms sender", "fault", "SAPA_TWILIO_SMS_FROM", id="somebody else's number"),
        pytest.param(Twilio(clock_off=timedelta(minutes=2)), "clock", "warning", "NTP", id="clock a little off"),
        pytest.param(Twilio(clock_off=-timedelta(minutes=9)), "clock", "fault", "NTP", id="clock far off"),
    ],
)
def test_what_is_wrong_at_twilio_is_said_with_what_to_do(
    world: World, twilio: Twilio, what: str, level: str, to_do: str
) -> None:
    finding = ask(world, twilio)[what]

    assert (level, True) == (finding.level, to_do in finding.detail)


def test_a_sender_name_cannot_be_asked_for_and_is_no_fault(world: World) -> None:
    assert "ok" == ask(world, Twilio(), SAPA_TWILIO_SMS_FROM="PUSKESMAS")["sms sender"].level


def test_every_template_is_asked_for_at_whatsapp_and_nothing_is_written_down(world: World) -> None:
    wordings = list(template_wordings().items())[:3]
    now = world.clock()
    said = ("approved", "rejected", "pending")
    sids = [f"HX{number:032}" for number in range(3)]
    with world.services.database.transaction() as db:
        for (name, wording), sid in zip(wordings, sids, strict=True):
            note_made(db, account=ACCOUNT, name=name, wording=wording, sid=sid, now=now)
    seen = ask(world, Twilio(approvals=dict(zip(sids, said, strict=True))))

    levels_by_name = [seen[f"template {name}"].level for name, _ in wordings]
    assert ["ok", "fault", "warning"] == levels_by_name
    others = [each for what, each in seen.items() if what.startswith("template ")][3:]
    assert {"warning"} == {each.level for each in others}
    assert "sapa templates push" in others[0].detail
    with world.services.database.reading() as db:
        assert {None} == {view.approval for view in contents_of(db, ACCOUNT)}


def test_without_a_line_it_says_so_once_and_soon(world: World) -> None:
    services = services_with(
        world, SAPA_TWILIO_API_URL=NOBODY, SAPA_PUBLIC_URL="https://sapa.example.org", SAPA_TWILIO_SMS_FROM=SMS
    )
    start = time.monotonic()

    assert {"internet": "fault"} == levels(services)
    assert time.monotonic() - start < 10


def test_a_twilio_that_never_answers_is_given_up(world: World) -> None:
    app, let_go = Flask("slow"), threading.Event()

    @app.route("/<path:_any>")
    def wait(_any: str) -> str:
        let_go.wait(20)
        return ""

    start = time.monotonic()
    with served(app) as url:
        seen = levels(services_with(world, SAPA_TWILIO_API_URL=url, SAPA_PUBLIC_URL="https://sapa.example.org"))
        let_go.set()
    assert {"internet": "fault"} == seen
    assert time.monotonic() - start < 12


def test_when_the_time_is_over_the_rest_is_left_out(world: World) -> None:
    ticks = iter([0.0, 0.0, *[61.0] * 50])
    outside = Outside(services_with(world, SAPA_TWILIO_API_URL=NOBODY), clock=lambda: next(ticks))

    assert ["internet", "time"] == [each.what for each in outside.look()]


def public(world: World, change: Callable[[Settings], Settings] = lambda settings: settings) -> dict[str, str]:
    """Our own app behind its public address, as `change` makes the running one differ."""
    port = free_port()
    services = services_with(world, SAPA_PUBLIC_URL=f"http://127.0.0.1:{port}", SAPA_TWILIO_API_URL=NOBODY)
    running = replace(services, settings=change(services.settings))
    with served(create_app(running), port):
        return {what: level for what, level in levels(services).items() if what in ("public address", "webhooks")}


def test_our_own_address_and_webhook_are_really_called(world: World) -> None:
    assert {"public address": "ok", "webhooks": "ok"} == public(world)


def test_a_running_web_with_another_token_is_found_out(world: World) -> None:
    seen = public(world, lambda settings: replace(settings, twilio_auth_token="another"))

    assert {"public address": "ok", "webhooks": "fault"} == seen


def test_a_running_web_with_another_address_is_found_out(world: World) -> None:
    seen = public(world, lambda settings: replace(settings, public_url="https://old.example.org"))

    assert {"public address": "ok", "webhooks": "fault"} == seen


@pytest.mark.parametrize(
    ("status", "body", "headers", "to_do"),
    [
        pytest.param(200, "<html>router</html>", {}, "not as Sapa", id="somebody else's page"),
        pytest.param(502, "bad gateway", {}, "answers 502", id="a proxy without Sapa behind it"),
        pytest.param(301, "", {"Location": "https://www.example.org/"}, "SAPA_PUBLIC_URL", id="leads on"),
    ],
)
def test_another_answer_than_ours_is_found_out(
    world: World, status: int, body: str, headers: Mapping[str, str], to_do: str
) -> None:
    app = Flask("other")
    app.add_url_rule("/healthz/alive", view_func=lambda: Response(body, status, headers))
    with served(app) as url:
        finding = found(services_with(world, SAPA_PUBLIC_URL=url, SAPA_TWILIO_API_URL=NOBODY))["public address"]

    assert ("fault", True) == (finding.level, to_do in finding.detail)


def local(services: Services) -> dict[str, Finding]:
    return {each.what: each for one in local_looks() for each in one(services)}


def test_what_is_here_is_really_tried(world: World, tmp_path: Path, migrated_file: Path) -> None:
    own = tmp_path / "migrated.db"
    own.write_bytes(migrated_file.read_bytes())
    services = services_with(world, SAPA_BACKUP_FOLDER=str(tmp_path / "backups"), SAPA_NLU_URL=NOBODY)
    database = open_database(f"sqlite:///{own}")
    seen = local(replace(services, database=database))
    database.close()

    expected = {"database file": "ok", "database writes": "ok", "backup": "warning", "parser reads": "warning"}
    assert expected | {"duty phone": "warning", "messages": "ok"} == {
        what: each.level for what, each in seen.items() if not what.startswith("disk ")
    }


@pytest.mark.parametrize(("hours", "level"), [(25, "ok"), (27, "warning")])
def test_an_old_backup_is_told(world: World, tmp_path: Path, hours: int, level: str) -> None:
    copy = tmp_path / "sapa-2026-11-22.db"
    copy.write_text("x")
    made = time.time() - hours * 3600
    os.utime(copy, (made, made))
    finding = local(services_with(world, SAPA_BACKUP_FOLDER=str(tmp_path)))["backup"]

    assert (level, True) == (finding.level, f"{hours} h old" in finding.detail), finding


def test_a_broken_file_is_found(world: World) -> None:
    path = Path(str(world.services.database.engine.url.database))
    world.services.database.close()
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 20)

    assert "fault" == local(services_with(world))["database file"].level


def test_messages_that_wait_are_told(world: World) -> None:
    contact = world.add_contact(None, "+6281200000001")
    world.said(contact, "Halo", minutes_ago=9, state="queued")
    services = replace(services_with(world), clock=world.clock)

    assert "waiting for 9 minutes" in local(services)["messages on whatsapp"].detail


def test_a_route_that_rests_is_a_fault_with_its_reason(world: World) -> None:
    services = services_with(world, SAPA_TWILIO_WHATSAPP_FROM=WHATSAPP)
    with world.services.database.transaction() as db:
        for _ in range(routes.OPENS_AFTER):
            routes.note_failure(db, "whatsapp", error="20503", now=services.clock())
    seen = {each.what: each for each in look(services)}

    assert ("fault", True) == (seen["route whatsapp"].level, "20503" in seen["route whatsapp"].detail)


def test_the_command_prints_and_ends_with_1_where_something_does_not_work(world: World, tmp_path: Path) -> None:
    environment = ENVIRONMENT | {
        "SAPA_DATABASE_URL": f"sqlite:///{tmp_path}/own.db",
        "SAPA_BACKUP_FOLDER": str(tmp_path),
        "SAPA_TWILIO_API_URL": NOBODY,
        "SAPA_TWILIO_SMS_FROM": SMS,
        "SAPA_NLU_URL": NOBODY,
        "SAPA_PUBLIC_URL": NOBODY,
        "SAPA_CONFIG": str(world.services.settings.config_path),
    }
    text = CliRunner().invoke(check, ["--deep"], env=environment)
    rows = json.loads(CliRunner().invoke(check, ["--deep", "--json"], env=environment).output)

    assert 1 == text.exit_code
    assert "BAD   internet: no connection" in text.output
    assert [row["what"] for row in rows if row["level"] == "fault"] == ["internet", "public address"]
    assert len(rows) > len(LOOKS)
