"""Who may look although they usually may not, who may not although they usually may, and how people sign in."""

from __future__ import annotations

import sqlalchemy as sa

from engine.casework.purposes import PURPOSES
from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    instant,
    of_case,
    one_current,
    one_of,
    partial_index,
    refers,
    words,
)

case_restrictions = sa.Table(
    "case_restrictions",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    words("reason", required=True),
    refers("set_by", "practitioners.id"),
    instant("set_at", required=True),
    day("review_on", required=True),
    refers("lifted_by", "practitioners.id", required=False),
    instant("lifted_at"),
    words("lifted_reason"),
    sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
    one_current("case_restrictions", "lifted_at IS NULL"),
)
"""Cases that nobody reads by their office: a current row hides the case from all who do not work on it themselves."""

emergency_openings = sa.Table(
    "emergency_openings",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("practitioner_id", "practitioners.id"),
    words("reason", required=True),
    instant("from_at", required=True),
    instant("until_at", required=True),
    refers("looked_at_by", "practitioners.id", required=False),
    instant("looked_at"),
    words("found"),
    sa.CheckConstraint("until_at >= from_at", name="in_order"),
    sa.CheckConstraint("(looked_at IS NULL) = (looked_at_by IS NULL)", name="looked_at_by_somebody"),
    sa.Index("ix_emergency_openings_who", "practitioner_id", "case_id", "until_at"),
)
"""Records that somebody opened without being of the case, for an hour; it ends by itself when `until_at` has come."""

office_readings = sa.Table(
    "office_readings",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("practitioner_id", "practitioners.id"),
    sa.Column("purpose", sa.Text, nullable=False),
    words("reason"),
    instant("from_at", required=True),
    instant("until_at", required=True),
    one_of("purpose", "purpose", *PURPOSES),
    sa.CheckConstraint("until_at >= from_at", name="in_order"),
    sa.Index("ix_office_readings_who", "practitioner_id", "case_id", "until_at"),
)
"""What coordinators said they read a record for, on which they do not work; it ends with the local day."""

index_questions = sa.Table(
    "index_questions",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id"),
    instant("at", required=True),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("restricted", sa.JSON, nullable=False),
    instant("told_at"),
    one_of("asked", "asked", "search", "start"),
    partial_index("ix_index_questions_untold", "id", where="told_at IS NULL"),
)
"""Questions whether a child is known, without whose names; `restricted` holds the ids of restricted cases that matched.

Every question leaves a row, so that one that met a restricted case takes as long as one that met none.
"""

second_factors = sa.Table(
    "second_factors",
    METADATA,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
    instant("begun_at", required=True),
    instant("confirmed_at"),
    sa.Column("last_step", sa.BigInteger, nullable=False, server_default="0"),
)
"""`secret` is encrypted under the installation's own secret. A code of `last_step` or before is not taken again."""

recovery_codes = sa.Table(
    "recovery_codes",
    METADATA,
    identifier(),
    refers("account_id", "accounts.id", index=True),
    sa.Column("code_hash", sa.Text, nullable=False),
    instant("used_at"),
)

outside_identities = sa.Table(
    "outside_identities",
    METADATA,
    identifier(),
    refers("account_id", "accounts.id", index=True),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    instant("known_at", required=True),
    sa.UniqueConstraint("issuer", "subject"),
)
"""Who somebody is to the organisation that they sign in with."""
