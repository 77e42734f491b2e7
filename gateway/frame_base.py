"""What all frames of the edge protocol are made of."""

from __future__ import annotations

from msgspec import Struct


class ClientFrame(Struct, frozen=True, kw_only=True, tag_field="type", gc=False):
    """A frame that a client may send."""


class ServerFrame(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """A frame that the edge may send."""
