"""Logs: one line per event on standard error, with ids and counts and never a patient's words."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter

QUIET = ("httpx", "httpcore", "twilio", "twilio.http_client", "urllib3", "apscheduler", "alembic")
ROOMS = ("bot", "clinic", "flows", "nlu", "scheduler")
TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
PLACE = re.compile(r"(?:(?P<name>[a-z_]+)=)?%(?P<how>[-#0 +]*\d*(?:\.\d+)?[sdifgrx])|%%")
"""One placeholder of a log call, with the name in front of it where it has one: `outbox=%s`."""
OURS = ("time", "level", "logger", "event", "failure")
PLAIN = (str, int, float, bool, type(None))
SAFE_FACTS = ("errno", "strerror", "sqlstate", "sqlite_errorname", "status_code", "code")
"""Attributes of other people's exceptions that tell what happened and cannot hold what a patient wrote."""
NUMBER = re.compile(r"\d{6,}")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TextFormatter(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatException(self, ei: ExcInfo) -> str:
        return failure_in_words(ei[1])


class FieldsFormatter(JsonFormatter):
    """A JSON object for programs: `log.info("sent outbox=%s", 7)` becomes {"event": "sent", "outbox": 7, ...}."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def add_fields(self, log_data: LogData, record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        event, fields = event_and_fields(record)
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        log_data["event"] = event
        log_data.update({name: value for name, value in fields.items() if name not in OURS})
        if record.exc_info:
            log_data["failure"] = failure_in_words(record.exc_info[1])


def log_to_stderr(log_format: str = "text") -> None:
    """Log from INFO on, as text or as json; libraries that print addresses or bodies are held to warnings."""
    logging.basicConfig(level=logging.INFO, handlers=[handler_for(log_format)], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def is_for_programs() -> bool:
    """Whether this process logs JSON: what its children print has to become JSON too."""
    return any(isinstance(handler.formatter, FieldsFormatter) for handler in logging.getLogger().handlers)


def lines_to_log(name: str) -> Path:
    """A file to print to: each line becomes an event of this logger, with the level that the line names."""
    reading, writing = os.pipe()
    threading.Thread(target=_log_lines, args=(reading, logging.getLogger(name)), name=name, daemon=True).start()
    return Path(f"/dev/fd/{writing}")


def handler_for(log_format: str) -> logging.Handler:
    """Standard error, in this format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FieldsFormatter() if log_format == "json" else TextFormatter())
    return handler


def event_and_fields(record: logging.LogRecord) -> tuple[str, Mapping[str, object]]:
    """What happened, without its named values, and those by name: the call's own words say which is which."""
    arguments = record.args
    if not isinstance(record.msg, str) or not isinstance(arguments, tuple):
        return record.getMessage(), {}
    left, fields = iter(arguments), dict[str, object]()

    def put(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return "%"
        value = next(left, "?")
        if place["name"] is None:
            return f"%{place['how']}" % (value,)
        fields[place["name"]] = value if isinstance(value, PLAIN) else f"%{place['how']}" % (value,)
        return ""

    if not arguments:
        return record.msg, {}
    return " ".join(PLACE.sub(put, record.msg).split()), fields


def failure_in_words(failure: BaseException | None) -> str:
    """Where it happened and what kind of failure it was, the first cause first.

    What an exception of somebody else's code says is left out: a database quotes the row that it refused, a number
    that could not be read is quoted too. Our own exceptions carry ids and counts.
    """
    if failure is None:
        return ""
    return "\n".join(_one_failure(each) for each in reversed(list(_chain(failure))))


def _chain(failure: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = failure
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _one_failure(failure: BaseException) -> str:
    where = "".join(traceback.format_tb(failure.__traceback__))
    return f"{where}{type(failure).__module__}.{type(failure).__qualname__}: {_said(failure)}".rstrip(": ")


def _said(failure: BaseException) -> str:
    if type(failure).__module__.split(".")[0] in ROOMS:
        return NUMBER.sub("...", str(failure))
    sources = (failure, getattr(failure, "orig", None), getattr(failure, "response", None))
    facts = {name: getattr(source, name, None) for name in SAFE_FACTS for source in sources if source is not None}
    return " ".join(f"{name}={value}" for name, value in facts.items() if isinstance(value, str | int))


def _log_lines(reading: int, log: logging.Logger) -> None:
    with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                named = next((word for word in line.split()[:4] if word in logging.getLevelNamesMapping()), "INFO")
                log.log(logging.getLevelNamesMapping()[named], "%s", line.rstrip())


def _log_uncaught(kind: type[BaseException], failure: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, failure, trace)
        return
    logging.getLogger("bot").critical("ended by a failure", exc_info=(kind, failure, trace))


def _log_uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and not issubclass(given.exc_type, SystemExit):
        failure = (given.exc_type, given.exc_value, given.exc_traceback)
        logging.getLogger("bot").critical("a thread ended by a failure", exc_info=failure)
