"""The board on the wall, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Site
from tests.browser.test_inbox_in_browser import speed_up_animations

pytestmark = pytest.mark.browser

SEEN_FROM_AFAR = 0.15
"""A served number takes at least so much of the screen's height."""
SIZES = """() => [...document.querySelectorAll(".serving")].map(number => ({
    height: number.offsetHeight, width: number.scrollWidth, room: number.parentElement.clientWidth}))"""


def test_a_number_that_is_called_appears_without_a_touch(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/board/gigi")
    expect(page.locator(".serving")).to_have_text("–")
    site.world.add_ticket("gigi", 12, "Ratna Dewi", "called")
    expect(page.locator(".serving")).to_have_text("B12", timeout=15_000)
    assert "Ratna" not in page.content()


def test_the_whole_board_fits_the_screen_and_its_numbers_are_large(site: Site, page: Page) -> None:
    for number, poli in enumerate(("umum", "gigi", "kia"), 98):
        site.world.add_ticket(poli, number, "Pasien", "called")
    page.goto(f"{site.url}/board")
    height = DESK["height"]
    assert height >= page.evaluate("() => document.documentElement.scrollHeight")
    sizes = page.evaluate(SIZES)
    assert 5 == len(sizes)
    for size in sizes:
        assert size["height"] >= SEEN_FROM_AFAR * height
        assert size["width"] <= size["room"]


def test_a_board_that_hears_nothing_more_says_so(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/board")
    warning = page.get_by_text("Papan ini tidak tersambung.")
    expect(warning).to_be_hidden()
    page.context.set_offline(True)
    speed_up_animations(page)
    expect(warning).to_be_visible()


def test_the_board_works_without_scripts(site: Site, plain_page: Page) -> None:
    site.world.add_ticket("gigi", 12, "Ratna Dewi", "called")
    plain_page.goto(f"{site.url}/board/gigi")
    expect(plain_page.locator(".serving")).to_have_text("B12")
