"""Authorities, agencies, teams, practitioners, their accounts and roles."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    instant,
    one_of,
    partial_index,
    refers,
    span,
    words,
)

authorities = sa.Table(
    "authorities",
    METADATA,
    identifier(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    words("name", required=True),
    sa.Column("zone", sa.Text, nullable=False, server_default="Europe/London"),
    sa.Column("nation", sa.Text, nullable=False, server_default="england-and-wales"),
    sa.Column("profile", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("swept_on", sa.Date),
    sa.Column("digested_on", sa.Date),
)

local_closures = sa.Table(
    "local_closures",
    METADATA,
    identifier(),
    authority(),
    day("on_day", required=True),
    words("name"),
    sa.UniqueConstraint("authority_id", "on_day"),
)

agencies = sa.Table("agencies", METADATA, identifier(), authority(), words("name", required=True), day("closed_on"))

teams = sa.Table(
    "teams",
    METADATA,
    identifier(),
    authority(),
    refers("agency_id", "agencies.id"),
    words("name", required=True),
    day("closed_on"),
)
"""A team or an agency with `closed_on` is there no more: nobody is in it, and nobody new is put in it."""

practitioners = sa.Table(
    "practitioners",
    METADATA,
    identifier(),
    authority(),
    refers("agency_id", "agencies.id", required=False),
    words("name", required=True),
    words("job_title"),
    words("email"),
    words("phone"),
    day("leaves_on"),
    day("left_on"),
    sa.Column("digest_off", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("weekly_hours", sa.Integer),
    sa.CheckConstraint("left_on IS NULL OR leaves_on IS NULL", name="leaves_or_left"),
    sa.CheckConstraint("weekly_hours BETWEEN 1 AND 168", name="hours_of_a_week"),
)
"""`leaves_on` is a last day still to come, `left_on` one that is over and whose consequences are done. `digest_off`
tells that they want no message in the morning of what waits for them; `weekly_hours` how many hours a week they have
promised to this work, None when nobody has said."""

job_roles = sa.Table(
    "job_roles",
    METADATA,
    sa.Column("authority_id", sa.Uuid, sa.ForeignKey("authorities.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    day("retired_on"),
)
"""What practitioners of an authority can be, as a health visitor: their `job_title` is the name of one. Nobody new is
given one that is retired; who is one stays one."""

team_memberships = sa.Table(
    "team_memberships",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id", index=True),
    refers("team_id", "teams.id"),
    *span(),
)

line_managers = sa.Table(
    "line_managers",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id"),
    refers("manager_id", "practitioners.id", index=True),
    *span(),
    sa.CheckConstraint("practitioner_id <> manager_id", name="not_oneself"),
    partial_index("uq_line_managers_current", "practitioner_id", where="to_on IS NULL", unique=True),
)

absences = sa.Table(
    "absences",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id", index=True),
    refers("covered_by", "practitioners.id", required=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    *span(),
    day("expected_to_on"),
    day("begun_on"),
    sa.CheckConstraint("covered_by <> practitioner_id", name="covered_by_another"),
    sa.CheckConstraint("expected_to_on >= from_on", name="in_order"),
    partial_index("ix_absences_current", "practitioner_id", where="to_on IS NULL"),
    one_of("reason", "reason", "planned", "unplanned"),
)
"""Days on which somebody is away, both ends included; it lasts until it is ended, by somebody or when the expected
last day is over. An end before the beginning means that it never came. `begun_on` is the day on which what waited for
them was passed on. Why they are away is nobody's business here."""

accounts = sa.Table(
    "accounts",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id"),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("password_once", sa.Boolean, nullable=False, server_default=sa.false()),
    instant("disabled_at"),
)

account_roles = sa.Table(
    "account_roles",
    METADATA,
    identifier(),
    authority(),
    refers("account_id", "accounts.id", index=True),
    sa.Column("role", sa.Text, nullable=False),
    *span(),
)

mag_seats = sa.Table(
    "mag_seats",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id", index=True),
    words("mag", required=True),
    *span(),
    partial_index("uq_mag_seats_current", "practitioner_id", "mag", where="to_on IS NULL", unique=True),
)
"""Who sits on which multi-agency group, by the group's name in the profile."""

sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("token_hash", sa.Text, primary_key=True),
    refers("account_id", "accounts.id"),
    instant("started_at", required=True),
    instant("expires_at", required=True),
    instant("ended_at"),
    sa.Column("code_due", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("outside", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""`code_due`: the password was right, and the code of the second factor is still to be given. `outside`: somebody else
answers for who it is, as the council's single sign-on."""

sign_in_failures = sa.Table(
    "sign_in_failures",
    METADATA,
    identifier(),
    sa.Column("username_hash", sa.Text, nullable=False),
    words("address_hash"),
    instant("at", required=True),
    sa.Index("ix_sign_in_failures_who", "username_hash", "at"),
    sa.Index("ix_sign_in_failures_where", "address_hash", "at"),
)
