"""A nurse's morning at one room's page in a real browser: by keys alone, by touch, and beside a colleague."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.facility_queue import Room
from clinic.queue_table import QueueEntry
from tests.bot.inbox.queue_day import MONDAY, QueueDay
from tests.browser.conftest import Site, open_page

pytestmark = pytest.mark.browser

TWO_ROOMS = (Room(id="umum1", name="Ruang Satu", poli="umum"), Room(id="umum2", name="Ruang Dua", poli="umum"))
SIZES = {"desk": {"width": 1366, "height": 768}, "tablet": {"width": 820, "height": 1180}}
WITHOUT_NAME = """() => [...document.querySelectorAll("input:not([type=hidden]), select, button, summary, a")]
    .filter(each => !each.labels?.length && !each.getAttribute("aria-label") && !each.textContent.trim())
    .map(each => each.outerHTML)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_PALE = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map(each => each / 255)
    .map(each => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("main *")]
    .filter(each => each.getClientRects().length)
    .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(each => {
      const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), each.textContent.trim().slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""


@pytest.fixture
def day(site: Site) -> QueueDay:
    return QueueDay(site.world)


@pytest.fixture
def said(page: Page) -> Iterator[list[str]]:
    """What the browser complained of; the test that asks for it fails at the end if it did."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert [] == found


def open_room(site: Site, page: Page, room: str = "umum", *, username: str = "sari") -> None:
    site.log_in(page, username)
    page.goto(f"{site.url}/inbox/queue/{room}")
    expect(page.get_by_role("button", name="Panggil berikutnya")).to_be_visible()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def now_called(page: Page):  # type: ignore[no-untyped-def]  # playwright names its class
    return page.locator(".now-number")


def news(page: Page):  # type: ignore[no-untyped-def]  # playwright names its class
    return page.locator("#kabar")


def test_a_walk_in_by_keyboard_takes_three_steps_besides_the_name(
    site: Site, page: Page, day: QueueDay, said: list[str]
) -> None:
    open_room(site, page)
    press(page, "w")
    page.keyboard.type("pak kusno")
    press(page, "Enter")
    expect(page.locator(".slip-number")).to_have_text("A1")
    expect(page.locator("#judul-hadir")).to_contain_text("1")
    assert {"A1": "waiting"} == day.states()
    press(page, "n")
    expect(now_called(page)).to_have_text("A1")


def test_somebody_on_record_takes_one_step_more_and_is_no_double(
    site: Site, page: Page, day: QueueDay, said: list[str]
) -> None:
    person = day.add_person("Siti Aminah", born=date(1954, 1, 2))
    open_room(site, page)
    press(page, "w")
    page.keyboard.type("amin")
    expect(page.locator("#cocok")).to_contain_text("lahir 1954 · belum pernah dilayani")
    press(page, "ArrowDown", "Enter")
    expect(page.locator(".slip-number")).to_have_text("A1")
    assert [person] == [row.person_id for row in day.rows()]
    press(page, "r")  # the age speaks for a priority, the nurse says so
    expect(news(page)).to_contain_text("A1 sekarang prioritas: lansia.")


def test_a_patient_is_called_again_served_and_done_by_keys(
    site: Site, page: Page, day: QueueDay, said: list[str]
) -> None:
    day.book("Siti", is_there=True)
    open_room(site, page)
    for key, word in (("n", "A1 dipanggil."), ("u", "A1 dipanggil ulang."), ("m", "A1 mulai dilayani.")):
        press(page, key)
        expect(news(page)).to_contain_text(word)
    press(page, "s")
    expect(news(page)).to_contain_text("A1 selesai.")
    assert (2, "done") == (day.row("A1").calls, day.row("A1").state)


def test_one_who_was_skipped_comes_back_by_one_key(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    for name in ("Siti", "Budi"):
        day.book(name, is_there=True)
    open_room(site, page)
    press(page, "n")
    expect(now_called(page)).to_have_text("A1")
    press(page, "l")
    expect(page.locator("#judul-lewat")).to_contain_text("1")
    press(page, "k")
    expect(news(page)).to_contain_text("masuk lagi setelah 1 orang")
    assert {"A1": "waiting", "A2": "waiting"} == day.states()


def test_a_key_pressed_twice_calls_one_person(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    for name in ("Siti", "Budi"):
        day.book(name, is_there=True)
    open_room(site, page)
    press(page, "n", "n")
    expect(now_called(page)).to_have_text("A1")
    page.wait_for_timeout(500)
    assert {"A1": "called", "A2": "waiting"} == day.states()


def test_a_double_click_calls_one_person(site: Site, page: Page, day: QueueDay) -> None:
    for name in ("Siti", "Budi"):
        day.book(name, is_there=True)
    open_room(site, page)
    page.get_by_role("button", name="Panggil berikutnya").dblclick(no_wait_after=True)
    expect(now_called(page)).to_have_text("A1")
    page.wait_for_timeout(500)
    assert {"A1": "called", "A2": "waiting"} == day.states()


def test_done_and_next_typed_quickly_do_both(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    for name in ("Siti", "Budi"):
        day.book(name, is_there=True)
    day.call()
    open_room(site, page)
    press(page, "s", "n")
    expect(now_called(page)).to_have_text("A2")
    assert {"A1": "done", "A2": "called"} == day.states()


def test_a_busy_room_offers_one_key_for_both_steps(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    for name in ("Siti", "Budi", "Rohani"):
        day.book(name, is_there=True)
    day.call()
    open_room(site, page)
    press(page, "n")
    expect(news(page)).to_contain_text("A1 masih dipanggil di ruang ini.")
    press(page, "1")
    expect(now_called(page)).to_have_text("A2")
    press(page, "n")
    expect(news(page)).to_contain_text("A2 masih dipanggil")
    press(page, "2")
    expect(now_called(page)).to_have_text("A3")
    assert {"A1": "done", "A2": "skipped", "A3": "called"} == day.states()


def test_keys_are_letters_while_somebody_types(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    day.book("Siti", is_there=True)
    day.call()
    open_room(site, page)
    press(page, "w")
    page.keyboard.type("susilo nur m")
    expect(page.locator("#nama")).to_have_value("susilo nur m")
    assert {"A1": "called"} == day.states()
    press(page, "Tab", "Tab", "s", "n")  # in the list of priorities letters choose
    page.wait_for_timeout(300)
    assert {"A1": "called"} == day.states()
    press(page, "Escape", "s")
    expect(news(page)).to_contain_text("A1 selesai.")
    expect(page.locator("#nama")).to_have_value("susilo nur m")


def test_arrivals_are_typed_one_after_the_other(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    for name in ("Siti", "Budi"):
        day.book(name)
    open_room(site, page)
    press(page, "c")
    for number in "21":
        page.keyboard.type(number)
        press(page, "Enter")
        expect(news(page)).to_contain_text(f"A{number} hadir.")
        expect(page.locator("#lapor")).to_have_value("")
    expect(page.locator("#judul-hadir")).to_contain_text("2")


def test_the_list_is_searched_while_typing(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    for name in ("Siti", "Budi"):
        day.book(name)
    open_room(site, page)
    press(page, "/")
    page.keyboard.type("bud")
    expect(page.get_by_text("Siti")).to_have_count(0)
    expect(page.locator(".tickets .number")).to_have_text(["A2"])
    page.wait_for_timeout(5500)  # the list refreshed itself meanwhile
    expect(page.locator(".tickets .number")).to_have_text(["A2"])
    expect(page.get_by_text("Hanya yang cocok dengan “bud”.")).to_be_visible()
    press(page, "Escape")
    expect(page.locator(".tickets .number")).to_have_text(["A1", "A2"])


def test_a_jump_needs_its_reason_and_stands_in_the_log(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    for name in ("Siti", "Budi", "Rohani"):
        day.book(name, is_there=True)
    open_room(site, page)
    page.get_by_label("Lainnya: A3").press("Enter")
    page.get_by_label("Panggil A3 lebih dulu, karena").select_option("gawat")
    page.get_by_role("button", name="Panggil A3").click()
    expect(now_called(page)).to_have_text("A3")
    expect(page.locator(".jumps")).to_contain_text("A3 gawat, melewati 2 orang")
    assert [("gawat", 2)] == [(jump.reason, jump.passed) for jump in day.jumps()]


def test_a_colleagues_act_appears_beside_a_half_typed_line(
    site: Site, page: Page, small_page: Page, day: QueueDay, said: list[str]
) -> None:
    for name in ("Siti", "Budi"):
        day.book(name, is_there=True)
    open_room(site, page)
    page.get_by_label("Lainnya: A2").click()
    page.get_by_label("Panggil A2 lebih dulu, karena").select_option("lansia")
    page.get_by_label("Nama").fill("Pak Kus")
    open_room(site, small_page, username="budi")
    small_page.get_by_role("button", name="Panggil berikutnya").click()
    expect(now_called(page)).to_have_text("A1", timeout=10_000)
    expect(page.get_by_label("Nama")).to_have_value("Pak Kus")
    expect(page.get_by_label("Nama")).to_be_focused()
    expect(page.get_by_label("Panggil A2 lebih dulu, karena")).to_have_value("lansia")


def test_an_old_page_is_told_and_shows_the_fresh_state(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    entry = day.book("Siti", is_there=True)
    day.call()
    open_room(site, page)
    page.route("**/live/**", lambda route: route.abort())
    with site.world.services.database.transaction() as db:
        row = db.get_one(QueueEntry, entry)
        row.state, row.done_at = "done", site.world.clock()
    press(page, "s")
    expect(news(page)).to_contain_text("Petugas lain baru saja mengubah A1.")
    expect(page.get_by_text("Tidak ada yang dipanggil di ruang ini.")).to_be_visible()
    said.clear()  # the part that refreshes itself was cut off on purpose


def test_two_rooms_call_at_the_same_time(site: Site, page: Page, small_page: Page, day: QueueDay) -> None:
    facility = site.world.services.facility.model_copy(update={"rooms": TWO_ROOMS})
    object.__setattr__(site.world.services, "facility", facility)
    for name in ("Siti", "Budi", "Rohani"):
        day.book(name, is_there=True)
    open_room(site, page, "umum1")
    open_room(site, small_page, "umum2", username="budi")
    press(page, "n")
    small_page.get_by_role("button", name="Panggil berikutnya").click()
    expect(now_called(page)).to_have_text(re.compile("A[12]"))
    expect(now_called(small_page)).to_have_text(re.compile("A[12]"))
    assert {"umum1", "umum2"} == {row.room for row in day.rows() if row.state == "called"}


def test_without_a_network_nothing_is_lost_and_the_page_says_so(site: Site, page: Page, day: QueueDay) -> None:
    open_room(site, page)
    press(page, "w")
    page.keyboard.type("pak kusno")
    page.context.set_offline(True)
    press(page, "Enter")
    expect(news(page)).to_contain_text("Tidak tersambung. Belum ada yang dicatat.")
    expect(page.locator("#nama")).to_have_value("pak kusno")
    page.context.set_offline(False)
    press(page, "Enter")
    expect(page.locator(".slip-number")).to_have_text("A1")


def test_everything_works_without_scripts_on_a_phone(site: Site, plain_page: Page, day: QueueDay) -> None:
    day.book("Siti")
    open_room(site, plain_page)
    plain_page.get_by_label("Lapor hadir").fill("1")
    plain_page.get_by_role("button", name="Hadir", exact=True).click()
    expect(news(plain_page)).to_contain_text("A1 hadir.")
    plain_page.get_by_label("Nama").fill("pak kusno")
    plain_page.get_by_role("button", name="Beri antrian").click()
    expect(plain_page.locator(".slip-number")).to_have_text("A2")
    for button, word in (
        ("Panggil berikutnya", "A1 dipanggil."),
        ("Panggil berikutnya", "A1 masih dipanggil"),
        ("Selesai lalu panggil", "A2 dipanggil."),
        ("Lewati", "A2 dilewati."),
        ("Masuk lagi", "A2 hadir"),
    ):
        plain_page.get_by_role("button", name=button, exact=button == "Lewati").first.click()
        expect(news(plain_page)).to_contain_text(word)
    assert {"A1": "done", "A2": "waiting"} == day.states()


def test_a_late_doctor_is_told_to_everyone_after_a_look(site: Site, page: Page, day: QueueDay, said: list[str]) -> None:
    contact = site.world.add_contact("Siti", "+6281200000001")
    day.book("Siti", contact_id=contact)
    day.book("Mbah Karto", via="counter")
    open_room(site, page)
    page.get_by_role("link", name="Dokter terlambat / poli tutup").click()
    page.get_by_label("Terlambat berapa menit").select_option("45")
    page.get_by_label("Alasan").fill("dipanggil dinas")
    page.get_by_role("button", name="Lihat siapa yang kena").click()
    expect(page.get_by_text("Beri tahu langsung: A2 Mbah Karto")).to_be_visible()
    assert [] == site.world.outbox()
    page.get_by_role("button", name="Kabari 1 orang sekarang").click()
    expect(page.get_by_text("1 orang dikabari lewat HP.")).to_be_visible()
    assert 1 == len(site.world.outbox())
    page.goto(f"{site.url}/inbox/queue/umum")
    expect(page.get_by_text("Semua sesi hari ini mulai terlambat 45 menit.")).to_be_visible()


def busy_day(day: QueueDay) -> None:
    day.book("Nur " + "Panjangsekalinamanya" * 4, is_there=True, priority="disabilitas")
    for number in range(4):
        day.book(f"Orang {number}", born=date(1950, 1, 1), is_there=number % 2 == 0, via="jkn")
    day.call()


@pytest.mark.parametrize("size", ["desk", "tablet", "phone"])
@pytest.mark.parametrize(
    "address", ["/inbox/queue", "/inbox/queue/umum?more=3", "/inbox/queue/change?poli=umum&look=1&reason=x"]
)
def test_the_pages_fit_read_well_and_name_every_control(
    site: Site, browser: Browser, day: QueueDay, size: str, address: str
) -> None:
    busy_day(day)
    context, page = open_page(browser, SIZES.get(size, {"width": 360, "height": 640}))
    site.log_in(page)
    page.goto(site.url + address)
    for summary in page.locator("main summary").all():
        summary.click()
    assert 0 == page.evaluate(TOO_WIDE)
    assert [] == page.evaluate(WITHOUT_NAME)
    assert [] == page.evaluate(TOO_PALE)
    context.close()


def test_focus_is_seen_wherever_tab_leads(site: Site, page: Page, day: QueueDay) -> None:
    busy_day(day)
    open_room(site, page)
    for _ in range(25):
        press(page, "Tab")
        outline = page.evaluate("() => parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert outline >= 2, page.evaluate("() => document.activeElement.outerHTML")


def test_the_slip_prints_alone(site: Site, page: Page, day: QueueDay) -> None:
    day.book("Rohani", is_there=True)
    open_room(site, page)
    press(page, "w")
    page.keyboard.type("pak kusno")
    press(page, "Enter")
    expect(page.locator(".slip-number")).to_have_text("A2")
    page.emulate_media(media="print")
    shown = page.evaluate("() => document.body.innerText.split(/\\s+/).join(' ').trim()")
    assert "Puskesmas Wonorejo A2 Poli Umum Senin 23 Nov 2026, sesi pagi" == shown
    assert MONDAY == day.row("A2").day
