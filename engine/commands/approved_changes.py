"""Changes that were approved come into force at their time: tried before, each whole or not at all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.acts import settle
from engine.bpmn.lint import Finding
from engine.deploying import ScenariosNotKept, tried
from engine.errors import in_words
from engine.guard import Trouble, attempt
from engine.process_engine import ProcessEngine
from engine.proposing import decide, deploy, known_against, let_examples_be, loaded, open_change, tell, texts_of
from engine.store import proposals
from engine.store.incidents import open_incident
from engine.store.proposals import Proposal


def publish_due(engine: ProcessEngine) -> int:
    """Publish what was approved for a time that has come, each whole or not at all; return how many came into force.

    Its scenarios are tried before, one in each turn, so that timers do not wait for long. One that is refused at its
    time has failed; approved for at once, it waits for a second person again. Who proposed and who approved it are
    told, and everything stays as it was.
    """
    with engine.sessions.read() as connection:
        todo = proposals.due(connection, at=engine.clock.now())
    return sum(_publish(engine, authority_id, proposal_id) for authority_id, proposal_id in todo)


def _publish(engine: ProcessEngine, authority_id: UUID, proposal_id: UUID) -> bool:
    done = attempt("publishing", lambda: _go_on(engine, authority_id, proposal_id), tries=3)
    if isinstance(done, Trouble):
        done.raise_when_down()
        _fail(engine, authority_id, proposal_id, in_words(done.error))
    return done is True


def _go_on(engine: ProcessEngine, authority_id: UUID, proposal_id: UUID) -> bool:
    """Try the next scenario, and once all are tried publish; tell whether it came into force."""
    known, against = known_against(engine, authority_id, proposal_id, most=1)
    return not known.untried and _publish_now(engine, authority_id, proposal_id, against)


def _publish_now(
    engine: ProcessEngine, authority_id: UUID, proposal_id: UUID, against: tuple[Finding, ...]
) -> bool:
    trial = tried(engine, authority_id, texts_of(engine, authority_id, proposal_id)[1], scenarios=False)
    with engine.sessions.act() as connection:
        work = open_change(engine, connection, authority_id, None, engine.clock.now())
        proposal = loaded(work, proposal_id)
        if proposal.state != "approved":
            return False
        if against:
            if not _for_at_once(proposal) or not proposal.answer or proposal.decider_id is None:
                raise ScenariosNotKept(against)
            let_examples_be(work, proposal.decider_id, proposal, proposal.answer, against)
        deploy(work, proposal, trial)
        tell(work, proposal, "Your change is in force", "published", None)
        settle(work)
    return True


def _for_at_once(proposal: Proposal) -> bool:
    """Tell whether a proposal was approved to come into force in that moment."""
    return proposal.decided_at is not None and proposal.publish_at == proposal.decided_at


def _fail(engine: ProcessEngine, authority_id: UUID, proposal_id: UUID, problem: str) -> None:
    with engine.sessions.act() as connection:
        work = open_change(engine, connection, authority_id, None, engine.clock.now())
        proposal = loaded(work, proposal_id)
        if proposal.state != "approved":
            return
        what = "failed"
        if _for_at_once(proposal):
            what = f"waits {work.at.isoformat()}"
            undecided: dict[str, Any] = {"publish_at": None, "decided_by": None, "decided_at": None, "answer": ""}
            decide(work, proposal, "waiting", problem=problem, **undecided)
        else:
            decide(work, proposal, "failed", problem=problem)
            files = ", ".join(proposals.files_of(connection, proposal_id))
            open_incident(
                connection, id_=engine.ids.new(), at=work.at, kind="publish", authority_id=authority_id,
                element_id=str(proposal_id),
                message=f"A change could not come into force at its time ({files}): {problem}",
            )  # fmt: skip
        work.record("change_not_published", subject=proposal.id)
        tell(work, proposal, "A change could not be published", what, None)
        work.finish()
