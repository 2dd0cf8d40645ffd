"""Figures that can be counted by hand."""

from __future__ import annotations

import pytest

from nlu.evaluate import Answer
from nlu.evaluation_cases import Case, DangerCase
from nlu.evaluation_danger import DangerReading, danger_readings, danger_score, worst_of_danger
from nlu.evaluation_figures import (
    Bin,
    LeftAlone,
    Setting,
    Thresholds,
    bands,
    confusion_matrix,
    figures_for,
    figures_from_json,
    figures_to_json,
    left_alone,
    noise_level,
    pictures_of,
    readers,
    reliability,
    worst,
)
from nlu.understanding import Understanding

SETTING = Setting("tests/nlu", "sapa-1", "2026-11-23", 0.0, Thresholds(0.2, 0.4, 0.6))


def answer(
    intent: str, predicted: str, confidence: float = 0.9, *, by: str = "model", done: str = "act", text: str = "x"
) -> Answer:
    return Answer(Case(text, intent), predicted, confidence, by, done, text)


def danger(is_emergency: bool | None, alarmed: bool, *, by: str = "danger", text: str = "x") -> DangerReading:
    read_as = "emergency" if alarmed else "health_question"
    return DangerReading(DangerCase(text, is_emergency), alarmed, 0.9, by, read_as, text)


def test_a_bin_tells_how_many_how_sure_and_how_many_are_right() -> None:
    found = reliability([answer("greet", "greet", 0.72), answer("greet", "thanks", 0.78)])
    assert found.bins[7] == Bin(0.7, 0.8, 2, pytest.approx(0.75), 0.5)
    assert found.messages == 2


def test_the_calibration_error_is_the_mean_distance_weighed_by_messages() -> None:
    answers = [answer("greet", "greet", 0.95)] * 3 + [answer("greet", "thanks", 0.45)]
    assert reliability(answers).calibration_error == pytest.approx((3 * 0.05 + 1 * 0.45) / 4)


def test_a_certainty_of_one_falls_into_the_last_bin() -> None:
    assert reliability([answer("greet", "greet", 1.0)]).bins[-1].messages == 1


def test_what_words_decided_has_no_part_in_the_reliability_of_the_model() -> None:
    found = reliability([answer("greet", "greet", 1.0, by="keyword"), answer("greet", "greet", 1.0, by="danger")])
    assert (found.messages, found.calibration_error) == (0, 0)


def test_the_bands_tell_what_is_done_by_whom_it_was_read_and_how_much_is_right() -> None:
    act, confirm, offer, nothing = bands(
        [answer("greet", "greet"), answer("greet", "thanks", by="keyword"), answer("greet", "greet", done="offer")]
    )
    assert (act.messages, act.right, act.by) == (2, 0.5, {"danger": 0, "keyword": 1, "model": 1, "none": 0})
    assert (offer.messages, offer.right) == (1, 1)
    assert confirm.messages == nothing.messages == 0


def test_a_reader_that_nobody_knew_of_is_not_lost() -> None:
    found = {each.by: each.messages for each in readers([answer("greet", "greet", by="stars")])}
    assert found == {"danger": 0, "keyword": 0, "model": 0, "none": 0, "stars": 1}


def test_messages_out_of_scope_are_left_alone_unless_a_reading_starts_something() -> None:
    answers = [
        answer("out_of_scope", "out_of_scope", done="nothing"),
        answer("out_of_scope", "thanks"),
        answer("out_of_scope", "book_queue", done="confirm"),
        answer("out_of_scope", "book_queue"),
        answer("greet", "book_queue"),
    ]
    assert left_alone(answers) == LeftAlone(messages=4, read_as_such=0.25, left_alone=0.75)


def test_an_accepted_second_reading_of_what_is_out_of_scope_may_start_something() -> None:
    accepted = Answer(Case("x", "out_of_scope", ("file_complaint",)), "file_complaint")
    assert left_alone([accepted]) is None


def test_the_matrix_has_rows_for_what_is_meant_and_columns_for_what_is_read() -> None:
    matrix = confusion_matrix([answer("thanks", "greet"), answer("thanks", "thanks"), answer("greet", "dance")])
    assert matrix.intents == ("greet", "thanks", "dance")
    assert matrix.counts == ((0, 0, 1), (1, 1, 0), (0, 0, 0))


def test_the_worst_are_wrong_and_sure() -> None:
    right, unsure, sure = answer("greet", "greet", 1.0), answer("greet", "deny", 0.3), answer("greet", "thanks", 0.8)
    assert worst([right, unsure, sure], 5) == [sure, unsure]
    assert worst([right, unsure, sure], 1) == [sure]


def test_a_noise_level_tells_how_many_are_followed_though_wrong() -> None:
    answers = [answer("greet", "greet"), answer("greet", "deny"), answer("greet", "deny", done="offer")]
    level = noise_level(0.2, [*answers, answer("deny", "deny")], [])
    assert (level.misspelt, level.accuracy, level.acted_wrongly, level.danger) == (0.2, 0.5, 0.25, None)


def test_signs_count_when_noticed_and_look_alikes_when_they_alarm() -> None:
    score = danger_score(
        [
            danger(True, True),
            danger(True, True, by="model"),
            danger(True, False),
            danger(False, True),
            danger(False, False),
            danger(None, True),
        ]
    )
    assert score is not None
    assert (score.signs, score.noticed, score.noticed_by_list) == (3, 2, 1)
    assert (score.recall, score.false_alarm_share) == (pytest.approx(2 / 3), 0.5)
    assert (score.arguable, score.arguable_alarms) == (1, 1)


def test_without_danger_cases_there_is_no_score() -> None:
    assert danger_score([]) is None


def test_missed_signs_come_before_false_alarms_and_arguable_ones_are_not_wrong() -> None:
    missed, alarm = danger(True, False, text="a"), danger(False, True, text="b")
    assert worst_of_danger([alarm, danger(None, True), danger(True, True), missed], 9) == [missed, alarm]


def test_danger_is_noticed_whoever_reads_the_emergency() -> None:
    def read(text: str) -> Understanding:
        return Understanding(text, "emergency", 0.7, by="model")

    (found,) = danger_readings([DangerCase("kejang", True)], read)
    assert (found.alarmed, found.by, found.is_wrong) == (True, "model", False)


def test_figures_come_back_from_json_as_they_were() -> None:
    answers, signs = [answer("greet", "greet"), answer("thanks", "greet", by="keyword")], [danger(True, True)]
    figures = figures_for(SETTING, answers, signs, robustness=[noise_level(0.0, answers, signs)])
    assert figures_from_json(figures_to_json(figures)) == figures
    assert pictures_of(figures) == ("reliability", "robustness", "intents", "confusion")


def test_figures_hold_no_word_of_any_message() -> None:
    answers, signs = [answer("greet", "thanks", text="rahasia")], [danger(True, False, text="rahasia")]
    figures = figures_for(SETTING, answers, signs, robustness=[noise_level(0.0, answers, signs)])
    assert "rahasia" not in figures_to_json(figures)


def test_danger_cases_alone_have_a_curve_and_no_other_picture() -> None:
    signs = [danger(True, True)]
    figures = figures_for(SETTING, [], signs, robustness=[noise_level(0.0, [], signs)])
    assert pictures_of(figures) == ("robustness",)
