"""Starts Rasa's own command line quickly, tied to the life of its parent and to a memory limit.

    python -m nlu.components.launch PARENT_PID MEMORY_MB run --enable-api ...

A token in SAPA_NLU_TOKEN is handed to Rasa here, so that it does not stand in the list of processes.
"""

from __future__ import annotations

import importlib
import os
import resource
import runpy
import signal
import sys
import threading
import time
import warnings
from typing import List

from nlu.components.absent import leave_out
from nlu.components.aside import load_aside, read_first

LOOK_EVERY_SECONDS = 0.5


def end_with(parent: int) -> None:
    """End this process soon after its parent is gone, however the parent ended.

    PR_SET_PDEATHSIG would fire when the *thread* that started us ends, and exists on Linux only.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def limit_memory(megabytes: int) -> None:
    """Let allocations beyond this size fail: that one request gets an error, the machine stays alive."""
    if megabytes > 0:
        size = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def silence_warnings() -> None:
    """Take away the printing: Rasa sets its own filters at start, so `-W ignore` has no effect."""
    warnings.showwarning = lambda *args, **options: None


def rasa_arguments(arguments: List[str], token: str) -> List[str]:
    if token and arguments[:1] == ["run"]:
        return ["rasa", *arguments, "--auth-token", token]
    return ["rasa", *arguments]


def main(arguments: List[str]) -> None:
    parent, megabytes, rest = int(arguments[0]), int(arguments[1]), arguments[2:]
    end_with(parent)
    limit_memory(megabytes)
    silence_warnings()
    leave_out()
    if rest[:1] == ["run"]:
        # Not before leave_out: Rasa imports TensorFlow.
        load_aside(importlib.import_module("rasa.server"))
        read_first(importlib.import_module("rasa.core.agent"))
    sys.argv = rasa_arguments(rest, os.environ.pop("SAPA_NLU_TOKEN", ""))
    runpy.run_module("rasa", run_name="__main__", alter_sys=False)


if __name__ == "__main__":
    main(sys.argv[1:])
