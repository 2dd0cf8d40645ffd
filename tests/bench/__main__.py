"""`make bench`: webhook, parser, dialogues, inbox, outbox, queue and board, each beside its own baseline."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.nlu import NoParser
from tests.bench.dialogues import measure_dialogues
from tests.bench.outbox import measure_outbox
from tests.bench.parsing import measure_parsing
from tests.bench.queue import measure_board, measure_bookings, measure_bookings_on_postgres
from tests.bench.rows import Row, show
from tests.bench.staff_pages import measure_inbox
from tests.bench.webhook import measure_inbound, measure_webhook
from tests.postgres import NoPostgres

MEASUREMENTS: dict[str, Callable[[Path], list[Row]]] = {
    "webhook": measure_webhook,
    "inbound": measure_inbound,
    "parse": measure_parsing,
    "dialogues": measure_dialogues,
    "inbox": measure_inbox,
    "outbox": measure_outbox,
    "bookings": measure_bookings,
    "bookings_on_postgres": measure_bookings_on_postgres,
    "board": measure_board,
}


def main(names: list[str]) -> None:
    """Run the named measurements, or all."""
    for name in names or list(MEASUREMENTS):
        with tempfile.TemporaryDirectory() as folder:
            try:
                rows = MEASUREMENTS[name](Path(folder))
            except (NoParser, NoPostgres) as error:
                print(f"{name}: left out, {error}")
                continue
        print(show(name, rows), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
