"""Deploy diagrams, rules and forms together, all or nothing; running cases keep the version they began with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from engine.acts import settle
from engine.casework import permissions
from engine.casework.changing import second_person_asked
from engine.casework.permissions import Actor
from engine.checking import kind_of
from engine.deploying import (
    FIRST,
    SHIPPED,
    ApprovalMissing,
    Deployed,
    DeploymentRefused,
    ExamplesNotKept,
    NewVersion,
    Order,
    ReasonMissing,
    ScenariosNotKept,
    carry_out,
    scenarios_against,
    scenarios_tried,
    tried,
)
from engine.deploying import (
    rename as rename_in_force,
)
from engine.drafting import require_name
from engine.errors import Conflict, Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.proposing import tell_of_taking_back
from engine.reverting import before_release, deployments_of, earlier_version
from engine.store import administration, model_drafts, proposals
from engine.work import open_work

__all__ = [
    "FIRST", "SHIPPED", "ApprovalMissing", "Deployed", "DeploymentRefused", "ExamplesNotKept", "NewVersion",
    "ReasonMissing", "ScenariosNotKept", "SecondPersonAsked", "deploy", "rename", "revert", "revert_release",
    "scenarios_tried", "take_back",
]  # fmt: skip


class SecondPersonAsked(NotPermitted):
    """Changes come into force here when a second person has approved them: they have to be proposed."""

    def __init__(self) -> None:
        super().__init__("Nothing was deployed: here a second person approves every change. Propose it for publishing")


def deploy(
    engine: ProcessEngine,
    *,
    authority_id: UUID,
    files: Mapping[str, bytes],
    actor: Actor | None = None,
    note: str = "",
    shipped: bool = False,
    login: str = "",
    by_operator: bool = False,
    scenarios_why: str = "",
) -> Deployed:
    """Deploy `files` (name -> content) for an authority; `actor` is None for the command line, run by `login`.

    A file whose content and pins are those of its newest version adds nothing; a draft that is deployed as it is
    kept is no draft any more. `shipped` files are those that come with the service: one that was deployed before in
    any version, or whose definitions somebody here changed since, is left alone. `note` says what changed and why: it
    is kept, and with it, in figures, what changed rules make of the open cases (`engine.whatif`). `by_operator` is the
    command line, which asks no second person; it is recorded as such where nobody is named. `scenarios_why` says why
    scenarios that go otherwise do not count, and is kept with the note.

    Raises `NotPermitted`, `SecondPersonAsked` where the authority wants changes approved, `DeploymentRefused` with
    every finding, `ExamplesNotKept` when only examples speak against it that no second person has let be,
    `ApprovalMissing` when rows change that only somebody else may agree to, `ReasonMissing` when rules in force change
    without a `note`: then nothing was deployed.
    """
    _require_may_deploy(actor, authority_id)
    scenarios = () if shipped else scenarios_against(engine, authority_id, files, deployer=None)
    if scenarios and not scenarios_why.strip():
        raise ScenariosNotKept(scenarios)
    if scenarios:
        names = ", ".join(dict.fromkeys(f"“{each.element_id}”" for each in scenarios))
        note = f"{note.strip()} (What scenarios say does not count: {names}. {scenarios_why.strip()})".strip()
    order = Order(
        files=files,
        note=note,
        shipped=shipped,
        account_id=actor.account_id if actor else None,
        deployer=actor.practitioner_id if actor else None,
        login=login,
        trial=tried(engine, authority_id, files, shipped=shipped, scenarios=False),
    )
    return _deploy(engine, authority_id, order, actor, alone=by_operator or actor is None)


def revert(
    engine: ProcessEngine,
    *,
    authority_id: UUID,
    key: str,
    reason: str,
    version: int | None = None,
    kind: str | None = None,
    actor: Actor | None = None,
    login: str = "",
) -> Deployed:
    """Put an earlier version of a diagram, rules file or form in force again, as a new version with the old text.

    `key` is its key, the name of its file or a decision that it holds, `kind` its kind where that leaves a choice;
    `version` the one to go back to, by default the last with another text. Rules go back together with the examples
    that were in force beside them. It is a deployment like any other, and refused for the same reasons (`deploy`), but
    that it asks neither a second person nor scenarios: the text was approved before, scenarios may have come with what
    is left, and going back must not wait.
    Raises also `NotFound` when there is no such definition or version, `Invalid` without a reason, for a name that
    several share and for the text that is in force.
    """
    _require_may_deploy(actor, authority_id)
    if not reason.strip():
        raise Invalid("Say why you go back to an earlier version", field="reason")
    with engine.sessions.read() as connection:
        back = earlier_version(connection, authority_id, key, version, kind=kind)
    order = Order(
        files=back.files,
        note=f"Back to version {back.version}: {reason.strip()}",
        account_id=actor.account_id if actor else None,
        deployer=actor.practitioner_id if actor else None,
        login=login,
        trial=tried(engine, authority_id, back.files, scenarios=False),
    )
    return _deploy(engine, authority_id, order, actor, alone=True)


def revert_release(
    engine: ProcessEngine, *, authority_id: UUID, names: Iterable[tuple[str, str]], reason: str, actor: Actor
) -> Deployed:
    """Take back the whole release that brought the texts in force of definitions (kind, key), as `take_back` does."""
    with engine.sessions.read() as connection:
        brought_by = deployments_of(connection, authority_id, names)
    return take_back(engine, authority_id=authority_id, deployment_ids=brought_by, reason=reason, actor=actor)


def rename(engine: ProcessEngine, *, actor: Actor, file: str, to: str) -> None:
    """Call a file in force something else: what it holds, and every case that runs on it, stays as it is.

    No second person is asked, also where changes need one: diagrams, rules, forms and examples are found by the ids
    inside them, never by the file's name, so nothing that was approved changes, nor what runs; it is recorded as a
    deployment, with who did it. A scenario alone is known by its file's name: under another it would be another one,
    of those that every release has to keep, so that is proposed like any change and refused here. A draft of the new
    name becomes one of the file. Raises `NotPermitted`, `NotFound`, `Invalid` (details: `field`) for a name that such
    a file cannot have or another has, `Conflict` while it is drawn on or waits in a proposal.
    """
    _require_may_deploy(actor, actor.authority_id)
    require_name(to)
    if kind_of(file) == "scenario":
        raise Invalid(
            f"A scenario is known by its file’s name. Write it as a draft under the new name, withdraw {file} with the "
            "reason, and publish both", field="to"
        )  # fmt: skip
    if kind_of(to) != kind_of(file):
        raise Invalid(f"Let it end as {file} does", field="to")
    with engine.sessions.act() as connection:
        case = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        if model_drafts.load(connection, actor.authority_id, file) is not None:
            raise Conflict(f"There is a draft of {file}: publish it, or throw it away, first")
        if waiting := {file, to} & {*proposals.pending_files(connection, actor.authority_id)}:
            raise Conflict(f"{min(waiting)} waits in a proposal: decide on that first")
        note = f"{file} is called {to} from now on"
        rename_in_force(work, file, Order(files={}, note=note, account_id=actor.account_id), to=to)
        settle(work)


def take_back(
    engine: ProcessEngine, *, authority_id: UUID, deployment_ids: Collection[UUID], reason: str, actor: Actor
) -> Deployed:
    """Put in force again what was before deployments, in one act; what they brought new is in force no longer.

    Its versions are kept, and running cases that hold to one of them keep it. Asks neither a second person nor
    scenarios, as `revert`, and raises as it does; `Invalid` also when another version came since, `DeploymentRefused`
    when a case runs on what was new, or a file that stays names it.
    """
    _require_may_deploy(actor, authority_id)
    if not reason.strip():
        raise Invalid("Say why you go back to an earlier version", field="reason")
    with engine.sessions.read() as connection:
        before = before_release(connection, authority_id, deployment_ids)
    order = Order(
        files=before.files,
        ended=before.new,
        note=f"Back to the release before: {reason.strip()}",
        account_id=actor.account_id,
        deployer=actor.practitioner_id,
        trial=tried(engine, authority_id, before.files, scenarios=False),
    )
    return _deploy(engine, authority_id, order, actor, alone=True, back=deployment_ids)


def _deploy(
    engine: ProcessEngine, authority_id: UUID, order: Order, actor: Actor | None, *, alone: bool,
    back: Collection[UUID] = (),
) -> Deployed:  # fmt: skip
    with engine.sessions.act() as connection:
        case = administration.lock(connection, authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        if not alone and second_person_asked(work.authority.profile):
            raise SecondPersonAsked
        done = carry_out(work, order)
        if done.added or done.ended:
            if back and actor is not None:
                tell_of_taking_back(work, back, actor)
            settle(work)
        return done


def _require_may_deploy(actor: Actor | None, authority_id: UUID) -> None:
    if actor is not None and not (permissions.may_deploy(actor) and actor.authority_id == authority_id):
        raise NotPermitted("Only a process designer of this authority may deploy")
