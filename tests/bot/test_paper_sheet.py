"""The printed sheet: read back from the PDF as a reader program sees it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from bot.paper_sheet import Sheet, draw_sheet, printable
from clinic.paper_blocks import paper_sheets
from tests.bot.board.waiting_room import TODAY, WaitingRoom, waiting_room


@pytest.fixture
def room(tmp_path: Path) -> WaitingRoom:
    return waiting_room(tmp_path)


def printed(room: WaitingRoom, *polis: str) -> list[str]:
    """The text of each page."""
    facility, now = room.services.facility, room.world.clock()
    wanted = [poli for poli in facility.polis if poli.id in polis]
    with room.services.database.transaction() as db:
        sheets = paper_sheets(db, facility, TODAY, wanted, now=now, actor="cli")
    data = draw_sheet(Sheet(facility.name, TODAY, sheets, now, facility.zone))
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def test_the_sheet_lists_who_has_a_number_and_which_numbers_are_set_aside(room: WaitingRoom) -> None:
    room.arrive("gigi", "Siti Aminah", "Budi Santoso")
    room.arrive("gigi", "Ni Luh Putu", priority="lansia")
    room.done(room.call("gigi"))
    text = "\n".join(printed(room, "gigi"))
    assert "Antrian Gigi (B)" in text
    assert "Nomor terakhir: B3. Cadangan di kertas ini: B4-B23." in text
    for word in ("Siti Aminah", "Budi Santoso", "Ni Luh Putu", "selesai", "hadir 09.41", "lansia"):
        assert word in text
    assert [f"B{number}" for number in range(1, 24)] == re.findall(r"^B\d+\b", text, flags=re.MULTILINE)


def test_every_page_says_that_it_is_secret_when_it_was_printed_and_which_page_it_is(room: WaitingRoom) -> None:
    room.arrive("umum", *(f"Pasien Contoh {number}" for number in range(40)))
    pages = printed(room, "umum", "gigi")
    assert len(pages) >= 3
    for number, text in enumerate(pages, 1):
        assert "RAHASIA" in text
        assert f"Dicetak Senin 23 Nov 2026 09.41. Halaman {number} dari {len(pages)}" in text
        assert "Senin 23 Nov 2026" in text
    assert "Gigi (B)" in pages[-1], "each poli begins on a page of its own, and every page says whose it is"


def test_a_second_print_warns_of_the_first(room: WaitingRoom) -> None:
    assert "sudah dicetak" not in "".join(printed(room, "gigi"))
    room.world.clock.forward(minutes=30)
    assert "Cadangan ini sudah dicetak 09.41." in "".join(printed(room, "gigi"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Đặng Nguyễn", "Dang Nguyen", id="Vietnamese"),
        pytest.param("O’Brien", "O'Brien", id="a typographic apostrophe"),
        pytest.param("José", "José", id="what the printer has"),
        pytest.param("Łukasz Œ", "Lukasz OE", id="letters without an accent to leave out"),
        pytest.param("محمد", "????", id="another script"),
        pytest.param("Siti 🙂", "Siti ?", id="a picture"),
        pytest.param("a\tb\nc", "a?b?c", id="control characters"),
    ],
)
def test_a_name_is_written_in_letters_that_the_printer_has(name: str, shown: str) -> None:
    assert shown == printable(name).replace("\t", "?").replace("\n", "?")


def test_no_name_breaks_the_sheet(room: WaitingRoom) -> None:
    names = ["W" * 200, "محمد علي", "🙂" * 30, "{nb} {page}", "a\x00b\tc", "Siti\u202eAminah"]
    room.arrive("gigi", *names)
    text = "\n".join(printed(room, "gigi"))
    assert [f"B{number}" for number in range(1, 27)] == re.findall(r"^B\d+\b", text, flags=re.MULTILINE)
    assert "WWWWWWWWWW" in text
