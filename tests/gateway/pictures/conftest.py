"""An S3 server for the tests: moto's, over real HTTP; every test gets a bucket of its own."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

KEY = {"AWS_ACCESS_KEY_ID": "a-key-of-the-tests", "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-tests"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """`s3://…` of a new bucket, with the key in the environment as an operator has it."""
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    bucket = f"pictures-{secrets.token_hex(4)}"
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/some/where?endpoint={s3_server}&region=us-east-1"


@pytest.fixture
def unused() -> Iterator[Callable[[], int]]:
    """Gives ports that are bound but where nobody listens."""
    held: list[socket.socket] = []

    def make() -> int:
        held.append(socket.socket())
        held[-1].bind(("127.0.0.1", 0))
        port: int = held[-1].getsockname()[1]
        return port

    yield make
    for one in held:
        one.close()
