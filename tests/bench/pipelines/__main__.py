"""`make pipelines`: train, read and compare; what was found before on the same data is not done again."""

from __future__ import annotations

import argparse
from pathlib import Path

from nlu.server import ROOT
from tests.bench.pipelines.differences import differences_table
from tests.bench.pipelines.inputs import gather
from tests.bench.pipelines.kinds import PIPELINES, SEEDS, Pipeline, named
from tests.bench.pipelines.runs import Place, RunFailed, planned, run_all, work
from tests.bench.pipelines.server import measure_server
from tests.bench.pipelines.table import accuracy_table, calibration_table, cost_table

TABLES = {
    "accuracy, per cent": accuracy_table,
    "expected calibration error, per cent": calibration_table,
    "costs": cost_table,
}


def main() -> None:
    """Print the tables."""
    asked = _arguments()
    place = Place(asked.folder.absolute())
    place.folder.mkdir(parents=True, exist_ok=True)
    gather(place.inputs, asked.extra)
    pipelines = [named(name) for name in asked.only] if asked.only else list(PIPELINES)
    rows = run_all(place, planned(_possible(place, pipelines), asked.seeds), tell=_tell)
    for title, table in TABLES.items():
        print(f"\n{title}:\n{table(PIPELINES, rows)}")
    print("\npoints more than the one beside, ± one standard error over the messages:")
    print(differences_table(place, PIPELINES, rows))
    if asked.server:
        print(f"\n{measure_server(place)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pipelines", description=__doc__)
    parser.add_argument("--extra", type=Path, help="a JSONL of messages to score as well; only figures are kept")
    names = [each.name for each in PIPELINES]
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="; ".join(names).replace("%", "%%"))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "pipelines")
    parser.add_argument("--server", action="store_true", help="measure the real parser with the present model too")
    return parser.parse_args()


def _possible(place: Place, pipelines: list[Pipeline]) -> list[Pipeline]:
    if not any(each.dense_scale for each in pipelines):
        return pipelines
    try:
        work("tests.bench.pipelines.dense", [str(place.inputs), str(place.vectors)], log=place.log, cwd=place.folder)
    except RunFailed as problem:
        _tell(f"sentence vectors: left out, {problem}; requirements/embeddings.txt says what to install")
        return [each for each in pipelines if not each.dense_scale]
    return pipelines


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
