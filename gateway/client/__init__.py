"""A client of the Stickerdesk edge for Python: one conversation that survives a bad network.

    async with connect("https://desk.example.com", locale="en") as desk:
        await desk.send("my parcel hasn't moved since Tuesday")
        async for event in desk:
            if isinstance(event, Entry) and event.author == "assistant":
                print(event.text)
                break

It imports nothing of the gateway: only `websockets`. The protocol is `/asyncapi.yaml` on every gateway.
"""

from gateway.client.client import Client as Client
from gateway.client.client import connect as connect
from gateway.client.errors import ClientError as ClientError
from gateway.client.errors import Refused as Refused
from gateway.client.errors import Stopped as Stopped
from gateway.client.errors import Unreachable as Unreachable
from gateway.client.events import Acknowledged as Acknowledged
from gateway.client.events import CaughtUp as CaughtUp
from gateway.client.events import Connected as Connected
from gateway.client.events import Disconnected as Disconnected
from gateway.client.events import Draft as Draft
from gateway.client.events import Entry as Entry
from gateway.client.events import Event as Event
from gateway.client.events import Fault as Fault
from gateway.client.events import Gap as Gap
from gateway.client.events import QueuePosition as QueuePosition
from gateway.client.events import Receipt as Receipt
from gateway.client.events import Reset as Reset
from gateway.client.events import Service as Service
from gateway.client.events import TurnEnded as TurnEnded
from gateway.client.events import Typing as Typing
from gateway.client.store import FolderStore as FolderStore
from gateway.client.store import MemoryStore as MemoryStore
from gateway.client.store import Store as Store
