"""Logs: one line per event on standard error, with ids and counts and never a patient's words."""

from __future__ import annotations

import logging
import sys

QUIET = ("httpx", "httpcore", "twilio", "twilio.http_client", "urllib3", "apscheduler", "alembic")


def log_to_stderr() -> None:
    """Log from INFO on; libraries that print addresses or bodies are held to warnings."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
