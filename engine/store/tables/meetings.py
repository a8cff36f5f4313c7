"""Team meetings: who was asked, practitioners and family, what was said, agreed and sent round."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    instant,
    of_case,
    one_of,
    partial_index,
    refers,
    words,
)

tac_meetings = sa.Table(
    "tac_meetings",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    day("planned_on", required=True),
    sa.Column("starts_at", sa.Time),
    day("held_on"),
    words("venue"),
    words("agenda"),
    words("notes"),
    words("notes_by"),
    words("came_with"),
    sa.Column("checklists", sa.JSON, nullable=True),
    day("next_on"),
    words("ends_with"),
    words("no_actions_why"),
    sa.Column("rebooked", sa.Integer, nullable=False, server_default="0"),
    refers("joined_id", "tac_meetings.id", required=False, index=True),
    day("minutes_sent_on"),
    day("called_off_on"),
    sa.CheckConstraint("called_off_on IS NULL OR held_on IS NULL", name="held_or_called_off"),
    one_of("ends_with", "ends_with", "", "go_on", "close", "step_up"),
    sa.CheckConstraint("ends_with <> 'go_on' OR next_on IS NOT NULL", name="next_date_when_going_on"),
)
"""Team meetings. `rebooked` counts the days on which no family came; one that goes with a sibling's names it.

`called_off_on` is the day on which it was decided to do without the meeting. `checklists` is the local checklist as it
was then: before, during, after -> rows of {said, done}. `ends_with` says how it ended: the work goes on, with a next
date and actions or the reason why there are none; or closing or stepping up was decided."""

meeting_actions = sa.Table(
    "meeting_actions",
    METADATA,
    identifier(),
    refers("meeting_id", "tac_meetings.id", index=True),
    authority(),
    of_case(),
    words("action", required=True),
    words("outcome"),
    refers("owner_id", "practitioners.id"),
    day("due_on", required=True),
)
"""What a meeting agreed, each with owner and date; the plan takes it from here."""

invitations = sa.Table(
    "invitations",
    METADATA,
    identifier(),
    refers("meeting_id", "tac_meetings.id", index=True),
    authority(),
    of_case(),
    refers("practitioner_id", "practitioners.id"),
    day("invited_on", required=True),
    sa.Column("reply", sa.Text, nullable=False, server_default="none"),
    words("report"),
    words("substitute"),
    sa.Column("attended", sa.Boolean),
    day("called_off_on"),
    one_of("reply", "reply", "none", "attending", "apologies", "substitute"),
    sa.UniqueConstraint("meeting_id", "practitioner_id"),
)
"""Practitioners who were asked. `called_off_on` is the day from which somebody was not wanted any more: they have
left the service or the team, or the family's consent does not cover them."""

family_invitations = sa.Table(
    "family_invitations",
    METADATA,
    identifier(),
    refers("meeting_id", "tac_meetings.id", index=True),
    authority(),
    of_case(),
    refers("member_id", "family_members.id", required=False, index=True),
    sa.Column("invited", sa.Boolean, nullable=False),
    words("why_not"),
    words("needs"),
    day("decided_on", required=True),
    sa.Column("reply", sa.Text, nullable=False, server_default="none"),
    day("replied_on"),
    words("brings"),
    words("views"),
    sa.Column("attended", sa.Boolean),
    day("called_off_on"),
    one_of("reply", "reply", "none", "coming", "not_coming"),
    sa.CheckConstraint("invited OR why_not <> ''", name="not_invited_for_a_reason"),
    partial_index(
        "uq_family_invitations_member", "meeting_id", "member_id", where="member_id IS NOT NULL", unique=True
    ),
    partial_index("uq_family_invitations_child", "meeting_id", where="member_id IS NULL", unique=True),
)
"""Who of the family was asked, or why not; without `member_id` it is the child's or young person's own.

`views` is what somebody wants said who cannot come, or was not asked; `needs` an interpreter, access, child care."""

letters = sa.Table(
    "letters",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("meeting_id", "tac_meetings.id", required=False, index=True),
    refers("member_id", "family_members.id", required=False, index=True),
    refers("practitioner_id", "practitioners.id", required=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    words("addressee", required=True),
    words("address"),
    sa.Column("address_secret", sa.Boolean, nullable=False, server_default=sa.false()),
    words("subject", required=True),
    words("body", required=True),
    day("written_on", required=True),
    sa.Column("again", sa.Boolean, nullable=False, server_default=sa.false()),
    refers("instead_of_id", "letters.id", required=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    instant("changed_at"),
    refers("changed_by", "practitioners.id", required=False),
    sa.Column("sent_by", sa.Text, nullable=False, server_default=""),
    day("sent_on"),
    one_of("kind", "kind", "invitation", "called_off", "notes", "plan", "assessment"),
    one_of("sent_by", "sent_by", "", "email", "post", "hand"),
    sa.CheckConstraint("(sent_on IS NULL) = (sent_by = '')", name="sent_somehow"),
    sa.CheckConstraint("member_id IS NULL OR practitioner_id IS NULL", name="to_one_person"),
    partial_index("ix_letters_waiting", "case_id", where="sent_on IS NULL"),
)
"""Letters to the family and to practitioners who are asked to a meeting: each to one person, to their own address only.

Without `member_id` and `practitioner_id` it is the child's or young person's own. `sent_on` is empty while somebody has
still to send it: until then it is a draft that may be changed. `again` is an invitation to a meeting that was moved.
`instead_of_id` is the letter that this one was written anew from, whose place it takes once it is sent."""

letter_sendings = sa.Table(
    "letter_sendings",
    METADATA,
    identifier(),
    refers("letter_id", "letters.id", index=True),
    authority(),
    of_case(),
    instant("sent_at", required=True),
    sa.Column("how", sa.Text, nullable=False),
    words("recipient"),
    refers("sent_by", "practitioners.id", required=False),
    one_of("how", "how", "email", "post", "hand"),
)
"""What was sent, to whom, when, how and by whom: a letter may be sent again. `recipient` is an e-mail's address."""

reply_links = sa.Table(
    "reply_links",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("meeting_id", "tac_meetings.id", index=True),
    refers("letter_id", "letters.id", index=True),
    refers("family_invitation_id", "family_invitations.id", required=False),
    refers("invitation_id", "invitations.id", required=False),
    day("ends_on", required=True),
    instant("revoked_at"),
    instant("used_at"),
    sa.CheckConstraint("(family_invitation_id IS NULL) <> (invitation_id IS NULL)", name="of_one_person"),
)
"""Private links by which one person answers one invitation without an account.

No token is kept, nor its hash: `engine.casework.reply_tokens` makes it from the id and the installation's secret."""

letter_pages = sa.Table(
    "letter_pages",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("letter_id", "letters.id", index=True),
    day("ends_on", required=True),
    instant("revoked_at"),
    instant("opened_at"),
)
"""Private links by which one person reads one letter of theirs, instead of having it in an e-mail; as `reply_links`,
without a token. `opened_at` is when the letter was first shown there."""

mail_agreements = sa.Table(
    "mail_agreements",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("member_id", "family_members.id", index=True),
    words("email", required=True),
    words("agreed_by", required=True),
    day("agreed_on", required=True),
    refers("recorded_by", "practitioners.id"),
    day("ended_on"),
    partial_index("uq_mail_agreements_current", "case_id", "member_id", where="ended_on IS NULL", unique=True),
)
"""Who of the family wants their letters in full by e-mail, at which address: `agreed_by` says in words who said so. It
is for that address alone: with another one it counts no more."""
