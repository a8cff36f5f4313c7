"""What a proposed change must be to go on: whole, free of other proposals, and made from what is drawn and in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.errors import Conflict, Invalid
from engine.store import model_drafts, proposals
from engine.store.proposals import Proposal, Proposed
from engine.work import Work


class Outdated(Conflict):
    """What a proposal was made from has changed since: it has to be proposed, and looked at, anew."""


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
