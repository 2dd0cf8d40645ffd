"""Who may call as Mobile JKN: the login, its tokens, the limits, and a centre that does not serve it at all."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from bot.app import create_app
from bot.jkn.login import TOKEN_LIVES
from bot.settings import Settings, SettingsError
from clinic.audit import AuditEntry
from clinic.database import Database
from clinic.facility import Facility
from tests.jkn_client import PASSWORD, USERNAME, MobileJkn, card, newcomer, nik, wish
from tests.jkn_world import SECRET, TUESDAY, Clock, JknWorld, served, services_of, with_codes

DENIED, EXPIRED = (201, "Access denied"), (201, "Token expired")
DAY = TUESDAY.isoformat()


@pytest.fixture
def centre(desk: JknWorld) -> JknWorld:
    return desk


@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param(USERNAME, "salah", id="a wrong password"),
        pytest.param("lain", PASSWORD, id="another user"),
        pytest.param("", "", id="nothing"),
        pytest.param(USERNAME, PASSWORD + "x", id="a password that goes on"),
    ],
)
def test_a_login_that_is_wrong_is_denied_and_audited(centre: JknWorld, username: str, password: str) -> None:
    told = MobileJkn(centre.jkn.url, username=username, password=password).login()
    assert (201, DENIED, None) == (told.status, told.refusal, told.response)
    with centre.services.database.reading() as db:
        assert ["jkn.login_failed"] == [each.action for each in db.query(AuditEntry)]


def test_a_token_ends_by_itself(centre: JknWorld) -> None:
    centre.clock.now += TOKEN_LIVES
    assert EXPIRED == centre.jkn.status("001", DAY).refusal
    centre.jkn.login()
    assert (200, "Ok") == centre.jkn.status("001", DAY).refusal


@pytest.mark.parametrize("change", ["", "x", "cut", "no dots"])
def test_a_token_that_is_not_ours_is_denied(centre: JknWorld, change: str) -> None:
    token = centre.jkn.token
    centre.jkn.token = {"": "", "x": token[:-1] + ("a" if token[-1] != "a" else "b"), "cut": token[:20]}.get(
        change, token.replace(".", "")
    )
    assert DENIED == centre.jkn.status("001", DAY).refusal
    assert DENIED == centre.jkn.register(newcomer(1)).refusal


def test_a_token_belongs_to_its_user(centre: JknWorld) -> None:
    centre.jkn.username = "lain"
    assert DENIED == centre.jkn.status("001", DAY).refusal


def test_another_password_ends_every_token(centre: JknWorld, tmp_path: Path) -> None:
    changed = {"SAPA_JKN_PASSWORD": "sandi-baru-yang-panjang"}  # pragma: allowlist secret
    database, clock = centre.services.database, centre.clock
    services = services_of(database, centre.facility, clock, tmp_path, environment=changed)
    with served(create_app(services)) as url:
        other = MobileJkn(f"{url}/jkn", token=centre.jkn.token)
        assert DENIED == other.status("001", DAY).refusal


def test_guessing_the_password_ends_after_thirty_tries(centre: JknWorld) -> None:
    guess = MobileJkn(centre.jkn.url, password="salah")
    told = [guess.login().status for _ in range(32)]
    assert ([201] * 30, [429, 429]) == (told[:30], told[30:])
    assert (200, "Ok") == centre.jkn.status("001", DAY).refusal  # whoever is logged in goes on


def test_strangers_are_slowed_down_and_take_nothing_from_bpjs(centre: JknWorld) -> None:
    stranger = MobileJkn(centre.jkn.url, token="x")
    told = [stranger.status("001", DAY).status for _ in range(62)]
    assert {201, 429} == set(told)
    assert 429 == told[-1]
    assert (200, "Ok") == centre.jkn.status("001", DAY).refusal


@pytest.mark.parametrize("missing", ["serve", "credentials"])
def test_a_centre_that_does_not_serve_mobile_jkn_has_no_such_pages(
    file: Database, facility: Facility, now: datetime, tmp_path: Path, missing: str
) -> None:
    chosen = with_codes(facility, serve=missing != "serve")
    gone = {"SAPA_JKN_PASSWORD": ""} if missing == "credentials" else {}
    services = services_of(file, chosen, Clock(now), tmp_path, environment=gone)
    with served(create_app(services)) as url:
        for method, path in (("GET", "auth"), ("POST", "antrean"), ("PUT", "antrean/batal"), ("POST", "peserta")):
            answer = httpx.request(method, f"{url}/jkn/{path}", trust_env=False)
            assert 404 == answer.status_code, path


def test_a_short_password_is_refused_at_the_start() -> None:
    environment = {"SAPA_SECRET_KEY": SECRET, "SAPA_JKN_PASSWORD": "pendek"}  # pragma: allowlist secret
    with pytest.raises(SettingsError, match="SAPA_JKN_PASSWORD"):
        Settings.from_environment(environment)


def test_a_database_that_is_gone_is_told_as_busy_not_as_a_crash(centre: JknWorld, file: Database) -> None:
    with file.transaction() as db:
        db.connection().exec_driver_sql("DROP TABLE audit_entry")
    told = MobileJkn(centre.jkn.url, password="salah").login()
    assert (503, (201, "Sedang gangguan, coba lagi nanti")) == (told.status, told.refusal)


def test_no_card_nik_or_name_is_in_the_log(centre: JknWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    centre.jkn.register(newcomer(2))
    centre.jkn.take(wish(2, DAY))
    centre.jkn.take(wish(2, DAY))
    centre.jkn.left(card(2), "001", DAY)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("bot", "clinic")))
    assert "jkn refused duplicate" in ours
    for secret in (card(2), nik(2), "SITI", centre.jkn.token, PASSWORD):
        assert secret not in ours
