"""What follows when a family that took its consent back agrees again before the case has closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from engine.operations.closures import send_back
from engine.work import Work

AGREE_WITH_SOCIAL_CARE: Final = "A family agrees again: agree with social care what becomes of the plan"


def take_closure_back(work: Work, _inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a closure for withdrawn consent back that waits for its sign-off; the family agrees to sharing again.

    When social care has taken on what the harm check found (`accepted`), who leads is told to agree with them what
    becomes of the plan, which goes on where it was.
    """
    send_back(work, reason="consent_withdrawn", why="The family agrees to information being shared again")
    lead = work.facts()["lead_professional"]
    if variables.get("accepted") == "yes" and lead:
        work.send(UUID(lead), subject=AGREE_WITH_SOCIAL_CARE)
    return {}
