"""Children and the families they live in."""

from __future__ import annotations

import sqlalchemy as sa

from engine.casework.family_sharing import DECIDED_BY, TOLD
from engine.store.folding import folded_name
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

families = sa.Table("families", METADATA, identifier(), authority(), words("name", required=True))

children = sa.Table(
    "children",
    METADATA,
    identifier(),
    authority(),
    refers("family_id", "families.id", index=True),
    words("given_name"),
    words("family_name", required=True),
    words("known_as"),
    folded_name(),
    sa.Column("sex", sa.Text, nullable=False, server_default="unknown"),
    day("born_on"),
    day("expected_on"),
    words("address"),
    sa.Column("address_secret", sa.Boolean, nullable=False, server_default=sa.false()),
    words("first_language"),
    words("interpreter"),
    words("access_needs"),
    words("disability"),
    words("ethnicity"),
    one_of("sex", "sex", "female", "male", "unknown"),
    sa.CheckConstraint("born_on IS NOT NULL OR expected_on IS NOT NULL", name="born_or_expected"),
    sa.Index("ix_children_by_name", "authority_id", "folded_name", "id"),
)

family_members = sa.Table(
    "family_members",
    METADATA,
    identifier(),
    authority(),
    refers("family_id", "families.id", index=True),
    words("name", required=True),
    words("relationship"),
    sa.Column("parental_responsibility", sa.Boolean, nullable=False, server_default=sa.false()),
    words("email"),
    words("phone"),
    words("address"),
    sa.Column("address_secret", sa.Boolean, nullable=False, server_default=sa.false()),
    words("first_language"),
    words("interpreter"),
    words("access_needs"),
)
"""A secret address is told to nobody, least of all to another parent."""

family_sharing = sa.Table(
    "family_sharing",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("member_id", "family_members.id", index=True),
    sa.Column("told", sa.Text, nullable=False),
    words("part"),
    sa.Column("decided_by", sa.Text, nullable=False),
    words("competence"),
    words("reason"),
    refers("recorded_by", "practitioners.id", required=False),
    *span(),
    one_of("told", "told", *TOLD),
    one_of("decided_by", "decided_by", *DECIDED_BY),
    sa.CheckConstraint("told = 'everything' OR reason <> ''", name="withheld_for_a_reason"),
    sa.CheckConstraint("told <> 'part' OR part <> ''", name="part_is_said"),
    sa.CheckConstraint("decided_by <> 'young_person' OR competence <> ''", name="competence_is_judged"),
    partial_index("uq_family_sharing_current", "case_id", "member_id", where="to_on IS NULL", unique=True),
)
"""What each of a family may be told of one child's case. Who has no row may be told what the family's consent covers.

`competence` says who judged that the young person understands, and why."""
