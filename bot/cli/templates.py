"""`sapa templates`: the WhatsApp templates that this version needs, at Twilio and at WhatsApp."""

from __future__ import annotations

from typing import Any

import click

from bot.channels.contents import ContentApi, ContentError, open_content_api
from bot.channels.template_contents import content_of
from bot.cli.opening import json_option, open_services, print_rows
from bot.contents_upkeep import UNDECIDED, TemplateState, check_approvals, push, template_states
from bot.services import Services
from flows.whatsapp_templates import TEMPLATES


@click.group()
def templates() -> None:
    """WhatsApp templates and buttons at Twilio."""


@templates.command("list")
@json_option
@click.option("--text", "shows_text", is_flag=True, help="Show the text that WhatsApp is asked to approve.")
def list_templates(as_json: bool, shows_text: bool) -> None:
    """What this version needs and what has become of it, as far as we were told."""
    services = open_services()
    print_rows([_row(services, state, shows_text=shows_text) for state in _states(services)], as_json=as_json)


@templates.command("push")
def push_templates() -> None:
    """Make what is missing at Twilio and ask WhatsApp to approve the templates; safe to repeat."""
    services = open_services()
    try:
        made, submitted = push(services, _api(services))
    except ContentError as error:
        raise click.ClickException(f"Twilio: {error}") from error
    click.echo(f"made {made}, submitted {submitted} for approval")
    _tell(services)


@templates.command("status")
@json_option
def show_status(as_json: bool) -> None:
    """Ask what WhatsApp says of our templates now."""
    services = open_services()
    try:
        account = services.settings.twilio_account_sid
        check_approvals(services.database, _api(services), account=account, now=services.clock())
    except ContentError as error:
        raise click.ClickException(f"Twilio: {error}") from error
    if as_json:
        print_rows([_row(services, state, shows_text=False) for state in _states(services)], as_json=True)
    else:
        _tell(services)


def _tell(services: Services) -> None:
    print_rows([_row(services, state, shows_text=False) for state in _states(services)], as_json=False)
    states = _states(services)
    approved = [state for state in states if state.in_words == "approved" and state.content]
    if any(state.content and state.content.approval in UNDECIDED for state in states):
        click.echo("\nWhatsApp decides within minutes, at most two days: sapa templates status")
    if approved:
        click.echo("\nApproved ones are used at once. To hold on to them, puskesmas.yml may name them:\n")
        click.echo("whatsapp_templates:")
        for state in approved:
            click.echo(f"  {state.name}: {state.content.sid if state.content else ''}")


def _row(services: Services, state: TemplateState, *, shows_text: bool) -> dict[str, Any]:
    template, content = TEMPLATES[state.name], state.content
    own = services.facility.whatsapp_templates.get(state.name)
    row = {
        "name": state.name,
        "category": template.category,
        "state": state.in_words if own is None else f"{state.in_words} (puskesmas.yml: {own})",
        "sid": content.sid if content else None,
        "reason": content.reason if content else None,
    }
    if shows_text:
        row |= {"at_twilio": content_of(template).friendly_name, "text": template.numbered_body}
        row |= {"samples": " | ".join(template.samples.values()), "buttons": ", ".join(template.buttons)}
    return row


def _states(services: Services) -> tuple[TemplateState, ...]:
    return template_states(services.database, services.settings.twilio_account_sid)


def _api(services: Services) -> ContentApi:
    api = open_content_api(services.settings)
    if api is None:
        raise click.ClickException("no Twilio account: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    return api
