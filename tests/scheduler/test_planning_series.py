"""Which doses a child is invited for, and when: ages, late doses, age limits, month ends."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.planning import questions
from scheduler.series import appointments, open_items
from tests.scheduler.wonorejo import INFANTS, UP_TO_4_MONTHS, at, child, got, plan, with_immunisation_on


def _open(birth: str, given: dict[str, str]) -> dict[str, str]:
    done = {dose.item: dose.given_on for dose in got(given)}
    items = open_items(INFANTS, birth=date.fromisoformat(birth), given=done, enrolled_on=date(2000, 1, 1))
    return {item.code: item.earliest.isoformat() for item in items}


@pytest.mark.parametrize(
    ("birth", "given", "item", "day"),
    [
        pytest.param("2026-02-24", {}, "BCG", "2026-03-24", id="at one month"),
        pytest.param("2026-02-24", {}, "MR1", "2026-11-24", id="at nine months"),
        pytest.param("2026-01-31", {}, "BCG", "2026-03-01", id="no 31 February: never a day too early"),
        pytest.param("2025-12-31", {}, "DPT1", "2026-03-01", id="two months after 31 December"),
        pytest.param("2024-02-29", {"PCV1 PCV2": "2024-06-01"}, "PCV3", "2025-03-01", id="leap day, a year on"),
        pytest.param("2026-02-24", {"DPT1": "2026-04-24"}, "DPT2", "2026-05-24", id="second dose on time"),
        pytest.param("2026-02-24", {"DPT1": "2026-06-10"}, "DPT2", "2026-07-08", id="late: 28 days after the first"),
        pytest.param("2026-02-24", {"DPT1": "2026-04-26"}, "DPT2", "2026-05-24", id="a little late: 28 days reach"),
        pytest.param("2026-02-24", {"DPT1": "2026-04-27"}, "DPT2", "2026-05-25", id="one day more than that"),
        pytest.param("2025-02-24", {"MR1": "2026-06-30"}, "MR2", "2026-12-30", id="six months after a late first"),
        pytest.param("2026-02-24", {"IPV1": "2026-10-31"}, "IPV2", "2027-03-01", id="four months to a month's end"),
        pytest.param("2026-02-24", {"BCG": "2026-11-20"}, "MR1", "2026-12-18", id="live injections 28 days apart"),
    ],
)
def test_a_dose_is_open_from_the_later_of_age_and_interval(
    birth: str, given: dict[str, str], item: str, day: str
) -> None:
    assert _open(birth, given)[item] == day


def test_a_series_goes_on_where_it_stopped() -> None:
    open_now = _open("2025-06-01", {"DPT1": "2025-08-01", "OPV1": "2025-07-01"})
    assert "DPT2" in open_now and "OPV2" in open_now and "DPT1" not in open_now and "DPT3" not in open_now


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        pytest.param("2026-07-23 08:00", True, id="the day before the limit"),
        pytest.param("2026-07-24 08:00", False, id="at five months: not any more"),
    ],
)
def test_an_age_limit_is_exclusive(now: str, codes: bool) -> None:
    born = child("2026-02-24", enrolled_on=at(now).date())
    planned = plan(born, now, doses=got({"BCG OPV1": "2026-03-24"}))
    assert codes == ("RV1" in planned[0].reason)


def test_a_dose_past_its_age_limit_becomes_a_question_to_staff() -> None:
    asked = questions([child("2026-02-24")], INFANTS, doses=(), today=date(2026, 7, 24))
    assert "RV1: not from 5 months on, no invitation since 2026-07-24" in [question.why for _, question in asked]


def test_a_late_start_of_a_series_is_left_to_staff() -> None:
    doses = got({"PCV1": "2026-03-01"})
    assert "PCV2" not in _open("2025-02-01", {"PCV1": "2026-03-01"})
    asked = questions([child("2025-02-01")], INFANTS, doses=doses, today=date(2026, 3, 2))
    assert any(question.why.startswith("PCV2: PCV1 was given late") for _, question in asked)


def test_what_nobody_recorded_after_the_last_message_becomes_a_question_to_staff() -> None:
    doses = got(UP_TO_4_MONTHS)
    before = questions([child("2026-02-24")], INFANTS, doses=doses, today=date(2026, 12, 24))
    after = questions([child("2026-02-24")], INFANTS, doses=doses, today=date(2026, 12, 25))
    assert before == ()
    assert [question.why for _, question in after] == [
        "P9M: invited at 9 months, still not recorded: MR1, IPV2; please call"
    ]


def test_doses_of_one_visit_are_one_message() -> None:
    (reminder,) = plan(child("2026-02-24"), "2026-11-21 07:00", doses=got(UP_TO_4_MONTHS))
    assert reminder.lay_names == ("suntik campak", "suntik polio")
    assert reminder.reason == "due in 3 days: MR1, IPV2 at 9 months"
    assert (reminder.item, reminder.occurrence) == ("P9M", "2026-11-24/-3")


def test_an_older_open_dose_is_named_with_the_next_visit() -> None:
    given = {**UP_TO_4_MONTHS, "BCG OPV1": "2026-03-24"}
    del given["DPT3 OPV4 IPV1 RV3"]
    (reminder,) = plan(child("2026-02-24"), "2026-11-24 07:00", doses=got(given))
    assert reminder.reason == "due today: DPT3, OPV4, IPV1, MR1 at 9 months"


def test_doses_within_a_week_of_each_other_are_one_visit_on_the_later_day() -> None:
    given = {"BCG OPV1": "2026-03-24", "PCV1 OPV2 RV1": "2026-04-24", "DPT1": "2026-05-01"}
    planned = plan(child("2026-02-24"), "2026-05-26 07:00", doses=got(given))
    assert [(reminder.item, reminder.visit_on) for reminder in planned] == [("P3M", date(2026, 5, 29))]


def test_doses_further_apart_are_two_visits() -> None:
    given = {"BCG OPV1": "2026-03-24", "PCV1 OPV2 RV1": "2026-04-24", "DPT1": "2026-05-10"}
    first = plan(child("2026-02-24"), "2026-05-25 07:00", doses=got(given))
    second = plan(child("2026-02-24"), "2026-06-08 07:00", doses=got({**given, "PCV2 OPV3 RV2": "2026-05-25"}))
    assert first[0].reason.endswith("OPV3, PCV2, RV2 at 3 months")
    assert second[0].reason == "due today: DPT2 at 3 months"


@pytest.mark.parametrize(
    ("dpt1", "visits"),
    [
        pytest.param("2026-05-03", ["2026-05-31"], id="seven days apart"),
        pytest.param("2026-05-04", ["2026-05-24", "2026-06-01"], id="eight days apart"),
    ],
)
def test_a_week_is_the_border_between_one_visit_and_two(dpt1: str, visits: list[str]) -> None:
    given = {**got_by_item("BCG OPV1", "2026-03-24"), **got_by_item("PCV1 OPV2 RV1", "2026-04-24"), "DPT1": dpt1}
    items = open_items(
        INFANTS,
        birth=date(2026, 2, 24),
        given={item: date.fromisoformat(day) for item, day in given.items()},
        enrolled_on=date(2000, 1, 1),
    )
    made = appointments(INFANTS, [item for item in items if item.code not in ("IPV1", "MR1")])
    assert [visit.due.isoformat() for visit in made] == visits


def test_two_messages_for_one_day_become_the_one_about_the_later_visit() -> None:
    given = {"BCG OPV1": "2026-03-24", "PCV1 OPV2 RV1": "2026-04-24", "DPT1": "2026-05-07"}
    (reminder,) = plan(child("2026-02-24"), "2026-06-01 07:00", doses=got(given))
    assert reminder.occurrence == "2026-06-04/-3"
    assert reminder.codes == ("OPV3", "PCV2", "RV2", "DPT2")


def test_a_dose_that_would_be_too_late_on_the_shifted_day_is_left_out() -> None:
    born = child("2026-02-24", enrolled_on=date(2026, 7, 22))
    wednesdays = plan(born, "2026-07-22 07:00", facility=with_immunisation_on("rabu"))
    mondays = plan(born, "2026-07-24 07:00", facility=with_immunisation_on("senin"))
    assert ("RV1" in wednesdays[0].codes, "RV1" in mondays[0].codes) == (True, False)


def test_of_two_dates_for_one_dose_the_later_counts() -> None:
    twice = (*got({"DPT1": "2026-05-10"}), *got({"DPT1": "2026-04-24", "BCG OPV1": "2026-03-24"}))
    twice += got({"PCV1 OPV2 RV1": "2026-04-24", "PCV2 OPV3 RV2": "2026-05-25"})
    (reminder,) = plan(child("2026-02-24"), "2026-06-08 07:00", doses=twice)
    assert reminder.reason == "due today: DPT2 at 3 months"


def got_by_item(items: str, day: str) -> dict[str, str]:
    return dict.fromkeys(items.split(), day)


def test_what_was_overdue_on_enrolment_is_due_then() -> None:
    born = child("2026-02-24", enrolled_on=date(2026, 8, 3))
    (reminder,) = plan(born, "2026-08-03 07:00")
    assert reminder.visit_on == date(2026, 8, 3)
    assert reminder.reason == "due today: BCG, OPV1, DPT1, PCV1, IPV1 at 4 months"


@pytest.mark.parametrize(
    "dose", ["MR1 IPV2", "MR1"], ids=["everything recorded: silence", "one recorded: the other is asked for"]
)
def test_a_recorded_dose_is_not_asked_for(dose: str) -> None:
    planned = plan(child("2026-02-24"), "2026-11-24 07:00", doses=got({**UP_TO_4_MONTHS, dose: "2026-11-23"}))
    assert [name for reminder in planned for name in reminder.lay_names] == (
        [] if dose == "MR1 IPV2" else ["suntik polio"]
    )


def test_nobody_is_invited_for_what_is_switched_off_or_given_at_birth() -> None:
    assert not {"JE", "HB0"} & set(_open("2025-02-24", {}))
