"""Addresses of the built style sheets and scripts, each with its version, so that a browser may keep them.

They were packed when they were built, so that an old laptop on a slow line waits for a third of them.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson
from flask import Flask, Response, request, send_from_directory, url_for

PACKED: Final = {"br": ".br", "gzip": ".gz"}
"""How a built file may be packed, the smallest first: the coding's name in HTTP, and the ending beside the file."""


def install(app: Flask) -> None:
    """Give every page of `app` the function `bundle(name)`; a folder not built yet gives unversioned addresses."""
    folder = Path(app.static_folder or "")
    versions = _versions(folder / "built" / "manifest.json")

    def static(filename: str) -> Response:
        return _packed(folder, filename) or app.send_static_file(filename)

    def bundle(name: str) -> str:
        return url_for("static", filename=f"built/{name}", v=versions.get(name))

    app.jinja_env.globals["bundle"] = bundle
    app.view_functions["static"] = static


def _packed(folder: Path, filename: str) -> Response | None:
    """Return a built file as it was packed, None when it was not or the browser cannot unpack it."""
    if not filename.startswith("built/") or request.range:
        return None
    for coding, ending in PACKED.items():
        if request.accept_encodings[coding] and (folder / f"{filename}{ending}").is_file():
            kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
            response = send_from_directory(folder, f"{filename}{ending}", mimetype=kind)
            response.content_encoding = coding
            response.vary.add("Accept-Encoding")
            return response
    return None


def _versions(manifest: Path) -> Mapping[str, str]:
    return dict(orjson.loads(manifest.read_bytes())) if manifest.is_file() else {}
