"""Another model in a running parser: taken while parses go on, refused when it is broken, and never just believed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.client import ParserClient
from nlu.model_loading import NotLoaded, Serving, ask_serving, load_model
from nlu.server import HOST, free_port, start_server, wait_until_ready
from nlu.train import ensure_model
from tests.nlu.conftest import RASA_PYTHON
from tests.nlu.fake_parser import TOKEN, FakeParser, fake_parser

OLD, NEW = Path("/models/sapa-old.tar.gz"), Path("/models/sapa-new.tar.gz")
CONFIG = """
recipe: default.v1
language: id
assistant_id: tiny
pipeline:
  - name: nlu.components.ngram_classifier.NgramClassifier
    copies: 0
policies: []
"""
# Such that a swap is seen: the tiny model calls a farewell what every real one calls a greeting.
TINY = {"goodbye": ("halo", "halo kak", "halo min", "halo bu"), "thanks": ("makasih", "makasih ya", "makasih bu")}


def test_a_parser_says_what_it_serves() -> None:
    with fake_parser(FakeParser(OLD.name)) as parser:
        assert ask_serving(url=parser.url, token=TOKEN) == Serving(OLD.name)
        assert ask_serving(url=parser.url, token="another") == Serving(is_locked=True)
    assert ask_serving(url=parser.url, token=TOKEN) is None


def test_a_model_is_loaded_once() -> None:
    with fake_parser(FakeParser(OLD.name)) as parser:
        load_model(url=parser.url, token=TOKEN, model=NEW)
        load_model(url=parser.url, token=TOKEN, model=NEW)
        assert (parser.model, parser.asked) == (NEW.name, [str(NEW)])


@pytest.mark.parametrize(
    ("parser", "token", "said"),
    [
        pytest.param(FakeParser(OLD.name, refuses=True), TOKEN, "cannot load sapa-new.tar.gz", id="broken file"),
        pytest.param(FakeParser(OLD.name, forgets=True), TOKEN, "does not say that it serves it", id="not taken"),
        pytest.param(FakeParser(OLD.name), "another", "HTTP 401", id="another token"),
    ],
)
def test_what_was_not_loaded_is_told(parser: FakeParser, token: str, said: str) -> None:
    with fake_parser(parser), pytest.raises(NotLoaded, match=said):
        load_model(url=parser.url, token=token, model=NEW)
    assert parser.model == OLD.name


def test_a_parser_that_is_not_there_takes_nothing() -> None:
    with pytest.raises(NotLoaded, match="did not answer"):
        load_model(url=f"http://{HOST}:{free_port()}", token=TOKEN, model=NEW)


@pytest.fixture(scope="module")
def tiny_model(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second real model, trained in seconds; `model` is asked for so that Rasa is there."""
    root = tmp_path_factory.mktemp("tiny")
    (root / "nlu" / "data").mkdir(parents=True)
    (root / "config.yml").write_text(CONFIG)
    for intent, sentences in TINY.items():
        lines = "".join(f"      - {sentence}\n" for sentence in sentences)
        text = f'version: "3.1"\nnlu:\n  - intent: {intent}\n    examples: |\n{lines}'
        (root / "nlu" / "data" / f"{intent}.yml").write_text(text)
    return ensure_model(
        rasa_python=RASA_PYTHON,
        model_dir=root / "models",
        progress=print,
        clock=lambda: datetime.now(UTC),
        root=root,
    )


@pytest.fixture
def url(model: Path, tmp_path: Path) -> Iterator[str]:
    """A real parser of this test's own, serving the present data's model."""
    port = free_port()
    address = f"http://{HOST}:{port}"
    process = start_server(rasa_python=RASA_PYTHON, model=model, port=port, token=TOKEN, log_file=tmp_path / "log")
    try:
        assert wait_until_ready(url=address, token=TOKEN, timeout=120, process=process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass
class Patients:
    """Threads that have messages parsed without a pause, each with the timeouts of the worker."""

    url: str
    answered: int = 0
    failed: int = 0
    slowest: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self) -> None:
        client = ParserClient(url=self.url, token=TOKEN)
        while not self.stopping.is_set():
            start = time.monotonic()
            reading = client.parse("halo")
            with self.lock:
                self.answered += reading is not None
                self.failed += reading is None
                self.slowest = max(self.slowest, time.monotonic() - start)
        client.close()


@pytest.mark.rasa
@pytest.mark.slow
def test_no_message_is_dropped_while_a_real_parser_takes_other_models(
    model: Path, tiny_model: Path, url: str, tmp_path: Path
) -> None:
    client = ParserClient(url=url, token=TOKEN)
    broken = tmp_path / "sapa-broken.tar.gz"
    broken.write_bytes(model.read_bytes()[:100_000])
    patients = Patients(url)
    writing = [threading.Thread(target=patients.write) for _ in range(2)]
    for thread in writing:
        thread.start()
    before = client.parse("halo")
    for _ in range(3):
        load_model(url=url, token=TOKEN, model=tiny_model)
        between = client.parse("halo")
        load_model(url=url, token=TOKEN, model=model)
    with pytest.raises(NotLoaded, match="cannot load sapa-broken"):
        load_model(url=url, token=TOKEN, model=broken)
    after = client.parse("halo")
    patients.stopping.set()
    for thread in writing:
        thread.join()
    assert (patients.failed, patients.answered > 20) == (0, True), patients
    readings = [reading.intent for reading in (before, between, after) if reading]
    assert readings == ["greet", "goodbye", "greet"]
    assert ask_serving(url=url, token=TOKEN) == Serving(model.name)
