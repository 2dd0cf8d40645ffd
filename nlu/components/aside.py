"""Lets Rasa load another model in a thread, so that the one that serves goes on answering meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

FIRST_TEXT = "halo"


def read_first(agents: ModuleType) -> None:
    """Change `rasa.core.agent` such that a model reads a first text before it serves.

    The first one is slow (1.4 s on a busy machine), and a model that cannot read is no model.
    """
    load = agents.load_agent

    async def load_and_read(*parts: Any, **named: Any) -> Any:
        agent = await load(*parts, **named)
        if agent.is_ready():
            await agent.parse_message(FIRST_TEXT)
        return agent

    agents.load_agent = load_and_read


def load_aside(server: ModuleType) -> None:
    """Change `rasa.server` such that PUT /model does not stop everything else; one model is loaded at a time.

    Rasa loads in its event loop: measured, up to 3.5 s without an answer on a busy machine.
    """
    load, alone = server._load_agent, ThreadPoolExecutor(max_workers=1, thread_name_prefix="load-model")

    async def load_in_a_thread(**named: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(alone, lambda: asyncio.run(load(**named)))

    server._load_agent = load_in_a_thread
