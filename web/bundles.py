"""Addresses of the built style sheets and scripts, each with its version, so that a browser may keep them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson
from flask import Flask, url_for


def install(app: Flask) -> None:
    """Give every page of `app` the function `bundle(name)`; a folder not built yet gives unversioned addresses."""
    versions = _versions(Path(app.static_folder or "") / "built" / "manifest.json")

    def bundle(name: str) -> str:
        return url_for("static", filename=f"built/{name}", v=versions.get(name))

    app.jinja_env.globals["bundle"] = bundle


def _versions(manifest: Path) -> Mapping[str, str]:
    return dict(orjson.loads(manifest.read_bytes())) if manifest.is_file() else {}
