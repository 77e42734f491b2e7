"""The committed stubs are what the protos say."""

import pytest

from tests.protos.generate import drift

pytestmark = pytest.mark.unit


def test_stubs_are_in_step_with_the_protos() -> None:
    """Regenerating changes nothing."""
    assert drift() == []
