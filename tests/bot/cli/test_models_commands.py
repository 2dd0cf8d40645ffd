"""`sapa nlu models`, `sapa nlu use` and what `sapa check` says of models: what an administrator types and reads."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.model_state import model_state
from bot.serving import LOOK_EVERY, score_when_ready, wait_and_follow
from bot.settings import Settings
from nlu.model_choice import Workshop
from nlu.model_shelf import ModelCard, ModelShelf, Pointer, Scores, Verdict
from nlu.server import HOST, ROOT, free_port
from nlu.train import code_hash, data_hash
from tests.nlu.fake_parser import TOKEN, FakeParser, fake_parser

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OLD, NEW = "aaaa11112222", "bbbb11112222"


@dataclass(frozen=True)
class Desk:
    """An administrator's terminal before a shelf with an old model that serves and a new one that reads worse."""

    shelf: ModelShelf
    parser: FakeParser
    settings: Settings
    env: dict[str, str]

    def sapa(self, *words: str, **env: str) -> Result:
        return CliRunner().invoke(main, words, env=self.env | env)

    def parser_has(self, code: str) -> None:
        self.shelf.note_parser(port=int(self.parser.url.rsplit(":", 1)[1]), code=code)


def put_model(shelf: ModelShelf, card: ModelCard) -> None:
    content = shelf.folder / "content"
    content.write_text(card.hash)
    with tarfile.open(shelf.path(card.hash), "w:gz") as archive:
        archive.add(content)
    content.unlink()
    shelf.write_card(card)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    shelf = ModelShelf(tmp_path / "models")
    shelf.folder.mkdir()
    old, new = Scores("h", "c", 756, 0.938, 0.942, 0.872), Scores("h", "c", 756, 0.828, 0.833, 0.754)
    verdict = Verdict(OLD, 0.828, 0.938, 0.01, "h", "c")
    put_model(shelf, ModelCard(OLD, "0.1.0", "3.6.21", 14070, NOW, 70.0, old))
    put_model(shelf, ModelCard(NEW, "0.1.0", "3.6.21", 2814, NOW.replace(hour=2), 40.0, new, verdict))
    shelf.point_at(OLD, is_pinned=False)
    with fake_parser(FakeParser(f"sapa-{OLD}.tar.gz")) as parser:
        env = {"SAPA_MODELS": str(shelf.folder), "SAPA_NLU_URL": parser.url, "SAPA_NLU_TOKEN": TOKEN, "SAPA_DEMO": ""}
        desk = Desk(shelf, parser, Settings.from_environment(env, needs_secret=False), env)
        desk.parser_has(code_hash(ROOT))
        yield desk


def test_the_table_says_which_model_serves_and_why_the_other_does_not(desk: Desk) -> None:
    head, new, old = desk.sapa("nlu", "models").output.splitlines()
    assert head.split()[:4] == ["hash", "current", "trained_at", "sentences"]
    assert new.startswith(NEW) and new.endswith(f"worse: 0.828, {OLD} 0.938")
    assert old.startswith(f"{OLD}  yes") and "0.938" in old and "0.872" in old


def test_programs_get_everything_that_is_known(desk: Desk) -> None:
    new, old = json.loads(desk.sapa("nlu", "models", "--json").output)
    assert (old["hash"], old["is_current"], old["why_not_current"]) == (OLD, True, None)
    assert old["scores"]["accuracy_misspelt"] == 0.872
    assert (new["is_current"], new["is_for_present_data"], new["rasa"]) == (False, False, "3.6.21")


def test_one_command_changes_the_model_of_the_running_parser_and_pins_it(desk: Desk) -> None:
    said = desk.sapa("nlu", "use", NEW[:6]).output
    assert desk.parser.model == f"sapa-{NEW}.tar.gz"
    assert desk.shelf.pointer() == Pointer(NEW, True, OLD)
    assert "The running parser serves it now." in said
    assert "It is pinned" in said


def test_one_command_puts_the_old_one_back(desk: Desk) -> None:
    desk.sapa("nlu", "use", NEW)
    assert desk.sapa("nlu", "use", "previous").exit_code == 0
    assert desk.parser.model == f"sapa-{OLD}.tar.gz"
    assert desk.shelf.pointer() == Pointer(OLD, True, NEW)


def test_the_one_that_served_is_remembered_where_nothing_was_written_down_yet(desk: Desk) -> None:
    (desk.shelf.folder / "current").unlink()
    served = desk.shelf.current()
    desk.sapa("nlu", "use", OLD if served == NEW else NEW)
    assert desk.shelf.find("previous") == served


def test_an_unknown_model_is_refused_with_the_names_of_those_that_are_kept(desk: Desk) -> None:
    result = desk.sapa("nlu", "use", "ffff00000000")
    assert result.exit_code == 1
    assert "there is no model ffff00000000" in result.output
    assert OLD in result.output


def test_a_broken_file_leaves_everything_as_it_was(desk: Desk) -> None:
    path = desk.shelf.path(NEW)
    path.write_bytes(path.read_bytes()[:-20])
    result = desk.sapa("nlu", "use", NEW)
    assert result.exit_code == 1
    assert f"the file of model {NEW} is broken; model {OLD} goes on serving" in result.output
    assert (desk.shelf.current(), desk.parser.asked) == (OLD, [])


def test_a_model_that_the_parser_refuses_does_not_become_the_current_one(desk: Desk) -> None:
    desk.parser.refuses = True
    result = desk.sapa("nlu", "use", NEW)
    assert result.exit_code == 1
    assert f"cannot load sapa-{NEW}.tar.gz" in result.output
    assert f"model {OLD} goes on serving" in result.output
    assert desk.shelf.pointer() == Pointer(OLD, False, None)


def test_without_a_parser_the_next_start_serves_the_model(desk: Desk) -> None:
    said = desk.sapa("nlu", "use", NEW, SAPA_NLU_URL=f"http://{HOST}:{free_port()}").output
    assert "the next start serves this model" in said
    assert desk.shelf.current() == NEW


def test_a_parser_with_other_code_is_not_given_a_model_that_it_may_misread(desk: Desk) -> None:
    desk.parser_has("other code")
    said = desk.sapa("nlu", "use", NEW).output
    assert "after a restart" in said
    assert (desk.parser.asked, desk.shelf.current()) == ([], NEW)


def test_a_parser_with_another_token_is_left_to_follow_by_itself(desk: Desk) -> None:
    said = desk.sapa("nlu", "use", NEW, SAPA_NLU_TOKEN="another").output
    assert "another token" in said
    assert desk.shelf.current() == NEW


@pytest.mark.rasa
def test_the_pin_is_taken_away_by_latest(desk: Desk) -> None:
    desk.sapa("nlu", "use", NEW)
    result = desk.sapa("nlu", "use", "latest")
    assert "No model is pinned any more." in result.output
    assert desk.shelf.pointer() == Pointer(NEW, False, OLD)


def test_the_parsers_own_process_follows_what_became_current(desk: Desk) -> None:
    parser = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    following = threading.Thread(
        target=wait_and_follow, args=(desk.settings, parser), kwargs={"model": desk.shelf.path(OLD)}
    )
    following.start()
    desk.shelf.point_at(NEW, is_pinned=True)
    end = time.monotonic() + 10 * LOOK_EVERY
    while not desk.parser.asked and time.monotonic() < end:
        time.sleep(0.05)
    parser.kill()
    following.join()
    assert desk.parser.model == f"sapa-{NEW}.tar.gz"


def test_no_scores_are_kept_when_another_model_serves_than_the_current_one(desk: Desk, tmp_path: Path) -> None:
    held_out = tmp_path / "held_out.jsonl"
    held_out.write_text('{"text": "halo", "intent": "greet"}\n')
    desk.parser.model = "sapa-other.tar.gz"
    before = desk.shelf.card(OLD)
    score_when_ready(desk.settings, _shop(desk, held_out), token=TOKEN)
    assert desk.shelf.card(OLD) == before


def test_the_check_tells_scores_data_and_pin(desk: Desk) -> None:
    desk.sapa("nlu", "use", OLD)
    state = model_state(desk.settings)
    assert not state.is_as_expected
    for words in (f"{OLD} serves", "reads 0.938 of 756", "0.872 misspelt", "not trained on the present data", "pinned"):
        assert words in state.in_words


def test_the_check_is_content_with_the_present_datas_model(desk: Desk) -> None:
    present = data_hash(ROOT)
    put_model(desk.shelf, ModelCard(present))
    desk.shelf.point_at(present, is_pinned=False)
    desk.parser.model = f"sapa-{present}.tar.gz"
    state = model_state(desk.settings)
    assert (state.is_as_expected, "trained on the present data" in state.in_words) == (True, True)
    assert "unscored" in state.in_words


def test_the_check_sees_a_parser_that_serves_another_model(desk: Desk) -> None:
    desk.parser.model = "sapa-other.tar.gz"
    assert "still serves sapa-other.tar.gz" in model_state(desk.settings).in_words


def test_without_any_model_the_check_says_so(tmp_path: Path) -> None:
    env = {"SAPA_MODELS": str(tmp_path), "SAPA_NLU_URL": f"http://{HOST}:{free_port()}"}
    assert "none is trained yet" in model_state(Settings.from_environment(env, needs_secret=False)).in_words


def _shop(desk: Desk, held_out: Path) -> Workshop:
    return Workshop(
        rasa_python=Path(sys.executable),
        model_dir=desk.shelf.folder,
        progress=print,
        clock=lambda: NOW,
        held_out=held_out,
    )
