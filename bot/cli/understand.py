"""`sapa understand`: reads texts from standard input, several at a time, and prints the readings in their order."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, datetime
from queue import Queue
from typing import Any

import click

from bot.cli.opening import now_option, read_settings
from bot.cli.reading import open_reader, today_for
from nlu.understand import Understander
from nlu.understanding import Understanding

AT_A_TIME = 4
READ_AHEAD = 64


@click.command()
@click.option("--keywords-only", is_flag=True, help="Read without the model, as when the parser is down.")
@now_option
def understand(keywords_only: bool, now: datetime | None) -> None:
    """Read texts on standard input, one per line; print one JSON object per line.

    The whole pipeline and not only the model; starts a parser of its own when none answers. Each line is answered as
    soon as it and those before it are read, so that a program may also send one and wait for it.
    """
    settings, today = read_settings(needs_secret=False), today_for(now)
    with ExitStack() as stack:
        understander = open_reader(settings, stack, keywords_only=keywords_only)
        _read_all(understander, _lines(), today=today)


def _read_all(understander: Understander, lines: Iterator[str], *, today: date) -> None:
    waiting: Queue[Future[Understanding] | None] = Queue(maxsize=READ_AHEAD)
    nobody_reads = threading.Event()
    printer = threading.Thread(target=_print_in_order, args=(waiting, nobody_reads), name="print-readings")
    printer.start()
    try:
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for text in lines:
                if nobody_reads.is_set():
                    break
                waiting.put(pool.submit(understander.understand, text, today=today))
    finally:
        waiting.put(None)
        printer.join()


def _print_in_order(waiting: Queue[Future[Understanding] | None], nobody_reads: threading.Event) -> None:
    while (reading := waiting.get()) is not None:
        if nobody_reads.is_set():
            continue
        try:
            click.echo(json.dumps(_as_json(reading.result()), ensure_ascii=False))
        except BrokenPipeError:
            nobody_reads.set()


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def _as_json(reading: Understanding) -> dict[str, Any]:
    return {
        "text": reading.text,
        "intent": reading.intent,
        "confidence": round(reading.confidence, 4),
        "entities": [{"entity": found.entity, "value": found.value} for found in reading.entities],
        "danger": reading.danger is not None or reading.intent == "emergency",
        "by": reading.by,
        "also": reading.also,
    }
