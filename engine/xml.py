"""Read XML that somebody uploaded: no DOCTYPE, no entities, no network, bounded size and depth."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from engine.errors import Invalid

MAX_BYTES = 2_000_000
MAX_DEPTH = 200
MAX_ELEMENTS = 50_000
_COUNT = etree.XPath("count(//*)")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_PLACE = re.compile(r", line \d+, column \d+$", re.ASCII)
"""Where libxml2 repeats at the end of its sentence the place that is named before it."""

_PLACE_OF_ENCODING = 200
"""In how many bytes from its start a file says its encoding."""
_ENCODING = re.compile(r"""^(\ufeff?<\?xml\b[^>]*?\bencoding\s*=\s*["'])([A-Za-z][\w.-]*)""", re.ASCII)


def in_utf8(source: bytes) -> bytes:
    """Return XML in UTF-8, and its declaration saying so, whatever encoding it declares.

    What is in UTF-8, or in no encoding that is known here, is returned as it is.
    """
    wide = source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    declared = None if wide else _ENCODING.search(source[:_PLACE_OF_ENCODING].decode("latin-1"))
    name = "utf-16" if wide else declared[2].lower() if declared else "utf-8"
    if name in ("utf-8", "utf8"):
        return source
    try:
        text = source.decode(name)
    except (LookupError, UnicodeDecodeError):
        return source
    return _ENCODING.sub(r"\1UTF-8", text, count=1).encode()


def parse_untrusted(source: bytes, name: str, *, keep_comments: bool = False) -> etree._Element:
    """Return the root element of `source`, its comments left out unless they are to be written back.

    `name` is the file's name, used in messages. Raises `Invalid` (details: `file`, `line`) when the
    file is not well-formed, declares a DOCTYPE, or is past `MAX_BYTES`, `MAX_DEPTH` or `MAX_ELEMENTS`.
    """
    if len(source) > MAX_BYTES:
        raise Invalid(f"{name}: the file is larger than {MAX_BYTES // 1_000_000} MB", file=name)
    root = _parse(source, name, keep_comments)
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise Invalid(f"{name}: a DOCTYPE is not allowed; remove it and save again", file=name)
    _check_shape(root, name)
    return root


def _parse(source: bytes, name: str, keep_comments: bool) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=not keep_comments,
        remove_pis=not keep_comments,
    )
    try:
        return etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        said = _PLACE.sub("", getattr(error, "msg", None) or str(error))
        line = getattr(error, "lineno", None)
        if "Excessive depth" in said:  # libxml2's own limit, which comes before ours can be told
            raise _too_big(name) from error
        where = f"line {line}: " if line else ""
        raise Invalid(f"{name}: {where}this is not well-formed XML: {said}", file=name, line=line) from error


def _check_shape(root: etree._Element, name: str) -> None:
    if _COUNT(root) > MAX_ELEMENTS or _TOO_DEEP(root):
        raise _too_big(name)


def _too_big(name: str) -> Invalid:
    words = f"too deep or too many elements (at most {MAX_DEPTH} deep, {MAX_ELEMENTS} elements)"
    return Invalid(f"{name}: {words}", file=name)
