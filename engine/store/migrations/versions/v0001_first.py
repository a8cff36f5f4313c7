"""The first schema: everything. Written out, so that it never changes again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store.tables.types import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, those that others refer to first."""
    _create_authorities()
    _create_heartbeats()
    _create_history_anchors()
    _create_sign_in_failures()
    _create_timer_leases()
    _create_agencies()
    _create_families()
    _create_job_roles()
    _create_local_closures()
    _create_model_originals()
    _create_scenario_outcomes()
    _create_children()
    _create_family_members()
    _create_practitioners()
    _create_teams()
    _create_absences()
    _create_accounts()
    _create_audits()
    _create_cases()
    _create_guide_copies()
    _create_guide_files()
    _create_guide_texts()
    _create_index_questions()
    _create_line_managers()
    _create_mag_seats()
    _create_rule_approvals()
    _create_saved_lists()
    _create_team_memberships()
    _create_trainings()
    _create_account_roles()
    _create_action_plans()
    _create_assessments()
    _create_batches()
    _create_calendar_feeds()
    _create_case_facts()
    _create_case_links()
    _create_case_members()
    _create_case_messages()
    _create_case_pauses()
    _create_case_restrictions()
    _create_chases()
    _create_closing_links()
    _create_closures()
    _create_concerns()
    _create_consents()
    _create_consultations()
    _create_deployments()
    _create_disagreements()
    _create_emergency_openings()
    _create_family_searches()
    _create_family_sharing()
    _create_family_worries()
    _create_guide_file_chunks()
    _create_handovers()
    _create_history()
    _create_history_anchor_heads()
    _create_lead_professionals()
    _create_mag_referrals()
    _create_mail_agreements()
    _create_manager_discussions()
    _create_model_draft_revisions()
    _create_model_editors()
    _create_model_plays()
    _create_office_readings()
    _create_outbox()
    _create_outside_identities()
    _create_record_reads()
    _create_recovery_codes()
    _create_reports_back()
    _create_reviews()
    _create_second_factors()
    _create_sessions()
    _create_stage_spells()
    _create_standings()
    _create_tac_meetings()
    _create_team_messages()
    _create_transfers()
    _create_audit_cases()
    _create_closing_words()
    _create_consent_parties()
    _create_definitions()
    _create_disagreement_answers()
    _create_family_invitations()
    _create_handover_summaries()
    _create_invitations()
    _create_late_answers()
    _create_letters()
    _create_meeting_actions()
    _create_oversight_notes()
    _create_plan_changes()
    _create_plan_outcomes()
    _create_plan_versions()
    _create_proposals()
    _create_rehearsals()
    _create_significant_events()
    _create_team_message_readers()
    _create_audit_answers()
    _create_evaluations()
    _create_history_payloads()
    _create_instances()
    _create_letter_pages()
    _create_letter_sendings()
    _create_model_drafts()
    _create_plan_actions()
    _create_proposal_files()
    _create_rehearsal_files()
    _create_rehearsal_kinds()
    _create_reply_links()
    _create_case_instances()
    _create_contradictions()
    _create_escalations()
    _create_overlaps()
    _create_rehearsal_cases()
    _create_timers()
    _create_user_tasks()
    _create_attachments()
    _create_batch_items()
    _create_incidents()
    _create_offered_groups()
    _create_put_off()
    _create_task_drafts()
    _create_attachment_chunks()


def _create_authorities() -> None:
    op.create_table(
        "authorities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), server_default="Europe/London", nullable=False),
        sa.Column("nation", sa.Text(), server_default="england-and-wales", nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("swept_on", sa.Date(), nullable=True),
        sa.Column("digested_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_authorities"),
        sa.UniqueConstraint("key", name="uq_authorities_key"),
    )


def _create_heartbeats() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )


def _create_history_anchors() -> None:
    op.create_table(
        "history_anchors",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("reads_digest", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_history_anchors"),
    )


def _create_sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username_hash", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_where", "sign_in_failures", ["address_hash", "at"], unique=False)
    op.create_index("ix_sign_in_failures_who", "sign_in_failures", ["username_hash", "at"], unique=False)


def _create_timer_leases() -> None:
    op.create_table(
        "timer_leases",
        sa.Column("timer_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("timer_id", name="pk_timer_leases"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 2000},
    )


def _create_agencies() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_agencies_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agencies"),
    )


def _create_families() -> None:
    op.create_table(
        "families",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_families_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_families"),
    )


def _create_job_roles() -> None:
    op.create_table(
        "job_roles",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_job_roles_authority_id"),
        sa.PrimaryKeyConstraint("authority_id", "name", name="pk_job_roles"),
    )


def _create_local_closures() -> None:
    op.create_table(
        "local_closures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_local_closures_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_local_closures"),
        sa.UniqueConstraint("authority_id", "on_day", name="uq_local_closures_authority_id_on_day"),
    )


def _create_model_originals() -> None:
    op.create_table(
        "model_originals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_model_originals_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_model_originals"),
        sa.UniqueConstraint("authority_id", "file", name="uq_model_originals_authority_id_file"),
    )


def _create_children() -> None:
    op.create_table(
        "children",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.Text(), server_default="", nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("known_as", sa.Text(), server_default="", nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("address_secret", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("first_language", sa.Text(), server_default="", nullable=False),
        sa.Column("interpreter", sa.Text(), server_default="", nullable=False),
        sa.Column("access_needs", sa.Text(), server_default="", nullable=False),
        sa.Column("disability", sa.Text(), server_default="", nullable=False),
        sa.Column("ethnicity", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("sex IN ('female', 'male', 'unknown')", name="ck_children_sex"),
        sa.CheckConstraint("born_on IS NOT NULL OR expected_on IS NOT NULL", name="ck_children_born_or_expected"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_children_authority_id"),
        sa.ForeignKeyConstraint(["family_id"], ["families.id"], name="fk_children_family_id"),
        sa.PrimaryKeyConstraint("id", name="pk_children"),
    )
    op.create_index("ix_children_by_name", "children", ["authority_id", "folded_name", "id"], unique=False)
    op.create_index("ix_children_family_id", "children", ["family_id"], unique=False)


def _create_family_members() -> None:
    op.create_table(
        "family_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relationship", sa.Text(), server_default="", nullable=False),
        sa.Column("parental_responsibility", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("address_secret", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("first_language", sa.Text(), server_default="", nullable=False),
        sa.Column("interpreter", sa.Text(), server_default="", nullable=False),
        sa.Column("access_needs", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_family_members_authority_id"),
        sa.ForeignKeyConstraint(["family_id"], ["families.id"], name="fk_family_members_family_id"),
        sa.PrimaryKeyConstraint("id", name="pk_family_members"),
    )
    op.create_index("ix_family_members_family_id", "family_members", ["family_id"], unique=False)


def _create_practitioners() -> None:
    op.create_table(
        "practitioners",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("leaves_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("digest_off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("weekly_hours", sa.Integer(), nullable=True),
        sa.CheckConstraint("left_on IS NULL OR leaves_on IS NULL", name="ck_practitioners_leaves_or_left"),
        sa.CheckConstraint("weekly_hours BETWEEN 1 AND 168", name="ck_practitioners_hours_of_a_week"),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_practitioners_agency_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_practitioners_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_practitioners"),
    )


def _create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_teams_agency_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_teams_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
    )


def _create_absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("covered_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("expected_to_on", sa.Date(), nullable=True),
        sa.Column("begun_on", sa.Date(), nullable=True),
        sa.CheckConstraint("reason IN ('planned', 'unplanned')", name="ck_absences_reason"),
        sa.CheckConstraint("covered_by <> practitioner_id", name="ck_absences_covered_by_another"),
        sa.CheckConstraint("expected_to_on >= from_on", name="ck_absences_in_order"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_absences_authority_id"),
        sa.ForeignKeyConstraint(["covered_by"], ["practitioners.id"], name="fk_absences_covered_by"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_absences_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_covered_by", "absences", ["covered_by"], unique=False)
    op.create_index(
        "ix_absences_current",
        "absences",
        ["practitioner_id"],
        unique=False,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )
    op.create_index("ix_absences_practitioner_id", "absences", ["practitioner_id"], unique=False)


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_once", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_accounts_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_accounts_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("username", name="uq_accounts_username"),
    )


def _create_audits() -> None:
    op.create_table(
        "audits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("drawn_from", sa.Integer(), nullable=False),
        sa.Column("drawn_from_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_audits_authority_id"),
        sa.ForeignKeyConstraint(["made_by"], ["practitioners.id"], name="fk_audits_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_audits"),
    )
    op.create_index("ix_audits_made_by", "audits", ["made_by"], unique=False)


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), server_default="caf", nullable=False),
        sa.Column("linked_plan", sa.Text(), server_default="none", nullable=False),
        sa.Column("key_worker", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closure_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("checked_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("judge_on", sa.Date(), nullable=True),
        sa.Column("judged_with", sa.Integer(), nullable=True),
        sa.Column("history_count", sa.Integer(), nullable=False),
        sa.Column("history_head", sa.Text(), nullable=False),
        sa.Column("anchored_count", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("closed_on IS NOT NULL OR closure_reason = ''", name="ck_cases_reason_only_when_closed"),
        sa.CheckConstraint("key_worker = '' OR linked_plan <> 'none'", name="ck_cases_key_worker_of_a_plan"),
        sa.CheckConstraint(
            "linked_plan IN ('none', 'disability', 'sen', 'looked_after', 'youth_offending', 'child_protection', 'child_in_need')",
            name="ck_cases_linked_plan",
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_cases_authority_id"),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name="fk_cases_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("authority_id", "reference", name="uq_cases_authority_id_reference"),
    )
    op.create_index("ix_cases_child_id", "cases", ["child_id"], unique=False)
    op.create_index(
        "ix_cases_open",
        "cases",
        ["authority_id", "id"],
        unique=False,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(
        "ix_cases_unchecked",
        "cases",
        ["id"],
        unique=False,
        sqlite_where=sa.text("checked_version <> version AND closed_on IS NULL"),
        postgresql_where=sa.text("checked_version <> version AND closed_on IS NULL"),
    )


def _create_guide_copies() -> None:
    op.create_table(
        "guide_copies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("guide_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("send_to", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.CheckConstraint("(sent_by IS NULL) = (sent_at IS NULL)", name="ck_guide_copies_sent_by_somebody"),
        sa.CheckConstraint("copies > 0", name="ck_guide_copies_some_copies"),
        sa.ForeignKeyConstraint(["asked_by"], ["practitioners.id"], name="fk_guide_copies_asked_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_guide_copies_authority_id"),
        sa.ForeignKeyConstraint(["sent_by"], ["practitioners.id"], name="fk_guide_copies_sent_by"),
        sa.PrimaryKeyConstraint("id", name="pk_guide_copies"),
    )
    op.create_index("ix_guide_copies_asked", "guide_copies", ["authority_id", "asked_at"], unique=False)


def _create_guide_files() -> None:
    op.create_table(
        "guide_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("beside", sa.Text(), server_default="", nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["practitioners.id"], name="fk_guide_files_added_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_guide_files_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_guide_files"),
    )


def _create_guide_texts() -> None:
    op.create_table(
        "guide_texts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("beside", sa.Text(), server_default="", nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["practitioners.id"], name="fk_guide_texts_added_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_guide_texts_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_guide_texts"),
        sa.UniqueConstraint("authority_id", "key", "version", name="uq_guide_texts_authority_id_key_version"),
    )


def _create_index_questions() -> None:
    op.create_table(
        "index_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("restricted", sa.JSON(), nullable=False),
        sa.Column("told_at", Instant(), nullable=True),
        sa.CheckConstraint("asked IN ('search', 'start')", name="ck_index_questions_asked"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_index_questions_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_index_questions_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_index_questions"),
    )
    op.create_index(
        "ix_index_questions_untold",
        "index_questions",
        ["id"],
        unique=False,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )


def _create_line_managers() -> None:
    op.create_table(
        "line_managers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("practitioner_id <> manager_id", name="ck_line_managers_not_oneself"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_line_managers_authority_id"),
        sa.ForeignKeyConstraint(["manager_id"], ["practitioners.id"], name="fk_line_managers_manager_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_line_managers_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_line_managers"),
    )
    op.create_index("ix_line_managers_manager_id", "line_managers", ["manager_id"], unique=False)
    op.create_index(
        "uq_line_managers_current",
        "line_managers",
        ["practitioner_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _create_mag_seats() -> None:
    op.create_table(
        "mag_seats",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("mag", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_mag_seats_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_mag_seats_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mag_seats"),
    )
    op.create_index("ix_mag_seats_practitioner_id", "mag_seats", ["practitioner_id"], unique=False)
    op.create_index(
        "uq_mag_seats_current",
        "mag_seats",
        ["practitioner_id", "mag"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _create_rule_approvals() -> None:
    op.create_table(
        "rule_approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("row_ids", sa.JSON(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["approver_id"], ["practitioners.id"], name="fk_rule_approvals_approver_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_rule_approvals_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rule_approvals"),
    )
    op.create_index("ix_rule_approvals_text", "rule_approvals", ["authority_id", "hash"], unique=False)


def _create_saved_lists() -> None:
    op.create_table(
        "saved_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), server_default="tasks", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.CheckConstraint("place IN ('tasks', 'overdue')", name="ck_saved_lists_place"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_saved_lists_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_saved_lists_practitioner_id"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_saved_lists_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_lists"),
        sa.UniqueConstraint("practitioner_id", "place", "name", name="uq_saved_lists_practitioner_id_place_name"),
    )
    op.create_index("ix_saved_lists_team_id", "saved_lists", ["team_id"], unique=False)


def _create_team_memberships() -> None:
    op.create_table(
        "team_memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_team_memberships_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_team_memberships_practitioner_id"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_team_memberships_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_team_memberships"),
    )
    op.create_index("ix_team_memberships_practitioner_id", "team_memberships", ["practitioner_id"], unique=False)


def _create_trainings() -> None:
    op.create_table(
        "trainings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_trainings_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_trainings_practitioner_id"),
        sa.ForeignKeyConstraint(["recorded_by"], ["practitioners.id"], name="fk_trainings_recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_trainings"),
        sa.UniqueConstraint("practitioner_id", "title", "done_on", name="uq_trainings_practitioner_id_title_done_on"),
    )
    op.create_index("ix_trainings_practitioner_id", "trainings", ["practitioner_id"], unique=False)


def _create_account_roles() -> None:
    op.create_table(
        "account_roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_account_roles_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_account_roles_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_account_roles"),
    )
    op.create_index("ix_account_roles_account_id", "account_roles", ["account_id"], unique=False)


def _create_action_plans() -> None:
    op.create_table(
        "action_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_action_plans_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_action_plans_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_action_plans"),
    )
    op.create_index("ix_action_plans_case_id", "action_plans", ["case_id"], unique=False)
    op.create_index(
        "uq_action_plans_current",
        "action_plans",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("assessor_id", sa.Uuid(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["assessor_id"], ["practitioners.id"], name="fk_assessments_assessor_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_assessments_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_assessments_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
    )
    op.create_index("ix_assessments_case_id", "assessments", ["case_id"], unique=False)
    op.create_index(
        "uq_assessments_current",
        "assessments",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("completed_on IS NULL"),
        postgresql_where=sa.text("completed_on IS NULL"),
    )


def _create_batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (ended_at IS NOT NULL)", name="ck_batches_ended_when_done"),
        sa.CheckConstraint("(state = 'planned') = (begun_at IS NULL)", name="ck_batches_begun_unless_planned"),
        sa.CheckConstraint("kind IN ('tasks', 'interim', 'handovers', 'versions')", name="ck_batches_kind"),
        sa.CheckConstraint("state IN ('planned', 'running', 'paused', 'done')", name="ck_batches_state"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_batches_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_batches_authority_id"),
        sa.ForeignKeyConstraint(["undoes_id"], ["batches.id"], name="fk_batches_undoes_id"),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_of", "batches", ["authority_id", "account_id", "planned_at"], unique=False)
    op.create_index(
        "ix_batches_running",
        "batches",
        ["begun_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "uq_batches_undone",
        "batches",
        ["undoes_id"],
        unique=True,
        sqlite_where=sa.text("undoes_id IS NOT NULL"),
        postgresql_where=sa.text("undoes_id IS NOT NULL"),
    )


def _create_calendar_feeds() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_calendar_feeds_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_calendar_feeds_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feeds_token_hash"),
    )
    op.create_index(
        "uq_calendar_feeds_current",
        "calendar_feeds",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _create_case_facts() -> None:
    op.create_table(
        "case_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("valid_from", Instant(), nullable=False),
        sa.Column("valid_to", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_case_facts_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_facts_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_facts"),
    )
    op.create_index("ix_case_facts_case_id", "case_facts", ["case_id"], unique=False)
    op.create_index(
        "uq_case_facts_current",
        "case_facts",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )


def _create_case_links() -> None:
    op.create_table(
        "case_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("linked_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("linked_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('merged')", name="ck_case_links_kind"),
        sa.CheckConstraint("case_id <> linked_id", name="ck_case_links_another_case"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_case_links_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_links_case_id"),
        sa.ForeignKeyConstraint(["linked_id"], ["cases.id"], name="fk_case_links_linked_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_links"),
        sa.UniqueConstraint("case_id", "linked_id", "kind", name="uq_case_links_case_id_linked_id_kind"),
    )
    op.create_index("ix_case_links_case_id", "case_links", ["case_id"], unique=False)
    op.create_index("ix_case_links_linked_id", "case_links", ["linked_id"], unique=False)


def _create_case_members() -> None:
    op.create_table(
        "case_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("role IN ('assessor', 'member', 'mag')", name="ck_case_members_role"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_case_members_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_members_case_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_case_members_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_members"),
    )
    op.create_index("ix_case_members_case_id", "case_members", ["case_id"], unique=False)
    op.create_index("ix_case_members_practitioner_id", "case_members", ["practitioner_id"], unique=False)
    op.create_index(
        "uq_case_members_current",
        "case_members",
        ["case_id", "practitioner_id", "role"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _create_case_messages() -> None:
    op.create_table(
        "case_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("queued_by", sa.Uuid(), nullable=True),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_case_messages_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_messages_case_id"),
        sa.ForeignKeyConstraint(["queued_by"], ["practitioners.id"], name="fk_case_messages_queued_by"),
        sa.PrimaryKeyConstraint("id", name="pk_case_messages"),
    )
    op.create_index("ix_case_messages_case_id", "case_messages", ["case_id"], unique=False)
    op.create_index("ix_case_messages_next_try_at", "case_messages", ["next_try_at"], unique=False)


def _create_case_pauses() -> None:
    op.create_table(
        "case_pauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("until_on > paused_on", name="ck_case_pauses_in_order"),
        sa.ForeignKeyConstraint(["agreed_by"], ["practitioners.id"], name="fk_case_pauses_agreed_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_case_pauses_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_pauses_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_pauses"),
    )
    op.create_index("ix_case_pauses_case_id", "case_pauses", ["case_id"], unique=False)
    op.create_index(
        "uq_case_pauses_current",
        "case_pauses",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_case_restrictions() -> None:
    op.create_table(
        "case_restrictions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="ck_case_restrictions_lifted_by_somebody"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_case_restrictions_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_restrictions_case_id"),
        sa.ForeignKeyConstraint(["lifted_by"], ["practitioners.id"], name="fk_case_restrictions_lifted_by"),
        sa.ForeignKeyConstraint(["set_by"], ["practitioners.id"], name="fk_case_restrictions_set_by"),
        sa.PrimaryKeyConstraint("id", name="pk_case_restrictions"),
    )
    op.create_index("ix_case_restrictions_case_id", "case_restrictions", ["case_id"], unique=False)
    op.create_index(
        "uq_case_restrictions_current",
        "case_restrictions",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _create_chases() -> None:
    op.create_table(
        "chases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("chased_by", sa.Uuid(), nullable=False),
        sa.Column("chased_id", sa.Uuid(), nullable=False),
        sa.Column("chased_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_chases_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_chases_case_id"),
        sa.ForeignKeyConstraint(["chased_by"], ["practitioners.id"], name="fk_chases_chased_by"),
        sa.ForeignKeyConstraint(["chased_id"], ["practitioners.id"], name="fk_chases_chased_id"),
        sa.PrimaryKeyConstraint("id", name="pk_chases"),
        sa.UniqueConstraint("subject_id", "chased_on", name="uq_chases_subject_id_chased_on"),
    )
    op.create_index("ix_chases_case_id", "chases", ["case_id"], unique=False)
    op.create_index("ix_chases_subject_id", "chases", ["subject_id"], unique=False)


def _create_closing_links() -> None:
    op.create_table(
        "closing_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("member_id IS NULL OR practitioner_id IS NULL", name="ck_closing_links_of_one_person"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_closing_links_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_closing_links_case_id"),
        sa.ForeignKeyConstraint(["member_id"], ["family_members.id"], name="fk_closing_links_member_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_closing_links_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closing_links"),
    )
    op.create_index("ix_closing_links_case_id", "closing_links", ["case_id"], unique=False)


def _create_closures() -> None:
    op.create_table(
        "closures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("family_told", sa.Text(), server_default="yes", nullable=False),
        sa.Column("next_support", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("family_told IN ('yes', 'not_reached')", name="ck_closures_family_told"),
        sa.CheckConstraint("return_reason = '' OR returned_on IS NOT NULL", name="ck_closures_reason_when_returned"),
        sa.CheckConstraint("signed_on IS NULL OR returned_on IS NULL", name="ck_closures_one_answer"),
        sa.ForeignKeyConstraint(["agreed_by"], ["practitioners.id"], name="fk_closures_agreed_by"),
        sa.ForeignKeyConstraint(["answered_by"], ["practitioners.id"], name="fk_closures_answered_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_closures_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_closures_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closures"),
    )
    op.create_index("ix_closures_case_id", "closures", ["case_id"], unique=False)
    op.create_index(
        "uq_closures_current",
        "closures",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("signed_on IS NULL AND returned_on IS NULL"),
        postgresql_where=sa.text("signed_on IS NULL AND returned_on IS NULL"),
    )


def _create_concerns() -> None:
    op.create_table(
        "concerns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("harm", sa.Text(), server_default="", nullable=False),
        sa.Column("immediate_danger", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("what_happened", sa.Text(), server_default="", nullable=False),
        sa.Column("other_children", sa.Text(), server_default="", nullable=False),
        sa.Column("raised_with", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_concerns_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_concerns_case_id"),
        sa.ForeignKeyConstraint(["raised_by"], ["practitioners.id"], name="fk_concerns_raised_by"),
        sa.ForeignKeyConstraint(["raised_with"], ["concerns.id"], name="fk_concerns_raised_with"),
        sa.PrimaryKeyConstraint("id", name="pk_concerns"),
    )
    op.create_index("ix_concerns_case_id", "concerns", ["case_id"], unique=False)
    op.create_index("ix_concerns_raised_with", "concerns", ["raised_with"], unique=False)


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), server_default="", nullable=False),
        sa.Column("how_given", sa.Text(), nullable=True),
        sa.Column("whose", sa.Text(), server_default="parent", nullable=False),
        sa.Column("competence", sa.Text(), server_default="", nullable=False),
        sa.Column("second_judgement", sa.Text(), server_default="", nullable=False),
        sa.Column("shared_for", sa.Text(), server_default="", nullable=False),
        sa.Column("scope", sa.Text(), server_default="", nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("offered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("offered", sa.Text(), server_default="", nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "answer IN ('given', 'limited', 'refused', 'withdrawn', 'lapsed', 'yes', 'no', 'not_asked', 'no_answer')",
            name="ck_consents_answer",
        ),
        sa.CheckConstraint("how_given IN ('paper', 'screen', 'meeting', 'phone')", name="ck_consents_how_given"),
        sa.CheckConstraint("purpose IN ('sharing', 'mag')", name="ck_consents_purpose"),
        sa.CheckConstraint("until_on IS NULL OR answer IN ('given', 'limited')", name="ck_consents_until_of_a_yes"),
        sa.CheckConstraint("whose <> 'young_person' OR competence <> ''", name="ck_consents_competence_is_judged"),
        sa.CheckConstraint("whose IN ('parent', 'young_person')", name="ck_consents_whose"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_consents_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_consents_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_case_id", "consents", ["case_id"], unique=False)
    op.create_index(
        "uq_consents_current",
        "consents",
        ["case_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _create_consultations() -> None:
    op.create_table(
        "consultations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consent_by", sa.Text(), server_default="", nullable=False),
        sa.Column("family_view", sa.Text(), server_default="", nullable=False),
        sa.Column("family_asked_on", sa.Date(), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("asked_whom", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("advice", sa.Text(), server_default="", nullable=False),
        sa.Column("next_kind", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), server_default="", nullable=False),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "coalesce(next_kind, 'goes_on') IN ('goes_on', 'change_plan', 'refer')", name="ck_consultations_next_kind"
        ),
        sa.CheckConstraint(
            "coalesce(way, 'anonymous') <> 'named' OR consent = 'yes'", name="ck_consultations_named_with_consent"
        ),
        sa.CheckConstraint("coalesce(way, 'anonymous') IN ('named', 'anonymous')", name="ck_consultations_way"),
        sa.CheckConstraint("consent IN ('yes', 'no', 'not_asked')", name="ck_consultations_consent"),
        sa.CheckConstraint("(asked_on IS NULL) = (way IS NULL)", name="ck_consultations_way_when_asked"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_consultations_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_consultations_case_id"),
        sa.ForeignKeyConstraint(["recorded_by"], ["practitioners.id"], name="fk_consultations_recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_consultations"),
    )
    op.create_index("ix_consultations_case_id", "consultations", ["case_id"], unique=False)
    op.create_index(
        "uq_consultations_current",
        "consultations",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("asked_on IS NULL AND ended_on IS NULL"),
        postgresql_where=sa.text("asked_on IS NULL AND ended_on IS NULL"),
    )


def _create_deployments() -> None:
    op.create_table(
        "deployments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("login", sa.Text(), server_default="", nullable=False),
        sa.Column("trial", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_deployments_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_deployments_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deployments"),
    )


def _create_disagreements() -> None:
    op.create_table(
        "disagreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=True),
        sa.Column("other_side_id", sa.Uuid(), nullable=True),
        sa.Column("other_side", sa.Text(), server_default="", nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), server_default="", nullable=False),
        sa.Column("stage", sa.Text(), server_default="practitioners", nullable=False),
        sa.Column("stage_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.CheckConstraint("stage IN ('practitioners', 'managers', 'senior_officers')", name="ck_disagreements_stage"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_disagreements_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_disagreements_case_id"),
        sa.ForeignKeyConstraint(["other_side_id"], ["practitioners.id"], name="fk_disagreements_other_side_id"),
        sa.ForeignKeyConstraint(["raised_by"], ["practitioners.id"], name="fk_disagreements_raised_by"),
        sa.PrimaryKeyConstraint("id", name="pk_disagreements"),
    )
    op.create_index("ix_disagreements_case_id", "disagreements", ["case_id"], unique=False)
    op.create_index(
        "uq_disagreements_current",
        "disagreements",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("settled_on IS NULL"),
        postgresql_where=sa.text("settled_on IS NULL"),
    )


def _create_emergency_openings() -> None:
    op.create_table(
        "emergency_openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("looked_at_by", sa.Uuid(), nullable=True),
        sa.Column("looked_at", Instant(), nullable=True),
        sa.Column("found", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(looked_at IS NULL) = (looked_at_by IS NULL)", name="ck_emergency_openings_looked_at_by_somebody"
        ),
        sa.CheckConstraint("until_at >= from_at", name="ck_emergency_openings_in_order"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_emergency_openings_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_emergency_openings_case_id"),
        sa.ForeignKeyConstraint(["looked_at_by"], ["practitioners.id"], name="fk_emergency_openings_looked_at_by"),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name="fk_emergency_openings_practitioner_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_emergency_openings"),
    )
    op.create_index("ix_emergency_openings_case_id", "emergency_openings", ["case_id"], unique=False)
    op.create_index(
        "ix_emergency_openings_who", "emergency_openings", ["practitioner_id", "case_id", "until_at"], unique=False
    )


def _create_family_searches() -> None:
    op.create_table(
        "family_searches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("last_contact_on", sa.Date(), nullable=True),
        sa.Column("tried", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "coalesce(decision, 'keep_looking') IN ('keep_looking', 'concern', 'close')",
            name="ck_family_searches_decision",
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_family_searches_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_family_searches_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_family_searches"),
    )
    op.create_index("ix_family_searches_case_id", "family_searches", ["case_id"], unique=False)
    op.create_index(
        "uq_family_searches_current",
        "family_searches",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_family_sharing() -> None:
    op.create_table(
        "family_sharing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("competence", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "decided_by <> 'young_person' OR competence <> ''", name="ck_family_sharing_competence_is_judged"
        ),
        sa.CheckConstraint(
            "decided_by IN ('family', 'young_person', 'practitioner', 'court')", name="ck_family_sharing_decided_by"
        ),
        sa.CheckConstraint("told <> 'part' OR part <> ''", name="ck_family_sharing_part_is_said"),
        sa.CheckConstraint("told = 'everything' OR reason <> ''", name="ck_family_sharing_withheld_for_a_reason"),
        sa.CheckConstraint("told IN ('everything', 'part', 'nothing')", name="ck_family_sharing_told"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_family_sharing_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_family_sharing_case_id"),
        sa.ForeignKeyConstraint(["member_id"], ["family_members.id"], name="fk_family_sharing_member_id"),
        sa.ForeignKeyConstraint(["recorded_by"], ["practitioners.id"], name="fk_family_sharing_recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_family_sharing"),
    )
    op.create_index("ix_family_sharing_case_id", "family_sharing", ["case_id"], unique=False)
    op.create_index("ix_family_sharing_member_id", "family_sharing", ["member_id"], unique=False)
    op.create_index(
        "uq_family_sharing_current",
        "family_sharing",
        ["case_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _create_family_worries() -> None:
    op.create_table(
        "family_worries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("worry", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(answered_on IS NULL) = (answer = '')", name="ck_family_worries_answered_in_words"),
        sa.CheckConstraint(
            "(answered_on IS NULL) = (answered_by IS NULL)", name="ck_family_worries_answered_by_somebody"
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["practitioners.id"], name="fk_family_worries_answered_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_family_worries_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_family_worries_case_id"),
        sa.ForeignKeyConstraint(["member_id"], ["family_members.id"], name="fk_family_worries_member_id"),
        sa.ForeignKeyConstraint(["written_by"], ["practitioners.id"], name="fk_family_worries_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_family_worries"),
    )
    op.create_index("ix_family_worries_case_id", "family_worries", ["case_id"], unique=False)
    op.create_index("ix_family_worries_member_id", "family_worries", ["member_id"], unique=False)


def _create_guide_file_chunks() -> None:
    op.create_table(
        "guide_file_chunks",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["guide_files.id"], name="fk_guide_file_chunks_file_id"),
        sa.PrimaryKeyConstraint("file_id", "seq", name="pk_guide_file_chunks"),
    )


def _create_handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("family_view", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("family_told_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("declined_on", sa.Date(), nullable=True),
        sa.Column("declined_by", sa.Text(), nullable=True),
        sa.Column("decline_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("cause IN ('first', 'planned', 'left', 'absent')", name="ck_handovers_cause"),
        sa.CheckConstraint(
            "coalesce(declined_by, 'successor') IN ('successor', 'family')", name="ck_handovers_declined_by"
        ),
        sa.CheckConstraint("(declined_on IS NULL) = (declined_by IS NULL)", name="ck_handovers_who_declined"),
        sa.CheckConstraint("accepted_on IS NULL OR declined_on IS NULL", name="ck_handovers_one_answer"),
        sa.CheckConstraint("declined_on IS NULL OR ended_on IS NOT NULL", name="ck_handovers_over_when_declined"),
        sa.CheckConstraint("settled_on IS NULL OR declined_on IS NOT NULL", name="ck_handovers_settled_when_declined"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_handovers_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_handovers_case_id"),
        sa.ForeignKeyConstraint(["proposed_by"], ["practitioners.id"], name="fk_handovers_proposed_by"),
        sa.ForeignKeyConstraint(["successor_id"], ["practitioners.id"], name="fk_handovers_successor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index("ix_handovers_case_id", "handovers", ["case_id"], unique=False)
    op.create_index(
        "uq_handovers_current",
        "handovers",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_history() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Integer(), server_default="1", nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("payload_digest", sa.Text(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("request_asks", sa.Text(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_history_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_history_case_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_history_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
        sa.UniqueConstraint(
            "authority_id", "practitioner_id", "request_key", name="uq_history_authority_id_practitioner_id_request_key"
        ),
        sa.UniqueConstraint("case_id", "seq", name="uq_history_case_id_seq"),
    )


def _create_history_anchor_heads() -> None:
    op.create_table(
        "history_anchor_heads",
        sa.Column("anchor_seq", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["anchor_seq"], ["history_anchors.seq"], name="fk_history_anchor_heads_anchor_seq"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_history_anchor_heads_case_id"),
        sa.PrimaryKeyConstraint("anchor_seq", "case_id", name="pk_history_anchor_heads"),
    )


def _create_lead_professionals() -> None:
    op.create_table(
        "lead_professionals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("interim", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("planned_end_on", sa.Date(), nullable=True),
        sa.Column("family_wishes", sa.Text(), server_default="", nullable=False),
        sa.Column("reasons", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_lead_professionals_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_lead_professionals_case_id"),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name="fk_lead_professionals_practitioner_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lead_professionals"),
    )
    op.create_index("ix_lead_professionals_case_id", "lead_professionals", ["case_id"], unique=False)
    op.create_index("ix_lead_professionals_practitioner_id", "lead_professionals", ["practitioner_id"], unique=False)
    op.create_index(
        "uq_lead_professionals_current",
        "lead_professionals",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _create_mag_referrals() -> None:
    op.create_table(
        "mag_referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("tried", sa.Text(), server_default="", nullable=False),
        sa.Column("asked", sa.Text(), server_default="", nullable=False),
        sa.Column("discussed_on", sa.Date(), nullable=True),
        sa.Column("papers_sent_on", sa.Date(), nullable=True),
        sa.Column("missing", sa.Text(), server_default="", nullable=False),
        sa.Column("screened_on", sa.Date(), nullable=True),
        sa.Column("mag", sa.Text(), server_default="", nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=True),
        sa.Column("put_off", sa.Integer(), server_default="0", nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("decided_on IS NULL OR ended_on IS NOT NULL", name="ck_mag_referrals_decided_is_ended"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_mag_referrals_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_mag_referrals_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mag_referrals"),
    )
    op.create_index("ix_mag_referrals_case_id", "mag_referrals", ["case_id"], unique=False)
    op.create_index(
        "uq_mag_referrals_current",
        "mag_referrals",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_mail_agreements() -> None:
    op.create_table(
        "mail_agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_mail_agreements_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_mail_agreements_case_id"),
        sa.ForeignKeyConstraint(["member_id"], ["family_members.id"], name="fk_mail_agreements_member_id"),
        sa.ForeignKeyConstraint(["recorded_by"], ["practitioners.id"], name="fk_mail_agreements_recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_mail_agreements"),
    )
    op.create_index("ix_mail_agreements_case_id", "mail_agreements", ["case_id"], unique=False)
    op.create_index("ix_mail_agreements_member_id", "mail_agreements", ["member_id"], unique=False)
    op.create_index(
        "uq_mail_agreements_current",
        "mail_agreements",
        ["case_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_manager_discussions() -> None:
    op.create_table(
        "manager_discussions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("discussed_on", sa.Date(), nullable=True),
        sa.Column("tried", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("next_step", sa.Text(), server_default="", nullable=False),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_manager_discussions_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_manager_discussions_case_id"),
        sa.ForeignKeyConstraint(["manager_id"], ["practitioners.id"], name="fk_manager_discussions_manager_id"),
        sa.PrimaryKeyConstraint("id", name="pk_manager_discussions"),
    )
    op.create_index("ix_manager_discussions_case_id", "manager_discussions", ["case_id"], unique=False)
    op.create_index(
        "uq_manager_discussions_current",
        "manager_discussions",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_model_draft_revisions() -> None:
    op.create_table(
        "model_draft_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_model_draft_revisions_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_model_draft_revisions_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_model_draft_revisions"),
        sa.UniqueConstraint(
            "authority_id", "file", "version", name="uq_model_draft_revisions_authority_id_file_version"
        ),
    )


def _create_model_editors() -> None:
    op.create_table(
        "model_editors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_model_editors_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_model_editors_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_model_editors"),
        sa.UniqueConstraint("authority_id", "file", "account_id", name="uq_model_editors_authority_id_file_account_id"),
    )


def _create_model_plays() -> None:
    op.create_table(
        "model_plays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_model_plays_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_model_plays_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_model_plays"),
        sa.UniqueConstraint("authority_id", "file", "account_id", name="uq_model_plays_authority_id_file_account_id"),
    )


def _create_scenario_outcomes() -> None:
    op.create_table(
        "scenario_outcomes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("flows", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_scenario_outcomes_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scenario_outcomes"),
        sa.UniqueConstraint("authority_id", "digest", name="uq_scenario_outcomes_authority_id_digest"),
    )


def _create_office_readings() -> None:
    op.create_table(
        "office_readings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('audit', 'allocation', 'family', 'advice', 'other')", name="ck_office_readings_purpose"
        ),
        sa.CheckConstraint("until_at >= from_at", name="ck_office_readings_in_order"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_office_readings_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_office_readings_case_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_office_readings_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_office_readings"),
    )
    op.create_index("ix_office_readings_case_id", "office_readings", ["case_id"], unique=False)
    op.create_index(
        "ix_office_readings_who", "office_readings", ["practitioner_id", "case_id", "until_at"], unique=False
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="ck_outbox_state"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_outbox_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_outbox_case_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_outbox_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("dedupe_key", name="uq_outbox_dedupe_key"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _create_outside_identities() -> None:
    op.create_table(
        "outside_identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_outside_identities_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outside_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_outside_identities_issuer_subject"),
    )
    op.create_index("ix_outside_identities_account_id", "outside_identities", ["account_id"], unique=False)


def _create_record_reads() -> None:
    op.create_table(
        "record_reads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("anchor_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_record_reads_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_record_reads_case_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_record_reads_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_record_reads"),
    )
    op.create_index("ix_record_reads_anchor_seq", "record_reads", ["anchor_seq"], unique=False)
    op.create_index("ix_record_reads_case_id", "record_reads", ["case_id"], unique=False)
    op.create_index("ix_record_reads_practitioner_id", "record_reads", ["practitioner_id"], unique=False)


def _create_recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_recovery_codes_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"], unique=False)


def _create_reports_back() -> None:
    op.create_table(
        "reports_back",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="ck_reports_back_seen_by_somebody"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_reports_back_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_reports_back_case_id"),
        sa.ForeignKeyConstraint(["seen_by"], ["practitioners.id"], name="fk_reports_back_seen_by"),
        sa.ForeignKeyConstraint(["written_by"], ["practitioners.id"], name="fk_reports_back_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_reports_back"),
    )
    op.create_index("ix_reports_back_case_id", "reports_back", ["case_id"], unique=False)


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.CheckConstraint("coalesce(outcome, 'same') IN ('better', 'same', 'worse')", name="ck_reviews_outcome"),
        sa.CheckConstraint("coalesce(way, 'meeting') IN ('meeting', 'updates')", name="ck_reviews_way"),
        sa.CheckConstraint("(held_on IS NULL) = (outcome IS NULL)", name="ck_reviews_outcome_when_held"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_reviews_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_reviews_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_case_id", "reviews", ["case_id"], unique=False)
    op.create_index(
        "uq_reviews_current",
        "reviews",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("held_on IS NULL"),
        postgresql_where=sa.text("held_on IS NULL"),
    )


def _create_second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_second_factors_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factors"),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("code_due", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("outside", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )


def _create_stage_spells() -> None:
    op.create_table(
        "stage_spells",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("to_on >= from_on", name="ck_stage_spells_in_order"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_stage_spells_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_stage_spells_case_id"),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_stage_spells"),
    )
    op.create_index(
        "ix_stage_spells_ended", "stage_spells", ["authority_id", "to_on", "stage", "from_on"], unique=False
    )
    op.create_index(
        "uq_stage_spells_current",
        "stage_spells",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def _create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("harm", sa.Integer(), nullable=False),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("vacant", sa.Boolean(), nullable=False),
        sa.Column("worse", sa.Boolean(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_standings_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_standings_case_id"),
        sa.ForeignKeyConstraint(["holder_id"], ["practitioners.id"], name="fk_standings_holder_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_standings"),
    )
    op.create_index("ix_standings_holder_id", "standings", ["holder_id"], unique=False)
    op.create_index("ix_standings_of_authority", "standings", ["authority_id", "stage"], unique=False)


def _create_tac_meetings() -> None:
    op.create_table(
        "tac_meetings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("venue", sa.Text(), server_default="", nullable=False),
        sa.Column("agenda", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("notes_by", sa.Text(), server_default="", nullable=False),
        sa.Column("came_with", sa.Text(), server_default="", nullable=False),
        sa.Column("checklists", sa.JSON(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("ends_with", sa.Text(), server_default="", nullable=False),
        sa.Column("no_actions_why", sa.Text(), server_default="", nullable=False),
        sa.Column("rebooked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("joined_id", sa.Uuid(), nullable=True),
        sa.Column("minutes_sent_on", sa.Date(), nullable=True),
        sa.Column("called_off_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ends_with <> 'go_on' OR next_on IS NOT NULL", name="ck_tac_meetings_next_date_when_going_on"
        ),
        sa.CheckConstraint("ends_with IN ('', 'go_on', 'close', 'step_up')", name="ck_tac_meetings_ends_with"),
        sa.CheckConstraint("called_off_on IS NULL OR held_on IS NULL", name="ck_tac_meetings_held_or_called_off"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_tac_meetings_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_tac_meetings_case_id"),
        sa.ForeignKeyConstraint(["joined_id"], ["tac_meetings.id"], name="fk_tac_meetings_joined_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tac_meetings"),
    )
    op.create_index("ix_tac_meetings_case_id", "tac_meetings", ["case_id"], unique=False)
    op.create_index("ix_tac_meetings_joined_id", "tac_meetings", ["joined_id"], unique=False)


def _create_team_messages() -> None:
    op.create_table(
        "team_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_team_messages_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_team_messages_case_id"),
        sa.ForeignKeyConstraint(["written_by"], ["practitioners.id"], name="fk_team_messages_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_team_messages"),
    )
    op.create_index("ix_team_messages_case_id", "team_messages", ["case_id"], unique=False)


def _create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("moves_on", sa.Date(), nullable=True),
        sa.Column("consent", sa.Text(), server_default="not_asked", nullable=False),
        sa.Column("consent_by", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_to", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_what", sa.Text(), server_default="", nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_by", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("coalesce(decision, 'stay') IN ('moved', 'close', 'stay')", name="ck_transfers_decision"),
        sa.CheckConstraint("consent IN ('not_asked', 'yes', 'no')", name="ck_transfers_consent"),
        sa.CheckConstraint("sent_on IS NULL OR consent = 'yes'", name="ck_transfers_sent_with_consent"),
        sa.CheckConstraint("received_on IS NULL OR sent_on IS NOT NULL", name="ck_transfers_received_when_sent"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_transfers_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_transfers_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
    )
    op.create_index("ix_transfers_case_id", "transfers", ["case_id"], unique=False)
    op.create_index(
        "uq_transfers_current",
        "transfers",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_audit_cases() -> None:
    op.create_table(
        "audit_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(judged_on IS NULL) = (event_id IS NULL)", name="ck_audit_cases_judged_in_the_history"),
        sa.CheckConstraint("(judged_on IS NULL) = (judged_by IS NULL)", name="ck_audit_cases_judged_by_somebody"),
        sa.ForeignKeyConstraint(["audit_id"], ["audits.id"], name="fk_audit_cases_audit_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_audit_cases_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_audit_cases_case_id"),
        sa.ForeignKeyConstraint(["event_id"], ["history.id"], name="fk_audit_cases_event_id"),
        sa.ForeignKeyConstraint(["judged_by"], ["practitioners.id"], name="fk_audit_cases_judged_by"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_cases"),
        sa.UniqueConstraint("audit_id", "case_id", name="uq_audit_cases_audit_id_case_id"),
        sa.UniqueConstraint("audit_id", "place", name="uq_audit_cases_audit_id_place"),
    )
    op.create_index("ix_audit_cases_case_id", "audit_cases", ["case_id"], unique=False)


def _create_closing_words() -> None:
    op.create_table(
        "closing_words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("from_whom", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("helped", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.CheckConstraint("(given_by IS NULL) <> (link_id IS NULL)", name="ck_closing_words_from_one_person"),
        sa.CheckConstraint("from_whom IN ('family', 'practitioner')", name="ck_closing_words_from_whom"),
        sa.CheckConstraint("helped IN ('a_lot', 'a_little', 'not', 'worse')", name="ck_closing_words_helped"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_closing_words_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_closing_words_case_id"),
        sa.ForeignKeyConstraint(["given_by"], ["practitioners.id"], name="fk_closing_words_given_by"),
        sa.ForeignKeyConstraint(["link_id"], ["closing_links.id"], name="fk_closing_words_link_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closing_words"),
        sa.UniqueConstraint("case_id", "given_by", "from_whom", name="uq_closing_words_case_id_given_by_from_whom"),
        sa.UniqueConstraint("link_id", name="uq_closing_words_link_id"),
    )
    op.create_index("ix_closing_words_case_id", "closing_words", ["case_id"], unique=False)


def _create_consent_parties() -> None:
    op.create_table(
        "consent_parties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(agency_id IS NULL) <> (practitioner_id IS NULL)", name="ck_consent_parties_agency_or_person"
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_consent_parties_agency_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_consent_parties_authority_id"),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name="fk_consent_parties_consent_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_consent_parties_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent_parties"),
    )
    op.create_index("ix_consent_parties_consent_id", "consent_parties", ["consent_id"], unique=False)


def _create_definitions() -> None:
    op.create_table(
        "definitions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("uses", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('process', 'rules', 'form', 'examples', 'scenario')", name="ck_definitions_kind"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_definitions_authority_id"),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name="fk_definitions_deployment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_definitions"),
        sa.UniqueConstraint(
            "authority_id", "kind", "key", "version", name="uq_definitions_authority_id_kind_key_version"
        ),
    )
    op.create_index("ix_definitions_deployment_id", "definitions", ["deployment_id"], unique=False)


def _create_disagreement_answers() -> None:
    op.create_table(
        "disagreement_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disagreement_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("settled", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.CheckConstraint("settled IN ('yes', 'no')", name="ck_disagreement_answers_settled"),
        sa.CheckConstraint(
            "stage IN ('practitioners', 'managers', 'senior_officers')", name="ck_disagreement_answers_stage"
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["practitioners.id"], name="fk_disagreement_answers_answered_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_disagreement_answers_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_disagreement_answers_case_id"),
        sa.ForeignKeyConstraint(
            ["disagreement_id"], ["disagreements.id"], name="fk_disagreement_answers_disagreement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disagreement_answers"),
    )
    op.create_index("ix_disagreement_answers_case_id", "disagreement_answers", ["case_id"], unique=False)
    op.create_index(
        "ix_disagreement_answers_disagreement_id", "disagreement_answers", ["disagreement_id"], unique=False
    )


def _create_family_invitations() -> None:
    op.create_table(
        "family_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("why_not", sa.Text(), server_default="", nullable=False),
        sa.Column("needs", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("reply", sa.Text(), server_default="none", nullable=False),
        sa.Column("replied_on", sa.Date(), nullable=True),
        sa.Column("brings", sa.Text(), server_default="", nullable=False),
        sa.Column("views", sa.Text(), server_default="", nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("called_off_on", sa.Date(), nullable=True),
        sa.CheckConstraint("invited OR why_not <> ''", name="ck_family_invitations_not_invited_for_a_reason"),
        sa.CheckConstraint("reply IN ('none', 'coming', 'not_coming')", name="ck_family_invitations_reply"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_family_invitations_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_family_invitations_case_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["tac_meetings.id"], name="fk_family_invitations_meeting_id"),
        sa.ForeignKeyConstraint(["member_id"], ["family_members.id"], name="fk_family_invitations_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_family_invitations"),
    )
    op.create_index("ix_family_invitations_case_id", "family_invitations", ["case_id"], unique=False)
    op.create_index("ix_family_invitations_meeting_id", "family_invitations", ["meeting_id"], unique=False)
    op.create_index("ix_family_invitations_member_id", "family_invitations", ["member_id"], unique=False)
    op.create_index(
        "uq_family_invitations_child",
        "family_invitations",
        ["meeting_id"],
        unique=True,
        sqlite_where=sa.text("member_id IS NULL"),
        postgresql_where=sa.text("member_id IS NULL"),
    )
    op.create_index(
        "uq_family_invitations_member",
        "family_invitations",
        ["meeting_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("member_id IS NOT NULL"),
        postgresql_where=sa.text("member_id IS NOT NULL"),
    )


def _create_handover_summaries() -> None:
    op.create_table(
        "handover_summaries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_handover_summaries_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_handover_summaries_case_id"),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], name="fk_handover_summaries_handover_id"),
        sa.ForeignKeyConstraint(["written_by"], ["practitioners.id"], name="fk_handover_summaries_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_handover_summaries"),
        sa.UniqueConstraint("handover_id", "version", name="uq_handover_summaries_handover_id_version"),
    )
    op.create_index("ix_handover_summaries_case_id", "handover_summaries", ["case_id"], unique=False)
    op.create_index("ix_handover_summaries_handover_id", "handover_summaries", ["handover_id"], unique=False)


def _create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=False),
        sa.Column("reply", sa.Text(), server_default="none", nullable=False),
        sa.Column("report", sa.Text(), server_default="", nullable=False),
        sa.Column("substitute", sa.Text(), server_default="", nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("called_off_on", sa.Date(), nullable=True),
        sa.CheckConstraint("reply IN ('none', 'attending', 'apologies', 'substitute')", name="ck_invitations_reply"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_invitations_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_invitations_case_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["tac_meetings.id"], name="fk_invitations_meeting_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_invitations_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("meeting_id", "practitioner_id", name="uq_invitations_meeting_id_practitioner_id"),
    )
    op.create_index("ix_invitations_case_id", "invitations", ["case_id"], unique=False)
    op.create_index("ix_invitations_meeting_id", "invitations", ["meeting_id"], unique=False)


def _create_late_answers() -> None:
    op.create_table(
        "late_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_late_answers_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_late_answers_case_id"),
        sa.ForeignKeyConstraint(["event_id"], ["history.id"], name="fk_late_answers_event_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_late_answers_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_late_answers"),
    )
    op.create_index("ix_late_answers_case_id", "late_answers", ["case_id"], unique=False)
    op.create_index(
        "uq_late_answers_current",
        "late_answers",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("replaced_on IS NULL"),
        postgresql_where=sa.text("replaced_on IS NULL"),
    )


def _create_letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("address_secret", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("instead_of_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("sent_by", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(sent_on IS NULL) = (sent_by = '')", name="ck_letters_sent_somehow"),
        sa.CheckConstraint(
            "kind IN ('invitation', 'called_off', 'notes', 'plan', 'assessment')", name="ck_letters_kind"
        ),
        sa.CheckConstraint("sent_by IN ('', 'email', 'post', 'hand')", name="ck_letters_sent_by"),
        sa.CheckConstraint("member_id IS NULL OR practitioner_id IS NULL", name="ck_letters_to_one_person"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_letters_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_letters_case_id"),
        sa.ForeignKeyConstraint(["changed_by"], ["practitioners.id"], name="fk_letters_changed_by"),
        sa.ForeignKeyConstraint(["instead_of_id"], ["letters.id"], name="fk_letters_instead_of_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["tac_meetings.id"], name="fk_letters_meeting_id"),
        sa.ForeignKeyConstraint(["member_id"], ["family_members.id"], name="fk_letters_member_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_letters_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
    )
    op.create_index("ix_letters_case_id", "letters", ["case_id"], unique=False)
    op.create_index("ix_letters_instead_of_id", "letters", ["instead_of_id"], unique=False)
    op.create_index("ix_letters_meeting_id", "letters", ["meeting_id"], unique=False)
    op.create_index("ix_letters_member_id", "letters", ["member_id"], unique=False)
    op.create_index("ix_letters_practitioner_id", "letters", ["practitioner_id"], unique=False)
    op.create_index(
        "ix_letters_waiting",
        "letters",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("sent_on IS NULL"),
        postgresql_where=sa.text("sent_on IS NULL"),
    )


def _create_meeting_actions() -> None:
    op.create_table(
        "meeting_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_meeting_actions_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_meeting_actions_case_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["tac_meetings.id"], name="fk_meeting_actions_meeting_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["practitioners.id"], name="fk_meeting_actions_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_actions"),
    )
    op.create_index("ix_meeting_actions_case_id", "meeting_actions", ["case_id"], unique=False)
    op.create_index("ix_meeting_actions_meeting_id", "meeting_actions", ["meeting_id"], unique=False)


def _create_oversight_notes() -> None:
    op.create_table(
        "oversight_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("discussed_with", sa.Uuid(), nullable=True),
        sa.Column("discussed_on", sa.Date(), nullable=False),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_oversight_notes_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_oversight_notes_case_id"),
        sa.ForeignKeyConstraint(["discussed_with"], ["practitioners.id"], name="fk_oversight_notes_discussed_with"),
        sa.ForeignKeyConstraint(["event_id"], ["history.id"], name="fk_oversight_notes_event_id"),
        sa.ForeignKeyConstraint(["written_by"], ["practitioners.id"], name="fk_oversight_notes_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_oversight_notes"),
    )
    op.create_index("ix_oversight_notes_case_id", "oversight_notes", ["case_id"], unique=False)
    op.create_index("ix_oversight_notes_discussed_with", "oversight_notes", ["discussed_with"], unique=False)
    op.create_index(
        "ix_oversight_notes_last", "oversight_notes", ["case_id", "discussed_with", "discussed_on"], unique=False
    )


def _create_plan_changes() -> None:
    op.create_table(
        "plan_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("family_view", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_plan_changes_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_plan_changes_case_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["practitioners.id"], name="fk_plan_changes_decided_by"),
        sa.ForeignKeyConstraint(["plan_id"], ["action_plans.id"], name="fk_plan_changes_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_changes"),
    )
    op.create_index("ix_plan_changes_case_id", "plan_changes", ["case_id"], unique=False)
    op.create_index("ix_plan_changes_plan_id", "plan_changes", ["plan_id"], unique=False)


def _create_plan_outcomes() -> None:
    op.create_table(
        "plan_outcomes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("dropped_why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("dropped_why = '' OR dropped_on IS NOT NULL", name="ck_plan_outcomes_why_when_dropped"),
        sa.CheckConstraint("met_on IS NULL OR dropped_on IS NULL", name="ck_plan_outcomes_met_or_dropped"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_plan_outcomes_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_plan_outcomes_case_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["action_plans.id"], name="fk_plan_outcomes_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_outcomes"),
    )
    op.create_index("ix_plan_outcomes_case_id", "plan_outcomes", ["case_id"], unique=False)
    op.create_index("ix_plan_outcomes_plan_id", "plan_outcomes", ["plan_id"], unique=False)


def _create_plan_versions() -> None:
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_plan_versions_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_plan_versions_case_id"),
        sa.ForeignKeyConstraint(["made_by"], ["practitioners.id"], name="fk_plan_versions_made_by"),
        sa.ForeignKeyConstraint(["plan_id"], ["action_plans.id"], name="fk_plan_versions_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_versions"),
        sa.UniqueConstraint("case_id", "number", name="uq_plan_versions_case_id_number"),
    )
    op.create_index("ix_plan_versions_case_id", "plan_versions", ["case_id"], unique=False)
    op.create_index("ix_plan_versions_plan_id", "plan_versions", ["plan_id"], unique=False)


def _create_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("publish_at", Instant(), nullable=True),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("trial", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state <> 'failed' OR problem <> ''", name="ck_proposals_failed_for_a_reason"),
        sa.CheckConstraint(
            "(state = 'published') = (deployment_id IS NOT NULL)", name="ck_proposals_published_when_deployed"
        ),
        sa.CheckConstraint("state <> 'approved' OR publish_at IS NOT NULL", name="ck_proposals_approved_for_a_time"),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'published', 'sent_back', 'withdrawn', 'failed')",
            name="ck_proposals_state",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_proposals_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_proposals_authority_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name="fk_proposals_decided_by"),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name="fk_proposals_deployment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_deployment_id", "proposals", ["deployment_id"], unique=False)
    op.create_index(
        "ix_proposals_due",
        "proposals",
        ["publish_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index("ix_proposals_of_authority", "proposals", ["authority_id", "at"], unique=False)


def _create_rehearsals() -> None:
    op.create_table(
        "rehearsals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("process_keys", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen_until", sa.Uuid(), nullable=True),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("moved_at", Instant(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("back_of", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'running') = (ended_at IS NULL)", name="ck_rehearsals_ended_unless_running"),
        sa.CheckConstraint("choice IN ('stay', 'move')", name="ck_rehearsals_choice"),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name="ck_rehearsals_state"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_rehearsals_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_rehearsals_authority_id"),
        sa.ForeignKeyConstraint(["back_of"], ["rehearsals.id"], name="fk_rehearsals_back_of"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_rehearsals_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rehearsals"),
    )
    op.create_index("ix_rehearsals_of", "rehearsals", ["authority_id", "begun_at"], unique=False)
    op.create_index(
        "ix_rehearsals_running",
        "rehearsals",
        ["begun_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "ix_rehearsals_unmoved",
        "rehearsals",
        ["ended_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'done' AND moved_at IS NULL"),
        postgresql_where=sa.text("state = 'done' AND moved_at IS NULL"),
    )


def _create_significant_events() -> None:
    op.create_table(
        "significant_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=False),
        sa.Column("marked_at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unmarked_by", sa.Uuid(), nullable=True),
        sa.Column("unmarked_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(unmarked_at IS NULL) = (unmarked_by IS NULL)", name="ck_significant_events_unmarked_by_somebody"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_significant_events_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_significant_events_case_id"),
        sa.ForeignKeyConstraint(["event_id"], ["history.id"], name="fk_significant_events_event_id"),
        sa.ForeignKeyConstraint(["marked_by"], ["practitioners.id"], name="fk_significant_events_marked_by"),
        sa.ForeignKeyConstraint(["unmarked_by"], ["practitioners.id"], name="fk_significant_events_unmarked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_significant_events"),
    )
    op.create_index("ix_significant_events_case_id", "significant_events", ["case_id"], unique=False)
    op.create_index(
        "uq_significant_events_current",
        "significant_events",
        ["event_id"],
        unique=True,
        sqlite_where=sa.text("unmarked_at IS NULL"),
        postgresql_where=sa.text("unmarked_at IS NULL"),
    )


def _create_team_message_readers() -> None:
    op.create_table(
        "team_message_readers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_team_message_readers_authority_id"),
        sa.ForeignKeyConstraint(["message_id"], ["team_messages.id"], name="fk_team_message_readers_message_id"),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name="fk_team_message_readers_practitioner_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_team_message_readers"),
        sa.UniqueConstraint("message_id", "practitioner_id", name="uq_team_message_readers_message_id_practitioner_id"),
    )
    op.create_index("ix_team_message_readers_message_id", "team_message_readers", ["message_id"], unique=False)
    op.create_index(
        "ix_team_message_readers_practitioner_id", "team_message_readers", ["practitioner_id"], unique=False
    )


def _create_audit_answers() -> None:
    op.create_table(
        "audit_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("audit_case_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'no', 'na', '0', '1', '2', '3')", name="ck_audit_answers_answer"),
        sa.ForeignKeyConstraint(["audit_case_id"], ["audit_cases.id"], name="fk_audit_answers_audit_case_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_audit_answers_authority_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_answers"),
        sa.UniqueConstraint("audit_case_id", "item", name="uq_audit_answers_audit_case_id_item"),
    )


def _create_evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_evaluations_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_evaluations_case_id"),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name="fk_evaluations_definition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
    )
    op.create_index("ix_evaluations_case_id", "evaluations", ["case_id"], unique=False)
    op.create_index("ix_evaluations_latest", "evaluations", ["case_id", "decision", "at"], unique=False)


def _create_history_payloads() -> None:
    op.create_table(
        "history_payloads",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.CheckConstraint("erased_at IS NULL OR body IS NULL", name="ck_history_payloads_erased_is_empty"),
        sa.ForeignKeyConstraint(["event_id"], ["history.id"], name="fk_history_payloads_event_id"),
        sa.ForeignKeyConstraint(["form_id"], ["definitions.id"], name="fk_history_payloads_form_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_history_payloads"),
    )


def _create_instances() -> None:
    op.create_table(
        "instances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("current", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("end", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ck_instances_ended_when_ended"),
        sa.CheckConstraint("status IN ('running', 'ended', 'incident')", name="ck_instances_status"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_instances_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_instances_case_id"),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name="fk_instances_definition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_instances"),
    )
    op.create_index("ix_instances_case_id", "instances", ["case_id"], unique=False)


def _create_letter_pages() -> None:
    op.create_table(
        "letter_pages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_letter_pages_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_letter_pages_case_id"),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name="fk_letter_pages_letter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_pages"),
    )
    op.create_index("ix_letter_pages_case_id", "letter_pages", ["case_id"], unique=False)
    op.create_index("ix_letter_pages_letter_id", "letter_pages", ["letter_id"], unique=False)


def _create_letter_sendings() -> None:
    op.create_table(
        "letter_sendings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("how IN ('email', 'post', 'hand')", name="ck_letter_sendings_how"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_letter_sendings_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_letter_sendings_case_id"),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name="fk_letter_sendings_letter_id"),
        sa.ForeignKeyConstraint(["sent_by"], ["practitioners.id"], name="fk_letter_sendings_sent_by"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_sendings"),
    )
    op.create_index("ix_letter_sendings_case_id", "letter_sendings", ["case_id"], unique=False)
    op.create_index("ix_letter_sendings_letter_id", "letter_sendings", ["letter_id"], unique=False)


def _create_model_drafts() -> None:
    op.create_table(
        "model_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("unkept", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_model_drafts_account_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_model_drafts_authority_id"),
        sa.ForeignKeyConstraint(["based_on_id"], ["definitions.id"], name="fk_model_drafts_based_on_id"),
        sa.PrimaryKeyConstraint("id", name="pk_model_drafts"),
        sa.UniqueConstraint("authority_id", "file", name="uq_model_drafts_authority_id_file"),
    )


def _create_plan_actions() -> None:
    op.create_table(
        "plan_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("help", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("progress", sa.Text(), server_default="", nullable=False),
        sa.Column("progress_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("dropped_why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("dropped_why = '' OR closed_on IS NOT NULL", name="ck_plan_actions_dropped_is_closed"),
        sa.CheckConstraint(
            "help IN ('', 'health', 'speech_language', 'emotional', 'behaviour', 'self_care', 'learning', 'attendance', 'parenting', 'family_support', 'relationships', 'youth_work', 'housing', 'work', 'money')",
            name="ck_plan_actions_help",
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_plan_actions_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_plan_actions_case_id"),
        sa.ForeignKeyConstraint(["outcome_id"], ["plan_outcomes.id"], name="fk_plan_actions_outcome_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["practitioners.id"], name="fk_plan_actions_owner_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["action_plans.id"], name="fk_plan_actions_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_actions"),
    )
    op.create_index("ix_plan_actions_case_id", "plan_actions", ["case_id"], unique=False)
    op.create_index(
        "ix_plan_actions_open",
        "plan_actions",
        ["case_id", "due_on"],
        unique=False,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(
        "ix_plan_actions_owner",
        "plan_actions",
        ["owner_id", "due_on", "id"],
        unique=False,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index("ix_plan_actions_owner_id", "plan_actions", ["owner_id"], unique=False)
    op.create_index("ix_plan_actions_plan_id", "plan_actions", ["plan_id"], unique=False)


def _create_proposal_files() -> None:
    op.create_table(
        "proposal_files",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("instead_of", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_proposal_files_proposal_id"),
        sa.PrimaryKeyConstraint("proposal_id", "file", name="pk_proposal_files"),
    )


def _create_rehearsal_files() -> None:
    op.create_table(
        "rehearsal_files",
        sa.Column("rehearsal_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["rehearsal_id"], ["rehearsals.id"], name="fk_rehearsal_files_rehearsal_id"),
        sa.PrimaryKeyConstraint("rehearsal_id", "file", name="pk_rehearsal_files"),
    )


def _create_rehearsal_kinds() -> None:
    op.create_table(
        "rehearsal_kinds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("rehearsal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("meets", sa.Text(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("choice", sa.Text(), server_default="", nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.CheckConstraint("choice IN ('', 'stay', 'move')", name="ck_rehearsal_kinds_choice"),
        sa.CheckConstraint("meets IN ('at', 'ahead', 'again', 'past')", name="ck_rehearsal_kinds_meets"),
        sa.CheckConstraint("verdict IN ('unharmed', 'changes', 'stays', 'decide')", name="ck_rehearsal_kinds_verdict"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_rehearsal_kinds_authority_id"),
        sa.ForeignKeyConstraint(["rehearsal_id"], ["rehearsals.id"], name="fk_rehearsal_kinds_rehearsal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rehearsal_kinds"),
        sa.UniqueConstraint("rehearsal_id", "number", name="uq_rehearsal_kinds_rehearsal_id_number"),
    )
    op.create_index("ix_rehearsal_kinds_rehearsal_id", "rehearsal_kinds", ["rehearsal_id"], unique=False)


def _create_reply_links() -> None:
    op.create_table(
        "reply_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("family_invitation_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(family_invitation_id IS NULL) <> (invitation_id IS NULL)", name="ck_reply_links_of_one_person"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_reply_links_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_reply_links_case_id"),
        sa.ForeignKeyConstraint(
            ["family_invitation_id"], ["family_invitations.id"], name="fk_reply_links_family_invitation_id"
        ),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name="fk_reply_links_invitation_id"),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name="fk_reply_links_letter_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["tac_meetings.id"], name="fk_reply_links_meeting_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reply_links"),
    )
    op.create_index("ix_reply_links_case_id", "reply_links", ["case_id"], unique=False)
    op.create_index("ix_reply_links_letter_id", "reply_links", ["letter_id"], unique=False)
    op.create_index("ix_reply_links_meeting_id", "reply_links", ["meeting_id"], unique=False)


def _create_case_instances() -> None:
    op.create_table(
        "case_instances",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_instances_case_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name="fk_case_instances_instance_id"),
        sa.PrimaryKeyConstraint("case_id", "instance_id", name="pk_case_instances"),
    )
    op.create_index("ix_case_instances_instance_id", "case_instances", ["instance_id"], unique=False)


def _create_contradictions() -> None:
    op.create_table(
        "contradictions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("first_action_id", sa.Uuid(), nullable=False),
        sa.Column("second_action_id", sa.Uuid(), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settled_how", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(settled_on IS NULL) = (settled_how = '')", name="ck_contradictions_settled_in_words"),
        sa.CheckConstraint("(settled_on IS NULL) = (settled_by IS NULL)", name="ck_contradictions_settled_by_somebody"),
        sa.CheckConstraint("first_action_id < second_action_id", name="ck_contradictions_each_pair_one_way"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_contradictions_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_contradictions_case_id"),
        sa.ForeignKeyConstraint(["first_action_id"], ["plan_actions.id"], name="fk_contradictions_first_action_id"),
        sa.ForeignKeyConstraint(["marked_by"], ["practitioners.id"], name="fk_contradictions_marked_by"),
        sa.ForeignKeyConstraint(["second_action_id"], ["plan_actions.id"], name="fk_contradictions_second_action_id"),
        sa.ForeignKeyConstraint(["settled_by"], ["practitioners.id"], name="fk_contradictions_settled_by"),
        sa.PrimaryKeyConstraint("id", name="pk_contradictions"),
    )
    op.create_index("ix_contradictions_case_id", "contradictions", ["case_id"], unique=False)
    op.create_index("ix_contradictions_first_action_id", "contradictions", ["first_action_id"], unique=False)
    op.create_index("ix_contradictions_second_action_id", "contradictions", ["second_action_id"], unique=False)
    op.create_index(
        "uq_contradictions_current",
        "contradictions",
        ["first_action_id", "second_action_id"],
        unique=True,
        sqlite_where=sa.text("settled_on IS NULL"),
        postgresql_where=sa.text("settled_on IS NULL"),
    )


def _create_escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("waiting", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("process_key", sa.Text(), nullable=True),
        sa.Column("first_true_on", sa.Date(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(instance_id IS NULL) = (process_key IS NULL)", name="ck_escalations_process_of_instance"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_escalations_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_escalations_case_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name="fk_escalations_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
    )
    op.create_index("ix_escalations_case_id", "escalations", ["case_id"], unique=False)
    op.create_index(
        "uq_escalations_current",
        "escalations",
        ["case_id", "reason"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_overlaps() -> None:
    op.create_table(
        "overlaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_case_id", sa.Uuid(), nullable=False),
        sa.Column("first_action_id", sa.Uuid(), nullable=False),
        sa.Column("second_action_id", sa.Uuid(), nullable=False),
        sa.Column("overlap", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.CheckConstraint("overlap IN ('same', 'near')", name="ck_overlaps_overlap"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_overlaps_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_overlaps_case_id"),
        sa.ForeignKeyConstraint(["first_action_id"], ["plan_actions.id"], name="fk_overlaps_first_action_id"),
        sa.ForeignKeyConstraint(["other_case_id"], ["cases.id"], name="fk_overlaps_other_case_id"),
        sa.ForeignKeyConstraint(["second_action_id"], ["plan_actions.id"], name="fk_overlaps_second_action_id"),
        sa.PrimaryKeyConstraint("id", name="pk_overlaps"),
        sa.UniqueConstraint("first_action_id", "second_action_id", name="uq_overlaps_first_action_id_second_action_id"),
    )
    op.create_index("ix_overlaps_case_id", "overlaps", ["case_id"], unique=False)
    op.create_index("ix_overlaps_of_authority", "overlaps", ["authority_id"], unique=False)
    op.create_index("ix_overlaps_other_case_id", "overlaps", ["other_case_id"], unique=False)
    op.create_index("ix_overlaps_second_action_id", "overlaps", ["second_action_id"], unique=False)


def _create_rehearsal_cases() -> None:
    op.create_table(
        "rehearsal_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.Text(), server_default="", nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("choice IN ('', 'stay', 'move', 'later')", name="ck_rehearsal_cases_choice"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_rehearsal_cases_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_rehearsal_cases_case_id"),
        sa.ForeignKeyConstraint(["chosen_by"], ["practitioners.id"], name="fk_rehearsal_cases_chosen_by"),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name="fk_rehearsal_cases_instance_id"),
        sa.ForeignKeyConstraint(["kind_id"], ["rehearsal_kinds.id"], name="fk_rehearsal_cases_kind_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rehearsal_cases"),
        sa.UniqueConstraint("kind_id", "instance_id", name="uq_rehearsal_cases_kind_id_instance_id"),
    )
    op.create_index("ix_rehearsal_cases_case_id", "rehearsal_cases", ["case_id"], unique=False)
    op.create_index("ix_rehearsal_cases_kind_id", "rehearsal_cases", ["kind_id"], unique=False)


def _create_timers() -> None:
    op.create_table(
        "timers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("armed_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("fired_at", Instant(), nullable=True),
        sa.Column("cancelled_at", Instant(), nullable=True),
        sa.Column("late_seconds", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("fired_at IS NULL OR cancelled_at IS NULL", name="ck_timers_fired_or_cancelled"),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name="fk_timers_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
        sa.UniqueConstraint(
            "instance_id", "element_id", "occurrence", name="uq_timers_instance_id_element_id_occurrence"
        ),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 2000},
    )
    op.create_index(
        "ix_timers_waiting",
        "timers",
        ["due_at", "id", "retry_at", "fired_at", "cancelled_at"],
        unique=False,
        sqlite_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL"),
    )


def _create_user_tasks() -> None:
    op.create_table(
        "user_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("candidate_groups", sa.JSON(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("meant_for_id", sa.Uuid(), nullable=True),
        sa.Column("asked_because", sa.Text(), server_default="", nullable=False),
        sa.Column("delegated_by", sa.Uuid(), nullable=True),
        sa.Column("delegated_on", sa.Date(), nullable=True),
        sa.Column("personal", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="ck_user_tasks_closed_when_not_open"),
        sa.CheckConstraint("state IN ('open', 'completed', 'cancelled')", name="ck_user_tasks_state"),
        sa.CheckConstraint("(delegated_by IS NULL) = (delegated_on IS NULL)", name="ck_user_tasks_delegated_on_a_day"),
        sa.ForeignKeyConstraint(["assignee_id"], ["practitioners.id"], name="fk_user_tasks_assignee_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_user_tasks_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_user_tasks_case_id"),
        sa.ForeignKeyConstraint(["closed_by"], ["practitioners.id"], name="fk_user_tasks_closed_by"),
        sa.ForeignKeyConstraint(["delegated_by"], ["practitioners.id"], name="fk_user_tasks_delegated_by"),
        sa.ForeignKeyConstraint(["form_id"], ["definitions.id"], name="fk_user_tasks_form_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name="fk_user_tasks_instance_id"),
        sa.ForeignKeyConstraint(["meant_for_id"], ["practitioners.id"], name="fk_user_tasks_meant_for_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_tasks"),
    )
    op.create_index("ix_user_tasks_case_id", "user_tasks", ["case_id"], unique=False)
    op.create_index(
        "ix_user_tasks_delegated",
        "user_tasks",
        ["delegated_by"],
        unique=False,
        sqlite_where=sa.text("state = 'open' AND delegated_by IS NOT NULL"),
        postgresql_where=sa.text("state = 'open' AND delegated_by IS NOT NULL"),
    )
    op.create_index(
        "ix_user_tasks_due",
        "user_tasks",
        ["authority_id", "due_on", "id", "state"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_user_tasks_instance_id", "user_tasks", ["instance_id"], unique=False)
    op.create_index(
        "ix_user_tasks_meant_for",
        "user_tasks",
        ["meant_for_id"],
        unique=False,
        sqlite_where=sa.text("state = 'open' AND meant_for_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'open' AND meant_for_id IS NOT NULL"),
    )
    op.create_index(
        "ix_user_tasks_mine",
        "user_tasks",
        ["assignee_id", "due_on", "id", "state", "case_id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_user_tasks_queue",
        "user_tasks",
        ["authority_id", "queue", "due_on", "id", "state"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["plan_actions.id"], name="fk_attachments_action_id"),
        sa.ForeignKeyConstraint(["added_by"], ["practitioners.id"], name="fk_attachments_added_by"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_attachments_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_attachments_case_id"),
        sa.ForeignKeyConstraint(["task_id"], ["user_tasks.id"], name="fk_attachments_task_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_case_id", "attachments", ["case_id"], unique=False)


def _create_batch_items() -> None:
    op.create_table(
        "batch_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("particulars", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.CheckConstraint("state <> 'done' OR done_at IS NOT NULL", name="ck_batch_items_done_at_an_instant"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name="ck_batch_items_state"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_batch_items_authority_id"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_batch_items_batch_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_batch_items_case_id"),
        sa.ForeignKeyConstraint(["from_id"], ["practitioners.id"], name="fk_batch_items_from_id"),
        sa.ForeignKeyConstraint(["task_id"], ["user_tasks.id"], name="fk_batch_items_task_id"),
        sa.ForeignKeyConstraint(["to_id"], ["practitioners.id"], name="fk_batch_items_to_id"),
        sa.PrimaryKeyConstraint("id", name="pk_batch_items"),
        sa.UniqueConstraint("batch_id", "number", name="uq_batch_items_batch_id_number"),
        sa.UniqueConstraint("batch_id", "task_id", name="uq_batch_items_batch_id_task_id"),
    )
    op.create_index("ix_batch_items_case_id", "batch_items", ["case_id"], unique=False)
    op.create_index(
        "ix_batch_items_waiting",
        "batch_items",
        ["batch_id", "case_id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("timer_id", sa.Uuid(), nullable=True),
        sa.Column("outbox_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('timer', 'step', 'start', 'rule', 'outbox', 'effect', 'service', 'publish')",
            name="ck_incidents_kind",
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_incidents_authority_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_incidents_case_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name="fk_incidents_instance_id"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_incidents_outbox_id"),
        sa.ForeignKeyConstraint(["timer_id"], ["timers.id"], name="fk_incidents_timer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_case_id", "incidents", ["case_id"], unique=False)
    op.create_index("ix_incidents_instance_id", "incidents", ["instance_id"], unique=False)


def _create_offered_groups() -> None:
    op.create_table(
        "offered_groups",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_offered_groups_authority_id"),
        sa.ForeignKeyConstraint(["task_id"], ["user_tasks.id"], name="fk_offered_groups_task_id"),
        sa.PrimaryKeyConstraint("task_id", "queue", name="pk_offered_groups"),
    )
    op.create_index("ix_offered_groups_queue", "offered_groups", ["authority_id", "queue", "task_id"], unique=False)


def _create_put_off() -> None:
    op.create_table(
        "put_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.CheckConstraint("(task_id IS NULL) <> (action_id IS NULL)", name="ck_put_off_one_thing"),
        sa.ForeignKeyConstraint(["action_id"], ["plan_actions.id"], name="fk_put_off_action_id"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_put_off_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_put_off_practitioner_id"),
        sa.ForeignKeyConstraint(["task_id"], ["user_tasks.id"], name="fk_put_off_task_id"),
        sa.PrimaryKeyConstraint("id", name="pk_put_off"),
        sa.UniqueConstraint("practitioner_id", "action_id", name="uq_put_off_practitioner_id_action_id"),
        sa.UniqueConstraint("practitioner_id", "task_id", name="uq_put_off_practitioner_id_task_id"),
    )
    op.create_index("ix_put_off_action_id", "put_off", ["action_id"], unique=False)
    op.create_index("ix_put_off_task_id", "put_off", ["task_id"], unique=False)


def _create_task_drafts() -> None:
    op.create_table(
        "task_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=True),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saves", sa.Integer(), server_default="1", nullable=False),
        sa.Column("aside", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_task_drafts_authority_id"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_task_drafts_practitioner_id"),
        sa.ForeignKeyConstraint(["task_id"], ["user_tasks.id"], name="fk_task_drafts_task_id"),
        sa.PrimaryKeyConstraint("id", name="pk_task_drafts"),
        sa.UniqueConstraint("task_id", "revision", name="uq_task_drafts_task_id_revision"),
    )


def _create_attachment_chunks() -> None:
    op.create_table(
        "attachment_chunks",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name="fk_attachment_chunks_attachment_id"),
        sa.PrimaryKeyConstraint("attachment_id", "seq", name="pk_attachment_chunks"),
    )
