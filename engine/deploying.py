"""Put files in force inside one act: checked beside what is in force, approved where a rule asks, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.approving import example_of, second_person_missing, wanted
from engine.bpmn.lint import Finding, to_mend
from engine.checking import Checked, Known, check
from engine.ending import against_ending, ends_of, without
from engine.errors import Invalid, NotFound
from engine.in_force import known_to
from engine.new_versions import new_versions
from engine.process_engine import ProcessEngine, Tried
from engine.scenario_files import SUFFIX
from engine.shipped import changed_here, unseen
from engine.store import authorities, case_messages, definitions, model_drafts
from engine.store.definitions import DatedVersion, StoredDefinition
from engine.store.incidents import resolve_starts
from engine.store.tables.running import deployments
from engine.whatif.publishing import tried_before
from engine.work import Work

FIRST: Final = "First deployment"
SHIPPED: Final = "Came with a new version of the service"
"""What is kept as the reason when nobody gives one and none is asked for."""


class DeploymentRefused(Invalid):
    """Some file cannot run; `findings` says which element of which file, why, and what instead."""

    def __init__(self, findings: tuple[Finding, ...], message: str = "") -> None:
        super().__init__(message or f"Nothing was deployed: {to_mend(findings)}")
        self.findings = findings


class ApprovalMissing(DeploymentRefused):
    """Rows of a rule file change that only somebody named in it may agree to; `findings` say which and who."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings, f"Nothing was deployed. {findings[0]}")


def _not_kept(number: int) -> str:
    return "1 example is not kept" if number == 1 else f"{number:,} examples are not kept"


class ReasonMissing(Invalid):
    """Rules that are in force change, and nobody said why; `field` is `note`."""

    def __init__(self) -> None:
        super().__init__("Nothing was deployed: say why the rules change; it is kept with them", field="note")


class ExamplesNotKept(DeploymentRefused):
    """Examples of the rules come to something else; `findings` say which. A second person may let them be.

    What somebody has to approve besides stands last among the findings, and alone as `approvals`.
    """

    def __init__(self, examples: tuple[Finding, ...], approvals: tuple[Finding, ...] = ()) -> None:
        besides = f" It needs approval too: {approvals[0]}" if approvals else ""
        told = f"Nothing was deployed: {_not_kept(len(examples))}. {examples[0]}{besides}"
        super().__init__((*examples, *approvals), told)
        self.approvals = approvals


class ScenariosNotKept(DeploymentRefused):
    """Scenarios go otherwise than they say; `findings` say which, and where. A second person may let them be."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """One definition that a deployment added."""

    id: UUID
    kind: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment added (nothing for files that had not changed) and what a designer should know.

    `left` are shipped files that are new and yet not in force, as somebody here changed what they hold; `ended` files
    that are in force no longer.
    """

    deployment_id: UUID | None
    added: tuple[NewVersion, ...]
    notices: tuple[Finding, ...]
    left: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be put in force, and for whom: `files` (name -> content) that belong together.

    `account_id` is whose deployment it is, None for the command line, run by `login`; `deployer` the same person as a
    practitioner. `note` says what changed and why, `trial` what changed rules would make of the open cases, in figures.
    `ended` are the newest versions of definitions that are to be in force no longer.
    """

    files: Mapping[str, bytes]
    ended: tuple[DatedVersion, ...] = ()
    note: str = ""
    shipped: bool = False
    account_id: UUID | None = None
    deployer: UUID | None = None
    login: str = ""
    trial: Mapping[str, Any] | None = None


def carry_out(work: Work, order: Order) -> Deployed:
    """Put files in force, without ending the act: the caller settles it. Raises what `deployments.deploy` raises."""
    if order.ended:
        if in_the_way := against_ending(work, order.ended, order.files):
            raise DeploymentRefused(in_the_way, f"Nothing was changed: {in_the_way[0]}")
        work.authority = without(work.authority, order.ended)
    known = known_to(work.engine, work.connection, work.authority)
    files, left = order.files, frozenset[str]()
    if order.shipped:
        files, left = _without_local_changes(work, files, known)
    checked = check(files, known)
    _require_sound(work, files, checked, order.deployer)
    _require_approved(work, files)
    notices = checked.unkept + tuple(finding for finding in checked.findings if finding.severity == "notice")
    rows = new_versions(work, files, checked, known)
    _drop_drafts_deployed(work, files)
    ends = ends_of(work, order.ended)
    if not rows and not ends:
        return Deployed(None, (), notices, tuple(sorted(left)))
    let_be = [example_of(finding) for finding in checked.unkept]
    deployment_id = _write(work, rows, _reason(rows, order.note, shipped=order.shipped), order, let_be, ends)
    added = tuple(NewVersion(row.id, row.kind, row.key, row.version) for row in rows)
    return Deployed(deployment_id, added, notices, tuple(sorted(left)), tuple(sorted({row.file for row in ends})))


def rename(work: Work, file: str, order: Order, *, to: str) -> None:
    """Call a file in force something else: a new version of all that it holds, the same in all but the name.

    Raises `NotFound`, `Invalid` (details: `field`) for a name that something in force has.
    """
    stored = [definitions.load(work.connection, id_) for id_ in sorted(set(work.authority.latest.values()))]
    held = [each for each in stored if each.file == file]
    if not held:
        raise NotFound("There is no such file in force", file=file)
    if any(each.file == to for each in stored):
        raise Invalid(f"There is a {to} in force already: choose another name", field="to")
    rows = [replace(each, id=work.engine.ids.new(), version=each.version + 1, file=to) for each in held]
    _write(work, rows, order.note, order, (), [])


def require_deployable(work: Work, files: Mapping[str, bytes], *, deployer: UUID | None) -> None:
    """Raise what `carry_out` would raise of these files now, and change nothing."""
    _require_sound(work, files, check(files, known_to(work.engine, work.connection, work.authority)), deployer)
    _require_approved(work, files)


def tried(
    engine: ProcessEngine, authority_id: UUID, files: Mapping[str, bytes], *, shipped: bool = False,
    scenarios: bool = True,
) -> Mapping[str, Any] | None:  # fmt: skip
    """Try changes out, before anything is locked: scenarios take seconds, so do rules over a large caseload.

    Return what is kept of changed rules, None for files that change none. Raises `ScenariosNotKept` when a
    scenario goes otherwise than it says; those that come with the service are not asked about the files that do, nor
    any without `scenarios`: whoever says so has asked them (`scenarios_against`) or leaves it to a second person.
    """
    refused = () if shipped or not scenarios else scenarios_against(engine, authority_id, files, deployer=None)
    if refused:
        raise ScenariosNotKept(refused)
    if not any(file.endswith(".dmn") for file in files):
        return None
    with engine.sessions.read() as connection:
        authority = authorities.load(connection, authority_id)
        return tried_before(engine, connection, authority, files, shipped=shipped)


def scenarios_against(
    engine: ProcessEngine, authority_id: UUID, files: Mapping[str, bytes], *, deployer: UUID | None
) -> tuple[Finding, ...]:
    """Return which scenarios speak against files that nobody but the practitioner `deployer` has let be for them."""
    return not_let_be(engine, authority_id, files, scenarios_tried(engine, authority_id, files), deployer=deployer)


def not_let_be(
    engine: ProcessEngine, authority_id: UUID, files: Mapping[str, bytes], done: Tried, *, deployer: UUID | None
) -> tuple[Finding, ...]:
    """Return what of a trial speaks against files that nobody but the practitioner `deployer` has let be for them."""
    if not done.refused:
        return ()
    with engine.sessions.read() as connection:
        return second_person_missing(connection, authority_id, files, tuple(done.refused), deployer=deployer)


def scenarios_tried(
    engine: ProcessEngine, authority_id: UUID, files: Mapping[str, bytes], *, most: int | None = None
) -> Tried:
    """Try what scenarios say of `files` (name -> content) beside what is in force; none on files that cannot run.

    Tries `most` of those that were not tried on just this before; all with None. Examples that are not kept do not stop
    scenarios: a second person may let those be.
    """
    if engine.scenarios is None:
        return Tried()
    with engine.sessions.read() as connection:
        authority = authorities.load(connection, authority_id)
        stored = [definitions.load(connection, id_) for id_ in sorted(set(authority.latest.values()))]
        in_force = {each.file: each.source for each in stored}
        if not any(file.endswith(SUFFIX) for file in (*in_force, *files)):
            return Tried()
        checked = check(files, known_to(engine, connection, authority))
    files = {file: content for file, content in files.items() if in_force.get(file) != content}
    # What is wrong with the files themselves is said where they are deployed.
    if not files or set(checked.errors) - set(checked.unkept):
        return Tried()
    return engine.scenarios(authority_id, in_force, files, most)


def _without_local_changes(
    work: Work, files: Mapping[str, bytes], known: Known
) -> tuple[Mapping[str, bytes], frozenset[str]]:
    """Return which shipped files are new here, and the names of those left alone, as somebody here changed theirs."""
    new = unseen(work, files)
    left = changed_here(work, check(new, known), known.homes)
    return {file: content for file, content in new.items() if file not in left}, left


def _drop_drafts_deployed(work: Work, files: Mapping[str, bytes]) -> None:
    for file, content in files.items():
        model_drafts.settle_original(work.connection, work.authority.id, file, content, at=work.at)
        model_drafts.drop(work.connection, work.authority.id, file, content=content)


def _require_sound(work: Work, files: Mapping[str, bytes], checked: Checked, deployer: UUID | None) -> None:
    if set(checked.errors) - set(checked.unkept):
        raise DeploymentRefused(checked.errors)
    missing = second_person_missing(
        work.connection, work.authority.id, files, checked.unkept, deployer=deployer
    )
    if missing:
        raise ExamplesNotKept(missing, _unapproved(work, files))


def _require_approved(work: Work, files: Mapping[str, bytes]) -> None:
    missing = _unapproved(work, files)
    if missing:
        raise ApprovalMissing(missing)


def _unapproved(work: Work, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    asked = [wanted(work.connection, work.authority.id, file, content) for file, content in sorted(files.items())]
    return tuple(finding for each in asked if each is not None for finding in each.findings())


def _reason(rows: Sequence[StoredDefinition], note: str, *, shipped: bool) -> str:
    """Return why these come into force. Raises `ReasonMissing` when rules change and nobody says so."""
    if note.strip():
        return note.strip()
    if all(row.version == 1 for row in rows):
        return FIRST
    if shipped:
        return SHIPPED
    if any(row.kind == "rules" and row.version > 1 for row in rows):
        raise ReasonMissing
    return ""


def _write(
    work: Work, rows: list[StoredDefinition], note: str, order: Order, let_be: Sequence[str],
    ends: list[StoredDefinition],
) -> UUID:  # fmt: skip
    deployment_id = work.engine.ids.new()
    work.connection.execute(
        sa.insert(deployments).values(
            id=deployment_id,
            authority_id=work.authority.id,
            account_id=order.account_id,
            at=work.at,
            note=note,
            login=order.login if order.account_id is None else "",
            trial=order.trial if any(row.kind == "rules" for row in rows) else None,
        )
    )
    definitions.insert(work.connection, deployment_id, [*rows, *ends])
    authorities.touch(work.connection, work.authority.id)
    processes = [row.key for row in rows if row.kind == "process"]
    resolve_starts(work.connection, work.authority.id, processes, at=work.at)
    case_messages.start_now(work.connection, work.authority.id, processes, now=work.at)
    added = [f"{row.kind} {row.key} version {row.version}" for row in rows]
    detail: dict[str, Any] = {"added": added, **({"shipped": True} if order.shipped else {})}
    if ends:
        detail["ended"] = sorted({row.file for row in ends})
    if let_be:
        detail["examples_let_be"] = list(let_be)
    own_words = {"why": note} if note and note not in (FIRST, SHIPPED) else None
    work.record("deployed", subject=deployment_id, detail=detail, payload=own_words)
    return deployment_id
