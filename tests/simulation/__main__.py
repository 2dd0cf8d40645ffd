"""`make simulate`: runs the mornings, writes the picture and the tables of docs/simulation.md."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tests.simulation.picture import draw
from tests.simulation.scenarios import find
from tests.simulation.table import put_into, tables_of

ROOT = Path(__file__).resolve().parents[2]
PAGE, PICTURE = ROOT / "docs" / "simulation.md", ROOT / "docs" / "simulation" / "waiting.png"
SEEDS = 200


def main() -> None:
    """Run it all; fewer seeds than the page stands for are only printed."""
    reads = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    reads.add_argument("--seeds", type=int, default=SEEDS, help=f"how many mornings; docs are written with {SEEDS}")
    seeds = reads.parse_args().seeds
    findings = find(seeds, processes=os.cpu_count() or 1)
    tables = tables_of(findings)
    print(tables)
    if seeds != SEEDS:
        print(f"\n{seeds} mornings only: docs are left as they are")
        return
    PICTURE.parent.mkdir(exist_ok=True)
    draw(findings, PICTURE)
    PAGE.write_text(put_into(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")
    print(f"\nwritten: {PICTURE.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
