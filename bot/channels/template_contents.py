"""Template contents: our WhatsApp templates as Twilio's Content API takes them."""

from __future__ import annotations

from typing import Any

from bot.channels.choice_messages import Content
from flows.whatsapp_templates import LANGUAGE, TEMPLATES, WhatsAppTemplate


def content_of(template: WhatsAppTemplate) -> Content:
    """The resource: plain text, or text with quick replies whose ids are their numbers."""
    types: dict[str, Any] = {"twilio/text": {"body": template.numbered_body}}
    if template.buttons:
        actions = [{"type": "QUICK_REPLY", "title": title, "id": str(n)} for n, title in enumerate(template.buttons, 1)]
        types = {"twilio/quick-reply": {"body": template.numbered_body, "actions": actions}}
    return Content(template.name, {"language": LANGUAGE, "variables": template.samples, "types": types})


def template_wordings() -> dict[str, str]:
    """Name -> the wording of today: an approval counts for no other."""
    return {name: content_of(template).wording for name, template in TEMPLATES.items()}
