"""Gunicorn's own log lines in our format; an address that was asked for is left out, as it may hold a search."""

from __future__ import annotations

import logging
import os
from typing import Any

from gunicorn.glogging import Logger

from bot.logs import handler_for

MAY_QUOTE = {
    "Error handling request": "a request could not be handled",
    "Invalid request from": "a request could not be read",
    "Invalid HTTP": "a request could not be read",
}
"""How Gunicorn begins what may quote an address or a request -> what we write instead."""


class GunicornLogs(Logger):
    """What `gunicorn --logger-class bot.gunicorn_logs.GunicornLogs` writes through; SAPA_LOG names the format."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        handler = handler_for(os.environ.get("SAPA_LOG", "text"))
        handler.addFilter(_without_address)
        self.error_log.handlers = [handler]


def _without_address(record: logging.LogRecord) -> bool:
    """Always true: the line is kept, in other words."""
    for beginning, instead in MAY_QUOTE.items():
        if str(record.msg).startswith(beginning):
            record.msg, record.args = instead, ()
    return True
