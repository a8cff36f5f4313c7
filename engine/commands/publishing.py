"""Changes of diagrams, rules and forms with a second person: propose, approve, send back, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.acts import settle
from engine.casework.changing import second_person_asked
from engine.casework.permissions import Actor, may_approve_changes, may_deploy
from engine.checking import Checked
from engine.deploying import Deployed, DeploymentRefused, ScenariosNotKept, require_deployable, tried
from engine.drafting import ask_for_approval, checked_together, write_draft
from engine.errors import Conflict, Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.proposing import (
    Outdated,
    decide,
    deploy,
    known_against,
    let_examples_be,
    loaded,
    open_change,
    require_drafts_as_proposed,
    require_free,
    require_none_overtaken,
    require_same_in_force,
    require_state,
    require_whole,
    tell,
)
from engine.store import authorities, model_drafts, people, proposals
from engine.store.incidents import resolve_for
from engine.store.proposals import Proposal, Proposed, digest_of_all
from engine.work import Work

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
    another proposal, `Overtaken` for a draft begun before what is in force that nobody brought up to it.
    """
    _require_designer(actor)
    now = engine.clock.now()
    require_whole(files, why, publish_at, now)
    checked = checked_together(engine, actor.authority_id, files)
    if set(checked.errors) - set(checked.unkept):
        raise DeploymentRefused(checked.errors)
    trial = tried(engine, actor.authority_id, files, scenarios=not _second_person_looks(engine, actor.authority_id))
    with engine.sessions.act() as connection:
        work = open_change(engine, connection, actor.authority_id, actor, now)
        require_free(work, files)
        require_none_overtaken(work, files)
        authors = _written(work, actor, files, checked)
        proposal_id = _insert(work, actor, files, why.strip(), publish_at, authors, trial)
        proposal = loaded(work, proposal_id)
        if second_person_asked(work.authority.profile):
            _ask_for_second_person(work, proposal)
            work.finish()
            return Proposing(proposal_id, "waiting")
        done = _publish_alone(work, proposal)
        settle(work)
    return Proposing(proposal_id, "published" if done else "approved", done)


def approve(
    engine: ProcessEngine, *, actor: Actor, proposal_id: UUID, digest: str, examples_why: str = ""
) -> None:
    """Approve a proposal exactly as it was looked at; `approved_changes` puts it in force, at once or at its time.

    `digest` is that of the texts looked at (`engine.store.proposals.digest_of_all`), `examples_why` the reason why
    examples of the rules, or scenarios, that come to something else do not count. Nothing is tried here that takes
    long: what then speaks against it lets it wait for a second person again. Raises `NotPermitted`, `OwnChange` for who
    proposed it or wrote on it, `NotFound`, `Outdated` when a draft of it or what is in force changed since it was
    proposed, `Conflict` when somebody decided meanwhile or scenarios of what is for later are not tried yet, and what
    deploying raises as far as it is known: then nothing has changed.
    """
    if not may_approve_changes(actor):
        raise NotPermitted("Only a process designer or a coordinator may approve a change")
    why = examples_why.strip()
    known, against = known_against(engine, actor.authority_id, proposal_id)
    if against and not why:
        raise ScenariosNotKept(against)
    with engine.sessions.act() as connection:
        work = open_change(engine, connection, actor.authority_id, actor, engine.clock.now())
        proposal = loaded(work, proposal_id)
        if actor.account_id == proposal.account_id or actor.account_id in proposal.authors:
            raise OwnChange
        require_state(proposal, "waiting")
        files = proposals.files_of(connection, proposal_id)
        if digest_of_all(files) != digest:
            raise Outdated("This is not what you looked at. Look at it again")
        require_drafts_as_proposed(work, proposal)
        require_same_in_force(work, files)
        later = proposal.publish_at is not None and proposal.publish_at > work.at
        if later and known.untried:
            raise Conflict("Its scenarios are still being tried. Wait until they are, then approve it")
        if why:
            let_examples_be(work, actor.practitioner_id, proposal, why, against)
        require_deployable(work, {each.file: each.content for each in files.values()}, deployer=proposal.proposer_id)
        decide(work, proposal, "approved", actor, publish_at=proposal.publish_at if later else work.at, answer=why)
        work.record("change_approved", subject=proposal.id, detail={"files": sorted(files)})
        if later:
            tell(work, proposal, "Your change is approved", "approved", actor)
        work.finish()


def send_back(engine: ProcessEngine, *, actor: Actor, proposal_id: UUID, answer: str) -> None:
    """Send a proposal back to who made it, with words; its drafts stay.

    Raises `NotPermitted`, `OwnChange`, `NotFound`, `Conflict`, `Invalid` without words.
    """
    if not may_approve_changes(actor):
        raise NotPermitted("Only a process designer or a coordinator may send a change back")
    if not answer.strip():
        raise Invalid("Say what there is to change", field="answer")
    with engine.sessions.act() as connection:
        work = open_change(engine, connection, actor.authority_id, actor, engine.clock.now())
        proposal = loaded(work, proposal_id)
        if actor.account_id == proposal.account_id:
            raise OwnChange
        require_state(proposal, "waiting")
        decide(work, proposal, "sent_back", actor, answer=answer.strip())
        work.record("change_sent_back", subject=proposal.id, payload={"why": answer.strip()})
        tell(work, proposal, "Your change was sent back", "sent_back", actor)
        work.finish()


def withdraw(engine: ProcessEngine, *, actor: Actor, proposal_id: UUID) -> None:
    """Withdraw a proposal that waits, one that is approved for a time still to come, or one that failed; drafts stay.

    Any process designer may. Raises `NotPermitted`, `NotFound`, `Conflict`.
    """
    _require_designer(actor)
    with engine.sessions.act() as connection:
        work = open_change(engine, connection, actor.authority_id, actor, engine.clock.now())
        proposal = loaded(work, proposal_id)
        require_state(proposal, *proposals.PENDING, "failed")
        if proposal.decider_id not in (None, actor.practitioner_id):
            tell(work, proposal, "A change that you approved was withdrawn", "withdrawn", None)
        decide(work, proposal, "withdrawn", actor)
        resolve_for(connection, at=work.at, kind="publish", element_id=str(proposal_id))
        work.record("change_withdrawn", subject=proposal.id)
        work.finish()


def _publish_alone(work: Work, proposal: Proposal) -> Deployed | None:
    """Deploy a proposal for which nobody else is asked, or let it wait for its time; None then."""
    if proposal.publish_at is None:
        return deploy(work, proposal, proposal.trial)
    files = proposals.files_of(work.connection, proposal.id).values()
    require_deployable(work, {each.file: each.content for each in files}, deployer=proposal.proposer_id)
    decide(work, proposal, "approved")
    return None


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


def _require_designer(actor: Actor) -> None:
    if not may_deploy(actor):
        raise NotPermitted("Only a process designer may propose changes for publishing")


def _second_person_looks(engine: ProcessEngine, authority_id: UUID) -> bool:
    with engine.sessions.read() as connection:
        return second_person_asked(authorities.load(connection, authority_id).profile)
