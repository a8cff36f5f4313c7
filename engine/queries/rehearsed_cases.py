"""The cases of a rehearsal that somebody answers for: where each stands, what came of it, what was chosen and done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import Meets, Verdict
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import case_list, next_steps, visibility, words
from engine.queries.rehearsals import Kind, Rehearsal, page_of, row_of, step_named
from engine.queries.view import View, viewing
from engine.store import batches, relations
from engine.store.sets import among
from engine.store.tables.record import cases, children
from engine.store.tables.rehearsals import rehearsal_cases, rehearsal_kinds
from engine.store.tables.running import instances

PAGE: Final = 50
VERDICTS: Final[frozenset[str]] = frozenset(get_args(Verdict))
MEETS: Final[frozenset[str]] = frozenset(get_args(Meets))
ONLY: Final = {
    "undecided": "Nobody has decided yet",
    "moved": "Have moved",
    "to_come": "Are still to move",
    "refused": "Were to move and could not",
    "kept": "Stay, as was chosen",
}
"""Which cases a list may show alone, in words."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which cases: by words of the child's name or the reference, verdict, place, number of the kind, one of `ONLY`.

    Raises `Invalid` for what cannot be chosen.
    """

    search: str = ""
    verdict: str = ""
    meets: str = ""
    kind: int | None = None
    only: str = ""

    def __post_init__(self) -> None:
        """Refuse what no list shows."""
        for field, value, known in (
            ("verdict", self.verdict, VERDICTS), ("meets", self.meets, MEETS), ("only", self.only, ONLY.keys())
        ):  # fmt: skip
            if value and value not in known:
                raise Invalid("There is no such choice", field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedCase:
    """A case that was tried. `stands` are the names of the steps at which it is now, `kind` the number of its kind.

    `choice` is `stay`, `move`, `later` or "" as its kind says (`kind_choice`); `to` the name of the step chosen.
    `came` is what came of moving it, empty before. `may_choose` says whether the asker may.
    """

    row_id: UUID
    case_id: UUID
    reference: str
    child_name: str
    stands: tuple[str, ...]
    kind: int
    verdict: str
    meets: str
    remarks: tuple[str, ...]
    choice: str
    kind_choice: str
    to: str
    came: str
    may_choose: bool


@dataclass(frozen=True, slots=True)
class CasesPage:
    """A page of the cases that the asker may see, by the child's name; `total` are all that were asked for.

    `kind` is the kind that was asked for. `options` are steps (id, name) at which cases of this page may go on.
    """

    rehearsal: Rehearsal
    kind: Kind | None
    cases: tuple[TriedCase, ...]
    total: int
    page: int
    more: int
    options: tuple[tuple[str, str], ...]


def read(
    engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID, which: Which | None = None, page: int = 1
) -> CasesPage:  # fmt: skip
    """Return a page of the cases of a rehearsal that the asker may see.

    Raises `NotPermitted` for who answers for no cases, `NotFound`, `Invalid` for a page that cannot be.
    """
    if not permissions.may_see_figures(actor):
        raise NotPermitted("Who answers for cases sees which they are")
    if not 1 <= page <= 10_000:
        raise Invalid("There is no such page", field="page")
    asked = which or Which()
    with viewing(engine, actor) as view:
        row = row_of(view, rehearsal_id)
        found = page_of(view, row)
        kinds = {kind.number: kind for kind in found.kinds}
        if asked.kind is not None and asked.kind not in kinds:
            raise NotFound("There is no such kind of cases", rehearsal_id=rehearsal_id)
        came = _came(view, row)
        listed = _listed(view, row, asked, came)
        start = (page - 1) * PAGE
        shown = _cases(view, row, kinds, listed[start : start + PAGE], came)
        options = dict.fromkeys(option for each in shown if each.may_choose for option in kinds[each.kind].options)
        kind = kinds[asked.kind] if asked.kind is not None else None
        more = max(0, len(listed) - start - PAGE)
        return CasesPage(found.rehearsal, kind, shown, len(listed), page, more, tuple(options))


_ROWS = (
    sa.select(
        rehearsal_cases, rehearsal_kinds.c.number, rehearsal_kinds.c.choice.label("kind_choice"),
        rehearsal_kinds.c.targets.label("kind_targets"), cases.c.reference, children.c.given_name,
        children.c.family_name, children.c.known_as, instances.c.current, instances.c.definition_id,
    )
    .join(rehearsal_kinds, rehearsal_kinds.c.id == rehearsal_cases.c.kind_id)
    .join(cases, cases.c.id == rehearsal_cases.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .join(instances, instances.c.id == rehearsal_cases.c.instance_id)
)  # fmt: skip
_UNDECIDED: Final = sa.or_(
    rehearsal_cases.c.choice == sa.literal_column("'later'"),
    sa.and_(
        rehearsal_kinds.c.verdict == sa.literal_column("'decide'"), rehearsal_kinds.c.choice == "",
        rehearsal_cases.c.choice == "",
    ),
)  # fmt: skip


def _listed(view: View, row: Any, asked: Which, came: Mapping[str, tuple[str, str]]) -> list[UUID]:
    """Return the rows asked for whose cases the asker may see, in the order of a list."""
    wanted = [rehearsal_kinds.c.rehearsal_id == row.id, visibility.within_reach(view.actor)]
    wanted += case_list.matching(asked.search)
    if asked.verdict:
        wanted.append(rehearsal_kinds.c.verdict == asked.verdict)
    if asked.meets:
        wanted.append(rehearsal_kinds.c.meets == asked.meets)
    if asked.kind is not None:
        wanted.append(rehearsal_kinds.c.number == asked.kind)
    if asked.only == "undecided":
        wanted.append(_UNDECIDED)
    columns = (rehearsal_cases.c.id, rehearsal_cases.c.case_id, rehearsal_cases.c.instance_id)
    order = (children.c.folded_name, cases.c.id, rehearsal_cases.c.instance_id)
    found = view.connection.execute(_ROWS.with_only_columns(*columns).where(*wanted).order_by(*order)).all()
    seen = visibility.visible(view, sorted({each.case_id for each in found}))
    how = asked.only if asked.only != "undecided" else ""
    return [
        each.id
        for each in found
        if each.case_id in seen and (not how or (row.moved_at and how == came.get(str(each.instance_id), _KEPT)[0]))
    ]


_KEPT: Final = ("kept", "")


def _cases(
    view: View, row: Any, kinds: Mapping[int, Kind], row_ids: Sequence[UUID], came: Mapping[str, tuple[str, str]]
) -> tuple[TriedCase, ...]:  # fmt: skip
    rows = {each.id: each for each in view.connection.execute(_SOME, {"ids": list(row_ids)})} if row_ids else {}
    stands = relations.of_many(view.connection, view.actor, sorted({each.case_id for each in rows.values()}))
    found = []
    for each in (rows[row_id] for row_id in row_ids):
        kind = kinds[each.number]
        options = dict(kind.options)
        may = row.moved_at is None and permissions.may_appoint_interim(view.actor, stands[each.case_id])
        found.append(
            TriedCase(
                row_id=each.id, case_id=each.case_id, reference=each.reference, kind=each.number,
                child_name=words.child_name(each.given_name, each.family_name, each.known_as),
                stands=_stands(view, each), verdict=kind.verdict, meets=kind.meets, remarks=kind.remarks,
                choice=each.choice, kind_choice=each.kind_choice,
                to=step_named(each.targets, options) or ("" if each.choice else step_named(each.kind_targets, options)),
                came=came.get(str(each.instance_id), _KEPT)[1], may_choose=may,
            )
        )  # fmt: skip
    return tuple(found)


_SOME: Final = _ROWS.where(among(rehearsal_cases.c.id))


def _stands(view: View, row: Any) -> tuple[str, ...]:
    definition = view.process(row.definition_id)
    here = [each for each in row.current if not next_steps.is_call(definition, each)]
    return tuple(dict.fromkeys(next_steps.name_of(definition, each) for each in here))


def _came(view: View, row: Any) -> Mapping[str, tuple[str, str]]:
    """Return what came of moving each instance: one of `ONLY`, and in words; of none that was to stay."""
    if row.batch_id is None:
        return {}
    going_on = batches.read(view.connection, view.actor.authority_id, row.batch_id).state != "done"
    known = {"done": ("moved", "Moved"), "waiting": ("to_come", "To come") if going_on else ("refused", "Stays")}
    return {
        each.particulars["instance"]: known.get(each.state) or ("refused", f"Stays: {each.said}")
        for each in batches.items(view.connection, row.batch_id)
        if each.particulars
    }
