"""Metrics: counters in memory and in files, processes that die, and labels that are words of closed lists."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics

ROOT = Path(__file__).resolve().parents[2]
COUNT_AND_DIE = """
import os, pathlib, signal
from bot import metrics
metrics.keep_in(pathlib.Path({folder!r}))
metrics.inbound(channel="sms")
metrics.claim(0.2)
os.kill(os.getpid(), signal.SIGKILL)
"""
COUNT_AND_WAIT = """
import pathlib, sys
from bot import metrics
print(metrics.keep_in(pathlib.Path({folder!r})), flush=True)
metrics.inbound(channel="sms")
print("counted", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def counting_from_zero() -> Iterator[None]:
    metrics.keep_in_memory()
    yield
    metrics.keep_in_memory()


class Everything:
    """What a registry reads from metrics.collected()."""

    def collect(self):  # type: ignore[no-untyped-def]  # the library's own protocol
        return metrics.collected()


def value(name: str, **labels: str) -> float:
    """One sample of what is exposed, read back by the library's own parser."""
    registry = CollectorRegistry()
    registry.register(Everything())  # type: ignore[arg-type]
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return 0.0


def run_to_its_death(folder: Path) -> None:
    code = COUNT_AND_DIE.format(folder=str(folder))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -9


def test_what_is_counted_in_memory_is_shown() -> None:
    metrics.outbound(route="gammu", kind="reply", outcome="sent")
    metrics.outbound(route=None, kind="reminder", outcome="dropped")
    metrics.parse(0.03, is_read=True)

    assert 1 == value("sapa_outbound_messages_total", route="gammu", kind="reply", outcome="sent")
    assert 1 == value("sapa_outbound_messages_total", route="none", kind="reminder", outcome="dropped")
    assert 1 == value("sapa_parse_seconds_bucket", outcome="read", le="0.05")
    assert 0 == value("sapa_parse_seconds_bucket", outcome="read", le="0.025")


def test_two_processes_are_added_up(tmp_path: Path) -> None:
    metrics.keep_in(tmp_path)
    metrics.inbound(channel="sms")
    run_to_its_death(tmp_path)

    assert 2 == value("sapa_inbound_messages_total", channel="sms")


def test_what_killed_processes_counted_stays_and_their_files_do_not_pile_up(tmp_path: Path) -> None:
    for _ in range(3):
        run_to_its_death(tmp_path)
    metrics.keep_in(tmp_path)

    assert 3 == value("sapa_inbound_messages_total", channel="sms")
    assert value("sapa_claim_seconds_sum") == pytest.approx(0.6)
    assert ["counter_1.db"] == [path.name for path in tmp_path.glob("counter_*.db")]


def test_a_run_starts_from_zero_and_leaves_a_living_process_its_files(tmp_path: Path) -> None:
    run_to_its_death(tmp_path)
    code = COUNT_AND_WAIT.format(folder=str(tmp_path))
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as living:
        assert living.stdout is not None and ["True\n", "counted\n"] == [living.stdout.readline() for _ in range(2)]
        metrics.empty(tmp_path)
        metrics.keep_in(tmp_path)
        assert 2 == value("sapa_inbound_messages_total", channel="sms"), "it had gone on with the dead one's file"
        living.communicate("")
    metrics.keep_in_memory()
    metrics.empty(tmp_path)
    metrics.keep_in(tmp_path)
    assert 0 == value("sapa_inbound_messages_total", channel="sms")


def test_a_folder_that_cannot_be_used_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    assert not metrics.keep_in(tmp_path / "file")
    metrics.inbound(channel="whatsapp")
    assert 1 == value("sapa_inbound_messages_total", channel="whatsapp")


@pytest.mark.parametrize("word", ["+6281200000001", "Budi", "demam 3 hari"])
def test_a_word_of_no_list_becomes_no_label(word: str) -> None:
    metrics.inbound(channel=word)
    metrics.outbound(route=word, kind=word, outcome=word)
    metrics.provider_call(word, 0.1)
    metrics.breaker_opened(word)

    assert 1 == value("sapa_inbound_messages_total", channel="other")
    assert 1 == value("sapa_outbound_messages_total", route="other", kind="other", outcome="other")
    shown = [sample.labels for family in metrics.collected() for sample in family.samples]
    assert word not in str(shown)


def test_a_call_that_fails_is_timed_as_well() -> None:
    with pytest.raises(TimeoutError), metrics.timed_provider_call("whatsapp"):
        raise TimeoutError

    assert 1 == value("sapa_provider_call_seconds_count", route="whatsapp")
