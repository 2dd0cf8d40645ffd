"""Typing back what was done on paper, in a real browser: on a desk and on a small screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from clinic.paper_blocks import set_aside
from clinic.people import add_person
from clinic.queue import cancel_number, day_list, take_number
from tests.bot.board.waiting_room import TODAY
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """() => [...document.querySelectorAll("main button, main select, main input:not([type=hidden])")]
    .filter(field => field.offsetHeight && field.offsetHeight < 21).map(field => field.outerHTML)"""


def a_morning(site: Site) -> list[int]:
    """Three people with a number at poli gigi, and five numbers set aside."""
    services, ids = site.world.services, []
    with services.database.transaction() as db:
        now, facility = site.world.clock(), services.facility
        for name in ("Siti Aminah", "Budi Santoso", "Siti " + "Panjangsekalinamanya" * 5):
            person = add_person(db, name=name, keeper=services.keeper, now=now)
            ticket = take_number(
                db, facility=facility, poli="gigi", day=TODAY, session="pagi", person_id=person.id, contact_id=None,
                via="counter", now=now,
            )  # fmt: skip
            ids.append(ticket.id)
        rules = facility.queue.model_copy(update={"paper_numbers": 5})
        five = facility.model_copy(update={"queue": rules})
        set_aside(db, five, "gigi", TODAY, now=now, actor="staff:1")
    return ids


def states(site: Site) -> dict[str, str]:
    with site.world.services.database.reading() as db:
        return {row.code: row.state for row in day_list(db, TODAY, facility=site.world.services.facility)}


def test_a_sheet_is_typed_back_and_its_conflict_decided(site: Site, page: Page) -> None:
    ids = a_morning(site)
    with site.world.services.database.transaction() as db:
        cancel_number(db, ids[1], facility=site.world.services.facility, now=site.world.clock())
    site.log_in(page)
    page.goto(f"{site.url}/inbox/queue/paper?poli=gigi")
    page.get_by_label("Hasil B1", exact=True).select_option(label="selesai")
    page.get_by_label("Jam selesai B1", exact=True).fill("9.20")
    page.get_by_label("Hasil B2", exact=True).select_option(label="selesai")
    page.get_by_label("Nama B4", exact=True).fill("Joko Susilo")
    page.get_by_label("Tahun lahir B4", exact=True).fill("1950")
    page.get_by_label("Hasil B4", exact=True).select_option(label="menunggu")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("status").filter(has_text="tersimpan")).to_contain_text("2 tersimpan, 1 perlu diperiksa")
    assert {"B1": "done", "B2": "cancelled", "B3": "waiting", "B4": "waiting"} == states(site)
    page.get_by_role("status").get_by_role("link", name="B2").click()
    page.get_by_label("Kertas yang benar").check()
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("1 tersimpan.")).to_be_visible()
    assert "done" == states(site)["B2"]


def test_the_pages_for_paper_fit_a_five_inch_phone(site: Site, small_page: Page) -> None:
    a_morning(site)
    site.log_in(small_page)
    for address in ("/inbox/queue/paper?poli=gigi", "/inbox/queue/print"):
        small_page.goto(site.url + address)
        assert 0 == small_page.evaluate(TOO_WIDE), address
        assert [] == small_page.evaluate(TOO_SMALL), address


def test_the_pdf_is_one_press_away(site: Site, page: Page) -> None:
    a_morning(site)
    site.log_in(page)
    page.goto(f"{site.url}/inbox/queue/print")
    page.get_by_label("Poli").select_option(label="B Gigi")
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.get_by_role("button", name="Buat PDF").click()
    assert (200, "application/pdf") == (answered.value.status, answered.value.headers["content-type"])
