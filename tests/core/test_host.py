"""Cores and memory of this process."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.host import peak_memory_bytes, usable_cores

ROOT = Path(__file__).parents[2]
BOUND = """
import os
from core.host import usable_cores

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print(usable_cores())
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a system that binds")
def test_a_process_that_is_bound_to_a_core_has_one() -> None:
    assert 1 <= usable_cores() <= psutil.cpu_count()
    command = [sys.executable, "-c", BOUND]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_the_peak_of_memory_is_in_bytes_and_stays_when_memory_is_freed() -> None:
    size = 2 * peak_memory_bytes()
    np.ones(size, np.uint8)
    peak = peak_memory_bytes()
    assert size < peak < 2 * psutil.virtual_memory().total
    assert peak >= psutil.Process().memory_info().rss
