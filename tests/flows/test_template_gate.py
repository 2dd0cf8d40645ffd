"""What Meta refuses in a template is caught before Meta sees it; and texts hold with a centre's longest names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.segments import count_segments
from clinic.facility import Facility
from flows.longest_values import LONG_NAME, longest_values
from flows.replies import RepliesFileError, ReplyText, read_replies_file
from flows.template_gate import duplicates, template_faults
from flows.text_gate import filled, label_faults, reply_faults, worst_faults
from flows.whatsapp_templates import WhatsAppTemplate, read_templates

GOOD = WhatsAppTemplate(
    "reminder", "UTILITY", "Untuk {nama}: besok giliran Ibu di sini ya.", {"nama": "Siti"}, ("Datang", "Ganti hari")
)


def test_a_plain_template_passes() -> None:
    assert template_faults(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        pytest.param({"body": "{nama} besok giliran Ibu di sini."}, "start", id="a value first"),
        pytest.param({"body": "*{nama}*, besok giliran Ibu di sini."}, "start", id="a star and a value first"),
        pytest.param({"body": "Besok di sini giliran {nama}."}, "end", id="a value last, full stop behind it"),
        pytest.param({"body": "Besok di sini giliran {nama}"}, "end", id="a value last"),
        pytest.param(
            {"body": "Untuk {a} {b} besok giliran Ibu di sini.", "example": {"a": "x", "b": "y"}},
            "side",
            id="two beside",
        ),
        pytest.param(
            {"body": "Untuk {a}, {b} besok giliran Ibu di sini.", "example": {"a": "x", "b": "y"}},
            "side",
            id="a comma is no word",
        ),
        pytest.param({"body": "Hai {nama} ya."}, "share", id="too few words of our own"),
        pytest.param({"body": "Besok ada cek gratis untuk {nama} di sini."}, "promotion", id="a word that sells"),
        pytest.param({"buttons": ("Datang", "Promo")}, "promotion", id="a button that sells"),
        pytest.param({"name": "Reminder-1"}, "name", id="a name WhatsApp refuses"),
        pytest.param({"example": {"nama": " "}}, "sample", id="no sample"),
        pytest.param({"buttons": ("a", "b", "c", "d")}, "buttons", id="four buttons"),
        pytest.param({"buttons": ("Saya mau ganti ke hari lain",)}, "buttons", id="a long button"),
        pytest.param({"buttons": ("Datang", "datang")}, "label", id="two buttons alike"),
        pytest.param({"buttons": ("✅ Datang", "Tidak")}, "label", id="an emoji beside the number"),
        pytest.param({"buttons": ("Untuk {nama}", "b")}, "buttons", id="a value in a button"),
        pytest.param(
            {"body": "Untuk {nama}: besok giliran. 1 ya, 2 tidak."}, "buttons", id="other numbers than buttons"
        ),
        pytest.param({"body": "Mohon {nama} datang besok pagi ya."}, "officialese", id="officialese"),
        pytest.param(
            {"body": "Ke {nama} " + "ayo datang ke sini besok pagi jam delapan bersama semua ya"}, "words", id="long"
        ),
        pytest.param({"body": "Untuk {nama}: " + "datang ya. " * 120}, "length", id="too long"),
    ],
)
def test_a_template_that_breaks_a_rule_is_caught(change: dict[str, object], rule: str) -> None:
    faults = template_faults(replace(GOOD, **change))  # type: ignore[arg-type]  # fields of several types

    assert rule in {fault.rule for fault in faults}


def test_two_templates_that_say_the_same_are_one_too_many() -> None:
    assert 1 == len(duplicates([GOOD, replace(GOOD, name="another"), replace(GOOD, name="c", body="Lain {nama} ya.")]))


def test_a_rule_may_be_broken_for_a_reason_in_the_file(tmp_path: Path) -> None:
    body = (
        'templates:\n  x:\n    body: "Besok ada cek gratis untuk {nama} di sini."\n'
        "    example: {nama: Siti}\n    allow: [promotion]\n"
    )
    path = tmp_path / "templates.yml"
    path.write_text(body)
    with pytest.raises(RepliesFileError, match="without a reason"):
        read_templates(path)
    path.write_text(body + "    why: the ministry calls it so\n")

    assert template_faults(read_templates(path)["x"]) == ()


def test_a_replys_rule_may_be_broken_for_a_reason_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    path = tmp_path / "x" / "replies.id.yml"
    path.write_text('y:\n  text: "Mohon datang."\n  allow: [officialese]\n')
    with pytest.raises(RepliesFileError, match="without a reason"):
        read_replies_file(path)
    path.write_text('y:\n  text: "Mohon datang."\n  allow: [officialese]\n  why: a quotation\n')

    assert reply_faults(read_replies_file(path)[0]) == ()


def test_values_are_numbered_in_the_order_of_the_samples_and_lose_their_line_breaks() -> None:
    template = replace(GOOD, body="Untuk {b} besok {a} ya.", example={"a": "x", "b": "y"})

    assert ("Untuk {{2}} besok {{1}} ya.", {"1": "satu", "2": "dua tiga"}) == (
        template.numbered_body,
        template.variables({"b": "dua\n tiga", "a": "satu"}),
    )


def test_an_address_with_a_long_number_is_caught_before_an_operator_drops_it(facility: Facility) -> None:
    reply = ReplyText("facility_info.place", "Di {alamat}.", "Di {alamat}.", {"alamat": "Jl. Contoh 1"})
    there = facility.model_copy(update={"address": "Jl. Contoh Blok 1234"})

    assert worst_faults(reply, longest_values(facility, reply.key)) == ()
    assert ["filter"] == [fault.rule for fault in worst_faults(reply, longest_values(there, reply.key))]


def test_a_poli_with_a_long_name_makes_texts_longer(facility: Facility) -> None:
    poli = facility.polis[0].model_copy(update={"name": "Kesehatan Jiwa dan Ketergantungan Obat"})
    there = facility.model_copy(update={"polis": (poli, *facility.polis[1:])})
    reply = ReplyText("x.y", "Poli {poli}.", "Poli {poli}.", {"poli": "Gigi"})

    assert "Kesehatan Jiwa dan Ketergantungan Obat" in filled(reply.text, longest_values(there, reply.key))
    assert 1 == len(label_faults([poli.name, "Gigi"], limit=24))
    assert () == label_faults([poli.name, "Gigi"], limit=24, may_be_cut=True)


def test_the_longest_values_are_the_centres_own(facility: Facility) -> None:
    values = longest_values(facility, "book_queue.ask_poli")

    assert ("Kesehatan Ibu Anak", facility.address, LONG_NAME) == (values["poli"], values["alamat"], values["nama"])
    assert "1 Umum, 2 Gigi, 3 Kesehatan Ibu Anak, 4 Imunisasi, 5 Lansia" == values["pilihan"]
    assert count_segments(values["jam"]).encoding == "GSM-7"
