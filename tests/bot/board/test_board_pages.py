"""The board on the wall."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from bot.board.spoken import call_parts
from bot.board.voice import ClipShelf, clip_name
from clinic.queue import call_number
from clinic.queue_sessions import add_change, undo_change
from tests.bot.board.waiting_room import TODAY, WaitingRoom

NAMES = ("Ratna", "Dewi", "Joko", "Susilo", "Melati", "Sari Wulandari")
ADDRESSES = ("/board", "/board/gigi", "/board/live/all", "/board/live/gigi", "/board/umum", "/board/live/umum")


class Text(HTMLParser):
    """The texts of a page by the class of their element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.path: list[str] = []
        self.found: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br"):
            self.path.append(dict(attrs).get("class") or tag)

    def handle_endtag(self, tag: str) -> None:
        self.path.pop()

    def handle_data(self, data: str) -> None:
        for each in set(self.path):
            self.found.setdefault(each, []).append(data)

    def of(self, name: str) -> str:
        return " ".join("".join(self.found.get(name, [])).split())


def see(hall: WaitingRoom, address: str = "/board/gigi") -> Text:
    return Text(hall.read(address))


def change(hall: WaitingRoom, **fields: object) -> int:
    values = {
        "poli": "gigi",
        "day": TODAY,
        "session": "pagi",
        "late_minutes": None,
        "staff_id": None,
        "reason": "drg. Melati",
    }
    with hall.services.database.transaction() as db:
        return add_change(db, now=hall.world.clock(), **(values | fields))  # type: ignore[arg-type]  # of a dict


def test_the_board_shows_the_number_that_is_served_and_the_next_three(hall: WaitingRoom) -> None:
    hall.arrive("gigi", *("Pasien" for _ in range(6)))
    hall.done(hall.call("gigi"))
    hall.call("gigi")
    text = see(hall)
    assert ("B2", "Berikut B3 B4 B5", "4 menunggu") == (text.of("serving"), text.of("next"), text.of("waiting"))


def test_who_is_there_comes_next_before_who_is_not(hall: WaitingRoom) -> None:
    hall.arrive("gigi", *("Pasien" for _ in range(5)))
    with hall.services.database.transaction() as db:
        db.connection().exec_driver_sql("UPDATE queue_entry SET arrived_at = NULL WHERE number IN (1, 3)")
    assert "Berikut B2 B4 B5" == see(hall).of("next")
    for code in ("B2", "B4", "B5"):
        assert code in see(hall).of("next")
        hall.done(hall.call("gigi"))
        assert code not in see(hall).of("next")
    assert "Berikut B1 B3" == see(hall).of("next")


def test_each_of_two_rooms_shows_its_own_number(hall: WaitingRoom) -> None:
    hall.arrive("umum", *("Pasien" for _ in range(4)))
    hall.call("umum2")
    html = hall.read("/board/umum")
    assert ["Ruang Umum 1", "Ruang Umum 2"] == re.findall(r'class="where">([^<]+)<', html)
    assert "–A1" == Text(html).of("serving")
    hall.call("umum1")
    assert "A2A1" == see(hall, "/board/umum").of("serving")


def test_no_page_of_the_board_ever_names_anybody(hall: WaitingRoom) -> None:
    gigi = hall.arrive("gigi", "Ratna Dewi", "Joko Susilo")
    hall.arrive("gigi", "Joko Susilo", priority="lansia")
    hall.arrive("umum", "Ratna Dewi", "Joko Susilo")
    hall.call("gigi")
    umum = hall.arrive("umum", "Joko Susilo")[0]
    with hall.services.database.transaction() as db:
        call_number(
            db, umum, "umum2", facility=hall.services.facility, now=hall.world.clock(), actor="staff:1",
            reason="Ibu Ratna pingsan",
        )  # fmt: skip
    assert "A3 didahulukan: diputuskan petugas" == see(hall, "/board/umum").of("jumps")
    hall.call("umum1")
    hall.call_again(gigi[0])
    change(hall, kind="late", late_minutes=200)
    change(hall, kind="closed", poli="kia", session=None)
    for address in ADDRESSES:
        html = hall.read(address)
        assert [] == [name for name in NAMES if name.lower() in html.lower()], address


def test_the_whole_board_shows_every_poli_of_the_day_and_names_the_others(hall: WaitingRoom) -> None:
    html = hall.read()
    assert ["Umum", "Gigi", "Kesehatan Ibu Anak", "Lansia"] == re.findall(r"<h2>([^<]+)</h2>", html)
    assert "Hari ini tidak ada: Imunisasi" == Text(html).of("absent")


def test_a_poli_without_a_session_today_still_has_a_page(hall: WaitingRoom) -> None:
    assert "Belum ada antrian" == see(hall, "/board/imunisasi").of("next")


def test_a_day_without_anybody_says_when_it_opens_again(hall: WaitingRoom) -> None:
    hall.world.clock.forward(days=6)  # a Sunday
    assert "Hari ini tidak ada pelayanan. Buka lagi Senin 30 Nov 2026." == see(hall, "/board").of("rest")


def test_who_went_first_is_told_with_the_reason_for_a_quarter_of_an_hour(hall: WaitingRoom) -> None:
    hall.arrive("gigi", "Pasien", "Pasien", "Pasien")
    hall.arrive("gigi", "Joko Susilo", priority="lansia")
    for _ in range(2):
        hall.done(hall.call("gigi"))
    hall.call("gigi")
    assert "B4 didahulukan: lansia" == see(hall).of("jumps")
    assert "" == see(hall, "/board/umum").of("jumps")
    hall.world.clock.forward(minutes=16)
    assert "" == see(hall).of("jumps")


def test_the_rule_of_turns_stands_below(hall: WaitingRoom) -> None:
    assert see(hall).of("rule").startswith("Giliran: 2 biasa, lalu 1 prioritas (lansia, ibu hamil")


def test_a_session_that_begins_late_says_when_until_it_begins(hall: WaitingRoom) -> None:
    change(hall, kind="late", late_minutes=120)
    assert "Mulai terlambat: jam 10.00" == see(hall).of("note")
    hall.world.clock.forward(minutes=20)
    assert "" == see(hall).of("note")


def test_a_poli_closed_for_today_says_so_and_opens_again_when_that_is_undone(hall: WaitingRoom) -> None:
    closed = change(hall, kind="closed", session=None)
    assert "Tutup hari ini" == see(hall).of("shut")
    with hall.services.database.transaction() as db:
        undo_change(db, closed, now=hall.world.clock())
    assert "" == see(hall).of("shut")


def test_one_closed_session_of_two_is_told_by_its_hours(hall: WaitingRoom) -> None:
    change(hall, kind="closed", session="siang")
    text = see(hall)
    assert ("Tutup: jam 12.30–14.00", "") == (text.of("note"), text.of("shut"))


def test_nothing_new_costs_no_body_and_every_change_costs_one(hall: WaitingRoom) -> None:
    client = hall.app.test_client()

    def ask(etag: str = "") -> tuple[int, str]:
        answer = client.get("/board/live/all", headers={"If-None-Match": etag})
        assert (answer.status_code == 304) == (answer.data == b"")
        return answer.status_code, answer.headers["ETag"]

    _, etag = ask()
    assert (304, etag) == ask(etag)
    entry = hall.arrive("gigi", "Pasien")[0]
    status, etag = ask(etag)
    assert 200 == status
    hall.call("gigi")
    status, etag = ask(etag)
    assert 200 == status
    hall.call_again(entry)
    status, etag = ask(etag)
    assert 200 == status
    change(hall, kind="closed", session="siang")
    status, etag = ask(etag)
    assert 200 == status
    assert (304, etag) == ask(etag)
    hall.world.clock.forward(minutes=1)
    assert 200 == ask(etag)[0]


def test_at_midnight_the_board_shows_the_new_day(hall: WaitingRoom) -> None:
    hall.arrive("gigi", "Pasien")
    hall.call("gigi")
    assert "B1" in hall.read("/board/live/gigi")
    hall.world.clock.forward(hours=15)
    html = hall.read("/board/live/gigi")
    assert ("B1" in html, "Selasa 24 Nov 2026" in html) == (False, True)


def test_a_call_is_listed_for_the_pages_to_say_once_and_again_when_it_is_called_again(hall: WaitingRoom) -> None:
    entry = hall.arrive("gigi", "Pasien")[0]
    assert [] == calls_in(hall)
    hall.call("gigi")
    first = calls_in(hall)
    assert [("gigi", "B1")] == [(room, code) for _, room, _, code in first]
    hall.call_again(entry)
    both = calls_in(hall)
    assert first[0] == both[0]
    assert (2, "B1") == (len(both), both[1][3])
    hall.world.clock.forward(minutes=2)
    assert [] == calls_in(hall)


def test_a_call_is_listed_also_when_its_number_is_served_at_once(hall: WaitingRoom) -> None:
    hall.arrive("gigi", "Pasien")
    hall.done(hall.call("gigi"))
    assert ["B1"] == [code for _, _, _, code in calls_in(hall)]


def test_a_call_names_the_clips_that_say_it_when_all_are_there(hall: WaitingRoom) -> None:
    parts = call_parts("B", 1, "Poli Gigi")
    shelf = ClipShelf(hall.services.settings.voice_folder)
    shelf.folder.mkdir()
    for part in parts:
        shelf.path_of(clip_name(part)).write_bytes(b"RIFF")
    hall.arrive("gigi", "Pasien")
    hall.arrive("umum", "Pasien")
    hall.call("gigi")
    hall.call("umum2")
    (_, _, gigi, _), (_, room, umum, _) = calls_in(hall, "/board/live/all")
    assert [f"/board/voice/{clip_name(part)}.wav" for part in parts] == gigi.split()
    assert ("umum2", "") == (room, umum.strip())


def calls_in(hall: WaitingRoom, address: str = "/board/live/gigi") -> list[tuple[str, str, str, str]]:
    found = re.findall(r'<li data-id="(\d+)" data-room="([^"]+)" data-clips="([^"]*)">([^<]+)</li>', hall.read(address))
    return [(one, two, three, four) for one, two, three, four in found]


@pytest.mark.parametrize("address", ["/board/live/all", "/board/live/gigi"])
def test_every_part_that_refreshes_itself_says_since_when_it_would_be_stale(hall: WaitingRoom, address: str) -> None:
    assert "Tidak tersambung sejak 09.41. Tanyakan ke loket." == see(hall, address).of("stale")


def test_the_case_list_of_the_inbox_warns_too(hall: WaitingRoom) -> None:
    assert 'class="stale"' in hall.world.logged_in().get("/inbox/live/cases").get_data(as_text=True)


def test_the_board_refreshes_itself_with_and_without_scripts(hall: WaitingRoom) -> None:
    html = hall.read("/board/gigi")
    assert 'data-live="/board/live/gigi"' in html
    assert '<noscript><meta http-equiv="refresh"' in html


def test_a_poli_that_does_not_exist_has_no_board(hall: WaitingRoom) -> None:
    assert [404, 404] == [
        hall.app.test_client().get(address).status_code for address in ("/board/mata", "/board/live/mata")
    ]


def test_numbers_of_another_day_are_not_on_the_board(hall: WaitingRoom) -> None:
    assert date(2026, 11, 23) == TODAY
    hall.arrive("gigi", "Pasien")
    hall.world.clock.forward(days=1)
    assert "Belum ada antrian" == see(hall).of("next")
