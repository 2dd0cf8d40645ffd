"""The table of refusals: every code that Twilio's documents name, and what we do about it."""

from __future__ import annotations

import pytest

from bot.channels import SendFailed, SendUnknown
from bot.channels.refusals import RULES, is_known, refusal, rule_for

TABLE = [
    ("20003", "retry"),
    ("20404", "tell_staff"),
    ("20429", "retry"),
    ("20500", "retry"),
    ("20503", "retry"),
    ("21211", "stop"),
    ("21408", "tell_staff"),
    ("21606", "tell_staff"),
    ("21610", "opted_out"),
    ("21612", "tell_staff"),
    ("21614", "stop"),
    ("21617", "tell_staff"),
    ("21635", "stop"),
    ("30003", "retry"),
    ("30004", "stop"),
    ("30005", "stop"),
    ("30006", "stop"),
    ("30007", "tell_staff"),
    ("30008", "retry"),
    ("30034", "tell_staff"),
    ("63003", "fallback"),
    ("63007", "tell_staff"),
    ("63013", "tell_staff"),
    ("63014", "opted_out"),
    ("63016", "fallback"),
    ("63018", "retry"),
    ("21655", "tell_staff"),
    ("21656", "tell_staff"),
    ("63005", "tell_staff"),
    ("63019", "tell_staff"),
    ("63021", "tell_staff"),
    ("63038", "retry"),
]


@pytest.mark.parametrize(("code", "action"), TABLE)
def test_each_code_has_its_action(code: str, action: str) -> None:
    assert action == rule_for(code).action


def test_the_table_here_is_whole() -> None:
    assert {code for code, _ in TABLE} == {code for code in RULES if code.isdigit()}


@pytest.mark.parametrize("code", [None, "", "failed", "99999"])
def test_a_code_nobody_knows_is_told_to_staff(code: str | None) -> None:
    assert (rule_for(code).code, rule_for(code).action) == ("failed", "tell_staff")


def test_what_fails_after_it_was_taken_is_sent_anew_a_bounded_number_of_times() -> None:
    assert {code: rule.again for code, rule in RULES.items() if rule.again and code.isdigit()} == {
        "30003": 2,
        "30008": 1,
        "63018": 3,
        "63038": 6,
    }


def test_only_the_closed_window_asks_for_a_template() -> None:
    assert [code for code, rule in RULES.items() if rule.template] == ["63016"]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_staff_read_a_plain_sentence(rule: object) -> None:
    reason: str = rule.reason  # type: ignore[attr-defined]  # parametrised by the table itself
    assert reason.endswith(".")
    assert len(reason) <= 130


@pytest.mark.parametrize(
    ("status", "code", "shown", "action", "wait"),
    [
        pytest.param(400, "21211", "21211", "stop", None, id="the code decides"),
        pytest.param(429, "63038", "63038", "retry", 3600, id="with its own pause"),
        pytest.param(429, None, "http-429", "retry", None, id="429 alone"),
        pytest.param(408, None, "http-408", "retry", None, id="408"),
        pytest.param(503, "12345", "12345", "retry", None, id="503 with a code nobody knows"),
        pytest.param(401, None, "20003", "retry", 60, id="401 alone"),
        pytest.param(404, "20404", "20404", "tell_staff", None, id="404"),
        pytest.param(418, None, "http-418", "tell_staff", None, id="another 4xx"),
        pytest.param(301, None, "unreadable", "tell_staff", None, id="sent elsewhere"),
    ],
)
def test_an_answer_becomes_one_refusal(
    status: int, code: str | None, shown: str, action: str, wait: float | None
) -> None:
    failure = refusal(status=status, code=code, retry_after=None)
    assert isinstance(failure, SendFailed)
    assert (shown, action, wait) == (failure.code, failure.action, failure.retry_after)


def test_the_providers_own_pause_goes_before_ours() -> None:
    failure = refusal(status=429, code="20429", retry_after=3.0)
    assert isinstance(failure, SendFailed)
    assert failure.retry_after == 3.0


@pytest.mark.parametrize(("status", "code"), [(500, None), (500, "20500"), (502, None), (504, None)])
def test_an_answer_that_broke_says_nothing_about_the_message(status: int, code: str | None) -> None:
    assert isinstance(refusal(status=status, code=code, retry_after=None), SendUnknown)


def test_our_own_words_are_in_the_table() -> None:
    assert all(is_known(word) for word in ("unreachable", "empty", "too_long", "bad_address", "no_channel", "unknown"))
