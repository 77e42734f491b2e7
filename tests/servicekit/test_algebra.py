"""Linear algebra beside an event loop."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.unit

_TOLD = """
import numpy, {service}
from threadpoolctl import threadpool_info
from servicekit.algebra import keep_to_one_thread
keep_to_one_thread()
numpy.ones((2000, 384)) @ numpy.ones(384)
print([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"])
"""


@pytest.mark.parametrize("service", ["orchestrator.__main__", "recommender.__main__"])
def test_a_service_computes_on_the_thread_that_asks(service: str) -> None:
    """Every linear algebra that the service has loaded, in a process of its own: the limit is the process's."""
    told = subprocess.run(
        [sys.executable, "-c", _TOLD.format(service=service)], capture_output=True, text=True, check=True
    ).stdout
    assert set(told.strip("[]\n").split(", ")) == {"1"}
