"""The people pages as staff use them: find, complete, compare, merge; on a desk and on a phone."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from clinic.contacts import link_person
from clinic.people import Person, add_person
from tests.browser.conftest import Site
from tests.browser.test_all_pages_in_browser import TOO_SMALL, TOO_WIDE, WITHOUT_NAME

pytestmark = pytest.mark.browser

BORN = date(1990, 5, 17)


def add(site: Site, name: str, **known: object) -> int:
    services = site.world.services
    with services.database.transaction() as db:
        return add_person(db, name=name, keeper=services.keeper, now=site.world.clock(), **known).id  # type: ignore[arg-type]


def one_person_twice(site: Site) -> tuple[int, int]:
    """Siti came to the counter with her card, and wrote from her phone without it."""
    card = add(site, "Siti Aminah", birth_date=BORN, nik="6472015705900001", sex="P")
    phone = add(site, "St. Aminah", birth_date=date(1990, 5, 7), sex="P")
    contact = site.world.add_contact("Siti", "+6281200000021")
    with site.world.services.database.transaction() as db:
        for person in (card, phone):
            link_person(db, contact_id=contact, person_id=person, role="self", proof="claimed", now=site.world.clock())
    return card, phone


def row(site: Site, person: int) -> Person:
    with site.world.services.database.reading() as db:
        return db.get_one(Person, person)


def test_one_person_on_record_twice_is_found_compared_and_merged(site: Site, page: Page) -> None:
    card, phone = one_person_twice(site)
    site.log_in(page)
    page.get_by_role("link", name="Pasien").click()
    expect(page.get_by_text("HP sama, nama mirip")).to_be_visible()
    page.get_by_role("link", name="Bandingkan").click()
    page.get_by_role("button", name="Gabungkan").click()
    expect(page.get_by_role("heading", name="Apakah ini orang yang sama?")).to_be_visible()

    page.get_by_label("17-5-1990").check()
    page.get_by_label("Sudah saya cocokkan").check()
    page.get_by_role("button", name="Gabungkan").click()

    expect(page.get_by_text("Kedua data sudah digabung.")).to_be_visible()
    expect(page.get_by_text("Digabung dari")).to_be_visible()
    assert (card, BORN) == (row(site, phone).merged_into_id, row(site, card).birth_date)


def test_two_people_are_told_apart_with_one_press(site: Site, page: Page) -> None:
    one_person_twice(site)
    site.log_in(page)
    page.goto(f"{site.url}/inbox/people")
    page.get_by_role("link", name="Bandingkan").click()
    page.get_by_role("button", name="Bukan orang yang sama").click()

    expect(page.get_by_text("Pasangan ini tidak ditawarkan lagi.")).to_be_visible()
    expect(page.get_by_text("Tidak ada data yang tampak ganda.")).to_be_visible()


def test_what_chat_left_open_is_completed_and_a_slip_keeps_what_was_typed(site: Site, page: Page) -> None:
    person = add(site, "siti a")
    site.log_in(page)
    page.goto(f"{site.url}/inbox/people?q=siti")
    page.get_by_role("link", name="siti a").click()
    page.get_by_label("Nama", exact=True).fill("Siti Aminah")
    page.get_by_label("Tanggal lahir").fill("18 mei 1990")
    page.get_by_label("NIK").fill("6472 0157 0590 0001")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak cocok dengan NIK")
    expect(page.get_by_label("NIK")).to_have_value("6472 0157 0590 0001")

    page.get_by_label("Tanggal lahir").fill("17 mei 1990")
    page.get_by_role("button", name="Simpan").click()

    expect(page.get_by_text("Data pasien disimpan.")).to_be_visible()
    assert (BORN, "Siti Aminah") == (row(site, person).birth_date, row(site, person).name)


@pytest.mark.parametrize("address", ["", "?q=siti", "/{0}", "/{0}?q=aminah", "/{0}/merge/{1}"])
def test_every_page_fits_a_phone_and_every_field_has_a_name(site: Site, small_page: Page, address: str) -> None:
    card, phone = one_person_twice(site)
    add(site, "Siti " + "Panjangsekalinamanya" * 9, birth_date=BORN)
    add(site, "Siti " + "Panjangsekalinamanya" * 9, birth_date=BORN)
    site.log_in(small_page)
    small_page.goto(f"{site.url}/inbox/people{address.format(card, phone)}")

    assert 0 == small_page.evaluate(TOO_WIDE)
    assert [] == small_page.evaluate(WITHOUT_NAME)
    assert [] == small_page.evaluate(TOO_SMALL)
