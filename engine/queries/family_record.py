"""Who the child is and who is of the family, on one page: the facts, brothers and sisters, and each change of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.child_facts import LABELS, SENSITIVE, SEXES
from engine.casework.family_sharing import may_see_secret_address
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import case_people, consent_limits, siblings, visibility, words
from engine.queries.case_people import ChildRecord
from engine.queries.family_tree import Kinsman, kin_of
from engine.queries.siblings import Sibling
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases

LONGEST: Final = 200
_KINDS: Final = ("child_kept", "child_born", "family_member_kept")
UNSEEN: Final = "not shown to you"


@dataclass(frozen=True, slots=True)
class Changed:
    """One fact that was changed: `what` of whom (`whose`), from `was` to `now`, by whom and when; empty is nothing."""

    at: datetime
    by: str
    whose: str
    what: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRecord:
    """The child with their family, the `siblings` whose open cases the reader may see, and how all are related (`kin`).

    `changes` are the newest first. `may_keep` tells whether the reader may change it.
    """

    case_id: UUID
    reference: str
    closed_on: date | None
    child: ChildRecord
    siblings: tuple[Sibling, ...]
    kin: tuple[Kinsman, ...]
    changes: tuple[Changed, ...]
    may_keep: bool


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> FamilyRecord:
    """Return who the child and their family are, after keeping that it was read.

    Raises `NotFound` when the actor may not see the case.
    """
    visibility.record_read(engine, actor, case_id, "child and family")
    with viewing(engine, actor) as view:
        relation = relations.of(view.connection, actor, case_id)
        case = view.connection.execute(sa.select(cases).where(cases.c.id == case_id)).one()
        kept = consent_limits.kept_from(view, case_id, relation)
        child = case_people.child(view, case_id, relation, kept=kept)
        known = siblings.of_view(view, case_id)
        return FamilyRecord(
            case_id=case_id,
            reference=case.reference,
            closed_on=case.closed_on,
            child=child,
            siblings=known,
            kin=kin_of(child, known),
            changes=tuple(_changes(view, case.id, child, kept, closest=may_see_secret_address(actor, relation))),
            may_keep=case.closed_on is None and permissions.may_keep_family(actor, relation),
        )


def _changes(
    view: View, case_id: UUID, child: ChildRecord, kept: frozenset[str], *, closest: bool
) -> Iterator[Changed]:
    """Give what was changed, newest first.

    No address of any time is shown to who is not `closest`: it may have been secret then. From whom the consent keeps
    what the assessment says, what `SENSITIVE` lists is kept too.
    """
    who = practitioners.alias("who")
    rows = view.connection.execute(
        sa.select(history.c.kind, history.c.subject_id, history.c.recorded_at, who.c.name, history_payloads.c.body)
        .join(history_payloads, history_payloads.c.event_id == history.c.id)
        .outerjoin(who, who.c.id == history.c.practitioner_id)
        .where(history.c.case_id == case_id, history.c.kind.in_(_KINDS), history_payloads.c.body.is_not(None))
        .order_by(history.c.seq.desc())
        .limit(LONGEST)
    )
    names = {each.member_id: each.name for each in child.family}
    unseen = set(SENSITIVE) if "assessment" in kept else set()
    for row in rows:
        whose = names.get(row.subject_id) or str(row.body.get("name") or child.name)
        for name, change in (row.body.get("changes") or {}).items():
            if name in LABELS and name not in unseen:
                was, now = _said(view, name, change, closest=closest)
                yield Changed(row.recorded_at, row.name or "", whose, LABELS[name], was, now)


def _said(view: View, name: str, change: Mapping[str, Any], *, closest: bool) -> tuple[str, str]:
    if name == "address" and not closest:
        return UNSEEN, UNSEEN
    return _value(view, name, change.get("was")), _value(view, name, change.get("now"))


def _value(view: View, name: str, given: Any) -> str:
    if name == "sex":
        return SEXES.get(str(given), "")
    if isinstance(given, bool):
        return "yes" if given else "no"
    if name.endswith("_on"):
        return words.value(given, today=view.today) if given else ""
    return str(given or "")
