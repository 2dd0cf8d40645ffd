"""Logs: the same call is a line for people or an object for programs, and no failure quotes what a patient wrote."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from gunicorn.config import Config
from sqlalchemy import text

from bot.channels import SendFailed
from bot.gunicorn_logs import GunicornLogs
from bot.logs import FieldsFormatter, TextFormatter, lines_to_log
from clinic.database import Database
from clinic.identity import IdentityKeeper
from clinic.people import add_person
from tests.clinic.hands import a_contact

PHONE = "+6281200000077"
NAME = "Budi demam"


def record_of(message: str, *values: object, failure: BaseException | None = None) -> logging.LogRecord:
    trouble = (type(failure), failure, failure.__traceback__) if failure else None
    return logging.LogRecord("bot.x", logging.INFO, __file__, 1, message, values, trouble)


def as_json(message: str, *values: object, failure: BaseException | None = None) -> dict[str, Any]:
    line = FieldsFormatter().format(record_of(message, *values, failure=failure))
    assert "\n" not in line
    row: dict[str, Any] = json.loads(line)
    return row


def as_text(message: str, *values: object, failure: BaseException | None = None) -> str:
    return TextFormatter().format(record_of(message, *values, failure=failure))


def raised(work: Callable[[], object]) -> BaseException:
    try:
        work()
    except Exception as failure:
        return failure
    raise AssertionError("nothing was raised")


def test_named_values_become_fields_of_their_own_kind() -> None:
    row = as_json("sent outbox=%s route=%s ok=%s error=%s", 7, "gammu", True, None)

    assert {"event": "sent", "outbox": 7, "route": "gammu", "ok": True, "error": None} == {
        name: row[name] for name in ("event", "outbox", "route", "ok", "error")
    }


def test_what_has_no_name_stays_in_the_event() -> None:
    row = as_json("retry outbox=%s code=%s in %.0f s, 100%% sure", 7, "20429", 12.4)

    assert ("retry in 12 s, 100% sure", 7, "20429") == (row["event"], row["outbox"], row["code"])


def test_every_line_says_when_how_bad_and_where_in_utc() -> None:
    row = as_json("clock stopped")

    assert ("info", "bot.x", "clock stopped") == (row["level"], row["logger"], row["event"])
    assert row["time"].endswith("+00:00") and datetime.fromisoformat(row["time"]).tzinfo is not None


def test_a_field_cannot_take_the_place_of_our_own() -> None:
    row = as_json("odd level=%s time=%s day=%s", "x", "y", date(2026, 11, 23))

    assert ("info", "2026-11-23") == (row["level"], row["day"])
    assert row["time"] != "y"


def test_text_reads_as_it_is_written() -> None:
    assert as_text("sent outbox=%s route=%s", 7, "gammu").endswith("INFO bot.x sent outbox=7 route=gammu")


@pytest.mark.parametrize("form", [lambda *a, **k: json.dumps(as_json(*a, **k)), as_text], ids=["json", "text"])
class TestFailures:
    """Each is a real failure of a real library, with a patient's words in it."""

    def check(self, form: Callable[..., str], failure: BaseException, *, kept: str, secrets: tuple[str, ...]) -> None:
        line = form("turn failed inbound=%s", 7, failure=failure)
        assert kept in line
        assert "test_logs.py" in line, "where it happened is said"
        for secret in secrets:
            assert secret in str(failure), "the test is worth something"
            assert secret not in line

    def test_a_value_that_could_not_be_read(self, form: Callable[..., str]) -> None:
        failure = raised(lambda: int(NAME))

        self.check(form, failure, kept="builtins.ValueError", secrets=(NAME,))

    def test_an_address_that_was_called(self, form: Callable[..., str]) -> None:
        request = httpx.Request("GET", f"https://api.example.org/Messages.json?To={PHONE}")
        failure = raised(httpx.Response(404, request=request).raise_for_status)

        self.check(form, failure, kept="httpx.HTTPStatusError: status_code=404", secrets=("81200000077",))

    def test_a_failure_of_ours_keeps_its_words_without_long_numbers(self, form: Callable[..., str]) -> None:
        def refuse() -> None:
            raise SendFailed(f"63016 {PHONE}", action="retry")

        failure = raised(refuse)

        self.check(form, failure, kept="SendFailed: 63016 +...: retry", secrets=("6281200000077",))

    def test_the_cause_of_a_failure_is_no_way_around(self, form: Callable[..., str]) -> None:
        def work() -> None:
            try:
                int(NAME)
            except ValueError as cause:
                raise RuntimeError(f"no such patient: {NAME}") from cause

        failure = raised(work)
        line = form("job failed", failure=failure)

        assert "builtins.ValueError" in line and "builtins.RuntimeError" in line
        assert "Budi" not in line


def test_a_row_that_the_database_refuses_is_not_quoted(database: Database, now: datetime) -> None:
    def twice() -> None:
        with database.transaction() as db:
            a_contact(db, now, address=PHONE)
            db.execute(
                text("INSERT INTO address (contact_id, channel, address) SELECT 1, channel, address FROM address")
            )

    line = as_text("turn failed", failure=raised(twice))

    assert "IntegrityError" in line
    assert "sqlstate=23505" in line or "sqlite_errorname=SQLITE_CONSTRAINT_UNIQUE" in line
    assert "81200000077" not in line


def test_an_error_of_the_database_holds_no_parameters(
    database: Database, now: datetime, keeper: IdentityKeeper
) -> None:
    def wrong() -> None:
        with database.transaction() as db:
            add_person(db, name="Siti Contoh", birth_date="kemarin", keeper=keeper, now=now)  # type: ignore[arg-type]

    failure = raised(wrong)

    assert "Siti Contoh" not in str(failure)


def test_gunicorn_speaks_our_format_and_leaves_addresses_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAPA_LOG", "json")
    config = Config()
    config.set("loglevel", "warning")
    logs = GunicornLogs(config)
    logs.info("Starting gunicorn")
    logs.exception("Error handling request %s %s", "GET", f"/inbox?q={PHONE}")
    logs.warning(f"Invalid request from ip=203.0.113.9: Invalid Request Line 'GET /{PHONE}'")
    logs.warning("Worker was sent code %s!", 139)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    said = ["a request could not be handled", "a request could not be read", "Worker was sent code 139!"]
    assert said == [line["event"] for line in lines]
    assert PHONE not in str(lines) and "203.0.113.9" not in str(lines)


def test_what_another_program_prints_becomes_events_with_its_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="parser"):
        place = lines_to_log("parser")
        with place.open("ab", buffering=0) as printed:
            printed.write(b"2026-11-23 08:00:00 WARNING  rasa.core - slow\n\nplain words\n")
        end = time.monotonic() + 5
        while len(caplog.records) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        os.close(int(place.name))

    levels = [(record.levelname, record.getMessage().split()[-1]) for record in caplog.records]
    assert [("WARNING", "slow"), ("INFO", "words")] == levels


def test_a_thread_that_ends_by_a_failure_is_logged_without_its_words(tmp_path: Path) -> None:
    code = (
        "import threading\nfrom bot.logs import log_to_stderr\nlog_to_stderr('json')\n"
        "name = bytes.fromhex('42756469').decode()\n"
        "thread = threading.Thread(target=int, args=(name,))\nthread.start()\nthread.join()\nint(name)\n"
    )
    file = tmp_path / "ends.py"
    file.write_text(code)
    root = Path(__file__).resolve().parents[2]
    done = os.popen(f"PYTHONPATH={root} {sys.executable} {file} 2>&1").read()
    events = [json.loads(line) for line in done.splitlines()]

    assert ["a thread ended by a failure", "ended by a failure"] == [event["event"] for event in events]
    assert "Budi" not in done
