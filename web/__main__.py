"""The `caf` command line, top of everything."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from engine.collecting import seldom_collecting
from engine.errors import EngineError
from web.cli.parser import build_parser

FAILED = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one `caf` command and return its exit status: 0 done, 1 refused, 2 misused.

    A refusal is one line on standard error, never a stack trace.
    """
    options = build_parser().parse_args(arguments)
    try:
        with seldom_collecting():
            status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (EngineError, OSError) as error:
        print(f"caf {options.command}: {_line(error)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"caf {options.command}: stopped", file=sys.stderr)
        return INTERRUPTED
    return status


def _line(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
