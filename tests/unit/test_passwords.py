"""What a password is kept as. The tests hash cheaply: a process of its own shows what the service does."""

from __future__ import annotations

import subprocess
import sys

from argon2 import extract_parameters
from argon2.low_level import Type

PROGRAM = "from engine.passwords import hash_password; print(hash_password('try-it-out'))"


def test_a_guess_costs_what_rfc_9106_recommends() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    kept = extract_parameters(done.stdout.strip())
    assert kept.type is Type.ID
    # Its second choice, for where memory is dear: 64 MiB and three passes.
    assert (kept.memory_cost, kept.time_cost) >= (64 * 1024, 3)
    assert kept.salt_len >= 16
