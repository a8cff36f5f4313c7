"""What follows when a family that took its consent back agrees again before the case has closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operations.closures import send_back
from engine.work import Work


def take_closure_back(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a closure for withdrawn consent back that waits for its sign-off; the family agrees to sharing again."""
    send_back(work, reason="consent_withdrawn", why="The family agrees to information being shared again")
    return {}
