"""What is said between meetings: reports to who leads, the family's worries, news for the team; what counted most."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import METADATA, authority, day, identifier, instant, of_case, one_current, refers, words

reports_back = sa.Table(
    "reports_back",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("written_by", "practitioners.id"),
    instant("written_at", required=True),
    words("report", required=True),
    words("needs"),
    refers("seen_by", "practitioners.id", required=False),
    instant("seen_at"),
    words("answer"),
    sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_by_somebody"),
)
"""What practitioners told who leads; `needs` is what they ask for, `answer` what was answered."""

family_worries = sa.Table(
    "family_worries",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("member_id", "family_members.id", required=False, index=True),
    refers("written_by", "practitioners.id"),
    day("said_on", required=True),
    words("worry", required=True),
    words("answer"),
    refers("answered_by", "practitioners.id", required=False),
    day("answered_on"),
    sa.CheckConstraint("(answered_on IS NULL) = (answer = '')", name="answered_in_words"),
    sa.CheckConstraint("(answered_on IS NULL) = (answered_by IS NULL)", name="answered_by_somebody"),
)
"""What worries the family about the help, and what they were answered. Without `member_id` it is the child's own.

It is never a safeguarding concern: that is raised as one."""

team_messages = sa.Table(
    "team_messages",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("written_by", "practitioners.id"),
    instant("written_at", required=True),
    words("body", required=True),
)

team_message_readers = sa.Table(
    "team_message_readers",
    METADATA,
    identifier(),
    authority(),
    refers("message_id", "team_messages.id", index=True),
    refers("practitioner_id", "practitioners.id", index=True),
    sa.UniqueConstraint("message_id", "practitioner_id"),
)
"""To whom of the team a message was written: they read it signed in, the e-mail holds none of it."""

significant_events = sa.Table(
    "significant_events",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("event_id", "history.id"),
    refers("marked_by", "practitioners.id"),
    instant("marked_at", required=True),
    words("reason", required=True),
    refers("unmarked_by", "practitioners.id", required=False),
    instant("unmarked_at"),
    sa.CheckConstraint("(unmarked_at IS NULL) = (unmarked_by IS NULL)", name="unmarked_by_somebody"),
    one_current("significant_events", "unmarked_at IS NULL", "event_id"),
)
"""Entries of a child's chronology that somebody marked as having counted, and why."""
