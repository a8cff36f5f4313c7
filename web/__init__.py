"""The pages, the JSON API and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from engine.process_engine import ProcessEngine


def create_app(process_engine: ProcessEngine) -> Flask:
    """Make the application that serves `process_engine`.

    Raises `web.access.UnmarkedRoute` when a route does not say who may use it.
    """
    # Loaded here, so that a command such as `caf lint` does not wait for the pages.
    from web.application import build

    return build(process_engine)
