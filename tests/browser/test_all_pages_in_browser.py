"""What holds for every page: it fits a small screen, loads nothing from elsewhere and breaks no rule of its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from clinic.unclear_messages import note_unclear
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PAGES = [
    pytest.param("/", id="front page"),
    pytest.param("/inbox", id="list"),
    pytest.param("/inbox/cases/K27", id="case"),
    pytest.param("/inbox/queue?poli=kia", id="queue"),
    pytest.param("/inbox/queue/kia", id="queue room"),
    pytest.param("/inbox/queue/change?poli=kia&look=1&reason=x", id="queue change"),
    pytest.param("/inbox/queue/slip/1", id="queue slip"),
    pytest.param("/inbox/people", id="people"),
    pytest.param("/inbox/unclear", id="unclear messages"),
    pytest.param("/inbox/costs", id="costs"),
    pytest.param("/inbox/account", id="account"),
    pytest.param("/inbox/audit", id="audit"),
    pytest.param("/board", id="board"),
    pytest.param("/board/kia", id="board of one poli"),
    pytest.param("/simulator", id="simulator"),
    pytest.param("/nowhere", id="error"),
]
WITHOUT_NAME = """() => [...document.querySelectorAll("input:not([type=hidden]), textarea, select, button")]
    .filter(field => !field.labels?.length && !field.getAttribute("aria-label") && !field.textContent.trim())
    .map(field => field.outerHTML)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """() => [...document.querySelectorAll("button, summary, main input:not([type=hidden])")]
    .filter(field => field.offsetHeight && field.offsetHeight < 24).map(field => field.outerHTML)"""


def fill(site: Site) -> None:
    contact = site.world.add_contact("W" * 200, "+6281200000001")
    site.world.add_person(contact, "Siti " + "Panjangsekalinamanya" * 5)
    site.world.add_case(contact, "K27", "x" * 3000, urgent=True)
    unclear = site.world.hears(contact, "x" * 3000)
    with site.world.services.database.transaction() as db:
        now, likely = site.world.clock(), ("registration_requirements", "facility_info")
        note_unclear(db, unclear, band="low", intent="queue_status", confidence=0.3, others=likely, now=now)
    site.world.said(contact, "y" * 500, state="failed", error_code="63016")
    site.world.add_ticket("kia", 128, "Siti " + "Panjangsekalinamanya" * 5, "called")
    for number in (129, 130, 131):
        site.world.add_ticket("kia", number, "Joko")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_a_five_inch_phone_and_every_field_has_a_name(site: Site, small_page: Page, address: str) -> None:
    fill(site)
    site.log_in(small_page, "budi")
    small_page.goto(site.url + address)
    assert 0 == small_page.evaluate(TOO_WIDE)
    assert [] == small_page.evaluate(WITHOUT_NAME)
    assert [] == small_page.evaluate(TOO_SMALL)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_breaks_no_rule_and_asks_nobody_else(site: Site, page: Page, address: str) -> None:
    fill(site)
    site.log_in(page, "budi")
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url + address)
    page.wait_for_load_state("networkidle")
    assert [] == [url for url in asked if not url.startswith(site.url)]
    assert [] == [text for text in said if "404" not in text]
