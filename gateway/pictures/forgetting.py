"""`python -m gateway.pictures.forgetting [--tenant TENANT] CUSTOMER`: erases a customer's pictures.

Run it with the gateway's environment, also beside running gateways. It prints `{"objects": N}` and ends with 0; with 1
when the store is out of reach (the next call erases what is left), with 2 when the settings are wrong.
`stickerdesk forget` calls it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from pydantic import ValidationError

from gateway.pictures.names import prefixes_of
from gateway.pictures.s3_store import open_store
from gateway.pictures.store import erase
from gateway.settings import GatewaySettings
from servicekit.errors import ServiceError
from servicekit.settings import explain


async def forget(settings: GatewaySettings, tenant: str, customer: str) -> int:
    """Erases pictures and parts of unfinished uploads; how many objects there were.

    Raises:
        ServiceError: STORE_UNAVAILABLE.
    """
    store = open_store(settings.pictures_url, settings.data_dir / "gateway" / "pictures")
    return sum([await erase(store, prefix) for prefix in prefixes_of(tenant, customer)])


def main(arguments: list[str] | None = None) -> int:
    """Runs the command."""
    try:
        settings = GatewaySettings()
    except ValidationError as error:
        print(explain(error, "gateway"), file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog="python -m gateway.pictures.forgetting")
    parser.add_argument("--tenant", default=settings.tenant)
    parser.add_argument("customer")
    asked = parser.parse_args(arguments)
    try:
        objects = asyncio.run(forget(settings, asked.tenant, asked.customer))
    except ServiceError as error:
        print(f"{error.message} ({error.reason})", file=sys.stderr)
        return 1
    print(json.dumps({"objects": objects}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
