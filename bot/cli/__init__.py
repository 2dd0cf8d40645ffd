"""The `sapa` command: one group per subject."""

from __future__ import annotations

import click

from bot.cli.android import android
from bot.cli.backup import backup, restore
from bot.cli.board import board
from bot.cli.bpjs import bpjs
from bot.cli.cases import cases
from bot.cli.chat import chat
from bot.cli.check import check
from bot.cli.costs import costs
from bot.cli.demo import demo
from bot.cli.enrol import enrol
from bot.cli.messages import messages
from bot.cli.models import train
from bot.cli.nlu import nlu
from bot.cli.patients import patients
from bot.cli.queue import queue
from bot.cli.queue_backtest import backtest
from bot.cli.queue_paper import paper, print_
from bot.cli.reminders import reminders
from bot.cli.run import run, web, worker
from bot.cli.staff import staff
from bot.cli.templates import templates
from bot.cli.understand import understand


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Sapa, the chat front desk of a health centre."""


for command in (
    run,
    web,
    worker,
    nlu,
    train,
    chat,
    understand,
    queue,
    board,
    patients,
    enrol,
    reminders,
    cases,
    messages,
    costs,
    staff,
    templates,
    check,
    android,
    bpjs,
    backup,
    restore,
    demo,
):
    main.add_command(command)

queue.add_command(backtest)
queue.add_command(print_)
queue.add_command(paper)
