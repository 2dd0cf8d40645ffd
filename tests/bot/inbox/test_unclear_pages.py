"""The page of messages that were not understood: what it shows, and what one tap does."""

from __future__ import annotations

import re

import pytest

from clinic.audit import AuditEntry
from clinic.inbound_table import InboundMessage
from clinic.unclear_messages import UnclearMessage, note_unclear
from nlu.understanding import INTENTS
from tests.pages_world import World, send

PAGE = "/inbox/unclear"


def add(
    world: World,
    text: str,
    *,
    intent: str = "membership_status",
    band: str = "low",
    others: tuple[str, ...] = ("dues_info", "out_of_scope", "greet", "deny"),
) -> int:
    """A message with these words that was not surely understood."""
    contact = world.add_contact("Bu Ratna", f"+62812000{len(rows(world)):05d}")
    inbound_id = world.hears(contact, text)
    with world.services.database.transaction() as db:
        kept = note_unclear(db, inbound_id, band=band, intent=intent, confidence=0.3, others=others, now=world.clock())
    assert kept is not None
    return kept


def rows(world: World) -> list[UnclearMessage]:
    with world.services.database.reading() as db:
        return list(db.query(UnclearMessage).order_by(UnclearMessage.id))


def acts(world: World) -> list[tuple[str, str, str, str]]:
    with world.services.database.reading() as db:
        entries = db.query(AuditEntry).filter(AuditEntry.action.not_like("login%")).order_by(AuditEntry.id)
        return [(entry.actor, entry.action, entry.subject, entry.detail) for entry in entries]


def read(world: World, query: str = "") -> str:
    return world.logged_in().get(PAGE + query).get_data(as_text=True)


def buttons(html: str) -> list[str]:
    """What the buttons for one tap stand for, in order."""
    return re.findall(r'<button class="button" name="label" value="([a-z_]+)"', html)


def said(html: str) -> list[str]:
    return re.findall(r'<p class="wrap said"[^>]*>([^<]*)</p>', html)


def test_the_page_shows_the_words_and_what_the_bot_took_them_for(world: World) -> None:
    add(world, "kartu sy mati kah <b>")
    html = read(world)

    assert ["kartu sy mati kah &lt;b&gt;"] == said(html)
    assert "bot mengira <strong>Tanya BPJS aktif atau tidak</strong>" in html
    assert "sangat ragu" in html
    assert "0.3" not in html.split("<main", 1)[1]


def test_the_likeliest_meanings_have_a_button_and_all_others_a_place_in_the_list(world: World) -> None:
    add(world, "kartu sy mati kah")
    html = read(world)

    assert ["membership_status", "dues_info", "greet"] == buttons(html)
    assert sorted(INTENTS) == sorted(re.findall(r'<option value="([a-z_]+)"', html))


def test_what_nobody_understood_says_so_and_offers_what_was_likely(world: World) -> None:
    add(world, "mboh", intent="out_of_scope", others=("greet", "deny"))
    add(world, "mbuh", intent="out_of_scope", others=())
    html = read(world)

    assert 2 == html.count("bot tidak mengerti")
    assert ["greet", "deny"] == buttons(html)


def test_a_middle_band_is_a_smaller_doubt(world: World) -> None:
    add(world, "tulis aku", band="middle")

    assert '<span class="tag">ragu</span>' in read(world)


def test_the_newest_message_stands_first_and_older_ones_on_the_next_page(world: World) -> None:
    for number in range(21):
        add(world, f"pesan {number}")

    assert [f"pesan {number}" for number in range(20, 0, -1)] == said(read(world))
    assert ["pesan 0"] == said(read(world, "?page=2"))
    assert "Halaman 2" in read(world, "?page=2")


@pytest.mark.parametrize("query", ["?page=0", "?page=-3", "?page=x", "?state=x", "?done=99", "?done=x"])
def test_a_strange_address_shows_the_first_page(world: World, query: str) -> None:
    add(world, "mboh")

    assert ["mboh"] == said(read(world, query))


def test_numbers_of_persons_are_masked(world: World) -> None:
    add(world, "nik 6472015205900001 kartu 0001000000011 hp 0812 3456 7890 ya")
    (text,) = said(read(world))

    assert "6472********0001" in text and "0001*****0011" in text
    assert not re.search(r"\d{5}|3456", text)


def test_the_link_on_every_page_counts_what_waits(world: World) -> None:
    client = world.logged_in()
    assert ">Belum dipahami</a>" in client.get("/inbox/queue").get_data(as_text=True)
    for number in range(2):
        add(world, f"pesan {number}")
    assert ">Belum dipahami <b>2</b></a>" in client.get("/inbox/queue").get_data(as_text=True)


def test_an_empty_page_says_so(world: World) -> None:
    assert "Tidak ada pesan yang menunggu arti." in read(world)
    assert "Belum ada pesan di sini." in read(world, "?state=labelled")


@pytest.mark.parametrize(("username", "staff_id"), [("sari", 1), ("budi", 2)])
def test_one_tap_says_what_a_message_means_and_who_said_it_is_kept(world: World, username: str, staff_id: int) -> None:
    kept = add(world, "kartu sy mati kah")
    client = world.logged_in(username)
    answer = send(client, f"{PAGE}/{kept}/label", page=PAGE, label="dues_info", seen="open", state="open")

    assert (302, f"{PAGE}?state=open&done={kept}#isi") == (answer.status_code, answer.location)
    (row,) = rows(world)
    assert ("labelled", "dues_info", staff_id, world.clock()) == (
        row.state, row.label, row.labelled_by, row.labelled_at,
    )  # fmt: skip
    assert [(f"staff:{staff_id}", "label", f"unclear_message:{kept}", "dues_info")] == acts(world)
    html = client.get(answer.location).get_data(as_text=True)
    assert "Arti dicatat: <strong>Iuran BPJS</strong>" in html and "Urungkan" in html


def test_nothing_is_sent_to_the_patient(world: World) -> None:
    kept = add(world, "kartu sy mati kah")
    send(world.logged_in(), f"{PAGE}/{kept}/label", page=PAGE, label="dues_info", seen="open")

    assert [] == world.outbox()


def test_a_label_is_replaced_where_labelled_messages_stand(world: World) -> None:
    kept, client = add(world, "mboh"), world.logged_in()
    send(client, f"{PAGE}/{kept}/label", page=PAGE, label="greet", seen="open")
    html = client.get(f"{PAGE}?state=labelled").get_data(as_text=True)
    assert "Arti: <strong>Salam</strong>" in html and "Sari Wulandari" in html
    answer = send(client, f"{PAGE}/{kept}/label", page="/inbox/account", label="thanks", seen="greet", state="labelled")

    assert answer.location.startswith(f"{PAGE}?state=labelled")
    assert ["thanks"] == [row.label for row in rows(world)]


def test_a_message_is_dismissed_and_taken_back(world: World) -> None:
    kept, client = add(world, "mboh"), world.logged_in()
    send(client, f"{PAGE}/{kept}/dismiss", page=PAGE, seen="open")
    assert [] == said(client.get(PAGE).get_data(as_text=True))
    assert ["mboh"] == said(client.get(f"{PAGE}?state=dismissed").get_data(as_text=True))
    send(client, f"{PAGE}/{kept}/undo", page=f"{PAGE}?state=dismissed", seen="dismissed")

    assert ["mboh"] == said(client.get(PAGE).get_data(as_text=True))
    assert ["dismiss", "unlabel"] == [action for _, action, _, _ in acts(world)]


def test_a_label_is_taken_back(world: World) -> None:
    kept, client = add(world, "mboh"), world.logged_in()
    send(client, f"{PAGE}/{kept}/label", page=PAGE, label="greet", seen="open")
    answer = send(client, f"{PAGE}/{kept}/undo", page=f"{PAGE}?state=labelled", seen="greet")

    assert [("open", None, None)] == [(row.state, row.label, row.labelled_by) for row in rows(world)]
    assert "Pesan ini menunggu lagi." in client.get(answer.location).get_data(as_text=True)


def test_who_was_slower_changes_nothing_and_is_told(world: World) -> None:
    kept = add(world, "mboh")
    fast, slow = world.logged_in("sari"), world.logged_in("budi")
    send(fast, f"{PAGE}/{kept}/label", page=PAGE, label="greet", seen="open")
    send(slow, f"{PAGE}/{kept}/label", page="/inbox/account", label="thanks", seen="open")

    assert ["greet"] == [row.label for row in rows(world)]
    assert 1 == len(acts(world))
    assert "Petugas lain baru saja memutuskan pesan ini." in slow.get(PAGE).get_data(as_text=True)


@pytest.mark.parametrize("label", ["", "dance", "<b>", "GREET"])
def test_a_meaning_that_does_not_exist_is_refused(world: World, label: str) -> None:
    kept = add(world, "mboh")
    answer = send(world.logged_in(), f"{PAGE}/{kept}/label", page=PAGE, label=label, seen="open")

    assert 400 == answer.status_code
    assert [None] == [row.label for row in rows(world)]


@pytest.mark.parametrize("act", ["label", "dismiss", "undo"])
def test_a_message_that_does_not_exist_is_not_found(world: World, act: str) -> None:
    answer = send(world.logged_in(), f"{PAGE}/99/{act}", page="/inbox/account", label="greet", seen="open")

    assert (404, []) == (answer.status_code, acts(world))


@pytest.mark.parametrize("act", ["label", "dismiss", "undo"])
def test_a_stranger_and_a_form_without_its_token_change_nothing(world: World, act: str) -> None:
    kept = add(world, "mboh")
    fields = {"label": "greet", "seen": "open"}

    assert 400 == world.logged_in().post(f"{PAGE}/{kept}/{act}", data=fields).status_code
    world.app.config["WTF_CSRF_ENABLED"] = False
    assert 302 == world.visitor().post(f"{PAGE}/{kept}/{act}", data=fields).status_code
    assert ["open"] == [row.state for row in rows(world)]


def test_words_that_were_deleted_leave_a_message_that_can_only_be_dismissed(world: World) -> None:
    add(world, "mboh")
    with world.services.database.transaction() as db:
        db.query(InboundMessage).update({"text": ""})
    html = read(world)

    assert "(tulisan sudah dihapus)" in html
    assert ([], 0) == (buttons(html), html.count("<select"))
    assert "Bukan pesan yang perlu dipelajari" in html
