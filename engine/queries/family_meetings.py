"""The family at a meeting, as pages show it: who is asked, what they answer and want said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from engine.queries.view import View
from engine.store.meeting_options import family_of, family_of_all
from engine.store.relatives import CHILD, Relative, relatives

_ANSWERS: Final = {"coming": "will come", "not_coming": "will not come", "none": "has not answered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Somebody of the family and a meeting: `invited` or `why_not`, what they need, answer and want said.

    `reply` is "none", "coming" or "not_coming"; `attended` is None while the meeting is not held.
    """

    person: str
    name: str
    invited: bool
    why_not: str
    needs: str
    reply: str
    brings: str
    views: str
    attended: bool | None


def kin(view: View, case_id: UUID, meeting_id: UUID) -> tuple[Kin, ...]:
    """Return the child and their family at a meeting, in the order of the record; nobody of an old meeting."""
    names = {each.key: each.name for each in relatives(view.connection, case_id)}
    rows = family_of(view.connection, meeting_id)
    return tuple(_kin(row, names) for row in rows)


def kin_of_all(view: View, case_id: UUID, known: Sequence[Relative]) -> Mapping[UUID, list[Kin]]:
    """Return the same for every meeting of a case, by meeting; `known` are the child and the family."""
    names = {each.key: each.name for each in known}
    found: dict[UUID, list[Kin]] = defaultdict(list)
    for row in family_of_all(view.connection, case_id):
        found[row.meeting_id].append(_kin(row, names))
    return found


def _kin(row: Any, names: dict[str, str]) -> Kin:
    person = CHILD if row.member_id is None else str(row.member_id)
    same = ("invited", "why_not", "needs", "reply", "brings", "views", "attended")
    known = {name: row._mapping[name] for name in same}
    return Kin(person=person, name=names.get(person, "somebody"), **known)


def family_answers(view: View, case_id: UUID, meeting_id: UUID, *, kept: bool = False) -> str:
    """Say what each of the family who was asked has answered, whom they bring and what they need.

    Neither of these where consent keeps from the reader what is said to meetings (`kept`).
    """
    return "; ".join(_answer(each, kept=kept) for each in kin(view, case_id, meeting_id) if each.invited)


def _answer(kin: Kin, *, kept: bool) -> str:
    if kept:
        return f"{kin.name} {_ANSWERS[kin.reply]}"
    brings = f", and brings “{kin.brings}”" if kin.brings and kin.reply == "coming" else ""
    needs = f" (needs: {kin.needs})" if kin.needs and kin.reply != "not_coming" else ""
    return f"{kin.name} {_ANSWERS[kin.reply]}{brings}{needs}"
