"""Guards who may import whom: bot -> scheduler -> flows -> nlu, clinic, and one home for each big library."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import pytest

from tests.guards.source_tree import ROOMS, Source, assert_none, code_of_rooms

MAY_IMPORT = {
    "bot": {"bot", "scheduler", "flows", "nlu", "clinic"},
    "scheduler": {"scheduler", "flows", "nlu", "clinic"},
    "flows": {"flows", "nlu", "clinic"},
    "nlu": {"nlu"},
    "clinic": {"clinic"},
}
HOMES = {
    "sqlalchemy": "clinic/",
    "alembic": "clinic/",
    "twilio": "bot/channels/",
    "flask": "bot/",
    "apscheduler": "scheduler/",
    "rasa": "nlu/components/",
    "matplotlib": "nlu/evaluation_pictures.py",
}


def wrong_directions(sources: Iterable[Source]) -> list[str]:
    """Imports of a room that lies against the arrows."""
    return [
        f"{source.path}:{line}: {source.room}/ may not import {module}; arrows only point "
        "bot -> scheduler -> flows -> nlu, clinic. Move the code to the room it belongs to, or pass the value in."
        for source in sources
        for line, module in _imports(source.tree)
        if _top(module) in ROOMS and _top(module) not in MAY_IMPORT[source.room]
    ]


def strays_from_home(sources: Iterable[Source]) -> list[str]:
    """Imports of a library outside its only home."""
    return [
        f"{source.path}:{line}: {module} lives only in {home}. Ask a function there for what you need."
        for source in sources
        for line, module in _imports(source.tree)
        for library, home in HOMES.items()
        if (_top(module) == library or _top(module).startswith(f"{library}_")) and not source.path.startswith(home)
    ]


def imports_in_functions(sources: Iterable[Source]) -> list[str]:
    """Imports that hide inside a function."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{source.path}:{inner.lineno}: no import inside a function; it hides who needs whom. Put it at the top."
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, functions)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def _top(module: str) -> str:
    return module.split(".", 1)[0]


def test_rooms_are_imported_only_along_the_arrows() -> None:
    assert_none(wrong_directions(code_of_rooms()))


def test_each_library_stays_in_its_home() -> None:
    assert_none(strays_from_home(code_of_rooms()))


def test_no_import_hides_inside_a_function() -> None:
    assert_none(imports_in_functions(code_of_rooms()))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("clinic/queue.py", "from flows.words import say_day", id="clinic asks flows"),
        pytest.param("nlu/client.py", "import clinic.people", id="nlu asks clinic"),
        pytest.param("flows/engine.py", "from scheduler import clock", id="flows ask scheduler"),
        pytest.param("scheduler/clock.py", "if True:\n    import bot.app", id="scheduler asks bot, in a branch"),
    ],
)
def test_an_import_against_the_arrows_is_caught(path: str, text: str) -> None:
    assert len(wrong_directions([Source(path, text)])) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("bot/app.py", "from sqlalchemy import select", id="sqlalchemy"),
        pytest.param("bot/webhooks/twilio.py", "from twilio.request_validator import RequestValidator", id="twilio"),
        pytest.param("clinic/staff.py", "import flask_wtf", id="a flask extension"),
        pytest.param("bot/worker.py", "import apscheduler.schedulers.background", id="apscheduler"),
        pytest.param("nlu/train.py", "from rasa.nlu import train", id="rasa"),
        pytest.param("nlu/evaluate.py", "from matplotlib.figure import Figure", id="matplotlib"),
    ],
)
def test_a_library_away_from_home_is_caught(path: str, text: str) -> None:
    assert len(strays_from_home([Source(path, text)])) == 1


def test_an_import_inside_a_function_is_caught() -> None:
    hidden = Source("flows/x.py", "class A:\n    def f(self):\n        if self:\n            from json import loads\n")

    assert len(imports_in_functions([hidden])) == 1
