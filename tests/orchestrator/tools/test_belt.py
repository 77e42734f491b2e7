"""The belt itself, with tools made for it; and what a model is shown of the real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import jsonschema
import msgspec
import pytest

from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.catalogue import KINDS
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.tools.schemas import json_schema
from orchestrator.tools.tool import Outcome, ToolCall, ToolContext, ToolResult
from servicekit.errors import Code, ServiceError
from servicekit.resilience import Deadline
from tests.orchestrator.tools.cases import EFFECTS, LOOKS

pytestmark = pytest.mark.unit

_CONTEXT = ToolContext("default", "v-1", "c-1", "t-1")
_SECRET = "my card is 4111"


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(max_length=8)]


class _Echo:
    """Says what it is given; hangs or breaks when told to."""

    name = "echo"
    about: Mapping[str, str] = {"en": "Says it again.", "zh": "重复一遍。"}
    arguments: type[msgspec.Struct] = _Words
    effect = False
    timeout_s = 5.0

    async def run(self, context: ToolContext, arguments: Any) -> ToolResult:
        if arguments.text == "hang":
            await asyncio.Event().wait()
        if arguments.text == "break":
            raise RuntimeError(_SECRET)
        return ToolResult(Outcome.FOUND, {"text": arguments.text})


async def _refused(call: ToolCall, context: ToolContext = _CONTEXT) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await ToolBelt([_Echo()]).run(call, context)
    return refused.value


@pytest.mark.parametrize("arguments", [{"text": "hi"}, '{"text": "hi"}'])
async def test_arguments_as_data_or_text(arguments: Any) -> None:
    """A model's JSON text is as good as plain data."""
    result = await ToolBelt([_Echo()]).run(ToolCall("echo", arguments), _CONTEXT)
    assert result.facts == {"text": "hi"}


@pytest.mark.parametrize("arguments", ["", "{", "[]", "null", '"hi"', '{"text": 1}', {"text": "hi", "x": 1}, {}, [1]])
async def test_arguments_that_do_not_fit(arguments: Any) -> None:
    """Anything else than an object that fits is 400; nothing of it is repeated."""
    error = await _refused(ToolCall("echo", arguments))
    assert (error.code, error.reason) == (Code.INVALID, "TOOL_ARGUMENT_INVALID")


async def test_customer_s_words_stay_out_of_errors() -> None:
    """Neither a wrong argument nor a tool that breaks carries what was written into the error."""
    for text in (_SECRET, "break"):
        error = await _refused(ToolCall("echo", {"text": text}))
        assert _SECRET not in f"{error} {error.metadata}"
    assert error.reason == "TOOL_FAILED"


async def test_unknown_tool() -> None:
    """A tool that does not exist is 404."""
    assert (await _refused(ToolCall("rm", {}))).reason == "TOOL_UNKNOWN"


async def test_hanging_tool_is_cut() -> None:
    """The turn's deadline ends a tool that hangs, before its own patience does."""
    context = ToolContext("default", "v-1", "c-1", "t-1", deadline=Deadline.after(0.01))
    error = await _refused(ToolCall("echo", {"text": "hang"}), context)
    assert (error.code, error.reason, error.retryable) == (Code.TIMEOUT, "TOOL_TIMEOUT", True)


def test_belt_is_checked() -> None:
    """Two tools of one name, and switching off what is not there, are mistakes of the deployment."""
    with pytest.raises(ValueError, match="share a name"):
        ToolBelt([_Echo(), _Echo()])
    with pytest.raises(ValueError, match="no tool is called fly"):
        ToolBelt([_Echo()], switched_off=["fly"])


@pytest.mark.parametrize("kind", [*KINDS, SearchKnowledge], ids=lambda kind: kind.name)
def test_schema_is_what_models_take(kind: Any) -> None:
    """Each tool is described in both languages, with a closed, flat, valid JSON schema."""
    schema = json_schema(kind.arguments)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert "$ref" not in msgspec.json.encode(schema).decode()
    assert kind.about["en"]
    assert kind.about["zh"]


@pytest.mark.parametrize("good", [*EFFECTS, *LOOKS], ids=lambda good: good.tool)
def test_schema_takes_the_good_call(good: Any) -> None:
    """What the tool takes, its schema takes; what it does not know, it refuses."""
    schema = next(json_schema(kind.arguments) for kind in KINDS if kind.name == good.tool)
    jsonschema.validate(good.filled(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(good.filled(surprise=1), schema)
