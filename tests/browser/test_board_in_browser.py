"""The board on the wall, in a real browser: it flashes, speaks, notices that it is cut off, and fits its screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from bot.board.spoken import call_parts, every_part
from bot.board.voice import ClipShelf, clip_name
from clinic.queue_sessions import add_change
from tests.bot.board.waiting_room import TODAY, TWO_ROOMS, WaitingRoom, waiting_room
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PHONE, open_page
from tests.browser.test_inbox_in_browser import speed_up_animations
from tests.conftest import missing
from tests.processes import free_port

pytestmark = pytest.mark.browser

CHEAP_TV, BETTER_TV = {"width": 1366, "height": 768}, {"width": 1920, "height": 1080}
NUMBER, NEXT = 0.10, 0.045
"""Of the height: from 5 m on a screen 40 cm high letters need 14 mm, 0.035; a letter is 0.72 of its font."""
FONTS = """what => [...document.querySelectorAll(what)].map(
    each => parseFloat(getComputedStyle(each).fontSize) / window.innerHeight)"""
SPILLED = """() => [...document.querySelectorAll(".room, .room *, main > *, footer *")].filter(each => {
    const box = each.getBoundingClientRect(), room = (each.closest(".room") || document.body).getBoundingClientRect();
    return box.width && (box.right > room.right + 1 || box.bottom > room.bottom + 1 || box.left < room.left - 1
        || each.scrollWidth > each.clientWidth + 1 && each.matches(".room, .door, .serving"));
}).map(each => each.outerHTML.slice(0, 80))"""
LISTEN = """() => {
    window.sounds = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (at) {
        window.sounds.push([at, at + this.buffer.duration, this.context.state]);
        return start.call(this, at);
    };
}"""


@dataclass
class Hall:
    """A waiting room whose server can be cut off and come back on the same port."""

    room: WaitingRoom
    port: int
    server: BaseWSGIServer | None = None
    thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.room.app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        if self.server is not None and self.thread is not None:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
            self.server = None


@pytest.fixture(scope="module")
def spoken_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every clip of a centre with two rooms at poli umum, rendered once."""
    folder = tmp_path_factory.mktemp("voice")
    shelf = ClipShelf(folder)
    if not shelf.can_render:
        missing("no espeak-ng on this machine")
    rooms = waiting_room(tmp_path_factory.mktemp("centre"), rooms=TWO_ROOMS)
    shelf.render(every_part(rooms.services.facility))
    rooms.services.database.close()
    return folder


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    """Without a voice."""
    yield from _open(tmp_path, tmp_path / "voice")


@pytest.fixture
def speaking_hall(tmp_path: Path, spoken_folder: Path) -> Iterator[Hall]:
    yield from _open(tmp_path, spoken_folder)


def _open(folder: Path, voice: Path) -> Iterator[Hall]:
    port = free_port()
    room = waiting_room(folder, rooms=TWO_ROOMS, SAPA_PORT=str(port), SAPA_VOICE_FOLDER=str(voice))
    hall = Hall(room, port)
    hall.start()
    yield hall
    hall.stop()
    room.services.database.close()


def fill(room: WaitingRoom) -> None:
    """A full morning: long numbers, two rooms, somebody who went first, a late doctor and a closed poli."""
    for poli, count in (("umum", 38), ("gigi", 9), ("kia", 9), ("lansia", 3)):
        room.arrive(poli, *("Ratna Dewi" for _ in range(count)))
    room.arrive("gigi", "Joko Susilo", priority="gawat")
    with room.services.database.transaction() as db:
        now = room.world.clock()
        late: dict[str, Any] = {"poli": "kia", "session": "pagi", "kind": "late", "late_minutes": 150}
        shut: dict[str, Any] = {"poli": "lansia", "session": None, "kind": "closed", "late_minutes": None}
        for each in (late, shut):
            add_change(db, day=TODAY, reason="Bidan Mawar sakit", staff_id=None, now=now, **each)
    for where in ("umum1", "umum2", "gigi", "kia"):
        room.call(where)


def turn_on_sound(page: Page, url: str) -> list[str]:
    """Open the board with sound on; the clips that it asks for from then on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/board/voice/" in request.url else None)
    page.add_init_script(f"({LISTEN})()")
    page.goto(url)
    page.get_by_role("button", name="Hidupkan suara").click()
    expect(page.get_by_role("button", name="Matikan suara")).to_be_visible()
    return asked


def wait_for_sounds(page: Page, count: int) -> list[list[Any]]:
    page.wait_for_function(f"() => window.sounds.length >= {count}", timeout=30_000)
    sounds: list[list[Any]] = page.evaluate("() => window.sounds")
    return sounds


def clips_of(hall: Hall, letter: str, number: int, room: str) -> list[str]:
    return [f"{hall.url}/board/voice/{clip_name(part)}.wav" for part in call_parts(letter, number, room)]


def test_a_number_that_is_called_appears_and_flashes_without_a_touch(hall: Hall, page: Page) -> None:
    hall.room.arrive("umum", "Ratna Dewi", "Joko Susilo")
    page.goto(f"{hall.url}/board/umum")
    expect(page.locator(".called")).to_have_count(0)
    hall.room.call("umum2")
    expect(page.locator(".called")).to_have_text("Ruang Umum 2 A1", timeout=15_000)
    assert "Ratna" not in page.content()
    expect(page.locator(".called")).to_have_count(0, timeout=20_000)


def test_what_was_called_before_the_page_was_opened_does_not_flash(hall: Hall, page: Page) -> None:
    hall.room.arrive("gigi", "Ratna Dewi")
    hall.room.call("gigi")
    page.goto(f"{hall.url}/board/gigi")
    for _ in range(2):
        with page.expect_response("**/board/live/gigi", timeout=20_000):
            pass
    expect(page.locator(".serving")).to_have_text("B1")
    expect(page.locator(".called")).to_have_count(0)


def test_a_call_is_spoken_part_by_part_with_the_room(speaking_hall: Hall, page: Page) -> None:
    speaking_hall.room.arrive("umum", *("Ratna Dewi" for _ in range(12)))
    asked = turn_on_sound(page, f"{speaking_hall.url}/board")
    speaking_hall.room.call("umum2")
    wait_for_sounds(page, 3)
    assert clips_of(speaking_hall, "A", 1, "Ruang Umum 2") == asked


def test_calls_are_spoken_one_after_the_other_and_a_second_call_again(speaking_hall: Hall, page: Page) -> None:
    entries = speaking_hall.room.arrive("gigi", "Ratna Dewi", "Joko Susilo")
    speaking_hall.room.arrive("umum", "Ratna Dewi")
    turn_on_sound(page, f"{speaking_hall.url}/board")
    speaking_hall.room.call("gigi")
    speaking_hall.room.call_again(entries[0])
    speaking_hall.room.call("umum1")
    sounds = wait_for_sounds(page, 9)
    assert 9 == len(sounds)
    assert {"running"} == {state for _, _, state in sounds}
    for (_, end, _), (begin, _, _) in zip(sounds, sounds[1:], strict=False):
        assert begin >= end, "two parts sound at once"


def test_sound_stays_on_after_a_reload_and_goes_off_when_asked(speaking_hall: Hall, page: Page) -> None:
    turn_on_sound(page, f"{speaking_hall.url}/board")
    page.reload()
    assert "1" == page.evaluate("() => localStorage.getItem('sapa-suara')")
    button = page.locator("#suara")
    if button.text_content() == "Hidupkan suara":  # this browser wants a touch on every load, and the page says so
        button.click()
    expect(button).to_have_text("Matikan suara")
    button.click()
    expect(button).to_have_text("Hidupkan suara")
    speaking_hall.room.arrive("gigi", "Ratna Dewi")
    speaking_hall.room.call("gigi")
    expect(page.locator(".called")).to_have_count(1, timeout=15_000)
    assert [] == page.evaluate("() => window.sounds")


def test_a_kiosk_speaks_without_a_touch(speaking_hall: Hall, browser: Browser) -> None:
    free = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, "--autoplay-policy=no-user-gesture-required"]
    )
    page = free.new_page()
    page.add_init_script(f"({LISTEN})()")
    page.goto(f"{speaking_hall.url}/board?suara=1")
    expect(page.get_by_role("button", name="Matikan suara")).to_be_visible()
    speaking_hall.room.arrive("gigi", "Ratna Dewi")
    speaking_hall.room.call("gigi")
    assert {"running"} == {state for _, _, state in wait_for_sounds(page, 3)}
    free.close()


def test_without_its_clips_a_call_sounds_the_chime_only(hall: Hall, page: Page) -> None:
    page.add_init_script(
        """() => {
        window.bells = 0;
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (at) { window.bells += 1; return start.call(this, at); };
    }""".join(("(", ")()"))
    )
    asked = turn_on_sound(page, f"{hall.url}/board")
    hall.room.arrive("gigi", "Ratna Dewi")
    hall.room.call("gigi")
    page.wait_for_function("() => window.bells === 2", timeout=15_000)
    assert ([], []) == (asked, page.evaluate("() => window.sounds"))


def test_at_night_a_board_left_on_loads_itself_anew(hall: Hall, page: Page) -> None:
    page.clock.install()
    page.goto(f"{hall.url}/board")
    page.evaluate("() => { window.isOld = true; }")
    hall.room.world.clock.forward(hours=13)
    page.clock.fast_forward("13:00:00")
    with page.expect_response("**/board/live/all"):
        page.clock.run_for(5_000)
    assert page.evaluate("() => window.isOld"), "not in the evening"
    hall.room.world.clock.forward(hours=4, minutes=30)
    with page.expect_navigation(timeout=20_000):
        page.clock.fast_forward("10:00:00")
        page.clock.run_for(10_000)
    assert not page.evaluate("() => window.isOld")
    assert "Selasa 24 Nov 2026 · 03.11" == page.locator(".clock").inner_text()


def test_a_page_that_nobody_asked_to_speak_keeps_silent(speaking_hall: Hall, page: Page) -> None:
    page.add_init_script(f"({LISTEN})()")
    page.goto(f"{speaking_hall.url}/board")
    speaking_hall.room.arrive("gigi", "Ratna Dewi")
    speaking_hall.room.call("gigi")
    expect(page.locator(".called")).to_have_count(1, timeout=15_000)
    assert [] == page.evaluate("() => window.sounds")


def test_a_board_that_is_cut_off_says_since_when_and_recovers_by_itself(speaking_hall: Hall, page: Page) -> None:
    speaking_hall.room.arrive("gigi", "Ratna Dewi", "Joko Susilo")
    turn_on_sound(page, f"{speaking_hall.url}/board")
    warning = page.get_by_text("Tidak tersambung sejak 09.41. Tanyakan ke loket.")
    with page.expect_response("**/board/live/all"):
        pass
    expect(warning).to_be_hidden()
    speaking_hall.stop()
    expect(warning).to_be_visible(timeout=40_000)
    first = speaking_hall.room.call("gigi")
    speaking_hall.room.world.clock.forward(minutes=5)
    speaking_hall.room.done(first)
    speaking_hall.room.call("gigi")
    speaking_hall.start()
    expect(warning).to_be_hidden(timeout=20_000)
    expect(page.locator("[data-room=gigi] .serving")).to_have_text("B2")
    sounds = wait_for_sounds(page, 3)
    page.wait_for_timeout(2_000)
    assert 3 == len(sounds) == len(page.evaluate("() => window.sounds")), "what was called long ago is not shouted"


def test_the_warning_comes_also_when_the_script_hangs(hall: Hall, page: Page) -> None:
    page.route("**/board.js", lambda route: route.abort())
    page.goto(f"{hall.url}/board")
    warning = page.get_by_text("Tidak tersambung sejak 09.41.")
    expect(warning).to_be_hidden()
    speed_up_animations(page)
    expect(warning).to_be_visible()


def test_a_page_that_is_not_ours_does_not_take_the_boards_place(hall: Hall, page: Page) -> None:
    hall.room.arrive("gigi", "Ratna Dewi")
    page.goto(f"{hall.url}/board/gigi")
    page.evaluate("() => { window.isSame = true; }")
    page.route("**/board/live/gigi", lambda route: route.fulfill(status=200, body="<h1>Selamat datang di Wi-Fi</h1>"))
    for _ in range(2):  # when it asks again, the first answer was dealt with
        with page.expect_response("**/board/live/gigi", timeout=20_000):
            pass
    expect(page.locator(".next")).to_contain_text("B1")
    assert page.evaluate("() => window.isSame"), "nor does the board load itself anew for it"


def test_a_board_left_on_grows_no_larger(hall: Hall, page: Page) -> None:
    hall.room.arrive("gigi", *("Ratna Dewi" for _ in range(8)))
    page.goto(f"{hall.url}/board")
    page.evaluate("() => { window.before = document.querySelectorAll('*').length; }")
    for _ in range(3):
        hall.room.world.clock.forward(minutes=2)
        hall.room.done(hall.room.call("gigi"))
        with page.expect_response(lambda answer: "/board/live" in answer.url and answer.status == 200):
            pass
    assert 5 >= page.evaluate("() => document.querySelectorAll('*').length - window.before")


def test_after_an_update_the_board_loads_itself_anew(hall: Hall, page: Page) -> None:
    page.goto(f"{hall.url}/board")
    page.evaluate("() => { window.isOld = true; }")

    def other_build(route: Any) -> None:
        html = hall.room.read("/board/live/all")
        route.fulfill(status=200, body=html.replace('data-build="', 'data-build="x'), content_type="text/html")

    page.route("**/board/live/all", other_build, times=1)
    page.wait_for_function("() => !window.isOld", timeout=20_000)
    expect(page.locator(".room")).to_have_count(4)


@pytest.mark.parametrize("size", [CHEAP_TV, BETTER_TV], ids=["1366x768", "1920x1080"])
@pytest.mark.parametrize("address", ["/board", "/board/umum"])
def test_the_board_fits_a_television_and_is_read_from_five_metres(
    hall: Hall, browser: Browser, size: dict[str, int], address: str
) -> None:
    fill(hall.room)
    context, page = open_page(browser, size)
    page.goto(f"{hall.url}{address}")
    assert size["height"] >= page.evaluate("() => document.documentElement.scrollHeight")
    assert [] == page.evaluate(SPILLED)
    numbers, following = page.evaluate(FONTS, ".serving"), page.evaluate(FONTS, ".next b, .room h2")
    assert min(numbers) >= NUMBER
    assert min(following) >= NEXT
    context.close()


def test_the_board_fits_a_phone(hall: Hall, browser: Browser) -> None:
    fill(hall.room)
    context, page = open_page(browser, PHONE)
    page.goto(f"{hall.url}/board")
    assert 0 == page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert [] == page.evaluate(SPILLED)
    context.close()


def test_who_asks_for_less_motion_sees_a_frame_that_stands_still(hall: Hall, browser: Browser) -> None:
    context, page = open_page(browser, CHEAP_TV)
    page.emulate_media(reduced_motion="reduce")
    hall.room.arrive("gigi", "Ratna Dewi")
    page.goto(f"{hall.url}/board/gigi")
    hall.room.call("gigi")
    door = page.locator(".called")
    expect(door).to_have_count(1, timeout=15_000)
    assert "none" == door.evaluate("door => getComputedStyle(door).animationName")
    assert "rgb(255, 226, 122)" == door.evaluate("door => getComputedStyle(door).backgroundColor")
    context.close()


def test_the_board_works_without_scripts(hall: Hall, plain_page: Page) -> None:
    hall.room.arrive("gigi", "Ratna Dewi")
    hall.room.call("gigi")
    plain_page.goto(f"{hall.url}/board/gigi")
    expect(plain_page.locator(".serving")).to_have_text("B1")
    expect(plain_page.get_by_role("button")).to_have_count(0)
