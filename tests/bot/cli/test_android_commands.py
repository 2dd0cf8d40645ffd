"""`sapa android register` and what `sapa check` says about the phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.channels.android_forms import EVENTS
from bot.channels.android_webhooks import WEBHOOK_PATH, NotRegistered, webhook_address
from bot.cli import main
from bot.cli.android import android_findings
from tests.android_gateway import KEY, PASSWORD, USER, AndroidGateway, running
from tests.pages_world import World

PUBLIC = "https://sapa.example"
Run = Callable[..., Result]


@pytest.fixture
def gateway() -> AndroidGateway:
    return AndroidGateway(lambda: datetime.now(UTC))


@pytest.fixture
def url(gateway: AndroidGateway) -> Iterator[str]:
    with running(gateway) as address:
        yield address


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`sapa android register ...` in an environment that a health centre would have."""
    env = {
        "SAPA_SECRET_KEY": "a secret of the tests",  # pragma: allowlist secret
        "SAPA_PUBLIC_URL": PUBLIC,
        "SAPA_ANDROID_URL": url,
        "SAPA_ANDROID_USERNAME": USER,
        "SAPA_ANDROID_PASSWORD": PASSWORD,
        "SAPA_ANDROID_WEBHOOK_KEY": KEY,
        "SAPA_DEMO": "",
    }

    def register(*arguments: str, **changed: str) -> Result:
        for name, value in (env | changed).items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(main, ["android", "register", *arguments])

    return register


def test_every_event_is_registered_once_at_our_address(gateway: AndroidGateway, run: Run) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert {hook["event"] for hook in gateway.webhooks.values()} == set(EVENTS)
    assert {hook["url"] for hook in gateway.webhooks.values()} == {PUBLIC + WEBHOOK_PATH}


def test_a_second_time_changes_nothing(gateway: AndroidGateway, run: Run) -> None:
    run()
    before, calls = dict(gateway.webhooks), len(gateway.calls)
    result = run()
    assert (result.exit_code, result.output.count("there already")) == (0, len(EVENTS))
    assert (gateway.webhooks, gateway.calls[calls:]) == (before, [("GET", "/webhooks")])


def test_another_address_moves_them(gateway: AndroidGateway, run: Run) -> None:
    run()
    result = run("--url", "http://127.0.0.1:8000/")
    assert (result.exit_code, result.output.count("moved here")) == (0, len(EVENTS))
    assert {hook["url"] for hook in gateway.webhooks.values()} == {"http://127.0.0.1:8000" + WEBHOOK_PATH}


def test_what_would_bring_an_sms_twice_is_removed_and_what_is_others_stays(gateway: AndroidGateway, run: Run) -> None:
    by_hand = {"id": "LreFUt", "event": "sms:received", "url": "https://old.example" + WEBHOOK_PATH}
    others = {"id": "other", "event": "sms:received", "url": "https://elsewhere.example/hook"}
    gateway.webhooks = {"LreFUt": by_hand, "other": others}
    result = run()
    assert (result.exit_code, "removed" in result.output) == (0, True)
    assert "LreFUt" not in gateway.webhooks
    assert gateway.webhooks["other"] == others


@pytest.mark.parametrize(
    "address", ["http://192.168.1.10:8000", "http://sapa.example", "http://localhost:8000", "192.168.1.10", "ftp://x"]
)
def test_an_address_that_no_phone_reports_to_is_named_before_anything_is_asked(
    gateway: AndroidGateway, run: Run, address: str
) -> None:
    result = run("--url", address)
    assert (result.exit_code, "https://" in result.output, "adb reverse" in result.output) == (1, True, True)
    assert gateway.calls == []


@pytest.mark.parametrize("address", ["https://sapa.example", "https://192.168.1.10:8443", "http://127.0.0.1:8000"])
def test_an_address_that_a_phone_reports_to_is_taken(address: str) -> None:
    assert webhook_address(address + "/") == address + WEBHOOK_PATH


def test_a_wrong_address_raises_in_words() -> None:
    with pytest.raises(NotRegistered, match="https"):
        webhook_address("http://sapa.example")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"SAPA_ANDROID_URL": ""}, "set SAPA_ANDROID_URL", id="no gateway"),
        pytest.param({"SAPA_ANDROID_URL": "hp"}, "SAPA_ANDROID_URL must be", id="an address that is none"),
        pytest.param({"SAPA_ANDROID_URL": "http://127.0.0.1:9"}, "does not answer", id="nobody there"),
        pytest.param({"SAPA_ANDROID_PASSWORD": "x"}, "refuses the login", id="password"),  # pragma: allowlist secret
        pytest.param({"SAPA_ANDROID_WEBHOOK_KEY": ""}, "SAPA_ANDROID_WEBHOOK_KEY first", id="no key"),
    ],
)
def test_what_is_wrong_is_said_in_words(run: Run, changed: dict[str, str], words: str) -> None:
    result = run(**changed)
    assert (result.exit_code, words in result.output) == (1, True), result.output


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        pytest.param([200], "cannot be read", id="a page that is no list"),
        pytest.param([500], "the gateway says 500 to GET /webhooks: as told", id="its own error"),
    ],
)
def test_what_the_gateway_says_is_shown(gateway: AndroidGateway, run: Run, answers: list[int], words: str) -> None:
    gateway.answers = answers
    result = run()
    assert (result.exit_code, words in result.output) == (1, True), result.output


def test_programs_get_json(run: Run) -> None:
    rows = json.loads(run("--json").output)
    assert [row["event"] for row in rows] == list(EVENTS)


def test_the_web_serves_the_address_that_the_phone_is_told(world: World) -> None:
    with world.app.test_client() as client:
        assert client.post(WEBHOOK_PATH, data=b"{}").status_code == 403


def findings(world: World, **changes: Any) -> list[tuple[str, str]]:
    given = {"android_username": USER, "android_password": PASSWORD, "android_webhook_key": KEY} | changes
    services = replace(
        world.services,
        settings=replace(world.services.settings, **given),
        clock=lambda: datetime.now(UTC),
    )
    return list(android_findings(services))


def test_where_no_phone_is_set_up_nothing_is_said(world: World) -> None:
    assert findings(world, android_url=None) == []


def test_a_phone_that_is_there_and_reports_is_fine(world: World, gateway: AndroidGateway, run: Run, url: str) -> None:
    run()
    gateway.run_phone()
    ((level, words),) = findings(world, android_url=url)
    assert (level, words.startswith("the phone was there")) == ("ok", True)


def test_what_is_missing_is_named_with_the_command_that_repairs_it(
    world: World, gateway: AndroidGateway, url: str
) -> None:
    gateway.last_seen = datetime.now(UTC) - timedelta(hours=1)
    said = findings(world, android_url=url, android_webhook_key="")
    assert [level for level, _ in said] == ["fault", "warning", "fault"]
    assert "SAPA_ANDROID_WEBHOOK_KEY" in said[0][1]
    assert "sapa android register" in said[2][1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"android_url": "http://127.0.0.1:9"}, "no gateway answers", id="nobody there"),
        pytest.param({"android_password": "x"}, "login is refused", id="password"),  # pragma: allowlist secret
    ],
)
def test_a_phone_that_cannot_be_used_is_a_fault(world: World, url: str, changes: dict[str, str], words: str) -> None:
    ((level, said),) = findings(world, **({"android_url": url} | changes))
    assert (level, words in said) == ("fault", True)
