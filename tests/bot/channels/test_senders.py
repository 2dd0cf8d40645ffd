"""Who wrote an SMS: a person's phone, whose number is written one way, or something that cannot be answered."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.senders import patient_address

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PATIENT = "+6281200000001"


@pytest.mark.parametrize(
    "sender",
    [
        pytest.param("+6281200000001", id="E.164"),
        pytest.param("6281200000001", id="without plus"),
        pytest.param("081200000001", id="as one dials at home"),
        pytest.param("81200000001", id="without the zero"),
        pytest.param("006281200000001", id="with the international prefix"),
        pytest.param("0812-0000-0001", id="with dashes"),
        pytest.param(" +62 812 0000 0001 ", id="with spaces"),
        pytest.param("+62 (0)812 0000 0001", id="with a zero in brackets"),
        pytest.param("+62081200000001", id="with a zero too many"),
    ],
)
def test_one_phone_has_one_address_however_it_is_written(sender: str) -> None:
    assert patient_address(sender) == PATIENT


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        pytest.param("+60123456789", "+60123456789", id="from Malaysia"),
        pytest.param("+62215550123", "+62215550123", id="from a landline"),
        pytest.param("0215550123", "+62215550123", id="from a landline at home"),
        pytest.param("62215550123", "+62215550123", id="from a landline without plus"),
        pytest.param("0819123456", "+62819123456", id="the shortest mobile number"),
        pytest.param("0899123456789", "+62899123456789", id="the longest mobile number"),
        pytest.param("0899000000001", "+62899000000001", id="a prefix that the tables may not know yet"),
    ],
)
def test_a_number_that_can_be_answered_is_a_patients(sender: str, address: str) -> None:
    assert patient_address(sender) == address


@pytest.mark.parametrize(
    "sender",
    [
        pytest.param("TELKOMSEL", id="an operator"),
        pytest.param("BPJS-KES", id="an office"),
        pytest.param("0812GRAB", id="a name with digits"),
        pytest.param("GRAB0812345678", id="a name that ends with a number"),
        pytest.param("363", id="3 digits"),
        pytest.param("99999", id="5 digits"),
        pytest.param("+62363", id="a short number with country code"),
        pytest.param("1500400", id="a call centre"),
        pytest.param("0800123456", id="toll free"),
        pytest.param("08111111", id="too short to be a mobile number"),
        pytest.param("*888#", id="a service code"),
        pytest.param("+", id="a plus"),
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("٠٨١٢٠٠٠٠٠٠٠١", id="digits of another script"),
        pytest.param("0812\n00000001", id="a line break inside"),
        pytest.param("8" * 400, id="far too long"),
    ],
)
def test_what_no_person_reads_is_no_patient(sender: str) -> None:
    assert patient_address(sender) is None


@given(st.text(max_size=40) | st.from_regex(r"\+?[0-9 ().-]{1,25}", fullmatch=True))
@example("+62")
def test_whatever_comes_is_an_address_or_nothing_and_stays_what_it_is(sender: str) -> None:
    address = patient_address(sender)
    assert address is None or (E164.fullmatch(address) and patient_address(address) == address)


@given(st.integers(min_value=10_000_000, max_value=9_999_999_999))
def test_every_08_number_is_the_same_in_three_writings(rest: int) -> None:
    number = f"81{rest}"
    assert patient_address(f"0{number}") == patient_address(f"+62{number}") == patient_address(f"62{number}")
