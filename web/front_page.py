"""The studio's front page: what is under work first, then every file in force, one line each, by kind."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.casework import letter_templates, permissions
from engine.commands import model_drafts
from engine.queries import authority_settings, definitions, rule_approvals, upgrades
from engine.queries import publishing as proposed
from engine.queries.definitions import Deployed
from engine.queries.diagram_map import diagram_map
from web.current import actor, engine

GROUPS: Final = (
    ("process", "Diagrams", False), ("rules", "Rules", False), ("form", "Forms", True), ("letter", "Letters", True),
    ("scenario", "Scenarios", True), ("examples", "Examples of rules", True),
)  # fmt: skip
"""How what is in force is grouped: the kind, its heading, and whether the group is folded until somebody looks."""


def held(files: Mapping[str, bytes] | None) -> dict[str, str]:
    """Return files as a page holds them: a browser does not send chosen files a second time."""
    return {name: b64encode(content).decode() for name, content in (files or {}).items()}


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter that can be worded here; `is_own` when it no longer says what came with the service."""

    key: str
    title: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What is in force of one kind; `is_folded` until somebody looks. Letters have a wording in place of a file."""

    kind: str
    heading: str
    definitions: tuple[Deployed, ...]
    letters: tuple[LetterLine, ...]
    is_folded: bool

    @property
    def count(self) -> int:
        """Return how many lines it has."""
        return len(self.definitions) + len(self.letters)


def in_order(found: Sequence[Deployed], diagrams: Sequence[UUID]) -> list[Deployed]:
    """Return what is in force with the diagrams in the order of `diagrams`, behind everything else."""
    place = {definition_id: number for number, definition_id in enumerate(diagrams)}
    return sorted(found, key=lambda each: place.get(each.definition_id, -1))


def grouped(found: Sequence[Deployed], wanted: str, letters: Sequence[LetterLine] = ()) -> list[Group]:
    """Return what is in force by kind, only what has all words of `wanted` in its name or file; open when one is."""
    words = wanted.casefold().split()

    def fits(*texts: str) -> bool:
        return all(word in " ".join(texts).casefold() for word in words)

    fitting = [each for each in found if fits(each.name, each.file)]
    worded = tuple(each for each in letters if fits(each.title, "letter"))
    groups = (
        Group(
            kind, heading, tuple(each for each in fitting if each.kind == kind), worded if kind == "letter" else (),
            is_folded and not words,
        )
        for kind, heading, is_folded in GROUPS
    )  # fmt: skip
    return [each for each in groups if each.count]


def _letters() -> tuple[LetterLine, ...]:
    if not permissions.may_word_letters(actor()):
        return ()
    own = authority_settings.for_letters(engine(), actor=actor()).profile.get(letter_templates.PROFILE_FIELD) or {}
    return tuple(LetterLine(key, title, bool(own.get(key))) for key, title in letter_templates.TEMPLATES.items())


def index_page(
    *,
    errors: Mapping[str, str] | None = None,
    findings: Sequence[Any] = (),
    note: str = "",
    status: int = 200,
    refused_files: Mapping[str, bytes] | None = None,
    waiting_files: Mapping[str, bytes] | None = None,
) -> ResponseReturnValue:
    """Answer with what is in force, the drafts, and what was just found.

    `refused_files` can be kept as drafts unless one is too large; `waiting_files` are deployed once somebody says why.
    """
    who = actor()
    if not all(model_drafts.may_be_kept(file, content) for file, content in (refused_files or {}).items()):
        refused_files = None
    found, wanted = definitions.deployed(engine(), actor=actor()), request.args.get("find", "").strip()
    drafts = definitions.drafts(engine(), actor=who)
    waiting = proposed.waiting_in(engine(), actor=who)
    started_by = diagram_map(engine(), actor=actor(), found=found)
    page = render_template(
        "definitions/index.html",
        deployed=found,
        groups=grouped(in_order(found, [*started_by]), wanted, _letters()),
        wanted=wanted,
        started_by=started_by,
        drafts=drafts,
        drafted={each.file for each in drafts},
        waiting=waiting,
        proposals=[each for each in proposed.latest(engine(), actor=who) if each.pending],
        second_person=proposed.second_person(engine(), actor=who),
        upgrades=upgrades.offered(engine(), actor=who),
        approvals={each.file: each for each in rule_approvals.drafts(engine(), actor=actor())},
        errors=errors or {},
        findings=findings,
        refused=bool(errors),
        refused_files=held(refused_files),
        waiting_files=held(waiting_files),
        values={"note": note, "why": note},
    )
    return page, status
