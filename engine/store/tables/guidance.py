"""An authority's own guides, printed copies asked for, training done, and what people say when a plan has ended."""

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
    refers,
    words,
)

guide_texts = sa.Table(
    "guide_texts",
    METADATA,
    identifier(),
    authority(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    words("title", required=True),
    words("text", required=True),
    words("beside"),
    refers("added_by", "practitioners.id"),
    instant("added_at", required=True),
    instant("withdrawn_at"),
    sa.UniqueConstraint("authority_id", "key", "version"),
)
"""An authority's own guides, every version kept; the newest is shown unless it was withdrawn. `beside` is the key of
the guide of ours that it stands beside, "" for none."""

guide_files = sa.Table(
    "guide_files",
    METADATA,
    identifier(),
    authority(),
    words("title", required=True),
    words("about"),
    words("name", required=True),
    words("media_type", required=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    words("beside"),
    refers("added_by", "practitioners.id"),
    instant("added_at", required=True),
    instant("withdrawn_at"),
)
"""An authority's own guidance that is a PDF or Word file: found by `title` and the line `about` it. `digest` is
SHA-256 (hexadecimal); `beside` as of `guide_texts`."""

guide_file_chunks = sa.Table(
    "guide_file_chunks",
    METADATA,
    refers("file_id", "guide_files.id"),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("file_id", "seq"),
)

guide_copies = sa.Table(
    "guide_copies",
    METADATA,
    identifier(),
    authority(),
    sa.Column("guide_key", sa.Text, nullable=False),
    words("title", required=True),
    sa.Column("copies", sa.Integer, nullable=False),
    words("send_to", required=True),
    refers("asked_by", "practitioners.id"),
    instant("asked_at", required=True),
    refers("sent_by", "practitioners.id", required=False),
    instant("sent_at"),
    sa.CheckConstraint("(sent_by IS NULL) = (sent_at IS NULL)", name="sent_by_somebody"),
    sa.CheckConstraint("copies > 0", name="some_copies"),
    sa.Index("ix_guide_copies_asked", "authority_id", "asked_at"),
)
"""Printed copies of a guide that somebody asked for; `title` is what the guide was called then."""

trainings = sa.Table(
    "trainings",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id", index=True),
    words("title", required=True),
    day("done_on", required=True),
    refers("recorded_by", "practitioners.id"),
    instant("recorded_at", required=True),
    sa.UniqueConstraint("practitioner_id", "title", "done_on"),
)
"""Courses that somebody has done."""

closing_links = sa.Table(
    "closing_links",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("member_id", "family_members.id", required=False),
    refers("practitioner_id", "practitioners.id", required=False),
    sa.Column("mailed", sa.Boolean, nullable=False),
    day("ends_on", required=True),
    sa.CheckConstraint("member_id IS NULL OR practitioner_id IS NULL", name="of_one_person"),
)
"""Private links by which one person without an account says whether a plan that has ended helped: one of the family,
the young person themself without either, or a practitioner. `mailed` tells that it went by e-mail; no token is kept, as
with `reply_links`."""

closing_words = sa.Table(
    "closing_words",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    sa.Column("from_whom", sa.Text, nullable=False),
    refers("given_by", "practitioners.id", required=False),
    refers("link_id", "closing_links.id", required=False),
    sa.Column("helped", sa.Text, nullable=False),
    words("said"),
    day("given_on", required=True),
    one_of("from_whom", "from_whom", "family", "practitioner"),
    one_of("helped", "helped", "a_lot", "a_little", "not", "worse"),
    sa.CheckConstraint("(given_by IS NULL) <> (link_id IS NULL)", name="from_one_person"),
    sa.UniqueConstraint("case_id", "given_by", "from_whom"),
    sa.UniqueConstraint("link_id"),
)
"""Whether a plan that has ended helped, as a practitioner says or heard from the family, or as somebody says on their
private page. `given_by` and `link_id` only keep each to one answer: nobody is told who said what."""
