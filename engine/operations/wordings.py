"""Letters and e-mails in the authority's own wording, its own particulars among their merge fields."""

from __future__ import annotations

from collections.abc import Mapping

from engine.casework import letter_templates
from engine.casework.family_letters import Letter
from engine.casework.reply_tokens import MARK
from engine.work import Work


def worded(work: Work, key: str, values: Mapping[str, str]) -> Letter:
    """Return a letter in the authority's own wording. Raises `Invalid` for a template that cannot be filled in."""
    contacts = work.authority.contacts
    own = {
        "reply_link": MARK,
        "meeting": f"{work.authority.term} meeting",
        "authority": work.authority.name,
        "team": contacts.team,
        "team_phone": contacts.phone,
        "team_address": "\n".join(contacts.address),
        "today": f"{work.today.day} {work.today:%B %Y}",
    }
    template = letter_templates.of_profile(work.authority.profile, key)
    return letter_templates.fill(key, template, {**own, **values})
