"""The staff inbox in a real browser: with and without scripts, on a desk and on a 5-inch phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def add_case(site: Site) -> int:
    contact = site.world.add_contact("Bu Ratna", "+6281200000001")
    site.world.add_case(contact, "K27", "mau bicara dengan petugas")
    site.world.hears(contact, "mau bicara dengan petugas")
    return contact


def work_through_the_case(site: Site, page: Page) -> None:
    site.log_in(page)
    page.get_by_role("link", name=re.compile("K27")).click()
    page.get_by_role("button", name="Ambil", exact=True).click()
    expect(page.get_by_text("Anda memegang kasus ini.")).to_be_visible()
    page.get_by_label(re.compile("Balas lewat WhatsApp")).fill("Silakan datang besok pagi, Bu.")
    page.get_by_role("button", name="Kirim").click()
    expect(page.get_by_text("Balasan masuk antrean kirim.")).to_be_visible()
    expect(page.locator(".line.out").last).to_contain_text("Silakan datang besok pagi, Bu.")
    expect(page.locator(".line.out").last).to_contain_text("Antre")
    page.get_by_text("Tutup kasus…").click()
    page.get_by_label(re.compile("Hasilnya")).fill("Sudah dijawab.")
    page.get_by_role("button", name="Tutup dan serahkan ke bot").click()
    expect(page.get_by_text("Kasus selesai.")).to_be_visible()
    page.get_by_role("button", name="Buka lagi").click()
    expect(page.get_by_text("Kasus dibuka lagi.")).to_be_visible()


def test_a_case_is_taken_answered_closed_and_reopened(site: Site, page: Page) -> None:
    add_case(site)
    work_through_the_case(site, page)
    assert ["Silakan datang besok pagi, Bu."] == [message.text for message in site.world.outbox()]


def test_the_same_works_on_a_small_phone_without_scripts(site: Site, plain_page: Page) -> None:
    add_case(site)
    work_through_the_case(site, plain_page)
    assert 1 == len(site.world.outbox())


def test_a_double_click_on_send_sends_one_message(site: Site, page: Page) -> None:
    add_case(site)
    site.log_in(page)
    page.goto(f"{site.url}/inbox/cases/K27")
    page.get_by_label(re.compile("Balas lewat")).fill("Baik, Bu.")
    page.get_by_role("button", name="Ambil dan kirim").dblclick(no_wait_after=True)
    expect(page.locator(".line.out")).to_have_count(1)
    assert 1 == len(site.world.outbox())


def test_a_new_message_appears_beside_a_half_written_reply(site: Site, page: Page) -> None:
    contact = add_case(site)
    site.log_in(page)
    page.goto(f"{site.url}/inbox/cases/K27")
    box = page.get_by_label(re.compile("Balas lewat"))
    box.fill("Baik, Bu, kami")
    site.world.hears(contact, "halo, masih di sana?", minutes_ago=0)
    expect(page.locator(".line.in").last).to_contain_text("halo, masih di sana?")
    expect(box).to_have_value("Baik, Bu, kami")


def test_the_reply_counts_its_letters_while_it_is_written(site: Site, page: Page) -> None:
    add_case(site)
    site.log_in(page)
    page.goto(f"{site.url}/inbox/cases/K27")
    page.get_by_label(re.compile("Balas lewat")).press_sequentially("Halo 🙏", delay=5)
    expect(page.locator("#huruf")).to_contain_text("7 huruf · 1 SMS · ada emoji")


def test_a_new_case_appears_in_the_open_list(site: Site, page: Page) -> None:
    site.log_in(page)
    expect(page.get_by_text("Tidak ada kasus yang menunggu.")).to_be_visible()
    add_case(site)
    expect(page.get_by_role("link", name=re.compile("K27"))).to_be_visible(timeout=15_000)


def test_a_session_that_ended_leads_an_open_list_to_the_login(site: Site, page: Page) -> None:
    site.log_in(page)
    site.world.clock.forward(minutes=31)
    expect(page.get_by_role("heading", name="Kotak masuk petugas")).to_be_visible(timeout=15_000)


def test_a_list_that_hears_nothing_more_says_so(site: Site, page: Page) -> None:
    site.log_in(page)
    warning = page.get_by_text("Sambungan terputus.")
    expect(warning).to_be_hidden()
    page.context.set_offline(True)
    speed_up_animations(page)
    expect(warning).to_be_visible()


def speed_up_animations(page: Page) -> None:
    """Half a minute passes at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Animation.enable")
    devtools.send("Animation.setPlaybackRate", {"playbackRate": 1000})


def test_a_wrong_password_is_told_and_the_name_is_kept(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/inbox/login")
    page.get_by_label("Nama pengguna").fill("sari")
    page.get_by_label("Kata sandi").fill("salah")
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_text("Nama atau kata sandi tidak cocok.")).to_be_visible()
    expect(page.get_by_label("Nama pengguna")).to_have_value("sari")


def test_the_counter_calls_and_finishes_a_number(site: Site, small_page: Page) -> None:
    site.world.add_ticket("gigi", 1, "Joko Susilo")
    site.log_in(small_page)
    small_page.get_by_role("link", name="Antrian").click()
    small_page.get_by_role("link", name="Buka ruang Gigi").click()
    small_page.get_by_role("button", name="Panggil berikutnya").click()
    expect(small_page.locator(".now")).to_contain_text("B1")
    small_page.get_by_role("button", name="Selesai").click()
    expect(small_page.locator("#kabar")).to_contain_text("B1 selesai.")


def test_a_password_is_changed_on_ones_own_page(site: Site, small_page: Page) -> None:
    site.log_in(small_page)
    small_page.get_by_role("link", name="Akun").click()
    small_page.get_by_label("Kata sandi lama").fill("kucing-oranye-lari")
    small_page.get_by_label(re.compile("Kata sandi baru .paling")).fill("sepeda-biru-hujan")
    small_page.get_by_label("Kata sandi baru, sekali lagi").fill("sepeda-biru-hujan")
    small_page.get_by_role("button", name="Ganti").click()
    expect(small_page.get_by_text("Kata sandi diganti.")).to_be_visible()
