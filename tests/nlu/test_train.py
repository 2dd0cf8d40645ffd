"""The model's name, and what is left when training goes well, badly, or is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.model_shelf import KEPT_OLD, ModelShelf
from nlu.server import ROOT
from nlu.train import TrainingFailed, code_hash, data_hash, ensure_model, input_files, model_path

WELL = "(out / 'model.tar.gz').write_bytes(b'a model')"
BADLY = "(out / 'model.tar.gz').write_bytes(b'half'); print('line of Rasa'); sys.exit(3)"
WITHOUT_MODEL = "print('nothing to train')"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one input of every kind."""
    files = ("config.yml", "nlu/data/greet.yml", "nlu/components/part.py", "requirements/rasa.txt")
    for name in files:
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "project"


def fake_rasa(tmp_path: Path, what: str) -> Path:
    """A program that takes Rasa's place and does `what` in its output folder."""
    script = tmp_path / "python"
    head = f"#!{sys.executable}\nimport sys, time\nfrom pathlib import Path\n"
    script.write_text(f"{head}out = Path(sys.argv[sys.argv.index('--out') + 1])\n{what}\n")
    script.chmod(0o755)
    return script


def train(project: Path, rasa: Path) -> Path:
    return ensure_model(
        rasa_python=rasa, model_dir=project / "models", progress=lambda line: None, clock=lambda: NOW, root=project
    )


def names(folder: Path) -> list[str]:
    """What is in the folder, except the lock and the cards."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock" and path.suffix != ".json")


@pytest.mark.parametrize(
    "name", ["config.yml", "nlu/data/greet.yml", "nlu/components/part.py", "requirements/rasa.txt"]
)
def test_a_changed_input_makes_another_model(project: Path, name: str) -> None:
    before = data_hash(project)
    (project / name).write_text("changed")
    assert data_hash(project) != before


def test_a_new_or_renamed_file_makes_another_model(project: Path) -> None:
    before = data_hash(project)
    (project / "nlu/data/greet.yml").rename(project / "nlu/data/thanks.yml")
    renamed = data_hash(project)
    (project / "nlu/data/deny.yml").write_text("new")
    assert len({before, renamed, data_hash(project)}) == 3


def test_a_file_that_the_model_is_not_made_from_changes_nothing(project: Path) -> None:
    before = data_hash(project)
    (project / "README.md").write_text("read me")
    (project / "nlu/client.py").write_text("pass")
    assert data_hash(project) == before


def test_every_intent_has_a_file_that_counts() -> None:
    counted = {path.relative_to(ROOT).as_posix() for path in input_files(ROOT)}
    assert {"config.yml", "requirements/rasa.txt", "nlu/data/emergency.yml"} <= counted


def test_a_model_is_made_once_and_named_by_its_data(project: Path, tmp_path: Path) -> None:
    model = train(project, fake_rasa(tmp_path, WELL))
    assert model == project / "models" / f"sapa-{data_hash(project)}.tar.gz"
    assert train(project, fake_rasa(tmp_path, BADLY)) == model


def test_there_is_a_progress_line(project: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    rasa = fake_rasa(tmp_path, WELL)
    ensure_model(rasa_python=rasa, model_dir=tmp_path / "m", progress=lines.append, clock=lambda: NOW, root=project)
    assert lines[0].startswith("Training the language model: 0 s")


def test_a_model_has_a_card_that_says_how_it_was_made(project: Path, tmp_path: Path) -> None:
    (project / "nlu/data/greet.yml").write_text("nlu:\n  - intent: greet\n    examples: |\n      - halo\n      - hai\n")
    (project / "requirements/rasa.txt").write_text("rasa==3.6.21 \\\n    --hash=sha256:00\nrasa-sdk==3.6.2\n")
    (project / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    train(project, fake_rasa(tmp_path, WELL))
    card = ModelShelf(project / "models").card(data_hash(project))
    assert (card.version, card.rasa, card.sentences, card.trained_at) == ("1.2.3", "3.6.21", 2, NOW)
    assert card.scores is None


def test_what_runs_in_the_parser_changes_with_the_components_and_not_with_the_sentences(project: Path) -> None:
    before = code_hash(project)
    (project / "nlu/data/greet.yml").write_text("changed")
    assert code_hash(project) == before
    (project / "nlu/components/part.py").write_text("changed")
    assert code_hash(project) != before


def test_some_old_models_are_kept_and_older_ones_go(project: Path, tmp_path: Path) -> None:
    rasa, made = fake_rasa(tmp_path, WELL), []
    for number in range(KEPT_OLD + 3):
        (project / "config.yml").write_text(f"changed {number}")
        made.append(train(project, rasa))
        os.utime(made[-1], (number, number))
    assert names(project / "models") == sorted(path.name for path in made[2:])
    assert len(list((project / "models").glob("*.json"))) == KEPT_OLD + 1


def test_an_old_model_stays_when_training_fails(project: Path, tmp_path: Path) -> None:
    old = train(project, fake_rasa(tmp_path, WELL))
    (project / "config.yml").write_text("changed")
    with pytest.raises(TrainingFailed):
        train(project, fake_rasa(tmp_path, BADLY))
    assert names(project / "models") == [old.name]


def test_a_failure_tells_the_last_lines_of_rasa(project: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="code 3.*\nline of Rasa"):
        train(project, fake_rasa(tmp_path, BADLY))
    assert names(project / "models") == []


def test_an_end_without_a_model_is_a_failure(project: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="nothing to train"):
        train(project, fake_rasa(tmp_path, WITHOUT_MODEL))


@pytest.mark.slow
def test_a_kill_in_the_middle_leaves_no_model_and_the_next_try_works(project: Path, tmp_path: Path) -> None:
    stuck = fake_rasa(tmp_path, "(out / 'model.tar.gz').write_bytes(b'half'); print('.'); time.sleep(60)")
    code = (
        "import sys; from pathlib import Path; from nlu.train import ensure_model; p = Path(sys.argv[1]);"
        "ensure_model(rasa_python=Path(sys.argv[2]), model_dir=p / 'models', progress=print, clock=None, root=p)"
    )
    victim = subprocess.Popen(
        [sys.executable, "-u", "-c", code, str(project), str(stuck)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert victim.stdout is not None
    victim.stdout.readline()
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    assert not model_path(project / "models", root=project).exists()
    made = train(project, fake_rasa(tmp_path, WELL))
    assert names(project / "models") == [made.name]
