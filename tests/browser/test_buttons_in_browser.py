"""Buttons, lists, photos and voice notes from the phone to the inbox and back, in a real browser."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.answering import Answering
from bot.channels.routing import open_channels
from bot.channels.twilio import with_contents
from bot.contents_upkeep import keep_contents, ready_contents
from bot.delivery import Delivery
from bot.media import media_link
from bot.simulator.samples import sample_photo
from bot.worker import open_talk
from tests.browser.conftest import Site
from tests.pages_world import USERNAME

pytestmark = pytest.mark.browser

PHONE = "+6281200000061"


@pytest.fixture
def busy_site(site: Site) -> Iterator[Site]:
    """The site with what answers and delivers, in threads of this process."""
    services, stopping = site.world.services, threading.Event()
    keep_contents(services)
    channels = with_contents(open_channels(services.settings), ready_contents(services))
    delivery = Delivery(
        database=services.database,
        facility=services.facility,
        channels=channels,
        clock=services.clock,
        worker="w",
        random=random.Random(1),
        media_link=lambda name: media_link(services.settings, name),
    )
    answering = Answering(open_talk(services), worker="w", threads=1, stopping=stopping)
    threads = [*answering.start(), threading.Thread(target=delivery.run, args=(stopping,), daemon=True)]
    threads[-1].start()
    ticking = threading.Thread(target=_tick, args=(site, stopping), daemon=True)
    ticking.start()
    yield site
    stopping.set()
    for thread in (*threads, ticking):
        thread.join(timeout=10)
    delivery.close()


def _tick(site: Site, stopping: threading.Event) -> None:
    """The centre's clock goes on, ten times as fast as ours."""
    while not stopping.wait(0.1):
        site.world.clock.forward(seconds=1)


def open_phone(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/simulator?whatsapp=%2B{PHONE.removeprefix('+')}")


def write(page: Page, text: str) -> None:
    page.get_by_label("Tulis pesan WhatsApp").fill(text)
    page.get_by_role("button", name="Kirim WhatsApp").click()


def test_a_list_and_buttons_are_tapped_all_the_way_to_a_question_of_today(busy_site: Site, page: Page) -> None:
    open_phone(busy_site, page)
    phone = page.locator("#hp-whatsapp")
    write(page, "mau ambil antrian")
    phone.get_by_text("☰ Pilih").click()
    expect(phone.get_by_role("button", name="3 Kesehatan Ibu Anak")).to_be_visible()
    page.wait_for_timeout(2000)  # the screen refreshes itself meanwhile, and the list stays open
    phone.get_by_role("button", name="2 Gigi").click()
    expect(phone.locator(".mine").last).to_contain_text("2 Gigi")
    expect(phone.locator(".theirs").last).to_contain_text("Poli Gigi: mau hari apa?")
    phone.get_by_role("button", name="1 Umum").click()
    expect(phone.locator(".theirs").last).to_contain_text("Tombol tadi dari pesan lama.")
    phone.get_by_role("button", name="1 Hari ini").last.click()
    expect(phone.locator(".theirs").last).not_to_contain_text("hari apa")


def test_a_photo_and_a_voice_note_are_seen_and_heard_and_a_photo_comes_back(
    busy_site: Site, page: Page, tmp_path: Path
) -> None:
    open_phone(busy_site, page)
    phone = page.locator("#hp-whatsapp")
    write(page, "petugas")
    expect(phone.locator(".theirs").first).to_be_visible()
    for what in ("Foto", "Suara"):
        phone.get_by_role("button", name=what).click()
        expect(phone.locator(".mine").last).to_contain_text(what.lower() if what == "Suara" else what)
    busy_site.log_in(page, USERNAME)
    page.get_by_role("link", name="Tamu").first.click()
    shown = page.locator(".photo img")
    expect(shown).to_be_visible()
    assert 96 == shown.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert "ended" == page.locator("audio").evaluate(PLAYED)
    page.wait_for_timeout(5000)  # one refresh later both are still there
    assert 96 == page.locator(".photo img").evaluate("image => image.naturalWidth")

    (tmp_path / "surat.png").write_bytes(sample_photo())
    page.get_by_label("Balas lewat WhatsApp").fill("Ini suratnya.")
    page.get_by_label("Foto atau PDF").set_input_files(tmp_path / "surat.png")
    page.get_by_role("button", name="kirim").click()
    expect(page.locator(".line.out").last).to_contain_text("Berkas terlampir")
    open_phone(busy_site, page)
    expect(phone.locator(".sent-image")).to_be_visible()
    assert 96 == phone.locator(".sent-image").evaluate("image => image.decode().then(() => image.naturalWidth)")


PLAYED = """sound => {
  sound.muted = true;
  const end = new Promise(tell => {
    sound.onended = () => tell("ended");
    sound.onerror = () => tell(sound.error.message);
  });
  return sound.play().then(() => end);
}"""


def test_everything_works_on_a_phone_without_scripts(busy_site: Site, plain_page: Page) -> None:
    page = plain_page
    open_phone(busy_site, page)
    write(page, "mau ambil antrian")
    for _ in range(30):
        if page.get_by_text("☰ Pilih").count():
            break
        page.wait_for_timeout(300)
        page.get_by_role("link", name="Lihat balasan").first.click()
    page.get_by_text("☰ Pilih").click()
    page.get_by_role("button", name="1 Umum").click()
    expect(page.locator("#hp-whatsapp .mine").last).to_contain_text("1 Umum")
