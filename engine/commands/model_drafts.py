"""Keep models under work: save a draft, throw it away, and tell designers who else has it open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.bpmn.lint import Finding
from engine.bpmn.lint.paths import require_size
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.drafting import ask_for_approval, checked_together, require_name, write_draft
from engine.errors import Conflict, Invalid, NotFound, NotPermitted, shown
from engine.kept_comments import with_comments
from engine.process_engine import ProcessEngine
from engine.scenario_files import SUFFIX
from engine.store import administration, definitions, model_drafts
from engine.store.model_drafts import Draft, Presence
from engine.work import open_work
from engine.writing import in_one_writing
from engine.xml import MAX_BYTES, parse_untrusted

__all__ = ["DraftChanged", "Presence", "Saved", "discard", "keep", "may_be_kept", "open_on", "save"]

class DraftChanged(Conflict):
    """Somebody else saved the draft since, or it is gone; details: `file`, `version`, `saved_by`, `saved_at`."""

    def __init__(self, file: str, draft: Draft | None) -> None:
        who = (draft.saved_by if draft else None) or "Somebody else"
        told = (
            f"{who} saved {shown(file)} since you opened it"
            if draft
            else f"The draft of {shown(file)} is gone: it came into force or was thrown away since you opened it"
        )
        super().__init__(
            told,
            file=file,
            version=draft.version if draft else None,
            saved_by=draft.saved_by if draft else None,
            saved_at=draft.saved_at if draft else None,
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """What a draft is now: its version, what stands in the way of deploying it, and when it was saved (aware UTC)."""

    version: int
    findings: tuple[Finding, ...]
    saved_at: datetime


def save(
    engine: ProcessEngine,
    *,
    actor: Actor,
    file: str,
    content: bytes,
    expected: int | None,
    based_on: UUID | None = None,
    step: bool = False,
    drawn: bool = False,
) -> Saved:
    """Save the draft of a file, which need not be able to run; return its version and what there is to mend.

    What can be read is kept in the one writing of `engine.writing`, whichever page or program wrote it.
    `expected` is the version that the editor last saw, None when there was none; the text that is saved already is
    never in conflict. `based_on` is the definition that the draft is begun from. What one person saves within ten
    minutes is one line of the authority's history, and one revision, unless each is a `step`. What is `drawn` comes
    from an editor that writes no comments: those of the text before are put back. Raises `NotPermitted`,
    `Invalid` for a name that is no model's, a text past 2 MB or a diagram of too many steps, `DraftChanged` when it was
    saved or ended since: then nothing is written.
    """
    _require_may_draft(actor)
    before = _text_before(engine, actor, file, based_on) if drawn else b""
    text = in_one_writing(file, with_comments(file, content, before))
    return _save(engine, actor, file, text, expected=(expected,), based_on=based_on, asking=False, step=step)


def keep(engine: ProcessEngine, *, actor: Actor, file: str, content: bytes) -> tuple[Finding, ...]:
    """Keep a model as the draft of its file, whatever the draft was; return what stands in the way of deploying it.

    The text stays as it is: it is a file that somebody may deploy beside the studio.
    Whoever has to approve its rules is asked. Raises as `save` does, but for a conflict.
    """
    return _save(engine, actor, file, content, expected=(), based_on=None, asking=True).findings


def may_be_kept(file: str, content: bytes) -> bool:
    """Tell whether a text is small enough to be kept as a draft at all."""
    try:
        _require_size(file, content)
    except Invalid:
        return False
    return len(content) <= MAX_BYTES


def discard(engine: ProcessEngine, *, actor: Actor, file: str) -> None:
    """Throw a draft away; its revisions stay. Raises `NotPermitted`, `NotFound`."""
    _require_may_draft(actor)
    with engine.sessions.act() as connection:
        case = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        if not model_drafts.drop(connection, actor.authority_id, file):
            raise NotFound("There is no such draft", file=file)
        work.record("model_draft_discarded", detail={"file": file})
        work.finish()


def open_on(engine: ProcessEngine, *, actor: Actor, file: str) -> tuple[Presence, ...]:
    """Mark that `actor` has a file open now; return who else had it open in the last two minutes.

    Raises `NotPermitted`, `Invalid` for a name that is no model's.
    """
    _require_may_draft(actor)
    require_name(file)
    with engine.sessions.act() as connection:
        return model_drafts.mark_open(
            connection, actor.authority_id, file, actor.account_id, at=engine.clock.now(), ids=engine.ids
        )


def _save(
    engine: ProcessEngine, actor: Actor, file: str, content: bytes, *, expected: tuple[int | None, ...],
    based_on: UUID | None, asking: bool, step: bool = False,
) -> Saved:  # fmt: skip
    _require_may_draft(actor)
    require_name(file)
    if len(content) > MAX_BYTES:
        raise Invalid(f"{shown(file)} is larger than {MAX_BYTES // 1_000_000} MB", file=file)
    _require_size(file, content)
    others = _of_scenario(engine, actor, file)
    checked = checked_together(engine, actor.authority_id, {**others, file: content})
    found = tuple(each for each in checked.findings if each.file not in others)
    with engine.sessions.act() as connection:
        case = administration.lock(connection, actor.authority_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        before = model_drafts.load(connection, actor.authority_id, file)
        if before is not None and before.content == content and not asking:
            return Saved(before.version, found, before.saved_at)
        if expected and expected[0] != (before.version if before else None):
            raise DraftChanged(file, before)
        version, is_new = write_draft(
            work, actor.account_id, before, file, content, checked, based_on=based_on,
            others=others.keys(), step=step,
        )  # fmt: skip
        if asking:
            ask_for_approval(work, file, content)
        if is_new or asking:
            work.finish()
        return Saved(version, found, work.at)


def _text_before(engine: ProcessEngine, actor: Actor, file: str, based_on: UUID | None) -> bytes:
    with engine.sessions.read() as connection:
        draft = model_drafts.load(connection, actor.authority_id, file)
        if draft is not None or based_on is None:
            return draft.content if draft is not None else b""
        found = definitions.load(connection, based_on)
        return found.source if found.authority_id == actor.authority_id else b""


def _require_size(file: str, content: bytes) -> None:
    """Raise `Invalid` for a diagram of more steps than may ever run: what reads drafts would take minutes for it."""
    if not file.lower().endswith(".bpmn"):
        return
    try:
        root = parse_untrusted(content, file)
    except Invalid:
        return  # kept all the same, as a draft may be unfinished
    require_size(root, file)


def _of_scenario(engine: ProcessEngine, actor: Actor, file: str) -> dict[str, bytes]:
    """Return the drafts that a scenario was played on: without them it names steps that nobody has drawn yet."""
    if not file.endswith(SUFFIX):
        return {}
    with engine.sessions.read() as connection:
        drafts = model_drafts.load_all(connection, actor.authority_id)
    own = (each for each in drafts if each.account_id == actor.account_id)
    return {each.file: each.content for each in own if each.file.endswith((".bpmn", ".form"))}


def _require_may_draft(actor: Actor) -> None:
    if not permissions.may_deploy(actor):
        raise NotPermitted("Only a process designer may change diagrams, rules and forms")
