"""`sapa nlu evaluate`: what is printed and what is drawn, without a model."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.cli.nlu_evaluate import done_with
from flows.catalogue import FLOWS
from flows.engine import advance
from flows.state import DialogState
from nlu.understanding import Understanding
from tests.flows.toy import turn_of
from tests.nlu.fake_parser import TOKEN, FakeParser, fake_parser

ROWS = [
    {"text": "halo", "intent": "greet"},
    {"text": "terima kasih", "intent": "goodbye"},
    {"text": "harga cabai", "intent": "out_of_scope"},
    {"text": "anak saya kejang", "is_emergency": True},
    {"text": "bapak saya darah tinggi", "is_emergency": False},
]
PICTURES = {"confusion.png", "intents.png", "reliability.png", "robustness.png"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "cases.jsonl", ROWS)


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def evaluate(file: Path, *words: str) -> Result:
    arguments = ("nlu", "evaluate", str(file), "--keywords-only", "--now", "2026-11-23T08:00+08:00", *words)
    return CliRunner().invoke(main, arguments)


def test_the_tables_tell_bands_readers_and_danger(file: Path) -> None:
    shown = evaluate(file).stdout
    assert "3 messages, right 0.667, macro-F1" in shown
    assert "out_of_scope: 1 messages, 1.000 read as that, 1.000 left alone" in shown
    assert "danger: 1 of 1 signs noticed (1.000), 1 of them by the word list; 0 of 1 look-alikes alarmed" in shown
    assert [line.split()[:2] for line in shown.splitlines() if line.startswith(("act ", "nothing "))] == [
        ["act", "2"],
        ["nothing", "1"],
    ]


def test_messages_are_shown_only_when_they_are_asked_for(file: Path) -> None:
    assert "terima kasih" not in evaluate(file).stdout
    assert "terima kasih" in evaluate(file, "--worst", "5").stdout


def test_danger_cases_alone_have_no_table_of_intents(tmp_path: Path) -> None:
    shown = evaluate(write(tmp_path / "danger.jsonl", ROWS[3:])).stdout
    assert "danger: 1 of 1 signs noticed" in shown
    assert "macro-F1" not in shown


def test_json_tells_the_report_and_what_is_beyond_it(file: Path) -> None:
    told = json.loads(evaluate(file, "--json").stdout)
    assert {"total", "accuracy", "macro_f1", "intents", "confusions"} < set(told)
    assert told["danger"]["noticed"] == 1
    assert [band["done"] for band in told["bands"]] == ["act", "confirm", "offer", "nothing"]
    assert told["setting"]["model"] == "none (keywords only)"


def test_the_model_is_named_and_texts_that_the_parser_did_not_read_are_counted(file: Path) -> None:
    with fake_parser(FakeParser(model="sapa-123456789abc.tar.gz")) as parser:
        environment = {"SAPA_NLU_URL": parser.url, "SAPA_NLU_TOKEN": TOKEN}
        result = CliRunner().invoke(main, ("nlu", "evaluate", str(file), "--json"), env=environment)
    assert json.loads(result.stdout)["setting"]["model"] == "sapa-123456789abc"
    assert "The parser gave no answer to" in result.stderr


def test_drawing_writes_pictures_figures_and_a_page(file: Path, tmp_path: Path) -> None:
    result = evaluate(file, "--draw", str(tmp_path / "drawn"))
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "drawn").iterdir()} == PICTURES | {"index.html", "figures.json"}
    assert "terima kasih" in (tmp_path / "drawn" / "index.html").read_text()
    assert "followed_though_wrong" in result.stdout


def test_the_same_messages_are_drawn_in_the_same_bytes(file: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "once", tmp_path / "again"]
    for folder in folders:
        evaluate(file, "--draw", str(folder))
    once, again = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert once == again


def test_without_messages_no_text_is_written(file: Path, tmp_path: Path) -> None:
    result = evaluate(file, "--draw", str(tmp_path / "drawn"), "--without-messages")
    written = "".join(path.read_text() for path in (tmp_path / "drawn").glob("*.[hj]*"))
    assert result.exit_code == 0
    assert not any(str(row["text"]) in written + result.stdout for row in ROWS)


def test_others_words_are_drawn_without_messages_only(tmp_path: Path) -> None:
    file = write(tmp_path / "real.jsonl", [ROWS[1] | {"source": "app reviews"}])
    refused = evaluate(file, "--draw", str(tmp_path / "drawn"))
    assert refused.exit_code == 1
    assert "--without-messages" in refused.stderr
    assert not (tmp_path / "drawn").exists()
    assert evaluate(file, "--draw", str(tmp_path / "drawn"), "--without-messages").exit_code == 0


def test_where_matplotlib_is_missing_it_is_said_what_to_install(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = evaluate(file, "--draw", str(tmp_path / "drawn"))
    assert result.exit_code == 1
    assert "pip install -r requirements/dev.txt" in result.stderr


@pytest.mark.parametrize("content", ["no json\n", ""])
def test_a_file_without_cases_is_refused_in_words(tmp_path: Path, content: str) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text(content)
    result = evaluate(file)
    assert result.exit_code == 1
    assert "odd.jsonl" in result.stderr


@pytest.mark.parametrize(
    ("done", "intent", "confidence", "by"),
    [
        pytest.param("act", "book_queue", 0.61, "model", id="a sure booking"),
        pytest.param("confirm", "book_queue", 0.59, "model", id="a booking in doubt"),
        pytest.param("offer", "book_queue", 0.39, "model", id="an unsure booking"),
        pytest.param("act", "vaccination_info", 0.41, "model", id="a question in doubt"),
        pytest.param("offer", "vaccination_info", 0.39, "model", id="an unsure question"),
        pytest.param("act", "vaccination_info", 0.7, "keyword", id="a question guessed by words"),
        pytest.param("act", "thanks", 0.3, "model", id="unsure thanks"),
        pytest.param("act", "emergency", 0.7, "model", id="danger by the model"),
        pytest.param("nothing", "out_of_scope", 0.9, "model", id="surely foreign"),
        pytest.param("nothing", "affirm", 0.9, "model", id="a yes to nothing"),
        pytest.param("nothing", "book_queue", 0.0, "none", id="nobody read it"),
    ],
)
def test_what_is_done_with_a_reading_is_what_the_dialog_does(
    done: str, intent: str, confidence: float, by: str
) -> None:
    turn = turn_of("x", intent)
    reading = Understanding("x", intent, confidence, by=by, others=("doctor_schedule",) if by == "model" else ())
    outcome = advance(FLOWS, replace(turn, heard=replace(turn.heard, understanding=reading)), DialogState())

    assert done_with(reading) == done
    offered = len(outcome.state.question.choices) if outcome.state.question is not None else 0
    is_asked_back = outcome.state.flow == "meant"
    is_unheard = outcome.state.unclear > 0
    assert {
        "act": not is_asked_back and not is_unheard,
        "confirm": is_asked_back,
        "offer": is_asked_back and offered > 2,
        "nothing": is_unheard,
    }[done]
