"""Whatever JSON comes in: an answer in the known envelope, never a crash."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jkn.answers import MESSAGES, Refused
from bot.jkn.bodies import read_body, read_booking, read_held, read_newcomer
from bot.jkn.login import check_token
from bot.settings import Settings
from tests.jkn_client import PASSWORD, USERNAME, newcomer, wish_of_doctor
from tests.jkn_world import SECRET

TODAY = date(2026, 11, 23)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ENVIRONMENT = {"SAPA_SECRET_KEY": SECRET, "SAPA_JKN_USERNAME": USERNAME, "SAPA_JKN_PASSWORD": PASSWORD}
SETTINGS = Settings.from_environment(ENVIRONMENT)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(newcomer(1))), VALUES)
def test_any_value_of_a_newcomers_field_is_taken_or_refused_in_known_words(field: str, value: Any) -> None:
    try:
        kept = read_newcomer(newcomer(1) | {field: value}, today=TODAY)
    except Refused as refusal:
        assert refusal.key in MESSAGES
        assert refusal.message
    else:
        assert kept.name.isprintable()
        assert kept.name.encode("utf-8")
        assert (13, 16) == (len(kept.card), len(kept.nik))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(wish_of_doctor(1, "2026-11-24"))), VALUES)
def test_any_value_of_a_bookings_field_is_taken_or_refused_in_known_words(field: str, value: Any) -> None:
    try:
        wish = read_booking(wish_of_doctor(1, "2026-11-24") | {field: value}, today=TODAY, with_doctor=True)
    except Refused as refusal:
        assert refusal.key in MESSAGES
    else:
        assert f"{wish.complaint}{wish.poli_code}{wish.hours}{wish.doctor_code}".encode()
        assert wish.day >= TODAY


@settings(max_examples=300, deadline=None)
@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_body_with_fields_or_without(content: bytes) -> None:
    body = read_body(content)
    try:
        read_held(
            card=body.get("nomorkartu"), poli_code=body.get("kodepoli"), day=body.get("tanggalperiksa"), today=TODAY
        )
    except Refused as refusal:
        assert refusal.key in MESSAGES


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_no_made_up_token_is_taken(token: str, username: str) -> None:
    now = datetime.fromisoformat("2026-11-23T08:00+08:00")
    try:
        check_token(token, username, settings=SETTINGS, now=now)
    except Refused as refusal:
        assert "login_wrong" == refusal.key
    else:
        raise AssertionError("a token nobody gave was taken")
