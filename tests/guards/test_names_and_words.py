"""Guards against what must not stand in our files: package indexes, deep clocks, wide catches, bare to-dos."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

import pytest

from tests.guards.source_tree import ROOMS, ROOT, Source, assert_none, code_of_rooms, read_sources

MAY_READ_THE_CLOCK = ("bot/cli/", "bot/services.py", "bot/worker.py", "bot/wsgi.py", "bot/simulator/carrier.py")
"""The edges of the process: everywhere else the clock is passed in, so that a day can be replayed."""
MAY_CATCH_EVERYTHING = (
    "bot/answering.py",
    "bot/delivery.py",
    "bot/postbox.py",
    "bot/settling.py",
    "scheduler/clock.py",
)
"""Around one turn, one job, one message that is kept or settled, nowhere else."""
CATCH_ALL = {"Exception", "BaseException"}
_ADDRESS = re.compile(r"://|--(?:extra-)?index-url|--find-links|\"resolved\"")
_BARE_TO_DO = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b(?!\s*\(?#\d+)")


def index_addresses(locks: Iterable[Source]) -> list[str]:
    """Lines of lock files that say where packages come from."""
    return [
        f"{lock.path}:{number}: no index address in lock files; where packages come from is each machine's own affair."
        for lock in locks
        for number, line in enumerate(lock.text.splitlines(), 1)
        if _ADDRESS.search(line) and '"url"' not in line
    ]


def clocks_deep_inside(sources: Iterable[Source]) -> list[str]:
    """Calls of datetime.now() and its like away from the edges."""
    return [
        f"{source.path}:{node.lineno}: take `now` as an argument; the clock is read only in {MAY_READ_THE_CLOCK}."
        for source in sources
        if not source.path.startswith(MAY_READ_THE_CLOCK)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _reads_the_clock(node.func)
    ]


def wide_catches(sources: Iterable[Source]) -> list[str]:
    """`except Exception` and wider, away from the two places it stands in."""
    return [
        f"{source.path}:{node.lineno}: catch by name; everything is caught only in {MAY_CATCH_EVERYTHING}."
        for source in sources
        if source.path not in MAY_CATCH_EVERYTHING
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _is_wide(node.type)
    ]


def bare_to_dos(sources: Iterable[Source]) -> list[str]:
    """To-do notes that no issue stands behind."""
    return [
        f"{source.path}:{number}: name the issue, such as (#12), or do it now."
        for source in sources
        for number, line in enumerate(source.text.splitlines(), 1)
        if _BARE_TO_DO.search(line)
    ]


def _reads_the_clock(called: ast.expr) -> bool:
    if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name | ast.Attribute):
        return False
    owner = called.value.id if isinstance(called.value, ast.Name) else called.value.attr
    return owner in ("datetime", "date") and called.attr in ("now", "today", "utcnow")


def _is_wide(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(name, ast.Name) and name.id in CATCH_ALL for name in names)


def lock_files() -> tuple[Source, ...]:
    """What pins packages: requirement files and npm's lock."""
    paths = [*sorted((ROOT / "requirements").glob("*")), ROOT / "package-lock.json", ROOT / "package.json"]
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths)


def test_lock_files_name_no_index() -> None:
    assert_none(index_addresses(lock_files()))


def test_the_clock_is_read_only_at_the_edges() -> None:
    assert_none(clocks_deep_inside(code_of_rooms()))


def test_everything_is_caught_only_around_a_turn_and_a_job() -> None:
    assert_none(wide_catches(code_of_rooms()))


def test_every_to_do_names_its_issue() -> None:
    texts = (".py", ".yml", ".html", ".md", ".toml", ".sh", ".css", ".js")
    assert_none(bare_to_dos(read_sources(*ROOMS, "tests", "docs", suffixes=texts)))


@pytest.mark.parametrize(
    "line",
    [
        "--index-url somewhere",
        "flask @ https://packages.example/flask.whl",
        '"resolved": "somewhere",',
        "--find-links wheels/",
    ],
)
def test_an_index_address_is_caught(line: str) -> None:
    assert len(index_addresses([Source("requirements/app.txt", f"# ours\n{line}\n")])) == 1


@pytest.mark.parametrize(
    "call", ["datetime.now()", "datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "datetime.today()"]
)
def test_a_clock_deep_inside_is_caught(call: str) -> None:
    assert len(clocks_deep_inside([Source("clinic/queue.py", f"x = {call}")])) == 1


def test_a_clock_at_the_edge_and_the_centres_own_today_pass() -> None:
    sources = [Source("bot/cli/queue.py", "datetime.now(UTC)"), Source("flows/x.py", "facility.today(now)")]

    assert clocks_deep_inside(sources) == []


@pytest.mark.parametrize(
    "handler", ["except Exception:", "except BaseException as e:", "except:", "except (OSError, Exception):"]
)
def test_a_wide_catch_is_caught(handler: str) -> None:
    text = f"try:\n    f()\n{handler}\n    g()\n"

    assert len(wide_catches([Source("bot/app.py", text)])) == 1
    assert wide_catches([Source("scheduler/clock.py", text)]) == []


def test_a_to_do_without_an_issue_is_caught() -> None:
    note = "# TO" + "DO"

    assert len(bare_to_dos([Source("bot/x.py", f"{note} later\n")])) == 1
    assert bare_to_dos([Source("bot/x.py", f"{note} (#12) later\n")]) == []
