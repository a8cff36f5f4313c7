"""Deploy diagrams, rules and forms together, all or nothing; running cases keep the version they began with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle
from engine.bpmn import ProcessDefinition
from engine.bpmn.lint import Finding
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.checking import Checked, Known, check
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import administration, authorities, definitions
from engine.store.definitions import StoredDefinition
from engine.store.tables.running import deployments, model_drafts
from engine.work import Work, open_work


class DeploymentRefused(Invalid):
    """Some file cannot run; `findings` says which element of which file, why, and what instead."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"Nothing was deployed: {len(findings)} thing(s) to mend first. {findings[0]}")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class NewVersion:
    """One definition that a deployment added."""

    id: UUID
    kind: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment added (nothing for files that had not changed) and what a designer should know."""

    deployment_id: UUID | None
    added: tuple[NewVersion, ...]
    notices: tuple[Finding, ...]


def deploy(
    engine: ProcessEngine,
    *,
    authority_id: UUID,
    files: Mapping[str, bytes],
    actor: Actor | None = None,
    note: str = "",
) -> Deployed:
    """Deploy `files` (name -> content) for an authority; `actor` is None for the command line.

    A file whose content and pins are those of its newest version adds nothing. Raises `NotPermitted`,
    `DeploymentRefused` with every finding: then nothing at all was deployed.
    """
    _require_may_deploy(actor, authority_id)
    with engine.sessions.act() as connection:
        case = administration.lock(connection, authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        checked = check(files, _known(work))
        if checked.errors:
            raise DeploymentRefused(checked.errors)
        notices = tuple(finding for finding in checked.findings if finding.severity == "notice")
        rows = _new_rows(work, files, checked)
        if not rows:
            return Deployed(None, (), notices)
        deployment_id = _write(work, rows, note)
        settle(work)
    added = tuple(NewVersion(row.id, row.kind, row.key, row.version) for row in rows)
    return Deployed(deployment_id, added, notices)


def keep_draft(engine: ProcessEngine, *, actor: Actor, file: str, content: bytes) -> tuple[Finding, ...]:
    """Keep a model that need not run yet under its file name; return what stands in the way of deploying it."""
    _require_may_deploy(actor, actor.authority_id)
    with engine.sessions.act() as connection:
        case = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        findings = check({file: content}, _known(work)).findings
        own = (model_drafts.c.authority_id == actor.authority_id) & (model_drafts.c.file == file)
        values = {
            "source": content,
            "findings": [str(finding) for finding in findings],
            "account_id": actor.account_id,
            "saved_at": work.at,
        }
        if connection.execute(sa.update(model_drafts).where(own).values(**values)).rowcount == 0:
            connection.execute(
                sa.insert(model_drafts).values(
                    id=engine.ids.new(), authority_id=actor.authority_id, file=file, **values
                )
            )
        work.record("model_draft_kept", detail={"file": file, "findings": len(findings)})
        settle(work)
    return findings


def _require_may_deploy(actor: Actor | None, authority_id: UUID) -> None:
    if actor is not None and not (permissions.may_deploy(actor) and actor.authority_id == authority_id):
        raise NotPermitted("Only a process designer of this authority may deploy")


def _known(work: Work) -> Known:
    latest = work.authority.latest
    library, connection = work.engine.library, work.connection
    processes = {key: library.process(connection, id_) for (kind, key), id_ in latest.items() if kind == "process"}
    return Known(
        processes=processes,
        decisions=frozenset(key for kind, key in latest if kind == "decision"),
        forms=frozenset(key for kind, key in latest if kind == "form"),
    )


def _new_rows(work: Work, files: Mapping[str, bytes], checked: Checked) -> list[StoredDefinition]:
    """Make the rows to write: forms and rules first, then processes with pins to all they use."""
    made = _Rows(work, files)
    for file, form in checked.forms.items():
        made.add("form", form.key, form.title or form.key, file, {})
    for file, model in checked.rules.items():
        made.add("rules", model.key, model.name or model.key, file, {"decisions": sorted(model.decisions)})
    for file, processes in checked.processes.items():
        for process in processes:
            made.add("process", process.key, process.name or process.key, file, made.pins(process))
    return made.rows


class _Rows:
    """The new versions of one deployment; `latest` runs ahead of the database as they are added."""

    def __init__(self, work: Work, files: Mapping[str, bytes]) -> None:
        self._work, self._files = work, files
        self._latest = dict(work.authority.latest)
        self.rows: list[StoredDefinition] = []

    def add(self, kind: str, key: str, name: str, file: str, uses: dict[str, Any]) -> None:
        source = self._files[file]
        digest = hashlib.sha256(source).hexdigest()
        newest = definitions.newest(self._work.connection, self._work.authority.id, kind, key)
        if newest is not None and newest.hash == digest and newest.uses == uses:
            return
        row = StoredDefinition(
            id=self._work.engine.ids.new(),
            authority_id=self._work.authority.id,
            kind=kind,
            key=key,
            version=1 if newest is None else newest.version + 1,
            name=name,
            file=file,
            source=source,
            hash=digest,
            uses=uses,
        )
        self.rows.append(row)
        self._latest[kind, key] = row.id
        for decision in uses["decisions"] if kind == "rules" else ():
            self._latest["decision", decision] = row.id

    def pins(self, process: ProcessDefinition) -> dict[str, Any]:
        """Return what a process is pinned to: forms, called processes and decisions as they are now."""
        elements = process.elements.values()
        return {
            "forms": self._ids("form", {element.form for element in elements if element.form}),
            "calls": self._ids("process", set(process.calls)),
            "decisions": self._ids("decision", {element.decision for element in elements if element.decision}),
            "messages": sorted(process.message_starts),
        }

    def _ids(self, kind: str, keys: set[str]) -> dict[str, str]:
        return {key: str(self._latest[kind, key]) for key in sorted(keys) if (kind, key) in self._latest}


def _write(work: Work, rows: list[StoredDefinition], note: str) -> UUID:
    deployment_id = work.engine.ids.new()
    work.connection.execute(
        sa.insert(deployments).values(
            id=deployment_id,
            authority_id=work.authority.id,
            account_id=work.actor.account_id if work.actor else None,
            at=work.at,
            note=note,
        )
    )
    definitions.insert(work.connection, deployment_id, rows)
    authorities.touch(work.connection, work.authority.id)
    added = [f"{row.kind} {row.key} version {row.version}" for row in rows]
    work.record("deployed", subject=deployment_id, detail={"added": added}, why=note)
    return deployment_id
