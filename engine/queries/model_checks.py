"""What is wrong with a model under work, as deploying it would say: beside what is in force and one's other drafts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from engine.bpmn.lint import Catalogue, Finding
from engine.bpmn.lint.model import Model, extension
from engine.casework.permissions import GROUP_ROLES, Actor
from engine.checking import KINDS, check, of_another_file
from engine.checking.legible import is_legible
from engine.errors import Invalid
from engine.in_force import known_to
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.view import View, viewing
from engine.store import model_drafts, people
from engine.xml import MAX_BYTES, parse_untrusted


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What was found, errors first; `gave_up` says that a diagram has too many ways through it to try them all.

    `elsewhere` is how many things are wrong because of the person's other drafts, whatever becomes of this file.
    """

    findings: tuple[Finding, ...]
    gave_up: str
    elsewhere: int = 0


def check_model(engine: ProcessEngine, *, actor: Actor, file: str, content: bytes) -> ModelCheck:
    """Check a model that may never have been saved. Raises `NotPermitted`, `Invalid` for a text past 2 MB.

    What is wrong with another draft is left out; what the file would break of what is in force is not, and what other
    drafts would break of it is only counted.
    """
    require_designer(actor)
    if len(content) > MAX_BYTES:
        raise Invalid(f"The file is larger than {MAX_BYTES // 1_000_000} MB", field="content")
    with viewing(engine, actor) as view:
        others = _other_drafts(view, file)
        known = known_to(engine, view.connection, view.authority)
        found = check({**others, file: content}, known)
        claimed = tuple(_unclaimed(view.connection, actor, file, content))
    about = [each for each in found.findings if each.file not in others]
    broken = {each for each in about if each.file != file}
    theirs = broken - set(check({file: content}, known).findings) if broken and others else set()
    findings = (*(each for each in about if each not in theirs), *claimed)
    ordered = tuple(sorted(findings, key=lambda each: each.severity != "error"))
    return ModelCheck(ordered, found.gave_up.get(file, ""), len(theirs))


def belongs_elsewhere(engine: ProcessEngine, *, actor: Actor, file: str, content: bytes) -> str:
    """Return, in words, that a text is what another file in force holds, empty when it is not."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        found = of_another_file(file, content, known_to(engine, view.connection, view.authority))
    return "" if found is None else f"{found.what}; {found.advice}"


def _other_drafts(view: View, file: str) -> dict[str, bytes]:
    """Return the drafts that the same person saved last, but for the file itself and what cannot be read."""
    drafts = model_drafts.load_all(view.connection, view.actor.authority_id)
    return {
        each.file: each.content
        for each in drafts
        if each.file != file
        and each.account_id == view.actor.account_id
        and each.file.endswith(tuple(KINDS))
        and is_legible(each.file, each.content)
    }


def _unclaimed(connection: sa.Connection, actor: Actor, file: str, content: bytes) -> Iterator[Finding]:
    """Find tasks that are asked of groups to which nobody here belongs."""
    if not file.endswith(".bpmn"):
        return
    try:
        model = Model(parse_untrusted(content, file), name=file, catalogue=Catalogue())
    except Invalid:
        return
    held = {group for group, role in GROUP_ROLES.items() if people.with_role(connection, actor.authority_id, role)}
    for task in model.nodes("userTask", "manualTask"):
        named = (extension(task, "candidateGroups") or "").split(",")
        groups = {name.strip() for name in named} & GROUP_ROLES.keys()
        if groups and not groups & held and not extension(task, "assignee"):
            what = f"nobody may claim it: no one here is in {' or '.join(sorted(groups))}"
            yield model.notice(task, what, "give somebody that role under People, or ask another group")
