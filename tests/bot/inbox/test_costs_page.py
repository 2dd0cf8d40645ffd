"""The page of the month's money, as everybody on the staff sees it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.app import create_app
from clinic.facility_delivery import Budget, Route
from clinic.outbox import PRIORITIES
from tests.clinic.sent_messages import a_dropped_message, a_sent_message, a_served_number
from tests.pages_world import World

ROUTES = (*Route.__args__, "console", "")  # type: ignore[attr-defined]  # a Literal's values


def with_budget(world: World, monthly: int | None) -> World:
    facility = world.services.facility.model_copy(update={"budget": Budget(monthly=monthly)})
    services = replace(world.services, facility=facility)
    return World(services=services, app=create_app(services), clock=world.clock)


def spend(world: World, rupiah: int, *, days_ago: int = 0, kind: str = "reply", **fields: object) -> None:
    with world.services.database.transaction() as db:
        at = world.clock() - timedelta(days=days_ago)
        a_sent_message(db, at, kind=kind, cost=rupiah * 100, **fields)


def page(world: World, query: str = "") -> str:
    """What the page says, without its tags."""
    response = world.logged_in().get(f"/inbox/costs{query}")
    assert 200 == response.status_code
    text = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return re.sub(r"[\s\u00a0]+", " ", text).replace(" .", ".").replace(" ,", ",")


def test_the_page_says_what_was_spent_in_rupiah(world: World) -> None:
    spend(world, 12_345)
    said = page(world)
    assert "Biaya pesan November 2026" in said
    assert "Terpakai sampai hari ini Rp 12.345 1 pesan Tidak ada batas anggaran." in said


def test_a_month_without_messages_says_so_too(world: World) -> None:
    said = page(world)
    assert "Rp 0 0 pesan" in said
    assert "Hari demi hari" not in said
    assert "Belum ada kunjungan" in said


def test_the_share_of_the_budget_and_the_rest_are_named(world: World) -> None:
    world = with_budget(world, 500_000)
    spend(world, 125_000)
    assert "25% dari anggaran Rp 500.000. Sisa Rp 375.000." in page(world)


def test_the_forecast_says_how_far_it_goes(world: World) -> None:
    for back in range(4):
        spend(world, 100, days_ago=back)
    assert "Masih kasar: baru 3 hari yang bisa dihitung." in page(world)


def test_on_the_first_day_nothing_is_foreseen(world: World) -> None:
    spend(world, 100)
    assert "Belum bisa diperkirakan." in page(world)


def test_a_budget_that_will_not_do_is_told_in_time(world: World) -> None:
    world = with_budget(world, 30_000)
    for back in range(1, 29):
        spend(world, 1_000, days_ago=back, kind="reminder")
    assert "Kalau begini terus, anggaran bulan ini tidak cukup." not in page(world)
    spend(world, 1_000, days_ago=5, kind="reminder")
    assert "Kalau begini terus, anggaran bulan ini tidak cukup." in page(world)


def test_what_is_given_up_and_how_much_was_not_sent_stands_on_top(world: World) -> None:
    world = with_budget(world, 1_000)
    spend(world, 1_000)
    with world.services.database.transaction() as db:
        a_dropped_message(db, world.clock())
        a_dropped_message(db, world.clock())
    said = page(world)
    assert "Sedang tidak dikirim karena anggaran: pengingat, pemberitahuan. Pesan bahaya tetap dikirim." in said
    assert "Tidak dikirim bulan ini karena anggaran: 2 pengingat." in said


def test_messages_without_a_price_are_named_and_no_price_is_shown_for_them(world: World) -> None:
    with world.services.database.transaction() as db:
        a_sent_message(db, world.clock(), route="twilio_sms", cost=None, segments=1)
    said = page(world)
    assert "1 pesan belum ada tarifnya, jadi dihitung nol (SMS lewat Twilio)" in said
    assert "SMS lewat Twilio 1 bagian SMS 1 belum ada" in said


def test_kept_visits_are_told_without_claiming_more_than_is_known(world: World) -> None:
    spend(world, 1_000)
    with world.services.database.transaction() as db:
        for day in (20, 21):
            a_served_number(db, date(2026, 11, day), world.clock())
    said = page(world)
    assert "Rp 500 per kunjungan 2 kunjungan: 2 dilayani dengan nomor antrian lewat pesan" in said
    assert "Belum tentu mereka datang karena pesan kita." in said


def test_other_months_are_one_link_away_and_the_future_is_not(world: World) -> None:
    spend(world, 700, days_ago=30)
    html = world.logged_in().get("/inbox/costs").get_data(as_text=True)
    assert "month=2026-10" in html and "month=2026-12" not in html
    before = page(world, "?month=2026-10")
    assert "Biaya pesan Oktober 2026" in before and "Terpakai Rp 700" in before
    assert "November 2026 →" in before
    assert "Perkiraan" not in before.split("Bagaimana ini dihitung?")[0]


@pytest.mark.parametrize("month", ["november", "2026-13", "2026-11-01", "0001-01", "9999-12", "", "2026-1"])
def test_a_month_that_is_none_is_not_there(world: World, month: str) -> None:
    assert 404 == world.logged_in().get(f"/inbox/costs?month={month}").status_code


@pytest.mark.parametrize("name", ["sari", "budi"])
def test_everybody_on_the_staff_finds_the_page(world: World, name: str) -> None:
    client = world.logged_in(name)
    assert 'href="/inbox/costs"' in client.get("/inbox").get_data(as_text=True)
    assert 200 == client.get("/inbox/costs").status_code


@pytest.mark.parametrize(
    ("macro", "key"), [*(("kind", key) for key in PRIORITIES), *(("route", key) for key in ROUTES)]
)
def test_every_kind_and_route_has_words_for_staff(world: World, macro: str, key: str) -> None:
    with world.app.test_request_context("/"):
        module = world.app.jinja_env.get_template("inbox/_money_words.html").make_module()
        assert str(getattr(module, macro)(key)).strip() not in ("", key)


def test_a_message_that_the_budget_stopped_says_so_in_its_conversation(world: World) -> None:
    contact = world.add_contact("Bu Ratna", "+6281200000001")
    world.add_case(contact, "K1", "halo")
    world.said(contact, "Besok imunisasi.", state="dropped", error_code="budget")
    html = world.logged_in().get("/inbox/cases/K1").get_data(as_text=True)
    assert "Tidak dikirim: anggaran pesan tidak cukup" in html


@pytest.mark.parametrize("topic", ["budget_warning", "budget_spent"])
def test_a_case_about_the_budget_says_what_it_is_about(world: World, topic: str) -> None:
    world.add_case(None, "K1", "isi", kind="delivery", topic=topic)
    assert "anggaran pesan" in world.logged_in().get("/inbox/cases/K1").get_data(as_text=True)
