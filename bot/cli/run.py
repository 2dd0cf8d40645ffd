"""`sapa run`, `sapa web`, `sapa worker`: the service and its parts."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path

import click

from bot import metrics
from bot.cli.opening import open_services, read_settings
from bot.cli.reading import now_in_utc
from bot.demo.keys import demo_keys
from bot.demo.loading import load_demo
from bot.logs import log_to_stderr
from bot.nlu import NoParser, model_ready, parser_answers, workshop
from bot.services import Services
from bot.serving import score_when_ready
from bot.settings import Settings
from bot.supervisor import Part, Supervisor, our_command
from bot.worker import Worker
from clinic.database import DATABASE_ERRORS
from clinic.heartbeats import last_beats

WEB_THREADS = 16
GUNICORN = Path(sys.executable).parent / "gunicorn"


@click.command()
def run() -> None:
    """Start everything on this machine: parser, web, worker. Ctrl-C ends it."""
    settings = read_settings()
    log_to_stderr(settings.log_format)
    _need_free_port(settings)
    metrics.empty(settings.metrics_folder)
    services = _prepared(settings)
    worker_silence = partial(_silence, services, "worker")
    parts = [Part("web", our_command("web")), Part("worker", our_command("worker"), silence=worker_silence)]
    has_own_parser, environment = _needs_own_parser(settings), _environment(settings)
    if has_own_parser:
        parts.insert(0, Part("nlu", our_command("nlu", "--no-train")))
    supervisor = Supervisor(parts, environment=environment)
    _end_on_signals()
    try:
        supervisor.start()
        if has_own_parser:
            _score_in_the_background(settings, token=environment["SAPA_NLU_TOKEN"])
        _welcome(settings)
        while True:
            supervisor.look()
            time.sleep(0.5)
    except KeyboardInterrupt:
        click.echo("\nEnding ...")
    finally:
        supervisor.stop()
        services.database.close()


@click.command()
def web() -> None:
    """Serve pages and webhooks (gunicorn, threads)."""
    settings = read_settings()
    open_services(settings=settings).database.close()
    words = [
        str(GUNICORN),
        "--bind",
        f"{settings.host}:{settings.port}",
        "--workers",
        "1",
        "--threads",
        str(WEB_THREADS),
    ]
    words += ["--worker-class", "gthread", "--access-logfile", "/dev/null", "--log-level", "warning"]
    words += ["--timeout", "60", "--graceful-timeout", "5", "--name", "sapa-web"]
    words += ["--logger-class", "bot.gunicorn_logs.GunicornLogs", "bot.wsgi:app"]
    os.execv(words[0], words)  # noqa: S606 - our own command, no shell


@click.command()
def worker() -> None:
    """Answer, deliver, remind: the part without a page."""
    settings = read_settings()
    log_to_stderr(settings.log_format)
    metrics.keep_in(settings.metrics_folder)
    working = Worker(open_services(settings=settings))
    _end_on_signals()
    try:
        working.run()
    except KeyboardInterrupt:
        working.stop()


def _prepared(settings: Settings) -> Services:
    """Everything that must be right before a part starts: database, demo data, model."""
    services = open_services(settings=settings)
    if settings.is_demo:
        load_demo(services, demo_keys())
    try:
        model_ready(settings, click.echo, clock=now_in_utc)
    except NoParser as error:
        click.echo(f"Going on without the language model, by keywords only: {error}", err=True)
    return services


def _silence(services: Services, part: str) -> float | None:
    """Seconds since this part's last heartbeat; None when the database cannot say."""
    try:
        with services.database.reading() as db:
            beat = last_beats(db).get(part)
    except DATABASE_ERRORS:
        return None
    return None if beat is None else (services.clock() - beat.at).total_seconds()


def _score_in_the_background(settings: Settings, *, token: str) -> None:
    """A first model is scored once the parser answers, so that nobody waits for it."""
    try:
        shop = workshop(settings, click.echo, clock=now_in_utc)
    except NoParser:
        return
    scoring = threading.Thread(target=score_when_ready, args=(settings, shop), kwargs={"token": token}, daemon=True)
    scoring.start()


def _need_free_port(settings: Settings) -> None:
    """A clear word before anything is started, instead of a web process that dies again and again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            words = f"{settings.host}:{settings.port} cannot be used ({error.strerror}); is Sapa running already?"
            raise click.ClickException(f"{words} SAPA_PORT names another port.") from error


def _needs_own_parser(settings: Settings) -> bool:
    """Only a parser on this machine is ours to start, and only when none answers there already."""
    is_here = "//127.0.0.1" in settings.nlu_url or "//localhost" in settings.nlu_url
    return is_here and not parser_answers(settings)


def _environment(settings: Settings) -> dict[str, str]:
    """What the parts are started with; parser and worker need to share a token, so one is made up if none is set."""
    demo = {"SAPA_DEMO": "1", "SAPA_SECRET_KEY": settings.secret_key} if settings.is_demo else {}
    return {**os.environ, **demo, "SAPA_NLU_TOKEN": settings.nlu_token or secrets.token_urlsafe(24)}


def _welcome(settings: Settings) -> None:
    here = settings.public_url
    click.echo(f"\nSapa runs on {here}")
    if settings.is_demo:
        click.echo(f"  simulator  {here}/simulator   two phones to write from")
    click.echo(f"  inbox      {here}/inbox")
    click.echo(f"  board      {here}/board")
    if settings.is_demo:
        keys = demo_keys()
        click.echo(f"  log in     {keys.username} / {keys.password}   (made up for this demo)")
    click.echo("The language model needs a few seconds more; until then keywords answer. Ctrl-C ends everything.\n")


def _end_on_signals() -> None:
    """Ctrl-C and SIGTERM both end us in order, also where a shell in the background had SIGINT ignored."""
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
