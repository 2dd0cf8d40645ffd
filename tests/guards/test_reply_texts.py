"""Guards every text that a patient may read, templates and buttons too: short, plain, passed by operators, used."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from bot.channels.choice_messages import BUTTON_LETTERS, MOST_ROWS, ROW_LETTERS, choice_message
from bot.channels.segments import count_segments
from clinic.facility import Facility
from clinic.facility_file import load_facility
from flows.catalogue import FLOWS
from flows.choice_labels import listed_in
from flows.dialog import Choice
from flows.longest_values import day_labels, longest_values, poli_labels
from flows.meant.flow import LABELS
from flows.replies import ReplyText, load_replies, placeholders, with_own_texts
from flows.template_gate import duplicates, template_faults
from flows.text_gate import filled, label_faults, reply_faults, worst_faults
from flows.whatsapp_templates import TEMPLATES, WhatsAppTemplate
from tests.guards.source_tree import ROOMS, ROOT, Source, assert_none, code_of_rooms, read_sources

MOST_SEGMENTS = 2
CHOICES = "pilihan"
"""Filled in by the renderer; WhatsApp may list the choices in lines of its own instead."""
CENTRE = "puskesmas"
NAMES_A_REPLY = {"Ask", "Say", "Prompt", "Unclear"}
REPLY_KEYWORDS = {"reply", "simpler"}
# A program's reply keys are made of its folder's name and one of these (scheduler/texts.py).
NO_TEXT = {"split", "compile"}
"""Methods whose strings are lists of words and patterns."""
PROGRAMME_KEYS = {"before", "today", "missed"}
INDONESIAN = frozenset(
    "yang dan di ke dari untuk dengan tidak belum sudah akan ada adalah atau ini itu kami kita saya ibu bapak balas"
    " tulis mau bisa boleh maaf terima kasih hari jam besok mana siapa kapan berapa apa petugas antrian datang".split()
)
_SENTENCE = re.compile(r"[^\W\d_]{2,}(?:\W+[^\W\d_]{2,}){2,}")


def text_faults(reply: ReplyText) -> list[str]:
    """What is wrong with one reply's text for SMS and its WhatsApp variant, with the example filled in."""
    wanted = placeholders(reply.text)
    forgotten = wanted - placeholders(reply.whatsapp)
    if wanted | placeholders(reply.whatsapp) != set(reply.example) or not forgotten <= {CHOICES}:
        return [f"{reply.key}: example must fill exactly the placeholders, and whatsapp must have all that text has"]
    faults = [fault.said for fault in reply_faults(reply)]
    faults += _segment_faults(reply, filled(reply.text, reply.example))
    return [f"{reply.key}: {fault}" for fault in faults]


def _segment_faults(reply: ReplyText, sms: str) -> list[str]:
    cost = count_segments(sms)
    faults = []
    if cost.encoding != "GSM-7":
        faults.append("plain letters only: one other letter cuts an SMS from 160 letters to 70")
    if cost.segments > reply.segments:
        faults.append(f"costs {cost.segments} SMS ({cost.characters} letters), may cost {reply.segments}")
    if reply.segments > MOST_SEGMENTS or (reply.segments > 1 and not reply.why):
        faults.append(f"more than one SMS needs a reason in `why`, and {MOST_SEGMENTS} is the most")
    return faults


def keys_named(sources: Iterable[Source]) -> dict[str, str]:
    """Every reply key that code hands to Ask, Say, Prompt or Unclear, and the first place that does."""
    found: dict[str, str] = {}
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES_A_REPLY:
                for value in _reply_arguments(node):
                    found.setdefault(value, f"{source.path}:{node.lineno}")
    return found


def _reply_arguments(call: ast.Call) -> list[str]:
    values = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in REPLY_KEYWORDS)]
    constants = (inner for value in values for inner in ast.walk(value) if isinstance(inner, ast.Constant))
    return [str(constant.value) for constant in constants if re.fullmatch(r"[a-z_]+\.\w+", str(constant.value))]


def missing_texts(named: Mapping[str, str], replies: Mapping[str, ReplyText]) -> list[str]:
    """Keys in code that no replies file has."""
    return [f"{place}: there is no reply {key!r}" for key, place in named.items() if key not in replies]


def unused_texts(replies: Mapping[str, ReplyText], sources: Iterable[Source], programmes: Iterable[str]) -> list[str]:
    """Replies that stand in no code: a text that nobody can read is deleted.

    A key may be put together, f"book_queue.{reason}", where its second half stands in the code too.
    """
    literals = {
        node.value
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    made = {f"{programme}.{key}" for programme in programmes for key in PROGRAMME_KEYS}
    unused = (key for key in replies if key not in literals | made and not set(_halves(key)) <= literals)
    return [f"{key}: no code says it; delete it or use it" for key in unused]


def _halves(key: str) -> tuple[str, str]:
    folder, _, name = key.partition(".")
    return f"{folder}.", name


def sentences_in_code(sources: Iterable[Source]) -> list[str]:
    """String literals that read as Indonesian sentences; docstrings and lists of words are none."""
    return [
        f"{source.path}:{node.lineno}: no text in code: {node.value!r} belongs in replies.id.yml"
        for source in sources
        for node in _strings_said(source.tree)
        if _is_sentence(str(node.value))
    ]


def _strings_said(tree: ast.Module) -> list[ast.Constant]:
    """String constants that are neither docstrings nor split into words nor patterns."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("split", "compile")
        ):
            skipped |= {id(inner) for inner in ast.walk(node)}
    strings = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [string for string in strings if id(string) not in skipped]


def _is_sentence(text: str) -> bool:
    said = _SENTENCE.search(text)
    return said is not None and bool(INDONESIAN & set(re.findall(r"[^\W\d_]+", text.lower())))


PROGRAMMES = sorted(path.parent.name for path in (ROOT / "scheduler" / "programmes").glob("*/programme.yml"))
REPLIES = load_replies([ROOT / "flows", ROOT / "scheduler" / "programmes"])


@pytest.mark.parametrize("reply", REPLIES.values(), ids=lambda reply: reply.key)
def test_the_text_is_short_plain_and_passes_the_operators(reply: ReplyText) -> None:
    assert_none(text_faults(reply))


CENTRE_ITSELF = load_facility(ROOT / "puskesmas.yml")


@pytest.mark.parametrize("reply", REPLIES.values(), ids=lambda reply: reply.key)
def test_the_text_holds_with_the_longest_names_of_the_health_centre(reply: ReplyText) -> None:
    longest = longest_values(CENTRE_ITSELF, reply.key)
    values = {**reply.example, **{name: longest[name] for name in reply.example if name in longest}}
    faults = [fault.said for fault in worst_faults(reply, longest)]
    cost = count_segments(filled(reply.text, values))
    if cost.segments > max(MOST_SEGMENTS, reply.segments):
        faults.append(f"costs {cost.segments} SMS ({cost.characters} letters)")

    assert_none(f"{reply.key}: {fault}" for fault in faults)


def test_the_health_centres_own_words_pass_as_ours_do() -> None:
    own = with_own_texts(REPLIES, CENTRE_ITSELF.texts)

    assert_none(f"{key}: {fault.said}" for key in CENTRE_ITSELF.texts for fault in reply_faults(own[key]))


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.name)
def test_the_template_is_one_that_whatsapp_approves(template: WhatsAppTemplate) -> None:
    assert_none(f"{template.name}: {fault.said}" for fault in template_faults(template))


def test_no_two_templates_say_the_same() -> None:
    assert_none(fault.said for fault in duplicates(TEMPLATES.values()))


@pytest.mark.parametrize("key", sorted(PROGRAMME_KEYS))
def test_a_reminders_template_takes_the_values_of_reminders_in_their_order(key: str) -> None:
    assert ["puskesmas", "nama", "layanan", "hari", "jam"] == list(TEMPLATES[f"reminder_{key}"].example)


def offered_by_code() -> dict[str, tuple[str, ...]]:
    """Where -> the labels of every question whose choices stand in code, next year's included."""
    found = {}
    homes = {flow.steps[flow.first_step].__module__ for flow in FLOWS.by_name.values()}
    for name in sorted(homes):
        module = sys.modules[name]
        for constant, value in vars(module).items():
            if isinstance(value, tuple) and value and all(isinstance(each, Choice) for each in value):
                found[f"{name}.{constant}"] = tuple(choice.label for choice in value)
    return found


FIXED_LABELS = {
    **offered_by_code(),
    **{key: listed_in(reply.text) for key, reply in REPLIES.items() if listed_in(reply.text)},
    **{key: listed_in(reply.whatsapp) for key, reply in REPLIES.items() if listed_in(reply.whatsapp)},
    "flows.meant": tuple(LABELS.values()),
}


@pytest.mark.parametrize("where", FIXED_LABELS)
def test_labels_of_ours_fit_a_row_whole_and_stand_out(where: str) -> None:
    labels = FIXED_LABELS[where]
    rows = [labels[start : start + MOST_ROWS] for start in range(0, len(labels), MOST_ROWS)]

    assert_none(f"{where}: {fault.said}" for row in rows for fault in label_faults(row, limit=ROW_LETTERS))


@pytest.mark.parametrize("labels", [poli_labels(CENTRE_ITSELF), day_labels(CENTRE_ITSELF)], ids=["polis", "days"])
def test_labels_of_the_health_centre_can_be_told_apart(labels: tuple[str, ...]) -> None:
    for limit in (BUTTON_LETTERS, ROW_LETTERS):
        assert_none(fault.said for fault in label_faults(labels, limit=limit, may_be_cut=True))


@pytest.mark.parametrize("key", [key for key, reply in REPLIES.items() if listed_in(reply.whatsapp)])
def test_a_text_that_lists_its_choices_can_go_with_buttons(key: str) -> None:
    reply = REPLIES[key]
    asked = choice_message(filled(reply.whatsapp, reply.example), listed_in(reply.whatsapp))

    assert asked is not None


def test_the_labels_in_code_are_found() -> None:
    assert {"flows.menu.flow.MAIN_CHOICES", "flows.reminder_answer.flow.CHOICES"} <= set(offered_by_code())


@pytest.mark.parametrize(
    "reply", [reply for reply in REPLIES.values() if CENTRE in reply.example], ids=lambda reply: reply.key
)
def test_the_example_names_the_longest_health_centre_that_the_settings_allow(reply: ReplyText) -> None:
    (longest,) = (limit.max_length for limit in Facility.model_fields["short_name"].metadata if _is_upper(limit))

    assert longest == len(reply.example[CENTRE])


def _is_upper(limit: object) -> bool:
    return hasattr(limit, "max_length")


def test_every_reply_that_code_names_exists() -> None:
    assert_none(missing_texts(keys_named(code_of_rooms()), REPLIES))


def test_every_reply_is_said_somewhere() -> None:
    assert_none(unused_texts(REPLIES, code_of_rooms(), PROGRAMMES))


def test_no_text_stands_in_the_code_of_flows() -> None:
    assert_none(sentences_in_code(read_sources("flows")))


def _reply(text: str, *, whatsapp: str | None = None, segments: int = 1, **example: str) -> ReplyText:
    return ReplyText("x.y", text, text if whatsapp is None else whatsapp, example, segments)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(_reply("Antrian {poli}."), id="no example"),
        pytest.param(_reply("Baik.", poli="Gigi"), id="example for nothing"),
        pytest.param(_reply("Poli {poli}.", whatsapp="Poli.", poli="Gigi"), id="whatsapp forgets a placeholder"),
        pytest.param(_reply("Balas ya. " * 17), id="two SMS"),
        pytest.param(_reply("Balas ya. " * 17, segments=2), id="two SMS without a reason"),
        pytest.param(_reply("Baik 👍"), id="an emoji in an SMS"),
        pytest.param(_reply("Ibu mau ke poli mana hari ini atau besok pagi atau lusa sore ya"), id="too many words"),
        pytest.param(_reply("Pemberitahuan perubahan keanggotaan keluarga."), id="long words"),
        pytest.param(_reply("Mohon datang."), id="officialese"),
        pytest.param(_reply("Kode B12."), id="a word that operators drop"),
        pytest.param(_reply("Telepon 0541123."), id="a long number"),
        pytest.param(_reply("Datang 11-12-2026."), id="a date in figures"),
        pytest.param(_reply("Bayar Rp500."), id="an amount"),
        pytest.param(_reply("Buka puskesmas.go.id."), id="a link"),
        pytest.param(_reply("Baik.", whatsapp="👍 Baik 👍"), id="two emoji in a line"),
        pytest.param(_reply("Baik.", whatsapp="Baik ya. " * 100), id="a long WhatsApp message"),
    ],
)
def test_a_text_that_breaks_a_rule_is_caught(reply: ReplyText) -> None:
    assert text_faults(reply) != []


def test_a_plain_text_passes() -> None:
    reply = _reply("Antrian {poli}: {kode}. Sabtu 12 Des, jam 9 pagi.", poli="Gigi", kode="B12")

    assert text_faults(reply) == []


@pytest.mark.parametrize(
    "code", ['Say("greeting.nope")', 'Ask(reply="greeting.nope")', 'Say("greeting.nope" if x else "greeting.hello")']
)
def test_a_reply_that_does_not_exist_is_caught(code: str) -> None:
    assert len(missing_texts(keys_named([Source("flows/x.py", code)]), REPLIES)) == 1


def test_a_reply_that_nobody_says_is_caught() -> None:
    said = Source("flows/x.py", 'Say("a.b")')
    replies = {key: _reply("Baik.") for key in ("a.b", "a.c", "hipertensi.today")}

    assert unused_texts(replies, [said], ["hipertensi"]) == ["a.c: no code says it; delete it or use it"]


@pytest.mark.parametrize("code", ['Say("Antrian Ibu sudah kami ambil")', 'x = f"Datang besok pagi {y}"'])
def test_a_sentence_in_code_is_caught(code: str) -> None:
    assert len(sentences_in_code([Source("flows/x.py", code)])) == 1


def test_english_docstrings_and_word_lists_are_no_texts() -> None:
    source = Source(
        "flows/x.py", '"""Di sini ada petugas."""\nx = "apa siapa kapan mana".split()\ny = "no such flow here"\n'
    )

    assert sentences_in_code([source]) == []


def test_replies_files_are_found_in_every_folder() -> None:
    folders = {path.parent.name for room in ROOMS for path in (ROOT / room).rglob("replies.id.yml")}

    assert {key.split(".")[0] for key in REPLIES} == folders


def test_the_guard_reads_files_from_disk(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "replies.id.yml").write_text('y:\n  text: "Mohon datang."\n')

    assert len(text_faults(load_replies([tmp_path])["x.y"])) == 1
