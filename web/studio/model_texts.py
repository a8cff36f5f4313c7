"""The text of a model that a page without a script changes: read, changed, saved as the draft, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.checking import Finding
from engine.commands import model_drafts
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import model_checks
from engine.queries import model_drafts as drafts
from engine.queries.model_drafts import Draft, InForce
from engine.titles import title_of
from web.current import actor, engine

ENDINGS = {".bpmn": "diagram", ".dmn": "rules", ".form": "form"}
STALE = "Nothing was saved: look at what they changed, then do it again"


@dataclass(frozen=True, slots=True)
class Text:
    """A model's text, the draft it is from, and what is in force."""

    file: str
    content: bytes
    draft: Draft | None
    deployed: InForce | None

    @property
    def title(self) -> str:
        """Return what it is called."""
        return title_of(self.file, self.content)

    @property
    def expected(self) -> str:
        """Return the draft's version, as a form sends it back."""
        return str(self.draft.version) if self.draft else ""


def text_asked_for() -> Text:
    """Return the model that the address names. Raises `NotFound`, `NotPermitted`."""
    return text_of(request.args.get("file", ""))


def text_of(file: str) -> Text:
    """Return a model's draft, else what is in force. Raises `NotFound`, `NotPermitted`."""
    draft = drafts.draft(engine(), actor=actor(), file=file)
    deployed = drafts.in_force(engine(), actor=actor(), file=file)
    if draft is None and deployed is None:
        raise NotFound("There is no such file", file=file)
    return Text(file, draft.content if draft else deployed.content if deployed else b"", draft, deployed)


def change(text: Text, make: Callable[[bytes], bytes]) -> dict[str, str]:
    """Save what `make` makes of a text as its draft; return what stood in the way, by field, empty when it is saved.

    Each change is a step that can be taken back; what changes nothing is none.
    """
    expected = request.form.get("expected", "")
    if expected != text.expected:
        who = (text.draft.saved_by if text.draft else None) or "Somebody else"
        return {"expected": f"{who} saved this file since you opened it. {STALE}"}
    try:
        content = make(text.content)
        if content == text.content:
            return {}
        model_drafts.save(
            engine(), actor=actor(), file=text.file, content=content,
            expected=text.draft.version if text.draft else None, based_on=_based_on(text), step=True,
        )  # fmt: skip
    except Conflict as conflict:
        return {"expected": f"{conflict.message}. {STALE}"}
    except Invalid as error:
        return {str(error.details.get("field") or "expected"): error.message}
    return {}


class Listed(Protocol):
    """A model's text read as a list, which is changed in place and gives its text back."""

    def __init__(self, content: bytes, *, name: str) -> None: ...

    def save(self) -> bytes:
        """Return the text as it is now."""


Read = TypeVar("Read", bound=Listed)
Given = TypeVar("Given")


def act_on(text: Text, read: type[Read], act: Callable[[Read], Given]) -> tuple[dict[str, str], Given | None]:
    """Do an act on a text and save it; return what stood in the way, by field, and what the act gave back."""
    given: list[Given] = []

    def make(content: bytes) -> bytes:
        listed = read(content, name=text.file)
        given.append(act(listed))
        return listed.save()

    return change(text, make), given[0] if given else None


def done(text: Text, words: str, page: str, *, at: str | None = None) -> ResponseReturnValue:
    """Say that something is done, on the `page` that lists it, at what carries the id `at`."""
    flash(f"{words}. It is kept as a draft.")
    return redirect(url_for(page, file=text.file, _anchor=at), 303)


def _based_on(text: Text) -> UUID | None:
    return text.draft.based_on if text.draft else text.deployed.id if text.deployed else None


@dataclass(frozen=True, slots=True)
class Found:
    """What deploying a text would say, by element; under nothing what is about the file or one that it would break.

    `elsewhere` is how many things are wrong because of other drafts of the same person.
    """

    by_element: Mapping[str, list[Finding]]
    elsewhere: int


def found_in(text: Text) -> Found:
    """Return what deploying a text would say."""
    found: dict[str, list[Finding]] = {}
    checked = model_checks.check_model(engine(), actor=actor(), file=text.file, content=text.content)
    for finding in checked.findings:
        found.setdefault(finding.element_id if finding.file == text.file else "", []).append(finding)
    return Found(found, checked.elsewhere)


def findings_of(text: Text) -> Mapping[str, list[Finding]]:
    """Return what deploying a text would say, by element."""
    return found_in(text).by_element
