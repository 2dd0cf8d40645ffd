"""Account: what the fake does with a send, a look and a list, apart from how that travels over HTTP."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.twilio_fake.contents import Contents, words_of
from tests.twilio_fake.journal import Journal, Taken, content_key
from tests.twilio_fake.plan import BY_NAME, FINE, REFUSED_AT_ONCE, Fault, Plan, failure_of, refusal_of
from tests.twilio_fake.resources import Form, NotTaken, error_json, list_json, message_json, read_form
from tests.twilio_fake.webhooks import StatusPoster


@dataclass(frozen=True)
class Reply:
    """What goes over the wire."""

    status: int
    body: Mapping[str, Any]
    fault: Fault = FINE
    retry_after: int | None = None


@dataclass
class Account:
    """One account of the fake: it takes, remembers, lists and tells."""

    journal: Journal
    plan: Plan
    account_sid: str
    token: str
    clock: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    begun_at: float | None = None
    """Since when the plan's trouble goes on; None: all is calm."""
    next_faults: deque[Fault] = field(default_factory=deque)
    """For tests: what the next sends meet, whatever the plan says."""

    def __post_init__(self) -> None:
        self.poster = StatusPoster(self.journal, account_sid=self.account_sid, token=self.token, clock=self.clock)
        self.contents = Contents(self.account_sid)
        self._lists: dict[str, int] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        self.begun_at = self.clock()

    def calm(self) -> None:
        self.begun_at = None

    def ask_for(self, names: Sequence[str]) -> None:
        """The next sends meet these faults; raises KeyError for a name that the plan does not know."""
        self.next_faults.extend(BY_NAME[name] for name in names)

    def create(self, fields: Mapping[str, Sequence[str]]) -> Reply:
        """POST Messages.json."""
        recipient = (fields.get("To") or [""])[0]
        content = content_key(*_content_of(fields))
        request_id = self.journal.add_request(
            at=self.clock(), method="POST", path="Messages", recipient=recipient, content=content
        )
        fault = self._fault(recipient, content, self.journal.attempt_of(request_id))
        reply = self._create(fields, fault, request_id)
        is_taken = reply.fault.accepts and reply.status != 400
        answered = None if reply.fault.answer in ("reset", "broken_off") else reply.status
        self.journal.finish_request(
            request_id, fault=fault.name, is_taken=is_taken, answered=answered, code=reply.body.get("code")
        )
        return reply

    def show_list(self, asked: Mapping[str, str], *, path: str) -> Reply:
        """GET Messages.json: what was taken long enough ago to be seen."""
        recipient = asked.get("To") or ""
        with self._lock:
            attempt = self._lists[recipient] = self._lists.get(recipient, -1) + 1
        fault = self.plan.list_fails(recipient=recipient, attempt=attempt, seconds=self._seconds())
        request_id = self.journal.add_request(
            at=self.clock(), method="GET", path="Messages", recipient=recipient, content=None
        )
        status = fault.status if fault else 200
        self.journal.finish_request(
            request_id, fault=fault.name if fault else "", is_taken=False, answered=status, code=None
        )
        if fault is not None:
            return _failed(fault)
        now = self.clock()
        found = self.journal.messages(recipient=recipient or None, sender=asked.get("From") or None)
        visible = [taken for taken in found if taken.visible_at <= now]
        return Reply(200, list_json(visible, asked, account_sid=self.account_sid, path=path, now=now))

    def show_one(self, sid: str) -> Reply:
        """GET Messages/SM....json."""
        taken = self.journal.by_sid(sid)
        if taken is None:
            return Reply(404, error_json(404, 20404, "The requested resource was not found"))
        return Reply(200, message_json(taken, account_sid=self.account_sid, now=self.clock()))

    def content(self, method: str, path: str, asked: Mapping[str, Any]) -> Reply:
        """The Content API; it has no trouble of its own, not even during an outage."""
        words, now = words_of(path) or (), self.clock()
        try:
            match method, *words:
                case ("POST",):
                    return Reply(201, self.contents.make(asked, now=now))
                case ("GET",):
                    return Reply(200, self.contents.listed(asked))
                case "GET", sid:
                    return Reply(200, self.contents.one(sid))
                case "GET", sid, "ApprovalRequests":
                    return Reply(200, self.contents.approval(sid, now=now))
                case "POST", sid, "ApprovalRequests", "whatsapp":
                    return Reply(201, self.contents.ask_approval(sid, asked, now=now))
            raise NotTaken(20404, "The requested resource was not found", 404)
        except NotTaken as error:
            return Reply(error.status, error_json(error.status, error.code, error.words))

    def _fault(self, recipient: str, content: str, attempt: int) -> Fault:
        if self.next_faults:
            return self.next_faults.popleft()
        return self.plan.fault(recipient=recipient, content=content, attempt=attempt, seconds=self._seconds())

    def _create(self, fields: Mapping[str, Sequence[str]], fault: Fault, request_id: int) -> Reply:
        if not fault.accepts:
            self.pause(fault.answer_after)
            return _failed(fault)
        try:
            form = read_form(fields)
            body, code = self.contents.shown(form), refusal_of(form.recipient)
            if code is not None:
                raise NotTaken(code, REFUSED_AT_ONCE[code])
        except NotTaken as error:
            return Reply(error.status, error_json(error.status, error.code, error.words))
        self.pause(fault.accept_after)
        taken = self._take(form, body, fault, request_id, is_double=False)
        if fault.is_double:
            self._take(form, body, fault, request_id, is_double=True)
        self.pause(max(0.0, fault.answer_after - fault.accept_after))
        if fault.status >= 400:
            return _failed(fault)
        shown = message_json(taken, account_sid=self.account_sid, now=taken.taken_at)
        return Reply(fault.status, shown, fault)

    def _take(self, form: Form, body: str, fault: Fault, request_id: int, *, is_double: bool) -> Taken:
        sid, now = ("MM" if form.media else "SM") + secrets.token_hex(16), self.clock()
        is_troubled = self.begun_at is not None
        failure = failure_of(form.recipient, is_template=self.contents.opens_conversation(form.content_sid, now=now))
        telling = self.plan.telling(sid=sid, recipient=form.recipient, failure=failure, is_troubled=is_troubled)
        truth = self.plan.telling(sid=sid, recipient=form.recipient, failure=failure, is_troubled=False)
        taken = self.journal.add_message(
            sid=sid,
            sender=form.sender,
            recipient=form.recipient,
            body=body,
            content_sid=form.content_sid,
            variables=dict(form.variables),
            media=form.media,
            service_sid=form.service_sid,
            status_callback=form.status_callback,
            request_id=request_id,
            is_double=is_double,
            fault=fault.name,
            style=telling.style,
            taken_at=now,
            visible_at=now + self.plan.visible_after(sid=sid, is_troubled=is_troubled),
            steps=truth.steps,
            error_code=failure,
        )
        self.poster.tell(taken, telling.steps)
        return taken

    def _seconds(self) -> float | None:
        return None if self.begun_at is None else self.clock() - self.begun_at


def _content_of(fields: Mapping[str, Sequence[str]]) -> tuple[str, str | None, Mapping[str, str]]:
    variables = (fields.get("ContentVariables") or [""])[0]
    sid = (fields.get("ContentSid") or [""])[0] or None
    return (fields.get("Body") or [""])[0], sid, {"": variables}


def _failed(fault: Fault) -> Reply:
    body = error_json(fault.status, fault.code, fault.name)
    return Reply(fault.status, body, fault, fault.retry_after)
