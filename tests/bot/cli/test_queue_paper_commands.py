"""`sapa queue print` and `sapa queue paper`, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from bot.cli import main
from clinic.database import open_database
from clinic.facility_file import load_facility
from clinic.migrate import migrate
from clinic.queue import day_list

ROOT = Path(__file__).resolve().parents[3]
NOW = "2026-11-23T09:41+08:00"
MONDAY = date(2026, 11, 23)
Sapa = Callable[..., Result]


@pytest.fixture
def sapa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sapa:
    """The command on an empty database, on a Monday at 09.41."""
    url = f"sqlite:///{tmp_path}/sapa.db"
    database = open_database(url)
    migrate(database)
    database.close()
    for name, value in {
        "SAPA_DATABASE_URL": url,
        "SAPA_CONFIG": str(ROOT / "puskesmas.yml"),
        "SAPA_SECRET_KEY": "only for the tests of commands",  # pragma: allowlist secret
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["queue", *words, "--now", NOW])

    return run


def states(folder: Path) -> dict[str, str]:
    database = open_database(f"sqlite:///{folder}/sapa.db")
    with database.reading() as db:
        rows = day_list(db, MONDAY, facility=load_facility(ROOT / "puskesmas.yml"))
    database.close()
    return {row.code: row.state for row in rows}


def test_a_sheet_is_printed_and_what_was_written_on_it_is_typed_back(sapa: Sapa, tmp_path: Path) -> None:
    printed = sapa("print", "--poli", "gigi", "--out", "gigi.pdf")
    assert (0, "gigi.pdf\n  gigi: 0 numbers, set aside for paper: B1-B20\n") == (printed.exit_code, printed.output)
    assert "B20" in "".join(page.extract_text() for page in PdfReader(tmp_path / "gigi.pdf").pages)
    (tmp_path / "kertas.csv").write_text(
        "\ufeffNomor;Nama;Tahun lahir;Prioritas;Hasil;Dipanggil;Selesai\n"
        "B1;Siti Aminah;1950;lansia;selesai;08.20;08.31\n"
        ";;;;;;\n"
        "B2;Budi;;;menunggu;;\n",
        encoding="utf-8",
    )
    first = sapa("paper", "kertas.csv")
    assert (0, "2 kept, 0 same, 0 conflict\n") == (first.exit_code, first.output)
    assert "0 kept, 2 same, 0 conflict\n" == sapa("paper", "kertas.csv").output
    assert {"B1": "done", "B2": "waiting"} == states(tmp_path)


def test_a_conflict_is_named_with_its_line_and_the_exit_code_tells(sapa: Sapa, tmp_path: Path) -> None:
    sapa("print")
    (tmp_path / "k.csv").write_text("number,state,name\nB1,done,Siti\nB99,done,Budi\nZ1,done,Yuli\nB2,done,Siti\n")
    ran = sapa("paper", "k.csv")
    assert 1 == ran.exit_code
    assert [
        "line 3, B99: nobody has this number, and it was not set aside for paper (B99)",
        "line 4, Z1: no poli has this letter (Z)",
        "line 5, B2: somebody of this name has a number already (decision: other, if it is another person) (B1)",
        "1 kept, 0 same, 3 conflict",
    ] == ran.output.splitlines()
    assert {"B1": "done"} == states(tmp_path)
    rows = json.loads(sapa("paper", "k.csv", "--json").output)
    assert ["same", "conflict", "conflict", "conflict"] == [row["outcome"] for row in rows]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(b"number\nB1\n", "the first line must name", id="no state"),
        pytest.param(b"number,state,colour\n", "the first line must name", id="an unknown column"),
        pytest.param(b"number,state,nomor\n", "the first line must name", id="a column twice"),
        pytest.param(b"", "the first line must name", id="empty"),
        pytest.param(b"\xff\xfe\x00", "not UTF-8", id="another encoding"),
        pytest.param(b"number,state\nB1," + b"x" * 200_000 + b"\n", "line", id="a cell without end"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_words(sapa: Sapa, tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "k.csv").write_bytes(content)
    ran = sapa("paper", "k.csv")
    assert 1 == ran.exit_code
    assert ran.output.startswith("Error: ") and word in ran.output


def test_a_poli_or_day_that_does_not_exist_is_refused_in_words(sapa: Sapa, tmp_path: Path) -> None:
    assert "there is no poli 'mata'" in sapa("print", "--poli", "mata").output
    assert "no poli is open" in sapa("print", "--day", "2026-12-31").output
    (tmp_path / "k.csv").write_text("number,state\nB1,done\n")
    assert "has not come yet" in sapa("paper", "k.csv", "--day", "2026-11-24").output
