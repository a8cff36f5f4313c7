"""What a proposed change must be to go on, and the steps it takes: tried, decided on, in force, told of, taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.approving import example_of
from engine.bpmn.lint import Finding
from engine.casework.permissions import Actor
from engine.checking import check
from engine.deploying import Deployed, Order, carry_out, not_let_be, scenarios_tried
from engine.errors import Conflict, Invalid, NotFound
from engine.in_force import known_to
from engine.process_engine import ProcessEngine, Tried
from engine.store import administration, definitions, model_drafts, proposals, rule_approvals
from engine.store.incidents import resolve_for
from engine.store.proposals import Proposal, Proposed
from engine.store.rule_approvals import SECOND_PERSON, Approval, digest_of
from engine.work import Work, open_work


class Outdated(Conflict):
    """What a proposal was made from has changed since: it has to be proposed, and looked at, anew."""


class Overtaken(Conflict):
    """A draft was begun on an earlier version than is in force, and nobody has looked at the newer one; `file`."""


def require_whole(files: Mapping[str, bytes], why: str, publish_at: datetime | None, now: datetime) -> None:
    """Refuse what says nothing, nothing of why, or a time that has passed. Raises `Invalid`."""
    if not files:
        raise Invalid("Choose what to publish", field="files")
    if not why.strip():
        raise Invalid("Say what changes and why", field="why")
    if publish_at is not None and publish_at <= now:
        raise Invalid("Choose a time that is still to come", field="publish_at")


def require_free(work: Work, files: Mapping[str, bytes]) -> None:
    """Refuse a file that waits in another proposal. Raises `Conflict`."""
    taken = [file for file in proposals.pending_files(work.connection, work.authority.id) if file in files]
    if taken:
        raise Conflict(f"{taken[0]} waits in another proposal: withdraw that first, then propose it again")


def overtaken(
    connection: sa.Connection, authority_id: UUID, files: Iterable[str] | None = None
) -> dict[str, UUID | None]:
    """Return the files whose draft was begun on another text than is in force now, with the version it was begun on.

    That is None for a draft begun before anything was in force. A draft that says what is in force is not overtaken.
    Of all drafts, unless `files` are given.
    """
    if files is None:
        drafts = model_drafts.load_all(connection, authority_id)
    else:
        drafts = tuple(each for file in files if (each := model_drafts.load(connection, authority_id, file)))
    now = proposals.hashes_in_force(connection, authority_id) if drafts else {}
    found = {}
    for draft in drafts:
        begun = definitions.load(connection, draft.based_on).hash if draft.based_on is not None else ""
        if draft.file in now and now[draft.file] not in (begun, digest_of(draft.content)):
            found[draft.file] = draft.based_on
    return found


def require_none_overtaken(work: Work, files: Mapping[str, bytes]) -> None:
    """Refuse drafts that would undo, unseen, what came into force since they were begun. Raises `Overtaken`."""
    for file in sorted(overtaken(work.connection, work.authority.id, files)):
        draft = model_drafts.load(work.connection, work.authority.id, file)
        if draft is not None and draft.content == files[file]:
            raise Overtaken(
                f"Another version of {file} came into force since this draft was begun, and publishing it may undo "
                "that. Look first at what it changed",
                file=file,
            )


def require_drafts_as_proposed(work: Work, proposal: Proposal) -> None:
    """Refuse a proposal whose drafts were drawn on since. Raises `Outdated`."""
    for file, proposed in proposals.files_of(work.connection, proposal.id).items():
        draft = model_drafts.load(work.connection, work.authority.id, file)
        if draft is None or draft.content != proposed.content:
            raise Outdated(f"The draft of {file} has changed since it was proposed. It has to be proposed again")


def require_same_in_force(work: Work, files: Mapping[str, Proposed]) -> None:
    """Refuse files of which other versions came into force since. Raises `Outdated`."""
    now = proposals.hashes_in_force(work.connection, work.authority.id)
    changed = [each.file for each in files.values() if now.get(each.file, "") != each.instead_of]
    if changed:
        raise Outdated(f"Another version of {changed[0]} came into force since this was proposed. Propose it again")


def require_state(proposal: Proposal, *states: str) -> None:
    """Refuse a proposal that is not in one of these states. Raises `Conflict`."""
    if proposal.state not in states:
        raise Conflict("Somebody else decided on this change already. Look again")


def let_examples_be(
    work: Work, approver: UUID, proposal: Proposal, why: str, against: tuple[Finding, ...]
) -> None:
    """Let a proposal come into force although examples speak against it: the `approver` is the second person."""
    files = {each.file: each.content for each in proposals.files_of(work.connection, proposal.id).values()}
    unkept = check(files, known_to(work.engine, work.connection, work.authority)).unkept
    examples = tuple(dict.fromkeys(example_of(finding) for finding in (*unkept, *against)))
    rules = [each for each in files if unkept and each.endswith((".dmn", ".tests.yaml"))]
    for file in rules or (sorted(files)[:1] if against else ()):
        id_, digest = work.engine.ids.new(), rule_approvals.digest_of(files[file])
        approval = Approval(
            id=id_, authority_id=work.authority.id, file=file, digest=digest, row_ids=examples, role=SECOND_PERSON,
            approver_id=approver, at=work.at, reason=why,
        )  # fmt: skip
        rule_approvals.insert(work.connection, approval)
        detail = {"file": file, "hash": digest, "examples": list(examples)}
        work.record("examples_let_be", subject=id_, detail=detail, payload={"why": why})


def deploy(work: Work, proposal: Proposal, trial: Mapping[str, Any] | None) -> Deployed:
    """Put a proposal in force, inside an act. Raises `Outdated`, `Conflict` and what deploying raises."""
    files = proposals.files_of(work.connection, proposal.id)
    require_same_in_force(work, files)
    order = Order(
        files={each.file: each.content for each in files.values()},
        note=proposal.why,
        account_id=proposal.account_id,
        deployer=proposal.proposer_id,
        trial=trial,
    )
    done = carry_out(work, order)
    if done.deployment_id is None:
        raise Conflict("Nothing was published: it is in force already")
    decide(work, proposal, "published", deployment_id=done.deployment_id)
    for failed in proposals.failed_with(work.connection, work.authority.id, files):
        resolve_for(work.connection, at=work.at, kind="publish", element_id=str(failed))
    return done


def decide(work: Work, proposal: Proposal, state: str, by: Actor | None = None, **values: Any) -> None:
    """Write what was decided, once. Raises `Conflict` when somebody was faster."""
    if by is not None:
        values |= {"decided_by": by.account_id, "decided_at": work.at}
    if not proposals.decide(work.connection, proposal, **{"state": state, "problem": "", **values}):
        raise Conflict("Somebody else decided on this change a moment ago. Look again")


def tell(work: Work, proposal: Proposal, subject: str, what: str, by: Actor | None) -> None:
    """Write to who proposed a change, and to who approved it when the service itself acts."""
    both = {proposal.proposer_id, proposal.decider_id} if by is None else {proposal.proposer_id}
    for practitioner in sorted(each for each in both if each is not None):
        work.send(
            practitioner,
            subject=subject,
            body="Sign in and look at Changes to approve: it stands there with everything that was said.",
            key=f"proposal:{proposal.id}:{what}:{practitioner}",
        )


def tell_of_taking_back(work: Work, deployment_ids: Collection[UUID], by: Actor) -> None:
    """Write to those who proposed and approved what is taken back, but not to who takes it back."""
    for proposal in proposals.of_deployments(work.connection, work.authority.id, deployment_ids):
        asked = {proposal.proposer_id, proposal.decider_id} - {by.practitioner_id, None}
        for practitioner in sorted(each for each in asked if each is not None):
            work.send(
                practitioner,
                subject="A change was taken back",
                body=f"{by.name} took back a change that you proposed or approved: what was before is in force again. "
                "Sign in and look at Changes to approve: it stands there with the reason.",
                key=f"proposal:{proposal.id}:taken_back:{practitioner}",
            )


def loaded(work: Work, proposal_id: UUID) -> Proposal:
    """Return a proposal. Raises `NotFound`."""
    found = proposals.load(work.connection, work.authority.id, proposal_id)
    if found is None:
        raise NotFound("There is no such change", proposal_id=proposal_id)
    return found


def texts_of(engine: ProcessEngine, authority_id: UUID, proposal_id: UUID) -> tuple[UUID | None, dict[str, bytes]]:
    """Return who proposed a proposal, and its texts by file; nobody and none when there is no such one."""
    with engine.sessions.read() as connection:
        proposal = proposals.load(connection, authority_id, proposal_id)
        if proposal is None:
            return None, {}
        files = proposals.files_of(connection, proposal_id).values()
        return proposal.proposer_id, {each.file: each.content for each in files}


def known_against(
    engine: ProcessEngine, authority_id: UUID, proposal_id: UUID, *, most: int = 0
) -> tuple[Tried, tuple[Finding, ...]]:
    """Return what is known of the scenarios of a proposal, after `most` more are tried, and which speak against it."""
    proposer, files = texts_of(engine, authority_id, proposal_id)
    known = scenarios_tried(engine, authority_id, files, most=most) if files else Tried()
    return known, not_let_be(engine, authority_id, files, known, deployer=proposer)


def open_change(
    engine: ProcessEngine, connection: sa.Connection, authority_id: UUID, actor: Actor | None, at: datetime
) -> Work:
    """Open an act on the changes of an authority, of which one goes on at a time."""
    return open_work(engine, connection, administration.lock(connection, authority_id), actor=actor, at=at)
