"""Agree to a changed rule file: to rows that change only with an approval, or to what examples speak against."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.approving import Wanted, in_words, wanted
from engine.casework.permissions import Actor, may_approve_rules, may_let_examples_be
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import administration, rule_approvals
from engine.store.rule_approvals import SECOND_PERSON, Approval
from engine.store.tables.modelling import model_drafts
from engine.work import Work, open_work


def approve_rules(engine: ProcessEngine, *, actor: Actor, file: str, digest: str) -> tuple[str, ...]:
    """Agree to a draft of a rule file exactly as it was looked at; return the ids of the rows agreed to.

    `digest` is the SHA-256 of the text that was looked at. It may be deployed from then on, as it is, for as long as
    the file in force stays the same. Raises `NotPermitted` for who has not the role that a row names, `NotFound`
    without such a draft, `Conflict` when the draft has changed since or nothing is left to agree to.
    """
    if not may_approve_rules(actor):
        raise NotPermitted("Only who is named in a rule may approve its change")
    with engine.sessions.act() as connection:
        case = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        found = _wanted(work, file, digest)
        rows = [_agree(work, actor, found, role) for role in _roles(actor, found)]
        work.finish()
    return tuple(dict.fromkeys(row for some in rows for row in some))


def let_examples_be(engine: ProcessEngine, *, actor: Actor, file: str, digest: str, reason: str) -> tuple[str, ...]:
    """Let a draft come into force although examples speak against it; return them, each as `file: example`.

    `digest` is the SHA-256 of the text that was looked at, `reason` why the examples do not count; both are kept.
    Raises `NotPermitted` for who may not, or kept the draft themselves, `Invalid` without a reason, `NotFound` without
    such a draft, `Conflict` when it has changed since or no example speaks against it.
    """
    if not may_let_examples_be(actor):
        raise NotPermitted("Only a process designer, or who approves rules, may let examples be")
    if not reason.strip():
        raise Invalid("Say why the examples do not count", field="reason")
    with engine.sessions.act() as connection:
        case = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        draft = _draft(work, file, digest)
        if draft.account_id == actor.account_id:
            raise NotPermitted("You kept this draft yourself; somebody else has to let the examples be")
        if not draft.unkept:
            raise Conflict("No example speaks against this draft", file=file)
        id_, examples = engine.ids.new(), tuple(draft.unkept)
        approval = Approval(
            id=id_, authority_id=work.authority.id, file=file, digest=digest, row_ids=examples, role=SECOND_PERSON,
            approver_id=actor.practitioner_id, at=work.at, reason=reason.strip(),
        )  # fmt: skip
        rule_approvals.insert(connection, approval)
        detail = {"file": file, "hash": digest, "examples": list(examples)}
        work.record("examples_let_be", subject=id_, detail=detail, payload={"why": reason.strip()})
        work.finish()
    return examples


def _draft(work: Work, file: str, digest: str) -> sa.Row[Any]:
    mine = (model_drafts.c.authority_id == work.authority.id) & (model_drafts.c.file == file)
    found = work.connection.execute(sa.select(model_drafts).where(mine)).first()
    if found is None:
        raise NotFound("There is no such draft", file=file)
    if rule_approvals.digest_of(bytes(found.source)) != digest:
        raise Conflict("The draft has changed since you looked at it. Look at its rows again", file=file)
    return found


def _wanted(work: Work, file: str, digest: str) -> Wanted:
    found = wanted(work.connection, work.authority.id, file, bytes(_draft(work, file, digest).source))
    if found is None or not found.missing:
        raise Conflict("Nothing in this draft waits for approval", file=file)
    return found


def _roles(actor: Actor, found: Wanted) -> list[str]:
    roles = [role for role in found.missing if role in actor.roles]
    if not roles:
        raise NotPermitted(f"Only the {in_words(found.missing[0])} may approve these rows")
    return roles


def _agree(work: Work, actor: Actor, found: Wanted, role: str) -> tuple[str, ...]:
    rows, id_ = found.rows_for(role), work.engine.ids.new()
    rule_approvals.insert(
        work.connection,
        Approval(
            id=id_, authority_id=work.authority.id, file=found.file, digest=found.digest, row_ids=rows, role=role,
            approver_id=actor.practitioner_id, at=work.at,
        ),
    )  # fmt: skip
    detail = {"file": found.file, "hash": found.digest, "rows": list(rows), "role": role}
    work.record("rules_approved", subject=id_, detail=detail)
    return rows
