"""Changes that are proposed for publishing, with what whoever approves them has to see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.approving import wanted
from engine.bpmn.lint import Finding
from engine.casework import permissions
from engine.casework.changing import second_person_asked
from engine.casework.permissions import Actor
from engine.checking import check
from engine.comparing import Differences, differences
from engine.errors import Invalid, NotFound, NotPermitted
from engine.in_force import known_to
from engine.process_engine import ProcessEngine
from engine.queries import limit_changes
from engine.queries.definitions import KeptTrial, kept_trial
from engine.queries.model_drafts import in_force_on
from engine.queries.newer_versions import PutBack, put_back
from engine.queries.rule_approvals import LetBe, let_be_of
from engine.queries.view import View, viewing
from engine.reverting import Before, before_release
from engine.store import model_drafts, proposals
from engine.store.proposals import PENDING, Proposed, TakenBack
from engine.store.rule_approvals import digest_of
from engine.titles import title_of

FEW: Final = 20
"""How many proposals that are decided are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal in a list; names are people's, instants aware UTC. `state` is that of the table.

    `titles` are what its files are called, in their order.

    `past` tells of one that was published that it was taken back, or that another version came since; `under_way` of
    one that was approved that its time has come: it is being tried, and comes into force then.
    """

    id: UUID
    files: tuple[str, ...]
    titles: tuple[str, ...]
    why: str
    proposed_by: str
    at: datetime
    publish_at: datetime | None
    state: str
    decided_by: str | None
    decided_at: datetime | None
    answer: str
    problem: str
    may_approve: bool
    past: bool
    under_way: bool

    @property
    def stands(self) -> str:
        """Return the state, and in its place what is more to the point: being published, in force no longer."""
        return "publishing" if self.under_way else "past" if self.past else self.state

    @property
    def pending(self) -> bool:
        """Tell whether it can still come into force."""
        return self.state in PENDING


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a proposal: what it changes of the version in force when it was proposed, None when it is new.

    `moved_on` tells that another version came into force since, `draft_moved_on` that the draft was changed since.
    `limits` are time limits that it changes, in the words of the page of limits, `puts_back` what it makes as it was
    before one of the newest versions.
    """

    file: str
    content: bytes
    in_force: int | None
    changes: Differences
    moved_on: bool
    draft_moved_on: bool
    limits: tuple[str, ...] = ()
    puts_back: tuple[PutBack, ...] = ()

    @property
    def title(self) -> str:
        """Return what the file is called."""
        return title_of(self.file, self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """One proposal with all there is to see; `digest` is what an approval binds to.

    `findings` are those of its files beside what is in force now, `unkept` those of them that say which examples come
    to something else, `approvals` what others have to agree to yet. `own` tells that the reader proposed or wrote on
    it. `let_be` says who let examples or scenarios be, and why. `before` is what would be in force again if it is taken
    back whole, None when it is not in force as it was published: `taken_back` says then who took it back, if anybody.
    """

    proposal: Proposal
    digest: str
    files: tuple[FileChange, ...]
    findings: tuple[Finding, ...]
    approvals: tuple[Finding, ...]
    unkept: tuple[Finding, ...]
    trial: KeptTrial | None
    own: bool
    may_withdraw: bool
    deployment_id: UUID | None
    before: Before | None
    taken_back: TakenBack | None
    let_be: tuple[LetBe, ...]


def second_person(engine: ProcessEngine, *, actor: Actor) -> bool:
    """Tell whether the actor's authority asks for a second person before a change comes into force."""
    with viewing(engine, actor) as view:
        return second_person_asked(view.authority.profile)


def latest(engine: ProcessEngine, *, actor: Actor) -> tuple[Proposal, ...]:
    """Return the proposals that are pending, then those decided last. Raises `NotPermitted`."""
    _require(actor)
    with viewing(engine, actor) as view:
        found = proposals.latest(view.connection, actor.authority_id, limit=FEW)
        return tuple(_proposal(view, each) for each in found)


def read(engine: ProcessEngine, *, actor: Actor, proposal_id: UUID) -> Proposing:
    """Return one proposal of the actor's authority with its texts compared. Raises `NotPermitted`, `NotFound`."""
    _require(actor)
    with viewing(engine, actor) as view:
        found = proposals.load(view.connection, actor.authority_id, proposal_id)
        if found is None:
            raise NotFound("There is no such change", proposal_id=proposal_id)
        files = proposals.files_of(view.connection, proposal_id)
        told = _proposal(view, found)
        texts = {each.file: each.content for each in files.values()}
        checked = check(texts, known_to(engine, view.connection, view.authority)) if told.pending else None
        asked = [wanted(view.connection, actor.authority_id, *each) for each in texts.items()] if told.pending else []
        return Proposing(
            proposal=told,
            digest=proposals.digest_of_all(files),
            files=tuple(_file(view, each, pending=told.pending) for each in files.values()),
            findings=checked.findings if checked is not None else (),
            approvals=tuple(finding for each in asked if each is not None for finding in each.findings()),
            unkept=checked.unkept if checked is not None else (),
            trial=kept_trial(found.trial) if found.trial is not None else None,
            own=actor.account_id == found.account_id or actor.account_id in found.authors,
            may_withdraw=(told.pending or told.state == "failed") and permissions.may_deploy(actor),
            deployment_id=found.deployment_id,
            before=_before(view, found.deployment_id),
            taken_back=_taken_back(view, found, files) if told.past else None,
            let_be=_let_be(view, found, files),
        )


def texts_of(engine: ProcessEngine, *, actor: Actor, proposal_id: UUID) -> dict[str, bytes]:
    """Return the texts exactly as they were proposed (name -> content). Raises `NotPermitted`, `NotFound`."""
    _require(actor)
    with viewing(engine, actor) as view:
        if proposals.load(view.connection, actor.authority_id, proposal_id) is None:
            raise NotFound("There is no such change", proposal_id=proposal_id)
        return {each.file: each.content for each in proposals.files_of(view.connection, proposal_id).values()}


def text_of(engine: ProcessEngine, *, actor: Actor, proposal_id: UUID, file: str) -> bytes:
    """Return a text exactly as it was proposed. Raises `NotPermitted`, `NotFound`."""
    found = texts_of(engine, actor=actor, proposal_id=proposal_id)
    if file not in found:
        raise NotFound("There is no such file in this change", file=file)
    return found[file]


def waiting_in(engine: ProcessEngine, *, actor: Actor) -> dict[str, UUID]:
    """Return the pending proposal that each file waits in. Raises `NotPermitted`."""
    _require(actor)
    with viewing(engine, actor) as view:
        return proposals.pending_files(view.connection, actor.authority_id)


def _let_be(view: View, found: proposals.Proposal, files: Mapping[str, Proposed]) -> tuple[LetBe, ...]:
    """Return who let examples or scenarios be for these texts since they were proposed, and why, each once."""
    said = let_be_of(view, [digest_of(each.content) for each in files.values()])
    return tuple(dict.fromkeys(each for of in said.values() for each in of if each.at >= found.at))


def _before(view: View, deployment_id: UUID | None) -> Before | None:
    if deployment_id is None:
        return None
    try:
        return before_release(view.connection, view.actor.authority_id, {deployment_id})
    except (Invalid, NotFound):
        return None


def _taken_back(view: View, found: proposals.Proposal, files: Collection[str]) -> TakenBack | None:
    since = found.publish_at or found.decided_at or found.at
    return proposals.taken_back(view.connection, view.actor.authority_id, files, since)


def _file(view: View, proposed: Proposed, *, pending: bool) -> FileChange:
    authority_id = view.actor.authority_id
    before = in_force_on(view.connection, authority_id, proposed.file, digest=proposed.instead_of)
    now = proposals.hashes_in_force(view.connection, authority_id).get(proposed.file, "")
    draft = model_drafts.load(view.connection, authority_id, proposed.file)
    changes = differences(proposed.file, before.content if before is not None else None, proposed.content)
    return FileChange(
        file=proposed.file,
        content=proposed.content,
        in_force=before.version if before is not None else None,
        changes=changes,
        moved_on=pending and now != proposed.instead_of,
        draft_moved_on=pending and (draft is None or draft.content != proposed.content),
        limits=_limits(view, proposed, before.content) if before is not None else (),
        puts_back=put_back(view, proposed.file, changes.changes) if pending and before is not None else (),
    )


def _limits(view: View, proposed: Proposed, before: bytes) -> tuple[str, ...]:
    if not proposed.file.endswith(".dmn"):
        return ()
    try:
        return limit_changes.between(view, proposed.file, before, proposed.content)
    except Invalid:
        return ()


def _proposal(view: View, found: proposals.Proposal) -> Proposal:
    actor = view.actor
    files = proposals.files_of(view.connection, found.id)
    own = actor.account_id == found.account_id or actor.account_id in found.authors
    return Proposal(
        id=found.id,
        files=tuple(files),
        titles=tuple(title_of(each.file, each.content) for each in files.values()),
        why=found.why,
        proposed_by=found.proposed_by,
        at=found.at,
        publish_at=found.publish_at,
        state=found.state,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        answer=found.answer,
        problem=found.problem,
        may_approve=found.state == "waiting" and permissions.may_approve_changes(actor) and not own,
        past=found.state == "published" and _before(view, found.deployment_id) is None,
        under_way=found.state == "approved" and found.publish_at is not None and found.publish_at <= view.now,
    )


def _require(actor: Actor) -> None:
    if not permissions.may_approve_changes(actor):
        raise NotPermitted("Only a process designer or a coordinator may see what is proposed")
