"""The pictures of an evaluation: PNG files of the right size that show something, the same every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from nlu.evaluate import Answer
from nlu.evaluation_cases import Case, DangerCase
from nlu.evaluation_danger import DangerReading
from nlu.evaluation_figures import (
    FIGURES_FILE,
    NOISE_LEVELS,
    Figures,
    Setting,
    Thresholds,
    figures_for,
    figures_to_json,
    noise_level,
)
from nlu.evaluation_pictures import DPI, WIDTH, main
from nlu.understanding import INTENTS

SETTING = Setting("tests/nlu", "sapa-1", "2026-11-23", 0.0, Thresholds(0.2, 0.4, 0.6))
PNG = b"\x89PNG\r\n\x1a\n"
PICTURES = ("confusion", "intents", "reliability", "robustness")


def figures(intents: tuple[str, ...] = INTENTS) -> Figures:
    right = [Answer(Case("x", intent), intent, place / 30) for place, intent in enumerate(intents, start=1)]
    wrong = [Answer(Case("x", intent), intents[0], 0.35) for intent in intents]
    danger = [DangerReading(DangerCase("x", True), True, 1.0, "danger", "emergency", "x")]
    levels = [noise_level(share, right + wrong, danger) for share in NOISE_LEVELS]
    return figures_for(SETTING, right + wrong, danger, robustness=levels)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / FIGURES_FILE).write_text(figures_to_json(figures()))
    main(folder)
    return folder


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_png_that_is_not_blank(folder: Path, name: str) -> None:
    path = folder / f"{name}.png"
    assert path.read_bytes().startswith(PNG)
    pixels = imread(path)
    inked = (pixels[..., :3] < 0.95).any(axis=2)
    assert 0.01 < inked.mean() < 0.8
    assert len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) > 20


@pytest.mark.parametrize("name", ["intents", "reliability", "robustness"])
def test_a_picture_has_the_width_that_the_page_shows(folder: Path, name: str) -> None:
    assert imread(folder / f"{name}.png").shape[1] == WIDTH * DPI


def test_the_matrix_grows_with_the_number_of_intents(folder: Path, tmp_path: Path) -> None:
    (tmp_path / FIGURES_FILE).write_text(figures_to_json(figures(INTENTS[:3])))
    main(tmp_path)
    few, all_of_them = (imread(where / "confusion.png").shape for where in (tmp_path, folder))
    assert few[0] < all_of_them[0]
    assert few[1] < all_of_them[1]


def test_the_same_figures_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    (tmp_path / FIGURES_FILE).write_text(figures_to_json(figures()))
    main(tmp_path)
    for name in PICTURES:
        assert (tmp_path / f"{name}.png").read_bytes() == (folder / f"{name}.png").read_bytes()


def test_danger_cases_alone_draw_their_curve(tmp_path: Path) -> None:
    danger = [DangerReading(DangerCase("x", False), True, 1.0, "danger", "emergency", "x")]
    drawn = figures_for(SETTING, [], danger, robustness=[noise_level(share, [], danger) for share in NOISE_LEVELS])
    (tmp_path / FIGURES_FILE).write_text(figures_to_json(drawn))
    main(tmp_path)
    assert [path.name for path in tmp_path.glob("*.png")] == ["robustness.png"]
