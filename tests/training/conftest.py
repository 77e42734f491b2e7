"""Fonts and names come from Debian's archive; where that is out of reach, what needs them skips and says so."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from training.emoji.debian import SourceUnavailableError


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    """A fixture may be what needs the source."""
    return (yield from _skipping())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """The test itself may be."""
    return (yield from _skipping())


def _skipping() -> Generator[None, object, object]:
    try:
        return (yield)
    except SourceUnavailableError as error:
        pytest.skip(f"on a machine with apt-get and dpkg this test runs: {error}")
