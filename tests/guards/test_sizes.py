"""Guards that functions and modules stay small enough to read, and say what they are for."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

from tests.guards.source_tree import Source, assert_none, code_of_rooms

MOST_LINES_OF_FUNCTION = 40
MOST_LINES_OF_MODULE = 300
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common", "misc"}
# A migration is one list of tables, written once and never changed.
WRITTEN_ONCE = "clinic/migrations/versions/"


def long_functions(sources: Iterable[Source]) -> list[str]:
    """Functions with too many lines, what is nested in them included."""
    return [
        f"{source.path}:{node.lineno}: {node.name} has {_lines(node)} lines; {MOST_LINES_OF_FUNCTION} at most. "
        "Name its parts and make them functions."
        for source in sources
        if not source.path.startswith(WRITTEN_ONCE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > MOST_LINES_OF_FUNCTION
    ]


def long_modules(sources: Iterable[Source]) -> list[str]:
    """Modules with too many lines."""
    counted = [(s.path, len(s.text.splitlines())) for s in sources if not s.path.startswith(WRITTEN_ONCE)]
    return [
        f"{path} has {lines} lines; {MOST_LINES_OF_MODULE} at most. A module has one subject: find the second one."
        for path, lines in counted
        if lines > MOST_LINES_OF_MODULE
    ]


def silent_modules(sources: Iterable[Source]) -> list[str]:
    """Modules that do not open with a sentence."""
    return [
        f"{source.path}: open with one sentence that says what the module is for."
        for source in sources
        if not (ast.get_docstring(source.tree) or "").split("\n\n", 1)[0].rstrip().endswith((".", "!", "?"))
    ]


def empty_names(sources: Iterable[Source]) -> list[str]:
    """Modules and folders named after where they sit instead of what they are."""
    return [
        f"{source.path}: call it by what it is, not by where it sits; {', '.join(sorted(bad))} says nothing."
        for source in sources
        if (bad := _names_of(source.path) & NAMES_THAT_SAY_NOTHING)
    ]


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _names_of(path: str) -> set[str]:
    parts = PurePosixPath(path).with_suffix("").parts
    return {word for part in parts for word in part.split("_")}


def test_no_function_is_longer_than_forty_lines() -> None:
    assert_none(long_functions(code_of_rooms()))


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    assert_none(long_modules(code_of_rooms()))


def test_every_module_opens_with_a_sentence() -> None:
    assert_none(silent_modules(code_of_rooms()))


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert_none(empty_names(code_of_rooms()))


def test_a_function_of_forty_one_lines_is_caught_and_one_of_forty_is_not() -> None:
    forty = "def f():\n" + "    x = 1\n" * 39

    assert long_functions([Source("bot/x.py", forty)]) == []
    assert len(long_functions([Source("bot/x.py", forty + "    x = 1\n")])) == 1


def test_a_module_of_three_hundred_and_one_lines_is_caught() -> None:
    assert long_modules([Source("bot/x.py", "x = 1\n" * 300)]) == []
    assert len(long_modules([Source("bot/x.py", "x = 1\n" * 301)])) == 1


@pytest.mark.parametrize("text", ["x = 1\n", '"""no full stop"""\n', '"""\n"""\n'])
def test_a_module_without_an_opening_sentence_is_caught(text: str) -> None:
    assert len(silent_modules([Source("bot/x.py", text)])) == 1


@pytest.mark.parametrize("path", ["bot/utils.py", "clinic/db_helper.py", "flows/common/texts.py", "bot/base.py"])
def test_a_name_that_says_nothing_is_caught(path: str) -> None:
    assert len(empty_names([Source(path, "")])) == 1


def test_names_that_only_hold_such_letters_pass() -> None:
    assert empty_names([Source("clinic/database.py", ""), Source("flows/utilities_bill.py", "")]) == []
