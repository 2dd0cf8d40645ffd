"""One message through the parser and through the whole pipeline, beside reading by keywords only."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml

from nlu.client import ParserClient
from nlu.understand import Understander
from tests.bench.rows import Row, from_times
from tests.bench.whole import own_parser

HELD_OUT = Path(__file__).resolve().parents[1] / "nlu"
TODAY = date(2026, 11, 23)


def measure_parsing(_folder: Path) -> list[Row]:
    """Held-out sentences, one after the other."""
    texts = _texts()
    with own_parser() as parser:
        client = ParserClient(url=parser.url, token=parser.token)
        keywords, whole = Understander(parser=None), Understander(parser=client)
        return [
            _timed("baseline: keywords only", texts, lambda text: keywords.understand(text, today=TODAY)),
            _timed("Rasa alone, over HTTP", texts, client.parse),
            _timed("the whole pipeline", texts, lambda text: whole.understand(text, today=TODAY)),
        ]


def _texts() -> list[str]:
    files = sorted(HELD_OUT.glob("*.yml"))
    blocks = [entry["examples"] for file in files for entry in yaml.safe_load(file.read_text("utf-8"))["nlu"]]
    return [line.removeprefix("- ") for block in blocks for line in block.splitlines() if line]


def _timed(what: str, texts: list[str], read: Callable[[str], object]) -> Row:
    for text in texts[:20]:
        read(text)
    times: list[float] = []
    begin = time.perf_counter()
    for text in texts:
        start = time.perf_counter()
        read(text)
        times.append(time.perf_counter() - start)
    return from_times(what, times, wall=time.perf_counter() - begin, note=f"{len(texts)} sentences")
