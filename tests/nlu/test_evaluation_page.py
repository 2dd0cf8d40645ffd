"""The page of an evaluation: what stands on it, and that no message can do anything there."""

from __future__ import annotations

from html.parser import HTMLParser

from nlu.evaluate import Answer
from nlu.evaluation_cases import Case, DangerCase
from nlu.evaluation_danger import DangerReading
from nlu.evaluation_figures import Figures, Setting, Thresholds, figures_for, noise_level
from nlu.evaluation_page import page

SETTING = Setting("tests/nlu", "sapa-1", "2026-11-23", 0.2, Thresholds(0.2, 0.4, 0.6))
WICKED = "<script>alert('x')</script> & \"<b>\""
ANSWERS = [
    Answer(Case(WICKED, "book_queue"), "file_complaint", 0.93, "model", "act", WICKED),
    Answer(Case("ga", "out_of_scope"), "out_of_scope", 0.41, "model", "nothing", "ga"),
]
MISSED = DangerReading(DangerCase(WICKED, True), False, 0.5, "model", "health_question", WICKED)


class Tags(HTMLParser):
    """Which tags a page has, what it says, and what it opens without closing."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.images: list[str | None] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag == "img":
            self.images.append(dict(attrs)["src"])
        if tag not in ("img", "meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def figures(*, with_danger: bool = True, with_intents: bool = True) -> Figures:
    answers, danger = ANSWERS if with_intents else [], [MISSED] if with_danger else []
    return figures_for(SETTING, answers, danger, robustness=[noise_level(0.2, answers, danger)])


def test_a_message_cannot_bring_its_own_html() -> None:
    tags = Tags(page(figures(), worst=ANSWERS[:1], danger=[MISSED]))
    assert "script" not in tags.names
    assert "b" not in tags.names[tags.names.index("table") :]
    assert tags.said.count(WICKED) == 2


def test_the_name_of_a_file_cannot_either() -> None:
    setting = Setting("<script>x</script>", "<i>m</i>", "2026-11-23", 0.0, SETTING.thresholds)
    tags = Tags(page(figures_for(setting, ANSWERS, [], robustness=[])))
    assert not {"script", "i"} & set(tags.names)


def test_every_tag_is_closed_and_the_page_fits_a_phone() -> None:
    content = page(figures(), worst=ANSWERS[:1], danger=[MISSED])
    assert Tags(content).open == []
    assert '<meta name="viewport" content="width=device-width' in content


def test_without_messages_the_page_has_figures_only() -> None:
    content = page(figures())
    assert "script" not in content
    assert "Read wrongly with the highest confidence" not in content
    assert "0 of 1 signs noticed" in content


def test_the_pictures_stand_beside_the_page() -> None:
    names = ["reliability.png", "robustness.png", "intents.png", "confusion.png"]
    assert Tags(page(figures())).images == names


def test_danger_alone_has_no_tables_of_intents() -> None:
    content = page(figures(with_intents=False))
    assert Tags(content).images == ["robustness.png"]
    assert "macro-F1" not in content


def test_the_page_says_what_was_read_by_which_model_and_as_of_when() -> None:
    said = " ".join(Tags(page(figures())).said)
    assert "tests/nlu, 20% of the words misspelt, model sapa-1, as of 2026-11-23." in said


def test_the_same_evaluation_gives_the_same_page() -> None:
    assert page(figures(), worst=ANSWERS) == page(figures(), worst=ANSWERS)
