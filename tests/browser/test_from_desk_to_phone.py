"""From the staff's desk to the patient's phone and back, over the real webhook, outbox, Twilio library and carrier."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import Page, expect

from bot.channels.routing import open_channels
from bot.delivery import Delivery
from clinic.contacts import Contact
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def deliver(site: Site) -> None:
    """What the worker does all the time."""
    services = site.world.services
    Delivery(
        database=services.database,
        facility=services.facility,
        channels=open_channels(services.settings),
        clock=services.clock,
        worker="test",
        random=random.Random(1),
    ).deliver_due()


def test_a_reply_of_staff_is_seen_on_the_patients_phone(site: Site, page: Page, small_page: Page) -> None:
    page.goto(f"{site.url}/simulator")
    phone = page.locator("#hp-whatsapp")
    phone.get_by_label("Tulis pesan WhatsApp").fill("mau bicara dgn petugas")
    phone.get_by_role("button", name="Kirim WhatsApp").click()
    expect(phone.locator(".mine")).to_contain_text("✓✓")
    with site.world.services.database.reading() as db:
        contact = db.query(Contact).one().id
    site.world.add_case(contact, "K27", "mau bicara dgn petugas")

    site.log_in(small_page)
    small_page.get_by_role("link", name=re.compile("K27")).click()
    small_page.get_by_label(re.compile("Balas lewat WhatsApp")).fill("Silakan, Bu. Ada apa?")
    small_page.get_by_role("button", name="Ambil dan kirim").click()
    expect(small_page.locator(".line.out")).to_contain_text("Antre")
    deliver(site)

    expect(phone.locator(".theirs")).to_contain_text("Silakan, Bu. Ada apa?")
    expect(small_page.locator(".line.out")).to_contain_text("Sampai", timeout=15_000)
