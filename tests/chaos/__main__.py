"""python -m tests.chaos --seed 7: kill web and workers, let the provider fail, count what was lost and doubled."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.compare import judge
from tests.chaos.run import Size, database_url, run
from tests.chaos.table import details, markdown, plain, tables


def main() -> int:
    """0 when every promise was kept."""
    reader = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--messages", type=int, default=2000)
    reader.add_argument("--reminders", type=int, default=2000)
    reader.add_argument("--kills", type=int, default=100)
    reader.add_argument("--workers", type=int, default=2)
    reader.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    reader.add_argument("--seconds", type=float, help="how long the trouble lasts; else by the number of kills")
    reader.add_argument("--folder", type=Path, help="where database, journal and logs stay; else a new one in /tmp")
    reader.add_argument("--markdown", action="store_true", help="tables for docs/reliability.md")
    given = reader.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="sapa-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    size = Size(given.seed, given.messages, given.reminders, given.kills, given.workers, given.seconds)
    signal.signal(signal.SIGTERM, _end)
    began = time.monotonic()
    with database_url(given.database, folder) as url:
        happened = run(size, folder=folder, url=url, say=lambda words: print(words, file=sys.stderr, flush=True))
    verdict = judge(happened)
    draw = markdown if given.markdown else plain
    minutes = (time.monotonic() - began) / 60
    print(f"seed {size.seed}, {given.database}, {size.workers} workers, {minutes:.1f} minutes\n")
    for heading, rows in tables(happened, verdict):
        print(draw(heading, rows), end="\n\n")
    if not verdict.is_kept:
        print(details(verdict), f"\nEverything of this run is in {folder}", sep="\n")
    return 0 if verdict.is_kept else 1


def _end(_signal: int, _frame: object) -> None:
    """In order: what was started is ended as well."""
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
