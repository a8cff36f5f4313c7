"""Writing drafts inside an act: checked beforehand, and whoever has to approve their rules asked."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final
from uuid import UUID

from engine.approving import example_of, wanted
from engine.checking import KINDS, Checked, check
from engine.errors import Invalid, NotFound, shown
from engine.in_force import known_to
from engine.process_engine import ProcessEngine
from engine.store import authorities, definitions, model_drafts, people
from engine.store.model_drafts import Draft, Text
from engine.work import Work

LONGEST_NAME: Final = 200
"""How many characters the name of a file may have."""


def checked_together(engine: ProcessEngine, authority_id: UUID, files: Mapping[str, bytes]) -> Checked:
    """Check `files` (name -> content) beside what is in force, before anything is locked: a large one takes a while."""
    with engine.sessions.read() as connection:
        return check(files, known_to(engine, connection, authorities.load(connection, authority_id)))


def write_draft(
    work: Work, account_id: UUID, before: Draft | None, file: str, content: bytes, checked: Checked,
    *, based_on: UUID | None = None, original: bytes | None = None, others: AbstractSet[str] = frozenset(),
    step: bool = False,
) -> tuple[int, bool]:  # fmt: skip
    """Write a draft's text after the one that was there `before`; return its version, and whether a revision began.

    `others` are the files that were checked together with it: what was found in those is not said of this one.
    `original` is the text that came with the service up to which the draft was brought. A `step` can be taken back by
    itself.

    Raises `NotFound` when `based_on` is no definition of the authority.
    """
    text = Text(
        content=content,
        findings=[str(finding) for finding in checked.findings if finding.file not in others],
        unkept=[example_of(finding) for finding in checked.unkept] if file.endswith((".dmn", ".yaml")) else [],
        account_id=account_id,
        at=work.at,
        original=original,
    )
    ids, authority_id = work.engine.ids, work.authority.id
    if before is not None:
        version, is_new = model_drafts.write(work.connection, authority_id, before, text, ids=ids, step=step)
    else:
        if based_on is not None and definitions.load(work.connection, based_on).authority_id != authority_id:
            raise NotFound("There is no such definition", definition_id=based_on)
        based_on = based_on or _in_force(work, file)
        version = model_drafts.begin(work.connection, authority_id, file, text, based_on=based_on, ids=ids)
        is_new = True
    if is_new:
        work.record("model_draft_kept", detail={"file": file, "findings": len(text.findings)})
    return version, is_new


def _in_force(work: Work, file: str) -> UUID | None:
    """Return the version of a file in force, of one of what it holds."""
    files = definitions.files_of(work.connection, work.authority.latest.values())
    return next((id_ for id_, name in files.items() if name == file), None)


def ask_for_approval(work: Work, file: str, content: bytes) -> None:
    """Write to those in whose role a changed row of a rule file has to be agreed to, once for each text."""
    found = wanted(work.connection, work.authority.id, file, content)
    for role in found.missing if found is not None else ():
        for practitioner in people.with_role(work.connection, work.authority.id, role):
            work.send(
                practitioner,
                subject="A change of the rules needs your approval",
                body="A draft changes rules that change only with your approval. Sign in and look at Rules to approve.",
                key=f"rules:{found.digest if found else ''}:{role}:{practitioner}",
            )


def require_name(file: str) -> None:
    """Raise `Invalid` for what is no relative name of a model: names become paths where files are written out."""
    parts = file.split("/")
    stem = parts[-1].lower()
    if not any(stem.endswith(ending) and stem != ending for ending in KINDS):
        raise Invalid(f"{shown(file)} is not a .bpmn, .dmn, .form, .tests.yaml or .scenario.yaml file", field="file")
    bad = len(file) > LONGEST_NAME or not file.isprintable() or "\\" in file or ":" in parts[0]
    if bad or any(part in ("", ".", "..") for part in parts):
        raise Invalid(f"{shown(file)} is not a name that a file may have", field="file")
