"""What the family agreed to: about what, with whom, from when and until when."""

from __future__ import annotations

import sqlalchemy as sa

from engine.casework.consent_cover import ANSWERS, HOW_GIVEN, WHOSE
from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    of_case,
    one_of,
    partial_index,
    refers,
    span,
    words,
)

consents = sa.Table(
    "consents",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    words("given_by"),
    sa.Column("how_given", sa.Text),
    sa.Column("whose", sa.Text, nullable=False, server_default="parent"),
    words("competence"),
    words("second_judgement"),
    words("shared_for"),
    words("scope"),
    sa.Column("kinds", sa.JSON),
    words("reason"),
    words("offered_by"),
    words("offered"),
    *span(),
    day("until_on"),
    one_of("purpose", "purpose", "sharing", "mag"),
    one_of("answer", "answer", *ANSWERS),
    one_of("whose", "whose", *WHOSE),
    one_of("how_given", "how_given", *HOW_GIVEN),
    sa.CheckConstraint("whose <> 'young_person' OR competence <> ''", name="competence_is_judged"),
    sa.CheckConstraint("until_on IS NULL OR answer IN ('given', 'limited')", name="until_of_a_yes"),
    partial_index("uq_consents_current", "case_id", "purpose", where="to_on IS NULL", unique=True),
)
"""`to_on` is when another answer took its place, `until_on` the last day the family itself set (None: none).

`how_given` is one of `engine.casework.consent_cover.HOW_GIVEN` (null: not said), `shared_for` what the sharing is for.

`whose` it is: a parent's or carer's, or the young person's own, and then `competence` says who judged that they
understand, and why; `second_judgement` who else did, of a child below the age from which the authority asks them.
`kinds` are those of `engine.casework.consent_cover.KINDS` that a limited consent covers (null: all). `offered` is the
help that one service offers, by `offered_by`, where the family refused."""

consent_parties = sa.Table(
    "consent_parties",
    METADATA,
    identifier(),
    authority(),
    refers("consent_id", "consents.id", index=True),
    refers("agency_id", "agencies.id", required=False),
    refers("practitioner_id", "practitioners.id", required=False),
    sa.CheckConstraint("(agency_id IS NULL) <> (practitioner_id IS NULL)", name="agency_or_person"),
)
"""With whom the family lets a limited consent share: whole agencies, and practitioners by name."""
