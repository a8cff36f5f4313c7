"""Children and the families they live in."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.folding import folded_name
from engine.store.tables.types import METADATA, authority, day, identifier, one_of, refers, words

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
)
