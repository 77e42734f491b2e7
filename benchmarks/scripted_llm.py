"""`python -m benchmarks.scripted_llm PORT`: an OpenAI-compatible endpoint that says the same words at once.

It thinks for no time at all, so that whatever is measured around it is the caller's own. `GET /last` gives the last
request's messages back, so that another caller can send exactly the same.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from launcher.ports import LOOPBACK

MODEL = "scripted"
_WORDS = ("Your ", "parcel ", "is ", "on ", "its ", "way.")


class Script:
    """The endpoint."""

    def __init__(self) -> None:
        self._last: list[dict[str, Any]] = []

    def app(self) -> Starlette:
        """Its routes."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/last", self._said, methods=["GET"]),
                Route("/healthz", self._said, methods=["GET"]),
            ]
        )

    async def _said(self, request: Request) -> JSONResponse:
        return JSONResponse(self._last)

    async def _complete(self, request: Request) -> StreamingResponse:
        self._last = (await request.json())["messages"]
        return StreamingResponse(_stream(), media_type="text/event-stream")


async def _stream() -> AsyncIterator[str]:
    for word in _WORDS:
        yield _event({"delta": {"role": "assistant", "content": word}, "finish_reason": None})
    yield _event({"delta": {}, "finish_reason": "stop"})
    yield "data: [DONE]\n\n"


def _event(choice: dict[str, Any]) -> str:
    body = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": int(time.time()), "model": MODEL,
        "choices": [{"index": 0} | choice],
    }  # fmt: skip
    return f"data: {json.dumps(body)}\n\n"


if __name__ == "__main__":
    uvicorn.run(Script().app(), host=LOOPBACK, port=int(sys.argv[1]), log_level="warning", access_log=False)
