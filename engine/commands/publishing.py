"""Publish changes with a second person: propose, approve, send back, withdraw; what is scheduled comes at its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle
from engine.approving import example_of
from engine.bpmn.lint import Finding
from engine.casework.changing import second_person_asked
from engine.casework.permissions import Actor, may_approve_changes, may_deploy
from engine.checking import Checked, check
from engine.deploying import (
    Deployed,
    DeploymentRefused,
    Order,
    ScenariosNotKept,
    carry_out,
    require_deployable,
    scenarios_against,
    tried,
)
from engine.drafting import ask_for_approval, checked_together, write_draft
from engine.errors import Conflict, Invalid, NotFound, NotPermitted, in_words
from engine.guard import Trouble, attempt
from engine.in_force import known_to
from engine.process_engine import ProcessEngine
from engine.proposing import (
    Outdated,
    require_drafts_as_proposed,
    require_free,
    require_same_in_force,
    require_state,
    require_whole,
)
from engine.store import administration, authorities, model_drafts, people, proposals, rule_approvals
from engine.store.incidents import open_incident, resolve_for
from engine.store.proposals import Proposal, Proposed, digest_of_all
from engine.store.rule_approvals import SECOND_PERSON, Approval
from engine.work import Work, open_work

TO_APPROVE = "A change waits for your approval"
"""The subject of the message to those who may approve a proposal."""


class OwnChange(NotPermitted):
    """Somebody tried to approve what they proposed or wrote on themselves."""

    def __init__(self) -> None:
        super().__init__("Nobody approves their own change: somebody else has to look at it")


@dataclass(frozen=True, slots=True)
class Proposing:
    """What came of proposing: the proposal, and what was deployed at once where nobody else is asked."""

    proposal_id: UUID
    state: str
    deployed: Deployed | None = None


def propose(
    engine: ProcessEngine,
    *,
    actor: Actor,
    files: Mapping[str, bytes],
    why: str,
    publish_at: datetime | None = None,
) -> Proposing:
    """Propose texts (file name -> content) that belong together for publishing; a text that is no draft becomes one.

    Whoever may approve is told. Where the authority asks for no second person they come into force at once, or at
    `publish_at` (aware UTC). Raises `NotPermitted`, `Invalid` without files, a reason or for a time that is past,
    `DeploymentRefused` with every finding for what cannot run (what other people still have to agree to does not stop
    a proposal, nor do scenarios where a second person looks at it), `Conflict` when one of the files waits in
    another proposal.
    """
    _require_designer(actor)
    now = engine.clock.now()
    require_whole(files, why, publish_at, now)
    checked = checked_together(engine, actor.authority_id, files)
    if set(checked.errors) - set(checked.unkept):
        raise DeploymentRefused(checked.errors)
    trial = tried(engine, actor.authority_id, files, scenarios=not _second_person_looks(engine, actor.authority_id))
    with engine.sessions.act() as connection:
        work = _work(engine, connection, actor.authority_id, actor, now)
        require_free(work, files)
        authors = _written(work, actor, files, checked)
        proposal_id = _insert(work, actor, files, why.strip(), publish_at, authors, trial)
        proposal = _loaded(work, proposal_id)
        if second_person_asked(work.authority.profile):
            _ask_for_second_person(work, proposal)
            work.finish()
            return Proposing(proposal_id, "waiting")
        done = _approve(work, actor, proposal)
        settle(work)
    return Proposing(proposal_id, "published" if done else "approved", done)


def approve(
    engine: ProcessEngine, *, actor: Actor, proposal_id: UUID, digest: str, examples_why: str = ""
) -> Deployed | None:
    """Approve a proposal exactly as it was looked at; it comes into force at once, all or nothing, or at its time.

    `digest` is that of the texts looked at (`engine.store.proposals.digest_of_all`), `examples_why` the reason why
    examples of the rules, or scenarios, that come to something else do not count. Returns what was deployed, None when
    that waits. Raises `NotPermitted`, `OwnChange` for who proposed it or wrote on it, `NotFound`, `Outdated` when a
    draft of it or what is in force changed since it was proposed, `Conflict` when somebody decided meanwhile, and what
    deploying raises: then nothing has changed.
    """
    if not may_approve_changes(actor):
        raise NotPermitted("Only a process designer or a coordinator may approve a change")
    trial, against = _trial_now(engine, actor.authority_id, proposal_id)
    if against and not examples_why.strip():
        raise ScenariosNotKept(against)
    with engine.sessions.act() as connection:
        work = _work(engine, connection, actor.authority_id, actor, engine.clock.now())
        proposal = _loaded(work, proposal_id)
        if actor.account_id == proposal.account_id or actor.account_id in proposal.authors:
            raise OwnChange
        require_state(proposal, "waiting")
        if digest_of_all(proposals.files_of(connection, proposal_id)) != digest:
            raise Outdated("This is not what you looked at. Look at it again")
        require_drafts_as_proposed(work, proposal)
        if examples_why.strip():
            _let_examples_be(work, actor, proposal, examples_why.strip(), against)
        done = _approve(work, actor, proposal, trial)
        _tell(work, proposal, "Your change is approved", "approved", actor)
        settle(work)
    return done


def send_back(engine: ProcessEngine, *, actor: Actor, proposal_id: UUID, answer: str) -> None:
    """Send a proposal back to who made it, with words; its drafts stay.

    Raises `NotPermitted`, `OwnChange`, `NotFound`, `Conflict`, `Invalid` without words.
    """
    if not may_approve_changes(actor):
        raise NotPermitted("Only a process designer or a coordinator may send a change back")
    if not answer.strip():
        raise Invalid("Say what there is to change", field="answer")
    with engine.sessions.act() as connection:
        work = _work(engine, connection, actor.authority_id, actor, engine.clock.now())
        proposal = _loaded(work, proposal_id)
        if actor.account_id == proposal.account_id:
            raise OwnChange
        require_state(proposal, "waiting")
        _decide(work, proposal, "sent_back", actor, answer=answer.strip())
        work.record("change_sent_back", subject=proposal.id, payload={"why": answer.strip()})
        _tell(work, proposal, "Your change was sent back", "sent_back", actor)
        work.finish()


def withdraw(engine: ProcessEngine, *, actor: Actor, proposal_id: UUID) -> None:
    """Withdraw a proposal that waits, one that is approved for a time still to come, or one that failed; drafts stay.

    Any process designer may. Raises `NotPermitted`, `NotFound`, `Conflict`.
    """
    _require_designer(actor)
    with engine.sessions.act() as connection:
        work = _work(engine, connection, actor.authority_id, actor, engine.clock.now())
        proposal = _loaded(work, proposal_id)
        require_state(proposal, *proposals.PENDING, "failed")
        _decide(work, proposal, "withdrawn", problem="")
        resolve_for(connection, at=work.at, kind="publish", element_id=str(proposal_id))
        work.record("change_withdrawn", subject=proposal.id)
        work.finish()


def publish_due(engine: ProcessEngine) -> int:
    """Publish what was approved for a time that has come, each whole or not at all; return how many came into force.

    One that is refused has failed: who proposed and who approved it are told, and everything stays as it was.
    """
    with engine.sessions.read() as connection:
        todo = proposals.due(connection, at=engine.clock.now())
    return sum(_publish(engine, authority_id, proposal_id) for authority_id, proposal_id in todo)


def _publish(engine: ProcessEngine, authority_id: UUID, proposal_id: UUID) -> bool:
    trial, against = _trial_now(engine, authority_id, proposal_id)
    if against:
        _fail(engine, authority_id, proposal_id, in_words(ScenariosNotKept(against)))
        return False
    done = attempt("publishing", lambda: _publish_now(engine, authority_id, proposal_id, trial), tries=3)
    if isinstance(done, Trouble):
        done.raise_when_down()
        _fail(engine, authority_id, proposal_id, in_words(done.error))
    return done is True


def _publish_now(
    engine: ProcessEngine, authority_id: UUID, proposal_id: UUID, trial: Mapping[str, Any] | None
) -> bool:
    with engine.sessions.act() as connection:
        work = _work(engine, connection, authority_id, None, engine.clock.now())
        proposal = _loaded(work, proposal_id)
        if proposal.state != "approved":
            return False
        _deploy(work, proposal, trial)
        _tell(work, proposal, "Your change is in force", "published", None)
        settle(work)
    return True


def _fail(engine: ProcessEngine, authority_id: UUID, proposal_id: UUID, problem: str) -> None:
    with engine.sessions.act() as connection:
        work = _work(engine, connection, authority_id, None, engine.clock.now())
        proposal = _loaded(work, proposal_id)
        if proposal.state != "approved":
            return
        _decide(work, proposal, "failed", problem=problem)
        work.record("change_not_published", subject=proposal.id)
        files = ", ".join(proposals.files_of(connection, proposal_id))
        open_incident(
            connection, id_=engine.ids.new(), at=work.at, kind="publish", authority_id=authority_id,
            element_id=str(proposal_id), message=f"A change could not come into force at its time ({files}): {problem}",
        )  # fmt: skip
        _tell(work, proposal, "A change could not be published", "failed", None)
        work.finish()


def _approve(work: Work, actor: Actor, proposal: Proposal, trial: Mapping[str, Any] | None = None) -> Deployed | None:
    """Deploy a proposal that nobody waits for any more, or let it wait for its time; None then."""
    files = proposals.files_of(work.connection, proposal.id)
    require_same_in_force(work, files)
    detail = {"files": sorted(files)}
    alone = actor.account_id == proposal.account_id
    decided: dict[str, Any] = {} if alone else {"decided_by": actor.account_id, "decided_at": work.at}
    if not alone:
        work.record("change_approved", subject=proposal.id, detail=detail)
    if proposal.publish_at is None or proposal.publish_at <= work.at:
        return _deploy(work, proposal, trial or proposal.trial, **decided)
    require_deployable(work, {each.file: each.content for each in files.values()}, deployer=proposal.proposer_id)
    _decide(work, proposal, "approved", **decided)
    return None


def _let_examples_be(
    work: Work, actor: Actor, proposal: Proposal, why: str, against: tuple[Finding, ...]
) -> None:
    """Let a proposal come into force although examples speak against it: whoever approves it is the second person."""
    files = {each.file: each.content for each in proposals.files_of(work.connection, proposal.id).values()}
    unkept = check(files, known_to(work.engine, work.connection, work.authority)).unkept
    examples = tuple(dict.fromkeys(example_of(finding) for finding in (*unkept, *against)))
    rules = [each for each in files if unkept and each.endswith((".dmn", ".tests.yaml"))]
    for file in rules or (sorted(files)[:1] if against else ()):
        id_, digest = work.engine.ids.new(), rule_approvals.digest_of(files[file])
        approval = Approval(
            id=id_, authority_id=work.authority.id, file=file, digest=digest, row_ids=examples, role=SECOND_PERSON,
            approver_id=actor.practitioner_id, at=work.at, reason=why,
        )  # fmt: skip
        rule_approvals.insert(work.connection, approval)
        detail = {"file": file, "hash": digest, "examples": list(examples)}
        work.record("examples_let_be", subject=id_, detail=detail, payload={"why": why})


def _deploy(work: Work, proposal: Proposal, trial: Mapping[str, Any] | None, **decided: Any) -> Deployed:
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
    _decide(work, proposal, "published", deployment_id=done.deployment_id, **decided)
    for failed in proposals.failed_with(work.connection, work.authority.id, files):
        resolve_for(work.connection, at=work.at, kind="publish", element_id=str(failed))
    return done


def _decide(work: Work, proposal: Proposal, state: str, by: Actor | None = None, **values: Any) -> None:
    if by is not None:
        values |= {"decided_by": by.account_id, "decided_at": work.at}
    if not proposals.decide(work.connection, proposal, state=state, **values):
        raise Conflict("Somebody else decided on this change a moment ago. Look again")


def _insert(
    work: Work, actor: Actor, files: Mapping[str, bytes], why: str, publish_at: datetime | None,
    authors: frozenset[UUID], trial: Mapping[str, Any] | None,
) -> UUID:  # fmt: skip
    proposal_id = work.engine.ids.new()
    in_force = proposals.hashes_in_force(work.connection, work.authority.id)
    texts = {file: Proposed(file, content, in_force.get(file, "")) for file, content in files.items()}
    values = {
        "id": proposal_id, "authority_id": work.authority.id, "account_id": actor.account_id, "why": why,
        "at": work.at, "publish_at": publish_at, "authors": sorted(map(str, authors)), "trial": trial,
        "state": "waiting",
    }  # fmt: skip
    proposals.insert(work.connection, values, texts)
    work.record("change_proposed", subject=proposal_id, detail={"files": sorted(files)}, payload={"why": why})
    return proposal_id


def _written(work: Work, actor: Actor, files: Mapping[str, bytes], checked: Checked) -> frozenset[UUID]:
    """Make each text the draft of its file, and return everybody who wrote on one."""
    authors = {actor.account_id}
    for file, content in files.items():
        before = model_drafts.load(work.connection, work.authority.id, file)
        if before is not None:
            authors |= model_drafts.authors(work.connection, before.id)
        if before is None or before.content != content:
            write_draft(work, actor.account_id, before, file, content, checked, others=files.keys() - {file})
        ask_for_approval(work, file, content)
    return frozenset(authors)


def _ask_for_second_person(work: Work, proposal: Proposal) -> None:
    roles = ("designer", "coordinator")
    may = {each for role in roles for each in people.with_role(work.connection, work.authority.id, role)}
    for practitioner in sorted(may - proposals.practitioners_of(work.connection, proposal.authors)):
        work.send(
            practitioner,
            subject=TO_APPROVE,
            body="A change of diagrams, rules or forms is proposed. Sign in and look at Changes to approve.",
            key=f"proposal:{proposal.id}:{practitioner}",
        )


def _tell(work: Work, proposal: Proposal, subject: str, what: str, by: Actor | None) -> None:
    """Write to who proposed a change, and to who approved it when the service itself acts."""
    both = {proposal.proposer_id, proposal.decider_id} if by is None else {proposal.proposer_id}
    for practitioner in sorted(each for each in both if each is not None):
        work.send(
            practitioner,
            subject=subject,
            body="Sign in and look at Changes to approve: it stands there with everything that was said.",
            key=f"proposal:{proposal.id}:{what}:{practitioner}",
        )


def _require_designer(actor: Actor) -> None:
    if not may_deploy(actor):
        raise NotPermitted("Only a process designer may propose changes for publishing")


def _loaded(work: Work, proposal_id: UUID) -> Proposal:
    found = proposals.load(work.connection, work.authority.id, proposal_id)
    if found is None:
        raise NotFound("There is no such change", proposal_id=proposal_id)
    return found


def _second_person_looks(engine: ProcessEngine, authority_id: UUID) -> bool:
    with engine.sessions.read() as connection:
        return second_person_asked(authorities.load(connection, authority_id).profile)


def _trial_now(
    engine: ProcessEngine, authority_id: UUID, proposal_id: UUID
) -> tuple[Mapping[str, Any] | None, tuple[Finding, ...]]:
    """Return what changed rules would make of the open cases, and which scenarios speak against it as it is now."""
    with engine.sessions.read() as connection:
        proposal = proposals.load(connection, authority_id, proposal_id)
        if proposal is None:
            return None, ()
        files = {each.file: each.content for each in proposals.files_of(connection, proposal_id).values()}
    against = scenarios_against(engine, authority_id, files, deployer=proposal.proposer_id)
    return tried(engine, authority_id, files, scenarios=False), against


def _work(
    engine: ProcessEngine, connection: sa.Connection, authority_id: UUID, actor: Actor | None, at: datetime
) -> Work:
    return open_work(engine, connection, administration.lock(connection, authority_id), actor=actor, at=at)
