"""From a customer's socket to a model's provider and back: what is stopped, and what is shown."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from orchestrator.llm.provider import Dialect
from tests.gateway.mesh import mesh
from tests.gateway.pictures import album
from tests.orchestrator.llm.provider import Script, provider
from tests.orchestrator.reply.models import model

pytestmark = pytest.mark.integration

both = pytest.mark.parametrize("dialect", list(Dialect))


@both
@pytest.mark.parametrize(("question", "locale"), [("What is new?", "en"), ("最近有什么新鲜事?", "zh")])
async def test_stop_hangs_up_on_the_provider(
    redis_url: str, tmp_path: Path, dialect: Dialect, question: str, locale: str
) -> None:
    """A `stop` at the socket closes the provider's connection in the middle; what was said stays, for every device."""
    script = Script(("Well, ", "let me "), hang="middle")
    async with (
        provider(script) as server,
        model(server.address, dialect=dialect) as made,
        mesh(redis_url, tmp_path, made.engine, size=2) as edge,
    ):
        phone = await edge.join(0, locale=locale)
        tab = await edge.join(1, token=phone.welcome["token"])
        await phone.send(type="message", client_msg_id="m1", text=question)
        await phone.expect("delta", index=1)
        await tab.expect("delta", index=1)
        assert server.hung_up == 0
        await tab.send(type="stop")
        await server.left.wait()
        for device in (phone, tab):
            await device.expect("turn_ended", outcome="stopped")
            assert [one["text"] for one in device.frames if one["type"] == "entry"] == [question, "Well, let me "]
        assert (server.hung_up, len(server.requests)) == (1, 1)


@both
async def test_a_picture_is_shown_to_a_model_that_sees(redis_url: str, tmp_path: Path, dialect: Dialect) -> None:
    """What was sent in a frame arrives at the provider as a JPEG of our own making; its answer is the customer's."""
    async with (
        provider(Script(("That is ", "an orange field."))) as server,
        model(server.address, dialect=dialect, sees=True) as made,
        mesh(redis_url, tmp_path, made.engine) as edge,
    ):
        client = await edge.join(locale="en")
        data = base64.b64encode(album.picture()).decode()
        await client.send(type="message", client_msg_id="m1", picture={"type": "image/png", "data": data})
        await client.expect("turn_ended", outcome="answered")
        answer = next(one for one in client.frames if one["type"] == "entry" and one["author"] == "assistant")
        assert (answer["text"], answer["engine"]) == ("That is an orange field.", made.engine.name)
        (part,) = [
            part
            for message in server.requests[0]["messages"]
            for part in message["content"]
            if isinstance(part, dict) and part["type"] in ("image", "image_url")
        ]
        shown = part["source"]["data"] if dialect is Dialect.ANTHROPIC else part["image_url"]["url"].partition(",")[2]
        with Image.open(io.BytesIO(base64.b64decode(shown))) as image:
            assert (image.format, image.size) == ("JPEG", (40, 30))
