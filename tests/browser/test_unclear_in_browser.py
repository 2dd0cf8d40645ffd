"""Messages that were not understood, explained by one tap: on a desk by keyboard, on a phone without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from clinic.unclear_messages import UnclearMessage, note_unclear
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def add(site: Site, text: str, *, intent: str = "membership_status", others: tuple[str, ...] = ("dues_info",)) -> None:
    world = site.world
    inbound_id = world.hears(world.add_contact("Bu Ratna", f"+62812{len(text):08d}"), text)
    with world.services.database.transaction() as db:
        note_unclear(db, inbound_id, band="low", intent=intent, confidence=0.3, others=others, now=world.clock())


def labels(site: Site) -> list[str | None]:
    with site.world.services.database.reading() as db:
        return [row.label for row in db.query(UnclearMessage).order_by(UnclearMessage.id)]


def work_through_the_page(site: Site, page: Page) -> None:
    add(site, "kartu sy mati kah")
    add(site, "mboh opo", intent="out_of_scope", others=())
    site.log_in(page)
    page.get_by_role("link", name=re.compile("Belum dipahami 2")).click()
    page.get_by_role("button", name="Iuran BPJS").click()
    expect(page.get_by_text("Arti dicatat: Iuran BPJS.")).to_be_visible()
    page.get_by_role("button", name="Urungkan").click()
    expect(page.get_by_text("Pesan ini menunggu lagi.")).to_be_visible()
    page.get_by_role("button", name="Tanya BPJS aktif atau tidak").click()
    page.get_by_label("Arti lain").select_option(label="Salam")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Tidak ada pesan yang menunggu arti.")).to_be_visible()
    assert ["membership_status", "greet"] == labels(site)
    page.get_by_role("link", name="Sudah diberi arti").click()
    page.get_by_role("button", name="Bukan pesan yang perlu dipelajari").first.click()
    expect(page.get_by_text("Pesan disisihkan.")).to_be_visible()
    assert ["membership_status", None] == labels(site)


def test_messages_are_explained_corrected_and_dismissed(site: Site, page: Page) -> None:
    work_through_the_page(site, page)


def test_the_same_works_on_a_small_phone_without_scripts(site: Site, plain_page: Page) -> None:
    work_through_the_page(site, plain_page)


def test_the_keyboard_goes_from_one_message_to_the_next(site: Site, page: Page) -> None:
    add(site, "kartu sy mati kah")
    add(site, "kartu sy mati kah ya")
    site.log_in(page)
    page.goto(f"{site.url}/inbox/unclear")
    page.get_by_role("button", name="Iuran BPJS").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Arti dicatat: Iuran BPJS.")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Urungkan")).to_be_focused()


def test_a_meaning_that_was_not_chosen_is_not_saved(site: Site, page: Page) -> None:
    add(site, "kartu sy mati kah")
    site.log_in(page)
    page.goto(f"{site.url}/inbox/unclear")
    page.get_by_role("button", name="Simpan").click()
    assert [None] == labels(site)


def test_a_double_click_is_one_label(site: Site, page: Page) -> None:
    add(site, "kartu sy mati kah")
    site.log_in(page)
    page.goto(f"{site.url}/inbox/unclear")
    page.get_by_role("button", name="Iuran BPJS").dblclick(no_wait_after=True)
    expect(page.get_by_text("Arti dicatat: Iuran BPJS.")).to_be_visible()
    assert ["dues_info"] == labels(site)


def test_long_words_and_many_messages_fit_a_phone(site: Site, small_page: Page) -> None:
    add(site, "x" * 3000, others=("facility_info", "registration_requirements"))
    for number in range(100):
        add(site, f"pesan {number}" + "!" * number)
    site.log_in(small_page)
    expect(small_page.get_by_role("link", name="Belum dipahami 99+")).to_be_visible()
    for query in ("", "?page=6", "?state=labelled", "?state=dismissed"):
        small_page.goto(f"{site.url}/inbox/unclear{query}")
        assert small_page.evaluate(FITS), query
