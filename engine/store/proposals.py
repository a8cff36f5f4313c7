"""Read and write changes that are proposed for publishing, each with its texts exactly as they were proposed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.definitions import NO_TEXT
from engine.store.rule_approvals import digest_of
from engine.store.tables.modelling import proposal_files, proposals
from engine.store.tables.people import accounts, practitioners
from engine.store.tables.running import definitions, deployments

PENDING: Final = ("waiting", "approved")
"""The states from which a proposal can still come into force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change somebody proposed; names are those of people now, instants aware UTC.

    `state` is one of the table's; `decided_by` approved it or sent it back, for the reason `answer`. `authors` are the
    accounts that wrote on it; `proposer_id` and `decider_id` practitioners.
    """

    id: UUID
    authority_id: UUID
    account_id: UUID
    proposer_id: UUID
    proposed_by: str
    why: str
    at: datetime
    publish_at: datetime | None
    authors: frozenset[UUID]
    trial: Mapping[str, Any] | None
    state: str
    decider_id: UUID | None
    decided_by: str | None
    decided_at: datetime | None
    answer: str
    deployment_id: UUID | None
    problem: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A text of a proposal, and the SHA-256 of what it would take the place of ("": of nothing)."""

    file: str
    content: bytes
    instead_of: str


def insert(connection: sa.Connection, values: Mapping[str, Any], files: Mapping[str, Proposed]) -> None:
    """Write a proposal (a value for each column that it has) and its texts."""
    connection.execute(sa.insert(proposals).values(**values))
    rows = [
        {"proposal_id": values["id"], "file": each.file, "source": each.content, "instead_of": each.instead_of}
        for each in files.values()
    ]
    connection.execute(sa.insert(proposal_files), rows)


def load(connection: sa.Connection, authority_id: UUID, proposal_id: UUID) -> Proposal | None:
    """Return a proposal of an authority, None when there is no such one."""
    own = (proposals.c.authority_id == authority_id) & (proposals.c.id == proposal_id)
    row = connection.execute(_PROPOSALS.where(own)).first()
    return None if row is None else _proposal(row)


def latest(connection: sa.Connection, authority_id: UUID, *, limit: int) -> tuple[Proposal, ...]:
    """Return an authority's newest proposals, the newest first; those that are pending always, before the others."""
    own = _PROPOSALS.where(proposals.c.authority_id == authority_id)
    pending = own.where(proposals.c.state.in_(PENDING)).order_by(proposals.c.at.desc(), proposals.c.id)
    done = own.where(proposals.c.state.not_in(PENDING)).order_by(proposals.c.at.desc(), proposals.c.id)
    rows = [*connection.execute(pending), *connection.execute(done.limit(limit))]
    return tuple(_proposal(row) for row in rows)


def files_of(connection: sa.Connection, proposal_id: UUID) -> dict[str, Proposed]:
    """Return the texts of a proposal, by file in order."""
    rows = connection.execute(
        sa.select(proposal_files).where(proposal_files.c.proposal_id == proposal_id).order_by(proposal_files.c.file)
    )
    return {row.file: Proposed(row.file, bytes(row.source), row.instead_of) for row in rows}


def pending_files(connection: sa.Connection, authority_id: UUID) -> dict[str, UUID]:
    """Return the proposal that each file waits in, of those that are pending."""
    rows = connection.execute(
        sa.select(proposal_files.c.file, proposals.c.id)
        .join(proposals, proposals.c.id == proposal_files.c.proposal_id)
        .where(proposals.c.authority_id == authority_id, proposals.c.state.in_(PENDING))
    )
    return {row.file: row.id for row in rows}


def due(connection: sa.Connection, *, at: datetime) -> list[tuple[UUID, UUID]]:
    """Return authority and id of the proposals, of all authorities, whose approved time has come, the first first."""
    return [(row.authority_id, row.id) for row in connection.execute(_DUE, {"at": at})]


_DUE = (
    sa.select(proposals.c.authority_id, proposals.c.id)
    .where(
        # Written out: SQLite plans anew, each time, a statement whose parameter is the constant of a partial index.
        proposals.c.state == sa.literal_column("'approved'"),
        proposals.c.publish_at <= sa.bindparam("at", type_=proposals.c.publish_at.type),
    )
    .order_by(proposals.c.publish_at)
)


def decide(connection: sa.Connection, proposal: Proposal, **values: Any) -> bool:
    """Change a proposal that is still as it was read; tell whether it was."""
    same = (proposals.c.id == proposal.id) & (proposals.c.state == proposal.state)
    return connection.execute(sa.update(proposals).where(same).values(**values)).rowcount == 1


def failed_with(connection: sa.Connection, authority_id: UUID, files: Collection[str]) -> list[UUID]:
    """Return the proposals that failed and that hold one of these files."""
    failed = sa.select(proposals.c.id).join(proposal_files, proposal_files.c.proposal_id == proposals.c.id)
    own = (proposals.c.authority_id == authority_id) & (proposals.c.state == "failed")
    found = connection.execute(failed.where(own, proposal_files.c.file.in_(files)).distinct())
    return list(found.scalars())


def approve_again(connection: sa.Connection, authority_id: UUID, proposal_id: UUID, *, at: datetime) -> None:
    """Let a proposal that failed at its time come into force now, unless one of its files waits in another."""
    taken = pending_files(connection, authority_id).keys() & files_of(connection, proposal_id).keys()
    failed = (proposals.c.id == proposal_id) & (proposals.c.authority_id == authority_id)
    if not taken:
        failed &= proposals.c.state == "failed"
        connection.execute(sa.update(proposals).where(failed).values(state="approved", publish_at=at, problem=""))


def hashes_in_force(connection: sa.Connection, authority_id: UUID) -> dict[str, str]:
    """Return the SHA-256 of the text in force under each file's name."""
    rows = connection.execute(
        sa.select(definitions.c.file, definitions.c.hash)
        .join(deployments, deployments.c.id == definitions.c.deployment_id)
        .where(definitions.c.authority_id == authority_id)
        .order_by(deployments.c.at, definitions.c.version)
    )
    return {file: digest for file, digest in {row.file: row.hash for row in rows}.items() if digest != NO_TEXT}


def of_deployments(
    connection: sa.Connection, authority_id: UUID, deployment_ids: Collection[UUID]
) -> tuple[Proposal, ...]:
    """Return the proposals that deployments of an authority published."""
    own = (proposals.c.authority_id == authority_id) & proposals.c.deployment_id.in_(list(deployment_ids))
    return tuple(_proposal(row) for row in connection.execute(_PROPOSALS.where(own)))


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Who took back what was published, when (aware UTC), and why; `by` is "" for the command line."""

    by: str
    at: datetime
    why: str


def taken_back(
    connection: sa.Connection, authority_id: UUID, files: Collection[str], since: datetime
) -> TakenBack | None:
    """Return the first going back of any of these files since something came into force; None without one."""
    row = connection.execute(
        sa.select(deployments.c.at, deployments.c.note, practitioners.c.name)
        .join(definitions, definitions.c.deployment_id == deployments.c.id)
        .outerjoin(accounts, accounts.c.id == deployments.c.account_id)
        .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .where(
            deployments.c.authority_id == authority_id,
            deployments.c.at >= since,
            deployments.c.note.startswith("Back to "),
            definitions.c.file.in_(list(files)),
        )
        .order_by(deployments.c.at)
        .limit(1)
    ).first()
    return None if row is None else TakenBack(row.name or "", row.at, row.note.partition(": ")[2])


def approvers_by_deployment(connection: sa.Connection, deployment_ids: list[UUID]) -> dict[UUID, str]:
    """Return the name of who approved each of these deployments, for those that somebody did."""
    rows = connection.execute(_PROPOSALS.where(proposals.c.deployment_id.in_(deployment_ids)))
    return {row.deployment_id: row.decided_name for row in rows if row.decided_name}


def practitioners_of(connection: sa.Connection, account_ids: AbstractSet[UUID]) -> set[UUID]:
    """Return the practitioners that accounts belong to."""
    rows = connection.execute(sa.select(accounts.c.practitioner_id).where(accounts.c.id.in_(account_ids)))
    return {row.practitioner_id for row in rows}


def digest_of_all(files: Mapping[str, Proposed]) -> str:
    """Return one SHA-256 over the names and texts of a proposal: what an approval binds to."""
    told = "\n".join(f"{name} {digest_of(each.content)}" for name, each in sorted(files.items()))
    return digest_of(told.encode())


_OWN_ACCOUNT = accounts.alias("proposer_accounts")
_OWN = practitioners.alias("proposers")
_PROPOSALS = (
    sa.select(
        proposals,
        _OWN.c.id.label("proposer_id"),
        _OWN.c.name.label("proposer_name"),
        practitioners.c.id.label("decider_id"),
        practitioners.c.name.label("decided_name"),
    )
    .join(_OWN_ACCOUNT, _OWN_ACCOUNT.c.id == proposals.c.account_id)
    .join(_OWN, _OWN.c.id == _OWN_ACCOUNT.c.practitioner_id)
    .outerjoin(accounts, accounts.c.id == proposals.c.decided_by)
    .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
)


def _proposal(row: Any) -> Proposal:
    return Proposal(
        id=row.id,
        authority_id=row.authority_id,
        account_id=row.account_id,
        proposer_id=row.proposer_id,
        proposed_by=row.proposer_name,
        why=row.why,
        at=row.at,
        publish_at=row.publish_at,
        authors=frozenset(map(UUID, row.authors)),
        trial=row.trial,
        state=row.state,
        decider_id=row.decider_id,
        decided_by=row.decided_name,
        decided_at=row.decided_at,
        answer=row.answer,
        deployment_id=row.deployment_id,
        problem=row.problem,
    )
