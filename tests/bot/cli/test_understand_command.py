"""`sapa understand`: readings in the order of the lines, each as soon as it can be given."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.guards.source_tree import ROOT

COMMAND = [sys.executable, "-m", "bot.cli", "understand", "--keywords-only", "--now", "2026-11-23T01:00:00Z"]


@pytest.fixture
def running() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    yield process
    process.kill()
    process.wait()


def test_many_lines_are_answered_in_their_order() -> None:
    texts = [f"antrian gigi nomor {number}" for number in range(300)]
    done = subprocess.run(COMMAND, cwd=ROOT, input="\n".join(texts), capture_output=True, text=True, check=True)
    assert texts == [json.loads(line)["text"] for line in done.stdout.splitlines()]


def test_one_line_is_answered_before_the_next_is_sent(running: subprocess.Popen[str]) -> None:
    assert running.stdin is not None and running.stdout is not None
    for text, intent in (("terima kasih", "thanks"), ("STOP", "stop_messages")):
        running.stdin.write(f"{text}\n")
        running.stdin.flush()
        assert intent == json.loads(running.stdout.readline())["intent"]


def test_an_empty_line_and_broken_bytes_are_answered_too() -> None:
    done = subprocess.run(COMMAND, cwd=ROOT, input=b"\n\xff\xfe\nanak kejang\n", capture_output=True, check=True)
    read = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["out_of_scope", "out_of_scope", "emergency"] == [each["intent"] for each in read]
    assert [False, False, True] == [each["danger"] for each in read]


def test_it_ends_when_nobody_reads_any_more(running: subprocess.Popen[str]) -> None:
    assert running.stdin is not None and running.stdout is not None
    running.stdout.close()
    try:
        for _ in range(20_000):
            running.stdin.write("halo\n")
        running.stdin.close()
    except BrokenPipeError:
        pass
    assert running.wait(timeout=60) is not None
