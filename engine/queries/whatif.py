"""Rules tried out on the caseload, as far as the person who asks may see it: figures, and their own cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.approving import in_words, wanted
from engine.casework import permissions
from engine.casework.escalation import DECISION, Reason
from engine.casework.permissions import Actor
from engine.dmn.approvals import file_key
from engine.errors import Invalid, NotFound, NotPermitted
from engine.in_force import known_to
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.store import definitions
from engine.store.tables.modelling import model_drafts
from engine.store.tables.people import authorities as authority_table
from engine.whatif import CaseDifference, Trial, try_out
from engine.whatif.differences import Kind
from engine.whatif.drafts import may_be_tried, read_draft
from engine.whatif.trials import Say

MOST_CASES: Final = 200
"""Cases that are told one by one on a page; the figures count them all."""
PASTED: Final = "pasted.dmn"
"""What a text is called that was pasted and takes no file's place."""
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class RowSays:
    """What a row says of a case; `waits` while the case is paused, when nobody is told."""

    row: str
    reason: str
    level: str
    addressee: str
    process: str | None
    sentence: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTold:
    """One difference of one case; `now` and `draft` are None where that side says nothing.

    `what` names what changed of a reason that both have, `how` says it, or whether the case newly escalates; `said`
    says why a case could not be judged.
    """

    case_id: UUID
    reference: str
    kind: Kind
    how: str
    now: RowSays | None
    draft: RowSays | None
    what: tuple[str, ...]
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedOut:
    """What trying rules out came to, for one authority and one reader.

    `cases` are the most serious differences first, only of cases that the reader may see; `sees_cases` is False for
    who sees figures alone, and `more` tells that others are left out. `approvals` are the roles, in words, that have
    to agree to these files yet before they can be deployed.
    """

    authority: str
    trial: Trial
    approvals: tuple[str, ...]
    sees_cases: bool
    cases: tuple[CaseTold, ...]
    more: bool


def try_rules(
    engine: ProcessEngine,
    *,
    actor: Actor,
    files: Mapping[str, bytes],
    on: date | None = None,
    rules_of_the_day: bool = False,
) -> TriedOut:
    """Try rule files (name -> content) out on the open cases of the actor's authority, now or on a past local day.

    No case changes; that somebody tried rules out is one event of the authority's own chain. Raises `NotPermitted`,
    `DraftRefused` for rules that could not be deployed, `Invalid` for other files or a day to come, `NotFound` when no
    escalation rules are in force.
    """
    _require_may_try(actor)
    sees = permissions.may_see_tried_cases(actor)
    with viewing(engine, actor) as view:
        draft = read_draft(files, known_to(engine, view.connection, view.authority))
        trial, found = try_out(
            engine, view.connection, view.authority, draft, on=on, rules_of_the_day=rules_of_the_day, keep_cases=sees
        )
        told, more = _visible(view, found) if sees else ([], False)
        approvals = _approvals(view.connection, actor.authority_id, files)
    _record(engine, actor.authority_id, trial, actor)
    return TriedOut(
        authority=view.authority.name, trial=trial, approvals=approvals, sees_cases=sees,
        cases=tuple(map(_case, told)), more=more,
    )  # fmt: skip


def _approvals(connection: sa.Connection, authority_id: UUID, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the roles, in words, whose approval these files lack."""
    asked = (wanted(connection, authority_id, file, content) for file, content in files.items())
    roles = {role for each in asked if each is not None for role in each.missing}
    return tuple(in_words(role) for role in sorted(roles))


def file_name(engine: ProcessEngine, *, actor: Actor, text: bytes) -> str:
    """Return the name of the file in force that a pasted text of rules would take the place of, else `PASTED`.

    Raises `NotPermitted`.
    """
    _require_may_try(actor)
    with viewing(engine, actor) as view:
        try:
            in_force = view.authority.latest.get(("rules", file_key(text, name=PASTED)))
        except Invalid:
            return PASTED
        return definitions.load(view.connection, in_force).file if in_force is not None else PASTED


def drafts_to_try(engine: ProcessEngine, *, actor: Actor) -> tuple[str, ...]:
    """Return the files of the drafts that can be tried out, in order. Raises `NotPermitted`."""
    _require_may_try(actor)
    with viewing(engine, actor) as view:
        rows = view.connection.execute(_DRAFTS.where(model_drafts.c.authority_id == actor.authority_id))
        return tuple(row.file for row in rows if may_be_tried(row.file, bytes(row.source)))


def draft_files(engine: ProcessEngine, *, actor: Actor, file: str) -> Mapping[str, bytes]:
    """Return a draft of rules, with its examples where they are kept as a draft too, by file name.

    Raises `NotPermitted`, `NotFound` when there is no such draft of rules.
    """
    _require_may_try(actor)
    both = [file, f"{file.removesuffix('.dmn')}.tests.yaml"] if file.endswith(".dmn") else []
    with viewing(engine, actor) as view:
        mine = (model_drafts.c.authority_id == actor.authority_id) & model_drafts.c.file.in_(both)
        found = {row.file: bytes(row.source) for row in view.connection.execute(_DRAFTS.where(mine))}
    if file not in found:
        raise NotFound("There is no such draft", file=file)
    return found


_DRAFTS = sa.select(model_drafts.c.file, model_drafts.c.source).order_by(model_drafts.c.file)


def _require_may_try(actor: Actor) -> None:
    if not permissions.may_try_rules(actor):
        raise NotPermitted("Only who looks after rules or cases may try rules out on the caseload")


def try_rules_everywhere(
    engine: ProcessEngine,
    *,
    files: Mapping[str, bytes],
    authority_id: UUID | None = None,
    on: date | None = None,
    rules_of_the_day: bool = False,
    say: Say = lambda _done, _all: None,
) -> list[TriedOut]:
    """Try rule files out for the command line: on one authority's cases or, when none is named, on each authority's.

    Every case that differs is given. An authority without escalation rules in force is passed over unless it is the
    only one. Raises as `try_rules` does.
    """
    done = []
    asked = _authorities(engine, authority_id)
    for id_, version in asked:
        with engine.sessions.read() as connection:
            authority = engine.library.authority(connection, id_, version)
            if len(asked) > 1 and ("decision", DECISION) not in authority.latest:
                continue
            draft = read_draft(files, known_to(engine, connection, authority))
            trial, found = try_out(
                engine, connection, authority, draft, on=on, rules_of_the_day=rules_of_the_day, say=say
            )
            approvals = _approvals(connection, id_, files)
        _record(engine, id_, trial, None)
        cases = tuple(map(_case, _worst_first(found)))
        done.append(
            TriedOut(
                authority=authority.name, trial=trial, approvals=approvals, sees_cases=True, cases=cases, more=False
            )
        )
    return done


def _authorities(engine: ProcessEngine, authority_id: UUID | None) -> list[tuple[UUID, int]]:
    """Return the authority's id and version, or those of all in order of their names."""
    query = sa.select(authority_table.c.id, authority_table.c.version).order_by(authority_table.c.name)
    if authority_id is not None:
        query = query.where(authority_table.c.id == authority_id)
    with engine.sessions.read() as connection:
        return [(row.id, row.version) for row in connection.execute(query)]


def _visible(view: View, differences: Sequence[CaseDifference]) -> tuple[list[CaseDifference], bool]:
    """Return the worst differences of cases that the reader may see, and whether there are others they may see."""
    ordered, shown = _worst_first(differences), list[CaseDifference]()
    for start in range(0, len(ordered), _BATCH):
        some = ordered[start : start + _BATCH]
        may = visibility.visible(view, list({each.case_id for each in some}))
        shown += [each for each in some if each.case_id in may]
        if len(shown) > MOST_CASES:
            return shown[:MOST_CASES], True
    return shown, False


def _worst_first(differences: Sequence[CaseDifference]) -> list[CaseDifference]:
    return sorted(differences, key=lambda each: (each.difference.seriousness, each.reference))


def _record(engine: ProcessEngine, authority_id: UUID, trial: Trial, actor: Actor | None) -> None:
    """Keep in the authority's own chain that rules were tried out, in a small act of its own."""
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, authority_id, actor)
        work.record("rules_tried", detail={"files": list(trial.files), **trial.kept()})
        work.finish()


def _case(told: CaseDifference) -> CaseTold:
    found = told.difference
    return CaseTold(
        case_id=told.case_id,
        reference=told.reference,
        kind=found.kind,
        how=found.how,
        now=_says(found.now),
        draft=_says(found.draft),
        what=found.what,
        said=found.said,
    )


def _says(said: Reason | None) -> RowSays | None:
    if said is None:
        return None
    return RowSays(said.row, said.reason, said.level, said.addressee, said.process, said.sentence, said.waits)
