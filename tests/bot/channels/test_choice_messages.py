"""A question as buttons or list: which shape it takes, what is said above it, and what Twilio is given."""

from __future__ import annotations

import json
import re

import pytest

from bot.channels.choice_messages import ChoiceMessage, Shape, all_shapes, choice_message, usual_shapes

POLIS = ["Umum", "Gigi", "Kesehatan Ibu Anak", "Imunisasi"]


def shaped(text: str, choices: list[str]) -> ChoiceMessage:
    message = choice_message(text, choices)
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("choices", "kind"),
    [
        pytest.param(["Ya", "Tidak"], "buttons", id="two"),
        pytest.param(["Umum", "Gigi", "Kesehatan Ibu Anak"], "buttons", id="three that fit"),
        pytest.param(["Selasa 24 Nov siang", "Rabu 25 Nov pagi"], "list", id="too long for a button"),
        pytest.param(POLIS, "list", id="four"),
        pytest.param(list("abcdefghij"), "list", id="ten"),
    ],
)
def test_few_short_choices_are_buttons_and_the_rest_a_list(choices: list[str], kind: str) -> None:
    assert kind == shaped("Mau yang mana?", choices).shape.kind


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        pytest.param("Baik.", [], id="no question"),
        pytest.param("Baik?", ["Ya"], id="one choice"),
        pytest.param("Mana?", list("abcdefghijk"), id="eleven"),
        pytest.param("Mana?", ["a", " "], id="an empty label"),
        pytest.param("x" * 1025, ["a", "b"], id="too long above buttons"),
        pytest.param("x\n" * 9, ["a", "b"], id="too many lines"),
        pytest.param(" \n ", ["a", "b"], id="nothing above them"),
    ],
)
def test_what_fits_no_shape_stays_plain(text: str, choices: list[str]) -> None:
    assert choice_message(text, choices) is None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("Ke mana?\n1 Umum, 2 Gigi", ("Ke mana?",), id="a line that only lists"),
        pytest.param("Ke mana?\n*1* Umum\n*2* Gigi\n*9* Petugas", ("Ke mana?", "*9* Petugas"), id="a line each"),
        pytest.param("Ada: 1 Umum, 2 Gigi\nMana?", ("Ada: 1 Umum, 2 Gigi", "Mana?"), id="in the middle of a line"),
        pytest.param("Ke mana?\n1 Umum\n2 Gigi dan mulut", ("Ke mana?", "1 Umum", "2 Gigi dan mulut"), id="says more"),
        pytest.param("1 Umum, 2 Gigi", ("1 Umum, 2 Gigi",), id="nothing else to say"),
        pytest.param("Satu.\n\nDua?\n1 Umum, 2 Gigi", ("Satu.", "Dua?"), id="an empty line"),
    ],
)
def test_the_list_is_not_said_twice(text: str, lines: tuple[str, ...]) -> None:
    assert lines == shaped(text, ["Umum", "Gigi"]).lines


def test_a_list_whose_rows_are_cut_is_said_in_full_above_them() -> None:
    labels = ["Kesehatan Ibu Anak dan Keluarga", "Umum"]
    text = "Ke mana?\n1 Kesehatan Ibu Anak dan Keluarga, 2 Umum"

    assert text == shaped(text, labels).body


def test_the_values_fill_the_resource_exactly() -> None:
    message = shaped("Ke mana?\nPilih:", POLIS)
    definition = json.dumps(message.shape.content.definition, ensure_ascii=False)

    assert set(re.findall(r"\{\{(\d+)\}\}", definition)) == set(message.variables)
    assert message.shape.content.definition["variables"].keys() == message.variables.keys()
    assert {"1": "Ke mana?", "2": "Pilih:", "3": "1 Umum", "6": "4 Imunisasi"}.items() <= message.variables.items()


def test_no_value_holds_what_twilio_refuses_in_one() -> None:
    message = shaped("Satu\tdua      tiga\nEmpat", ["Umum\nGigi", "b"])

    assert all(not re.search(r"[\n\t]| {5,}", value) and value for value in message.variables.values())


def test_ids_are_the_digits_that_are_typed() -> None:
    buttons = Shape("buttons", 3, 1).content.definition["types"]["twilio/quick-reply"]["actions"]
    rows = Shape("list", 10, 1).content.definition["types"]["twilio/list-picker"]["items"]

    assert ["1", "2", "3"] == [button["id"] for button in buttons]
    assert [str(number) for number in range(1, 11)] == [row["id"] for row in rows]


def test_every_shape_has_a_name_of_its_own_that_changes_with_its_wording() -> None:
    names = [shape.content.friendly_name for shape in all_shapes()]

    assert len(names) == len(set(names))
    assert {shape.content.name for shape in usual_shapes()} < {shape.content.name for shape in all_shapes()}
    assert Shape("list", 4, 2).content.wording != Shape("list", 4, 3).content.wording
