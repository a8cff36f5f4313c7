"""Rules that change only with somebody's approval: what a rule file would change of them, and who has agreed to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn.lint import Finding
from engine.dmn.approvals import ChangedRow, changed_rows, file_key
from engine.errors import Invalid
from engine.store import rule_approvals
from engine.store.rule_approvals import Agreed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rule file would change of rows under approval, and who has agreed to exactly this text.

    `digest` is the SHA-256 of the text; `agreed` holds who agreed in which role since the file in force was deployed.
    """

    file: str
    digest: str
    changes: tuple[ChangedRow, ...]
    agreed: Mapping[str, Agreed]

    @property
    def missing(self) -> tuple[str, ...]:
        """The roles in which nobody has agreed yet."""
        wanted = frozenset[str]().union(*(change.approvers for change in self.changes))
        return tuple(sorted(wanted - self.agreed.keys()))

    def rows_for(self, role: str) -> tuple[str, ...]:
        """Return the ids of the rows that somebody with `role` has to agree to."""
        return tuple(change.row for change in self.changes if role in change.approvers)

    def findings(self) -> tuple[Finding, ...]:
        """Say what stands in the way of deploying it: one finding for each role that is missing."""
        return tuple(
            Finding(
                self.file,
                ", ".join(self.rows_for(role)),
                f"this changes only with the approval of the {in_words(role)}, who has not agreed to this text",
                f"keep it as a draft under Diagrams and rules: the {in_words(role)} sees each row as it is and as it "
                "would be, and can approve it; then deploy the draft as it is",
            )
            for role in self.missing
        )


def wanted(connection: sa.Connection, authority_id: UUID, file: str, content: bytes) -> Wanted | None:
    """Return what a rule file would change of the rows under approval in force.

    None when it changes none, when nothing is in force under its key (what was never in force guards nobody yet), and
    for what is no readable rule file. An approval counts for the text as a whole, and as long as the file in force is
    the one that it was compared with.
    """
    if not file.endswith(".dmn"):
        return None
    try:
        before = rule_approvals.in_force(connection, authority_id, file_key(content, name=file))
        changes = changed_rows(before.source, content, name=file) if before is not None else ()
    except Invalid:
        return None
    if before is None or not changes:
        return None
    digest = rule_approvals.digest_of(content)
    agreed = rule_approvals.agreed(connection, authority_id, digest, since=before.since)
    return Wanted(file, digest, changes, agreed)


def second_person_missing(
    connection: sa.Connection, authority_id: UUID, files: Mapping[str, bytes], unkept: Sequence[Finding], *,
    deployer: UUID | None,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return those of the examples not kept that nobody but the practitioner `deployer` has let be for these files."""
    digests = [rule_approvals.digest_of(content) for content in files.values()]
    agreed = rule_approvals.let_be(connection, authority_id, digests, not_by=deployer) if unkept else {}
    return tuple(finding for finding in unkept if example_of(finding) not in agreed)


def example_of(finding: Finding) -> str:
    """Return how an example is named where somebody lets it be."""
    return f"{finding.file}: {finding.element_id}"


def in_words(role: str) -> str:
    """Return a role as people say it."""
    return role.replace("_", " ")
