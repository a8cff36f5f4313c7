"""One act under way: what it may use, and what it has gathered to be written with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import case_mails
from engine.casework.facts import RecordedFacts
from engine.casework.permissions import Actor, may_see_case
from engine.casework.terms import localised
from engine.errors import Conflict, NotFound
from engine.library import Host
from engine.process_engine import ProcessEngine
from engine.store import evaluations, history, outbox, relations
from engine.store import facts as fact_store
from engine.store.authorities import Authority
from engine.store.case_facts import CaseFacts
from engine.store.evaluations import Evaluation
from engine.store.history import Event
from engine.store.incidents import open_incident
from engine.store.locking import CaseLine
from engine.store.outbox import Letter
from engine.store.requests import Request
from engine.store.tables.record import cases
from engine.store.writes import Change


@dataclass(slots=True)
class Work:
    """One act on one case, inside its transaction.

    `actor` is None when the service itself acts (a timer, the sweep). `at` is the act's instant (aware
    UTC), `today` the authority's local day then. Events and letters gathered here are written by `finish`.
    `closes` is set by the operation that closes the case; `also` holds the acts on other cases that this one
    carries with it; `answered` the user tasks of the case, with their answers, that are finished when the act is
    settled, as one answer holds for several children; `starts` the processes, with their variables, that start then;
    `ends` the instances that end then, as the diagram under way goes on with what they were for; `released` the user
    tasks that end then, as they ask nobody any more. `step` names the step of a diagram that the act makes, alike
    whenever it is tried again; empty without one.
    """

    engine: ProcessEngine
    connection: sa.Connection
    authority: Authority
    case: CaseLine
    actor: Actor | None
    at: datetime
    today: date
    host: Host
    request: Request | None = None
    events: list[Event] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    explained: list[Evaluation] = field(default_factory=list)
    closes: bool = False
    also: list[Work] = field(default_factory=list)
    answered: list[tuple[UUID, Mapping[str, Any]]] = field(default_factory=list)
    starts: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    ends: list[UUID] = field(default_factory=list)
    released: list[UUID] = field(default_factory=list)
    step: str = ""
    _facts: CaseFacts | None = None
    _people: Mapping[str, Any] | None = None

    def record(
        self,
        kind: str,
        *,
        subject: UUID | None = None,
        detail: Mapping[str, Any] | None = None,
        payload: Mapping[str, Any] | None = None,
        form_id: UUID | None = None,
        effective_on: date | None = None,
        why: str = "",
    ) -> UUID:
        """Add one event to the case's history and return its id.

        `detail` must hold nothing personal beyond ids; what is personal goes in `payload`.
        """
        id_ = self.engine.ids.new()
        self.events.append(
            Event(
                id=id_,
                kind=kind,
                effective_on=effective_on or self.today,
                subject_id=subject,
                detail=detail or {},
                why=why,
                payload=payload,
                salt="" if payload is None else self.engine.ids.new().hex,
                form_id=form_id,
            )
        )
        return id_

    def send(self, to: UUID, *, subject: str, body: str = "", key: str = "", about: UUID | None = None) -> None:
        """Queue a message to the practitioner `to`; sent after the commit, at least once, under a stable id.

        `key` makes it unique for ever: a second message under the same key is not queued. Both texts are the
        service's or a diagram's, and are put in the authority's own words: nothing that a person typed belongs here.
        Below the text stand a child's case's reference and the way to its page, or whom to ask
        (`engine.casework.case_mails`), and how the authority's team is reached, when its profile says so. The case is
        the act's own, unless the message is `about` another.
        """
        term = self.authority.term
        way = case_mails.MARK if about or self.case.child_id else ""
        said = "\n\n".join(filter(None, (localised(body, term), way)))
        self._queue(to, localised(subject, term), said, key=key, about=about)

    def write_to(self, recipient: str, *, subject: str, body: str, calendar: str = "") -> None:
        """Queue a letter to the e-mail address of somebody of the family; sent as `send` sends, and with its foot.

        `calendar` is the text of a calendar entry that goes with it.

        The texts go as they are: a letter to the family holds what people typed for them, and nothing for others.
        """
        self._queue(None, subject, body, recipient=recipient, calendar=calendar)

    def _queue(
        self,
        to: UUID | None,
        subject: str,
        body: str,
        *,
        key: str = "",
        recipient: str = "",
        calendar: str = "",
        about: UUID | None = None,
    ) -> None:
        id_ = self.engine.ids.new()
        foot = "\n".join(self.authority.contacts.lines)
        self.letters.append(
            Letter(
                id=id_,
                practitioner_id=to,
                case_id=about or self.case.id,
                subject=subject,
                body=f"{body}\n\n{foot}" if foot else body,
                dedupe_key=key or id_.hex,
                recipient=recipient,
                calendar=calendar,
            )
        )

    def recorded_facts(self) -> RecordedFacts:
        """Return the case's facts as the record has them now, inside this transaction."""
        return self.facts().recorded()

    def facts(self) -> CaseFacts:
        """Return every fact of `engine.casework.facts.FACTS` as of today, each read when it is first asked for."""
        if self._facts is None:
            self._facts = self._case_facts(None)
        return self._facts

    def _case_facts(self, recorded: RecordedFacts | None) -> CaseFacts:
        calendar = self.authority.calendar
        return CaseFacts(self.connection, self.case.id, today=self.today, calendar=calendar, recorded=recorded)

    def some_facts(self, names: Set[str]) -> Mapping[str, Any]:
        """Return at least the facts in `names`, as cheaply as they can be had."""
        free = {"authority": self.authority.key}
        if names <= free.keys():
            return free
        if names <= free.keys() | fact_store.PEOPLE and self._facts is None:
            return {**free, **self._people_now()}
        return self.facts()

    def people_away(self) -> bool:
        """Tell whether who leads, assesses or manages may be away; asks nothing that `some_facts` has not asked."""
        return bool(self._people_now()["people_away"]) if self._facts is None else self._facts.people_away()

    def _people_now(self) -> Mapping[str, Any]:
        if self._people is None:
            self._people = fact_store.people(self.connection, self.case.id)
        return self._people

    def know(self, recorded: RecordedFacts) -> None:
        """Take the facts as gathered already, from the record as it is now."""
        self._facts = self._case_facts(recorded)

    def changed(self) -> None:
        """Say that the record has changed, so that facts are gathered anew."""
        self._facts = self._people = None

    def explain(self, decision: str, rules_id: UUID, explained: Mapping[str, Any]) -> None:
        """Keep what a decision answered and why (`DecisionResult.as_json`), if it is new."""
        self.explained.append(Evaluation(self.case.id, rules_id, decision, explained))

    def finish(self) -> None:
        """Write the gathered history and all else that was gathered, and move the case on by one version."""
        self.write_history()
        write_gathered([self])

    def write_history(self) -> None:
        """Write the gathered history, and move the case on by one version; `write_gathered` does the rest."""
        act = history.Act(
            authority_id=self.authority.id,
            case_id=self.case.id,
            practitioner_id=self.actor.practitioner_id if self.actor else None,
            at=self.at,
            request=self.request,
        )
        head = history.append(self.connection, act, self.case.head, self.events)
        _MOVE_ON.each(
            self.connection,
            [{"id_": self.case.id, "next_version": self.case.version + 1, "count": head.count, "head": head.hash}],
            otherwise=Conflict("Somebody else changed this case first. Look again before you go on."),
        )


def write_gathered(works: Sequence[Work]) -> None:
    """Write, set-wise, the evaluations and letters that acts of one transaction and authority have gathered."""
    if not works:
        return
    connection, ids, authority_id, at = works[0].connection, works[0].engine.ids, works[0].authority.id, works[0].at
    explained = [each for work in works for each in work.explained]
    evaluations.keep(connection, explained, authority_id=authority_id, at=at, ids=ids)
    letters = [letter for work in works for letter in work.letters]
    unreachable = outbox.queue(connection, letters, authority_id=authority_id, at=at)
    for case_id, people in _by_case(unreachable).items():
        open_incident(
            connection,
            id_=ids.new(),
            authority_id=authority_id,
            case_id=case_id,
            kind="outbox",
            message=f"{len(people)} people could not be written to: they have no e-mail address",
            at=at,
        )


def _by_case(letters: Sequence[Letter]) -> dict[UUID | None, set[UUID | None]]:
    """Return whom letters are for, by the case they are about."""
    found: dict[UUID | None, set[UUID | None]] = {}
    for letter in letters:
        found.setdefault(letter.case_id, set()).add(letter.practitioner_id)
    return found


_MOVE_ON = Change(
    sa.update(cases)
    .where(cases.c.id == sa.bindparam("id_"), cases.c.version == sa.bindparam("next_version") - 1)
    .values(
        version=sa.bindparam("next_version"), history_count=sa.bindparam("count"), history_head=sa.bindparam("head")
    )
)


def open_work(
    engine: ProcessEngine,
    connection: sa.Connection,
    case: CaseLine,
    *,
    actor: Actor | None,
    at: datetime,
    request: Request | None = None,
) -> Work:
    """Begin an act on a locked case at the instant `at`.

    Raises `NotFound` when the case belongs to another authority than the actor: it must not be learnt that it exists.
    """
    if actor is not None and actor.authority_id != case.authority_id:
        raise NotFound("There is no such case", case_id=case.id)
    authority = engine.library.authority(connection, case.authority_id, case.authority_version)
    return Work(
        engine=engine,
        connection=connection,
        authority=authority,
        case=case,
        actor=actor,
        at=at,
        today=at.astimezone(authority.zone).date(),
        host=engine.library.host(connection, authority),
        request=request,
    )


def require_on_case(work: Work, *, closed: bool = False) -> None:
    """Let on only somebody who may see the case, while it is open; `closed` lets them on afterwards too.

    Raises `NotFound` when they may not know of it, `Conflict` when it is closed.
    """
    if work.actor is not None:
        relation = relations.of(work.connection, work.actor, work.case.id)
        if not may_see_case(work.actor, relation):
            raise NotFound("There is no such case", case_id=work.case.id)
    if work.case.closed and not closed:
        raise Conflict("This case is closed, so nothing more can be done on it", case_id=work.case.id)
