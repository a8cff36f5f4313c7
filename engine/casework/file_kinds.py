"""What a file is by its bytes, whatever it is called. Pure."""

from __future__ import annotations

import re
from typing import Final

# ISO 32000-1, 7.5: the first line names the version, the last says that it is the end. Readers forgive bytes behind it.
_PDF_BEGINS: Final = re.compile(rb"%PDF-\d\.\d\s(?!\s*(?:MZ|\x7fELF|PK\x03\x04|#!))")
_PDF_ENDS: Final = b"%%EOF"


def is_pdf(content: bytes) -> bool:
    """Tell whether a file begins and ends as a PDF does, and is no program or archive that only says it is one."""
    return _PDF_BEGINS.match(content) is not None and _PDF_ENDS in content
