"""The simulator's phones in a real browser, on the way that real messages take."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from bot.simulator.carrier_store import CarrierStore, Shown, ShownButton
from clinic.inbound_table import InboundMessage
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def received(site: Site) -> list[tuple[str, str, int]]:
    """What the webhook kept: channel, text, attachments."""
    with site.world.services.database.reading() as db:
        rows = db.query(InboundMessage).order_by(InboundMessage.id)
        return [(row.channel, row.text, len(row.media)) for row in rows]


def answer(site: Site, recipient: str, body: str, *buttons: str) -> None:
    """What delivery hands to the carrier."""
    store = CarrierStore(site.world.services.carrier_path)
    store.add(
        sid=f"SM{len(store.outbound()):032d}",
        direction="outbound-api",
        sender="+62811000002",
        recipient=recipient,
        body=body,
        status="delivered",
        now=site.world.clock(),
        shown=Shown(tuple(ShownButton(title, str(number)) for number, title in enumerate(buttons, 1))),
    )


def test_a_whatsapp_message_arrives_signed_and_its_answer_appears(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/simulator")
    phone = page.locator("#hp-whatsapp")
    phone.get_by_label("Tulis pesan WhatsApp").fill("mau daftar poli")
    phone.get_by_role("button", name="Kirim WhatsApp").click()
    expect(phone.locator(".mine")).to_contain_text("✓✓")
    assert [("whatsapp", "mau daftar poli", 0)] == received(site)
    answer(site, "whatsapp:+628120000101", "Ke poli mana?", "1 Umum", "2 Gigi")
    phone.get_by_role("button", name="2 Gigi").click()
    expect(phone.locator(".mine").last).to_contain_text("2 Gigi")
    assert ("whatsapp", "2", 0) == received(site)[-1]


def test_an_sms_is_typed_on_the_keypad_and_shows_what_it_costs(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/simulator")
    phone = page.locator("#hp-sms")
    for digit in "19":
        phone.get_by_role("button", name=f"Tombol {digit}").click()
        expect(phone.get_by_label("Tulis SMS")).to_have_value("19"[: "19".index(digit) + 1])
    phone.get_by_role("button", name="Kirim SMS").click()
    expect(phone.locator(".mine")).to_contain_text("2 huruf · 1 SMS")
    assert [("sms", "19", 0)] == received(site)
    answer(site, "+628130000101", "b" * 170)
    expect(phone.locator(".theirs")).to_contain_text("170 huruf · 2 SMS")


def test_a_photo_and_a_place_can_be_sent(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/simulator")
    phone = page.locator("#hp-whatsapp")
    phone.get_by_role("button", name="Foto").click()
    expect(phone.locator(".mine")).to_have_count(1)
    phone.get_by_role("button", name="Lokasi").click()
    expect(phone.locator(".mine")).to_have_count(2)
    assert [("whatsapp", "", 1), ("whatsapp", "", 0)] == received(site)


def test_what_is_typed_is_counted_and_kept_while_the_screen_refreshes(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/simulator")
    box = page.get_by_label("Tulis SMS")
    box.press_sequentially("antri", delay=5)
    expect(page.locator("#huruf-sms")).to_contain_text("5 huruf · 1 SMS")
    answer(site, "+628130000101", "Halo")
    expect(page.locator("#hp-sms .theirs")).to_contain_text("Halo")
    expect(box).to_have_value("antri")


def test_both_phones_work_without_scripts(site: Site, plain_page: Page) -> None:
    plain_page.goto(f"{site.url}/simulator")
    plain_page.get_by_label("Tulis pesan WhatsApp").fill("halo")
    plain_page.get_by_role("button", name="Kirim WhatsApp").click()
    plain_page.get_by_role("button", name="Tombol 5").click()
    plain_page.get_by_role("button", name="Kirim SMS").click()
    assert [("whatsapp", "halo", 0), ("sms", "5", 0)] == received(site)
    answer(site, "+628130000101", "Baik.")
    plain_page.get_by_role("link", name="Lihat balasan").last.click()
    expect(plain_page.locator("#hp-sms .theirs")).to_contain_text("Baik.")


def test_another_number_is_another_phone(site: Site, page: Page) -> None:
    site.world.add_contact("Bu Ratna", "+6281200000001")
    page.goto(f"{site.url}/simulator")
    page.get_by_label("WhatsApp dari").select_option("+6281200000001")
    page.get_by_role("button", name="Pakai").first.click()
    expect(page.locator("#hp-whatsapp .chat-head")).to_contain_text("Bu Ratna")
