"""The page of the month's money in a real browser: on a desk, and on a small phone without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.clinic.sent_messages import a_sent_message

pytestmark = pytest.mark.browser

FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
LENGTHS = "bars => bars.map(bar => bar.value)"


def spend(site: Site) -> None:
    with site.world.services.database.transaction() as db:
        for back in range(40):
            at = site.world.clock() - timedelta(days=back)
            a_sent_message(db, at, cost=12_345_678_00 + back, route="whatsapp")
            a_sent_message(db, at, cost=None, route="twilio_sms", segments=3, kind="reminder", sid="HX" + "a" * 32)


def read_through(site: Site, page: Page) -> None:
    spend(site)
    site.log_in(page)
    page.get_by_role("link", name="Biaya").click()
    expect(page.get_by_role("heading", name="Biaya pesan November 2026")).to_be_visible()
    expect(page.get_by_text("Rp 283.950.597").first).to_be_visible()
    assert page.evaluate(FITS)
    bars = page.locator(".days progress")
    assert 23 == bars.count()
    assert all(length > 0 for length in bars.evaluate_all(LENGTHS))
    page.get_by_text("Bagaimana ini dihitung?").click()
    expect(page.get_by_text("Perkiraan: rata-rata hari buka")).to_be_visible()
    page.get_by_role("link", name="← Oktober 2026").click()
    expect(page.get_by_role("heading", name="Biaya pesan Oktober 2026")).to_be_visible()
    page.get_by_role("link", name="November 2026 →").click()
    expect(page.get_by_role("heading", name="Biaya pesan November 2026")).to_be_visible()


def test_the_month_is_read_on_a_desk(site: Site, page: Page) -> None:
    read_through(site, page)


def test_the_month_is_read_on_a_small_phone_without_scripts(site: Site, plain_page: Page) -> None:
    read_through(site, plain_page)


def test_every_figure_has_a_name_for_those_who_do_not_see_the_bars(site: Site, page: Page) -> None:
    spend(site)
    site.log_in(page)
    page.goto(f"{site.url}/inbox/costs")
    expect(page.get_by_role("row", name="WhatsApp 23 Rp 283.950.597")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Biaya")).to_have_count(4)
