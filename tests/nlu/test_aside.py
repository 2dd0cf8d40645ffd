"""Loading a model aside: who asks meanwhile is answered, and what cannot read is not handed over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from nlu.components.aside import FIRST_TEXT, load_aside, read_first


def run_apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in an event loop of its own thread: the tests in a browser leave one running in this one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass
class FakeAgent:
    """What Rasa's loading gives back."""

    can_read: bool = True
    has_model: bool = True
    read: list[str] = field(default_factory=list)

    def is_ready(self) -> bool:
        return self.has_model

    async def parse_message(self, text: str) -> None:
        if not self.can_read:
            raise ValueError("no such n-gram")
        self.read.append(text)


def load_with(agent: FakeAgent) -> Any:
    """The loading of a stand-in for `rasa.core.agent`."""

    async def load(model_path: str) -> FakeAgent:
        return agent

    agents: Any = SimpleNamespace(load_agent=load)
    read_first(agents)
    return agents.load_agent


def test_others_are_answered_while_a_model_is_loaded() -> None:
    async def load(**named: object) -> str:
        time.sleep(0.5)
        return "a model"

    server: Any = SimpleNamespace(_load_agent=load)
    load_aside(server)

    async def load_and_count() -> tuple[str, int]:
        loading, answers = asyncio.create_task(server._load_agent(model_path="m")), 0
        while not loading.done():
            await asyncio.sleep(0.01)
            answers += 1
        return loading.result(), answers

    loaded, answers = run_apart(load_and_count())
    assert (loaded, answers > 3) == ("a model", True)


def test_what_goes_wrong_aside_is_told_to_who_asked() -> None:
    async def load(**named: object) -> None:
        raise ValueError("broken file")

    server: Any = SimpleNamespace(_load_agent=load)
    load_aside(server)
    with pytest.raises(ValueError, match="broken file"):
        run_apart(server._load_agent(model_path="m"))


def test_a_model_reads_a_text_before_it_serves() -> None:
    agent = FakeAgent()
    assert run_apart(load_with(agent)("m")) is agent
    assert agent.read == [FIRST_TEXT]


def test_a_model_that_cannot_read_does_not_serve() -> None:
    with pytest.raises(ValueError, match="no such n-gram"):
        run_apart(load_with(FakeAgent(can_read=False))("m"))


def test_without_a_model_nothing_is_read() -> None:
    agent = FakeAgent(has_model=False)
    run_apart(load_with(agent)("m"))
    assert agent.read == []
