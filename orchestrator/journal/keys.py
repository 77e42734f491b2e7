"""Names of keys and channels. All keys of a partition share its hash tag, so one script may touch them all."""

from __future__ import annotations

import hashlib
import zlib

PARTITIONS = 64
GROUP = "engine"


def partition_of(conversation_id: str) -> int:
    """The partition of a conversation: stable over processes, versions and restarts."""
    return zlib.crc32(conversation_id.encode()) % PARTITIONS


class Keys:
    """Key names under one prefix.

    Args:
        prefix: Put before every key; lets several installations share a server.
    """

    def __init__(self, prefix: str = "sd") -> None:
        self._prefix = prefix

    def _tag(self, partition: int) -> str:
        return f"{self._prefix}:{{p{partition:02d}}}"

    def feed(self, partition: int) -> str:
        """The sharded pub/sub channel that tells of new entries and deltas."""
        return f"{self._tag(partition)}:feed"

    def turns(self, partition: int) -> str:
        """The write-ahead log of turns."""
        return f"{self._tag(partition)}:turns"

    def dead_letters(self, partition: int) -> str:
        """Turns that were given up."""
        return f"{self._tag(partition)}:dead"

    def conversation(self, conversation_id: str) -> list[str]:
        """KEYS of every script, in the order that `lua/_prelude.lua` names them."""
        partition = partition_of(conversation_id)
        own = f"{self._tag(partition)}:c:{conversation_id}"
        parts = ("head", "log", "ids", "pending", "tries", "lock", "state")
        names = [f"{own}:{part}" for part in parts]
        return [*names, self.turns(partition), self.feed(partition), self.dead_letters(partition)]

    def heads(self) -> str:
        """A pattern that the head of every conversation matches."""
        return f"{self._prefix}:{{p[0-9][0-9]}}:c:*:head"

    def line(self, tenant: str) -> list[str]:
        """The line for a person of a tenant, and the pace at which it moves."""
        tag = self._line_tag(tenant)
        return [f"{tag}:waiting", f"{tag}:pace"]

    def _line_tag(self, tenant: str) -> str:
        return f"{self._prefix}:{{line-{hashlib.sha256(tenant.encode()).hexdigest()[:16]}}}"

    def desk(self, tenant: str) -> list[str]:
        """Conversations that a tenant's people have, and those that they had lately."""
        tag = self._line_tag(tenant)
        return [f"{tag}:taken", f"{tag}:recent"]

    def present(self, tenant: str, agent_id: str) -> str:
        """Is there as long as a person is."""
        return f"{self._line_tag(tenant)}:here:{hashlib.sha256(agent_id.encode()).hexdigest()[:16]}"

    def desk_tenants(self) -> str:
        """Tenants whose people have had conversations."""
        return f"{self._prefix}:desk:tenants"

    def current(self, tenant: str, customer_id: str) -> str:
        """Holds the id of a customer's current conversation."""
        who = hashlib.sha256(f"{tenant}\0{customer_id}".encode()).hexdigest()[:32]
        return f"{self._prefix}:{{{who}}}:current"
