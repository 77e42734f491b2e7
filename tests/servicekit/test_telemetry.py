import json
import logging

import pytest

from servicekit.settings import ServiceSettings
from servicekit.telemetry import Telemetry, get_logger, trace_id

pytestmark = pytest.mark.unit


def test_log_lines_are_json_and_carry_the_trace_id(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and libraries' lines are one JSON object each; inside a span they name its trace."""
    telemetry = Telemetry.create("test", ServiceSettings())
    with telemetry.tracer.start_as_current_span("turn"):
        expected = trace_id()
        get_logger("room").info("turn ended", turn="t1")
        logging.getLogger("library").warning("old style %s", "line")
    get_logger("room").info("outside")
    ours, library, outside = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert len(expected) == 32
    assert (ours["event"], ours["turn"], ours["trace_id"], ours["service"]) == ("turn ended", "t1", expected, "test")
    assert (library["event"], library["trace_id"]) == ("old style line", expected)
    assert "trace_id" not in outside
