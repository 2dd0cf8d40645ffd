"""The pages for hours without power: printing the day, and typing back what was done on paper."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

from bot.inbox.paper import FREE_ROWS
from clinic.audit import AuditEntry
from clinic.paper_blocks import blocks_of, set_aside
from clinic.queue import cancel_number, day_list
from tests.bot.board.waiting_room import TODAY, WaitingRoom, waiting_room
from tests.pages_world import PASSWORD, USERNAME, token_in

REASONS = re.compile(r'PaperConflict\(\s*f?"([a-z_{}.]+)"')


@pytest.fixture
def room(tmp_path: Path) -> WaitingRoom:
    return waiting_room(tmp_path)


@pytest.fixture
def client(room: WaitingRoom) -> FlaskClient:
    client = room.app.test_client()
    token = token_in(client.get("/inbox/login").text)
    client.post("/inbox/login", data={"csrf_token": token, "username": USERNAME, "password": PASSWORD})
    return client


def print_it(client: FlaskClient, **fields: str) -> TestResponse:
    token = token_in(client.get("/inbox/queue/print").text)
    return client.post("/inbox/queue/print", data={"csrf_token": token, **fields})


def type_it(client: FlaskClient, *rows: dict[str, str], **fields: str) -> str:
    """Fill the page's rows in, each by the number that it stands for, and save."""
    page = client.get("/inbox/queue/paper?poli=gigi").text
    data = {"csrf_token": token_in(page), "poli": "gigi", "day": str(TODAY), "rows": str(len(rows)), **fields}
    for place, row in enumerate(rows):
        data |= {f"{name}-{place}": value for name, value in row.items()}
    answer = client.post("/inbox/queue/paper", data=data)
    assert 200 == answer.status_code
    return answer.text


def numbers_on(page: str) -> list[str]:
    return re.findall(r'name="number-\d+" value="(B\d+)"', page)


def states(room: WaitingRoom) -> dict[str, str]:
    with room.services.database.reading() as db:
        return {row.code: row.state for row in day_list(db, TODAY, facility=room.services.facility)}


def set_five_aside(room: WaitingRoom) -> None:
    rules = room.services.facility.queue.model_copy(update={"paper_numbers": 5})
    facility = room.services.facility.model_copy(update={"queue": rules})
    with room.services.database.transaction() as db:
        set_aside(db, facility, "gigi", TODAY, now=room.world.clock(), actor="staff:1")


def test_the_page_sets_nothing_aside_before_the_button_is_pressed(room: WaitingRoom, client: FlaskClient) -> None:
    assert "Buat PDF" in client.get("/inbox/queue/print").text
    with room.services.database.reading() as db:
        assert () == blocks_of(db, TODAY)


def test_the_button_gives_a_pdf_of_one_poli_or_of_all(room: WaitingRoom, client: FlaskClient) -> None:
    room.arrive("gigi", "Siti Aminah")
    one = print_it(client, poli="gigi", day=str(TODAY))
    assert ("application/pdf", b"%PDF-") == (one.mimetype, one.data[:5])
    assert f"antrian-{TODAY}.pdf" in one.headers["Content-Disposition"]
    everyone = print_it(client)
    titles = "".join(page.extract_text() for page in PdfReader(io.BytesIO(everyone.data)).pages)
    assert all(f"Antrian {name}" in titles for name in ("Umum", "Gigi", "Kesehatan Ibu Anak", "Lansia"))
    with room.services.database.reading() as db:
        assert ["staff:1"] * 4 == [block_actor for (block_actor,) in db.connection().exec_driver_sql(
            "SELECT actor FROM paper_block"
        )]  # fmt: skip
        assert 2 == db.query(AuditEntry).filter_by(action="queue_print").count()


def test_an_old_sheet_in_use_gets_new_numbers(room: WaitingRoom, client: FlaskClient) -> None:
    print_it(client, poli="gigi")
    print_it(client, poli="gigi")
    print_it(client, poli="gigi", anew="1")
    with room.services.database.reading() as db:
        assert [(1, 20), (21, 40)] == [(block.first, block.last) for block in blocks_of(db, TODAY)]
    assert "B1–B20 (09.41), B21–B40 (09.41)" in client.get("/inbox/queue/print").text


def test_a_day_without_anybody_prints_nothing(room: WaitingRoom, client: FlaskClient) -> None:
    room.world.clock.forward(days=6)
    token = token_in(client.get("/inbox/login").text)
    client.post("/inbox/login", data={"csrf_token": token, "username": USERNAME, "password": PASSWORD})
    assert "Tidak ada yang dicetak." in print_it(client).text


def test_the_sheet_to_type_has_everybody_and_every_number_set_aside(room: WaitingRoom, client: FlaskClient) -> None:
    room.arrive("gigi", "Siti Aminah", "Budi")
    set_five_aside(room)
    page = client.get("/inbox/queue/paper?poli=gigi").text
    assert [f"B{number}" for number in range(1, 8)] == numbers_on(page)
    assert FREE_ROWS == page.count('aria-label="Nomor lain"')
    assert "Siti Aminah" in page


def test_what_was_typed_is_kept_and_counted(room: WaitingRoom, client: FlaskClient) -> None:
    room.arrive("gigi", "Siti Aminah", "Budi", "Yuli")
    set_five_aside(room)
    page = type_it(
        client,
        {"number": "B1", "state": "done", "called": "08.20", "done": "08.31"},
        {"number": "B2", "state": "skipped"},
        {"number": "B3"},
        {"number": "B4", "state": "done", "name": "Joko", "birth_year": "1950", "priority": "lansia"},
    )
    assert "3 tersimpan." in page
    assert {"B1": "done", "B2": "skipped", "B3": "waiting", "B4": "done"} == states(room)
    again = type_it(client, {"number": "B1", "state": "done", "called": "08.20", "done": "08.31"})
    assert "0 tersimpan, 1 sudah sama." in again
    with room.services.database.reading() as db:
        details = [entry.detail for entry in db.query(AuditEntry).filter_by(action="queue_paper")]
    assert ["3 kept, 0 same, 0 conflict", "0 kept, 1 same, 0 conflict"] == details


def test_a_conflict_is_explained_keeps_what_was_typed_and_is_decided_by_a_tick(
    room: WaitingRoom, client: FlaskClient
) -> None:
    (entry,) = room.arrive("gigi", "Siti Aminah")
    with room.services.database.transaction() as db:
        cancel_number(db, entry, facility=room.services.facility, now=room.world.clock())
    page = type_it(client, {"number": "B1", "state": "done", "done": "8.30"})
    assert "1 perlu diperiksa" in page
    assert "Di sini nomor ini sudah batal, di kertas selesai dilayani." in page
    assert 'name="done-0" value="8.30"' in page
    assert 'name="decision-0" value="paper"' in page
    assert {"B1": "cancelled"} == states(room)
    type_it(client, {"number": "B1", "state": "done", "done": "8.30", "decision": "paper"})
    assert {"B1": "done"} == states(room)


def test_a_number_from_elsewhere_is_typed_into_a_free_row_and_stays_there_when_it_does_not_fit(
    client: FlaskClient,
) -> None:
    page = type_it(client, {"number": "b 99", "state": "done", "name": "Joko <b>Susilo</b>"})
    assert "bukan nomor cadangan hari itu" in page
    assert 'value="b 99"' in page
    assert 'value="Joko &lt;b&gt;Susilo&lt;/b&gt;"' in page


def test_a_name_without_an_outcome_is_asked_about(room: WaitingRoom, client: FlaskClient) -> None:
    set_five_aside(room)
    assert "Pilih hasilnya" in type_it(client, {"number": "B1", "name": "Joko"})


def test_a_day_that_cannot_be_typed_shows_today(client: FlaskClient) -> None:
    for day in ("2026-11-24", "2020-01-01", "x"):
        assert "Senin 23 Nov 2026</h1>" in client.get(f"/inbox/queue/paper?poli=gigi&day={day}").text


def test_every_conflict_has_its_words_on_the_page_and_in_the_command() -> None:
    code = "".join(Path(f"clinic/{name}.py").read_text() for name in ("queue_paper", "paper_lines"))
    known = set(REASONS.findall(code)) | {"other_outcome", "cancelled_but_served", "skipped_but_served"}
    assert len(known) >= 18
    words = Path("bot/templates/inbox/_paper_words.html").read_text()
    command = Path("bot/cli/queue_paper.py").read_text()
    assert [] == [reason for reason in known if f'"{reason}":' not in words or f'"{reason}":' not in command]
