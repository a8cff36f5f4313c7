"""Diagrams, rules and forms: what is in force, one of them, its file, and drafts that are not deployed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ElementInfo, reworded_drawing
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.casework.terms import STANDARD
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import next_steps, words
from engine.queries.rule_approvals import LetBe, let_be_of
from engine.queries.view import View, viewing
from engine.reverting import earlier_version, name_of
from engine.store import definitions as stored
from engine.store import proposals
from engine.store.definitions import StoredDefinition
from engine.store.tables.modelling import model_drafts
from engine.store.tables.people import accounts, practitioners
from engine.store.tables.running import definitions, deployments
from engine.titles import title_of
from engine.whatif import Figures
from engine.whatif.drafts import may_be_tried


@dataclass(frozen=True, slots=True)
class ComparedWith:
    """A rules file that changed rules were compared with."""

    file: str
    version: int


@dataclass(frozen=True, slots=True)
class KeptTrial:
    """What changed rules would have changed of the open cases as they were deployed, on the local day `on`."""

    on: date
    against: tuple[ComparedWith, ...]
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One version of a definition; `kind` is "process", "scenario", "rules", "examples" or "form".

    `note` says what changed and why, `trial` what changed rules made of the open cases, None for anything else.
    `deployed_by` is somebody's name, or in words that it was the command line, with the login there when it is known.
    `in_force` tells whether its text is the one in force, which a later version may repeat. `let_be` says who let
    examples that speak against it be before it was deployed, and why, and `approved_by` which second person approved
    it, "" for nobody; both only among the versions of one definition. `is_end` is a version without a text: since it
    nothing of this is in force.
    """

    definition_id: UUID
    kind: str
    key: str
    name: str
    version: int
    file: str
    deployed_at: datetime
    deployed_by: str
    note: str
    trial: KeptTrial | None
    in_force: bool
    let_be: tuple[LetBe, ...] = ()
    approved_by: str = ""
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class DefinitionStep:
    """A step that people take, and who in words."""

    element_id: str
    name: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One definition; `steps` only for a process, in the order of the file."""

    definition_id: UUID
    kind: str
    key: str
    name: str
    version: int
    file: str
    documentation: str
    steps: tuple[DefinitionStep, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A model that is kept but not deployed; `name` is what it is called, `findings` say what stands in the way.

    `may_be_tried` tells whether it is rules that can be tried out on the caseload.
    """

    file: str
    findings: tuple[str, ...]
    saved_at: datetime
    saved_by: str | None
    name: str
    may_be_tried: bool = False


def deployed(engine: ProcessEngine, *, actor: Actor) -> tuple[Deployed, ...]:
    """Return the newest version of every definition, by kind and name. Raises `NotPermitted`."""
    require_designer(actor)
    newer = definitions.alias("newer")
    with viewing(engine, actor) as view:
        rows = view.connection.execute(
            _DEPLOYED.where(
                definitions.c.authority_id == actor.authority_id,
                definitions.c.hash != stored.NO_TEXT,
                ~sa.exists().where(
                    newer.c.authority_id == definitions.c.authority_id,
                    newer.c.kind == definitions.c.kind,
                    newer.c.key == definitions.c.key,
                    newer.c.version > definitions.c.version,
                ),
            )
        )
        found = [_deployed(row) for row in rows]
    return tuple(sorted(found, key=lambda each: (_KINDS.index(each.kind), each.name.casefold(), each.key)))


def versions(engine: ProcessEngine, *, actor: Actor, definition_id: UUID) -> tuple[Deployed, ...]:
    """Return every version of the definition that `definition_id` is a version of, the newest first.

    Raises `NotPermitted`, `NotFound`.
    """
    with viewing(engine, actor) as view:
        found = own(view, definition_id)
        require_reader(actor, found)
        same = (definitions.c.kind == found.kind) & (definitions.c.key == found.key)
        rows = view.connection.execute(
            _DEPLOYED.where(definitions.c.authority_id == actor.authority_id, same).order_by(
                definitions.c.version.desc()
            )
        )
        all_ = rows.all()
        said = let_be_of(view, [row.hash for row in all_])
        since = [row.at for row in all_[1:]] + [None]
        approved = proposals.approvers_by_deployment(view.connection, [row.deployment_id for row in all_])
        return tuple(
            replace(
                _deployed(row, in_force=row.hash == all_[0].hash != stored.NO_TEXT),
                approved_by=approved.get(row.deployment_id, ""),
                let_be=tuple(
                    each for each in said.get(row.hash, ()) if (last is None or each.at >= last) and each.at <= row.at
                ),
            )
            for row, last in zip(all_, since, strict=True)
        )


@dataclass(frozen=True, slots=True)
class FileInForce:
    """A file as it was deployed last."""

    file: str
    kind: str
    version: int
    source: bytes


def files_in_force(engine: ProcessEngine, *, authority_id: UUID) -> tuple[FileInForce, ...]:
    """Return every file in force at an authority, for the command line: a model holds nobody's data."""
    with engine.sessions.read() as connection:
        versions = stored.dated_versions(connection, authority_id)
        ids = {(each.kind, each.key): each.id for each in versions}
        newest = (found for id_ in ids.values() if (found := stored.load(connection, id_)).hash != stored.NO_TEXT)
        return tuple(FileInForce(each.file, each.kind, each.version, each.source) for each in newest)


def named(engine: ProcessEngine, *, authority_id: UUID, key: str) -> tuple[str, str]:
    """Return the (kind, key) that a key, file or decision names, for the command line. Raises `NotFound`, `Invalid`."""
    with engine.sessions.read() as connection:
        return name_of(connection, authority_id, key)


def read(engine: ProcessEngine, *, actor: Actor, definition_id: UUID) -> Definition:
    """Return one definition of the actor's authority, any version. Raises `NotPermitted`, `NotFound`."""
    with viewing(engine, actor) as view:
        found = own(view, definition_id)
        require_reader(actor, found)
        process = view.process(found.id) if found.kind == "process" else None
        steps = next_steps.steps(process) if process else []
        return Definition(
            definition_id=found.id,
            kind=found.kind,
            key=found.key,
            name=found.name or found.key,
            version=found.version,
            file=found.file,
            documentation=(process.documentation or "") if process else "",
            steps=tuple(DefinitionStep(each.id, str(each.name), _who(each)) for each in steps),
        )


def diagram_xml(engine: ProcessEngine, *, actor: Actor, definition_id: UUID) -> bytes:
    """Return a diagram as it was deployed. Open to everybody of the authority: a diagram holds nobody's data.

    Raises `NotFound`.
    """
    with viewing(engine, actor) as view:
        return _diagram(view, definition_id).source


def drawing(engine: ProcessEngine, *, actor: Actor, definition_id: UUID) -> bytes:
    """Return a diagram to be looked at: as it was drawn, its names in the authority's own words. Raises `NotFound`."""
    with viewing(engine, actor) as view:
        found = _diagram(view, definition_id)
        if view.authority.term == STANDARD:
            return found.source
        return reworded_drawing(found.source, view.said, name=found.file)


def _diagram(view: View, definition_id: UUID) -> StoredDefinition:
    found = own(view, definition_id)
    if found.kind != "process":
        raise NotFound("There is no such diagram", definition_id=definition_id)
    return found


def source(engine: ProcessEngine, *, actor: Actor, definition_id: UUID) -> bytes:
    """Return any definition's file as it was deployed. Raises `NotPermitted`, `NotFound`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        return own(view, definition_id).source


def going_back(engine: ProcessEngine, *, actor: Actor, definition_id: UUID) -> Mapping[str, bytes]:
    """Return the files (name -> content) that would put an earlier version in force again.

    Raises `NotPermitted`, `NotFound`, `Invalid` for the text that is in force.
    """
    require_designer(actor)
    with viewing(engine, actor) as view:
        found = own(view, definition_id)
        return earlier_version(
            view.connection, actor.authority_id, found.key, found.version, kind=found.kind
        ).files


def drafts(engine: ProcessEngine, *, actor: Actor) -> tuple[Draft, ...]:
    """Return the models kept but not deployed, by file. Raises `NotPermitted`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        rows = view.connection.execute(
            sa.select(
                model_drafts.c.file, model_drafts.c.findings, model_drafts.c.saved_at, model_drafts.c.source,
                practitioners.c.name.label("who"),
            )
            .select_from(_by_account(model_drafts))
            .where(model_drafts.c.authority_id == actor.authority_id)
            .order_by(model_drafts.c.file)
        )
        return tuple(
            Draft(
                row.file, tuple(row.findings), row.saved_at, row.who, title_of(row.file, bytes(row.source)),
                may_be_tried(row.file, bytes(row.source)),
            )
            for row in rows
        )


def draft_source(engine: ProcessEngine, *, actor: Actor, file: str) -> bytes:
    """Return a draft's content. Raises `NotPermitted`, `NotFound`."""
    require_designer(actor)
    with viewing(engine, actor) as view:
        found = view.connection.execute(
            sa.select(model_drafts.c.source).where(
                model_drafts.c.authority_id == actor.authority_id, model_drafts.c.file == file
            )
        ).first()
    if found is None:
        raise NotFound("There is no such draft", file=file)
    return bytes(found.source)


_KINDS = ("process", "scenario", "rules", "examples", "form")
_NAMES = re.compile(r'"(\w+)"')
_COLUMNS = [definitions.c[name] for name in ("id", "kind", "key", "name", "version", "file")]


def _by_account(table: sa.Table) -> sa.Join:
    return table.outerjoin(accounts, accounts.c.id == table.c.account_id).outerjoin(
        practitioners, practitioners.c.id == accounts.c.practitioner_id
    )


_WITH_DEPLOYMENT = (
    definitions.join(deployments, deployments.c.id == definitions.c.deployment_id)
    .outerjoin(accounts, accounts.c.id == deployments.c.account_id)
    .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
)
_DEPLOYED = sa.select(
    *_COLUMNS, definitions.c.hash, definitions.c.deployment_id, deployments.c.at, deployments.c.note,
    deployments.c.login, deployments.c.trial,
    practitioners.c.name.label("who"),
).select_from(_WITH_DEPLOYMENT)


def _deployed(row: Any, *, in_force: bool = True) -> Deployed:
    return Deployed(
        definition_id=row.id,
        kind=row.kind,
        key=row.key,
        name=row.name or row.key,
        version=row.version,
        file=row.file,
        deployed_at=row.at,
        deployed_by=row.who or (f"on the command line as {row.login}" if row.login else "by the command line"),
        note=row.note,
        trial=kept_trial(row.trial) if row.trial is not None and row.kind == "rules" else None,
        in_force=in_force,
        is_end=row.hash == stored.NO_TEXT,
    )


def kept_trial(kept: Mapping[str, Any]) -> KeptTrial:
    """Return what is kept of rules that were tried out."""
    against = tuple(ComparedWith(each["file"], each["version"]) for each in kept["against"])
    return KeptTrial(date.fromisoformat(kept["on"]), against, Figures.from_json(kept["figures"]))


def require_designer(actor: Actor) -> None:
    """Raise `NotPermitted` for all but designers."""
    if not permissions.may_deploy(actor):
        raise NotPermitted("Only a process designer may look after diagrams, rules and forms")


def require_reader(actor: Actor, found: StoredDefinition) -> None:
    """Raise `NotPermitted` for all but designers; rules and their examples are read by those who try rules out too.

    Whoever gets an escalation may follow it to the row.
    """
    if not (found.kind in ("rules", "examples") and permissions.may_try_rules(actor)):
        require_designer(actor)


def own(view: View, definition_id: UUID) -> StoredDefinition:
    """Return a definition, any version, of the reader's authority. Raises `NotFound`."""
    found = stored.load(view.connection, definition_id)
    if found.authority_id != view.actor.authority_id or found.hash == stored.NO_TEXT:
        raise NotFound("There is no such definition", definition_id=definition_id)
    return found


def _who(each: ElementInfo) -> str:
    """Say who is asked: the diagram's names as they are; an expression that is more than names is left out."""
    groups = _NAMES.findall(each.candidate_groups or "")
    named = [each.assignee] if each.assignee and each.assignee.isidentifier() else []
    return words.listed([words.plain(name) for name in (*named, *groups)], last="or")
