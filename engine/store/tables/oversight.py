"""What managers keep of their oversight: what they discussed on a case, and samples of cases that were audited."""

from __future__ import annotations

import sqlalchemy as sa

from engine.casework.audit_items import ANSWERS
from engine.store.tables.types import METADATA, authority, day, identifier, instant, of_case, one_of, refers, words

oversight_notes = sa.Table(
    "oversight_notes",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("written_by", "practitioners.id"),
    refers("discussed_with", "practitioners.id", required=False, index=True),
    day("discussed_on", required=True),
    day("by_on"),
    refers("event_id", "history.id"),
    sa.Index("ix_oversight_notes_last", "case_id", "discussed_with", "discussed_on"),
)
"""A manager's discussion of a case, with whom it was (nobody: they looked at it alone), and by when what was decided is
to be done. The words are the event's, which can be erased as any other."""

audits = sa.Table(
    "audits",
    METADATA,
    identifier(),
    authority(),
    refers("made_by", "practitioners.id", index=True),
    instant("made_at", required=True),
    words("name", required=True),
    sa.Column("seed", sa.Text, nullable=False),
    sa.Column("drawn_from", sa.Integer, nullable=False),
    sa.Column("drawn_from_digest", sa.Text, nullable=False),
)
"""A random sample of open cases to look at. `seed` drew it from `drawn_from` cases; the digest is of their ids."""

audit_cases = sa.Table(
    "audit_cases",
    METADATA,
    identifier(),
    authority(),
    refers("audit_id", "audits.id"),
    of_case(),
    sa.Column("place", sa.Integer, nullable=False),
    refers("judged_by", "practitioners.id", required=False),
    day("judged_on"),
    refers("event_id", "history.id", required=False),
    sa.UniqueConstraint("audit_id", "place"),
    sa.UniqueConstraint("audit_id", "case_id"),
    sa.CheckConstraint("(judged_on IS NULL) = (judged_by IS NULL)", name="judged_by_somebody"),
    sa.CheckConstraint("(judged_on IS NULL) = (event_id IS NULL)", name="judged_in_the_history"),
)

audit_answers = sa.Table(
    "audit_answers",
    METADATA,
    identifier(),
    authority(),
    refers("audit_case_id", "audit_cases.id"),
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.UniqueConstraint("audit_case_id", "item"),
    one_of("answer", "answer", *ANSWERS),
)
"""What somebody judged of one item, or of a whole section (0 to 3); notes are the event's."""
