"""Any interleaving of an upload ends in the bytes that were sent or in a typed error, and leaves nothing behind.

Chunks, repeats, wrong places, cancels, lost connections, crashes, a store that fails, and time that passes.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway import frames
from gateway.pictures.names import PARTIAL
from gateway.pictures.store import erase
from gateway.pictures.uploader import UploadDesk
from gateway.upload_frames import CHUNK_BYTES
from tests.fuzz import examples
from tests.gateway.pictures.memory_store import MemoryStore
from tests.gateway.pictures.upload_harness import FILES, LIFE_S, File, Line, Pictures, connect, make_gateway

pytestmark = pytest.mark.unit

WHICH = st.integers(0, 1)  # of the two files that an example is about
SIZES = st.sampled_from([1, 1000, CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES])


class Uploading(RuleBasedStateMachine):
    """A customer with two devices, two gateways, one store."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now_s = 1_000_000.0
        self.store = MemoryStore(lambda: self.now_s)
        self.pictures = Pictures()
        self.gateways = [self.gateway() for _ in range(2)]
        self.lines: list[Line | None] = [None, None]
        self.names = sorted(FILES)[:2]

    @initialize(names=st.lists(st.sampled_from(sorted(FILES)), min_size=2, max_size=2, unique=True))
    def choose(self, names: list[str]) -> None:
        """Two files: with more, what is done would rarely meet."""
        self.names = names

    def gateway(self) -> UploadDesk:
        return make_gateway(self.store, self.pictures, lambda: self.now_s)

    def do(self, work: Awaitable[None]) -> None:
        async def all_of_it() -> None:
            await work
            for gateway in self.gateways:
                await gateway.close(30)

        self.runner.run(all_of_it())

    def line(self, number: int) -> Line:
        """The device's connection; made when it has none."""
        line = self.lines[number] or connect(self.gateways[number], lambda: self.now_s)
        self.lines[number] = line
        return line

    @rule(number=st.integers(0, 1), which=WHICH)
    def begin(self, number: int, which: int) -> None:
        """A device begins, or asks where to go on."""
        line = self.line(number)
        self.do(line.send(FILES[self.names[which]].frame, self.now_s))

    @rule(number=st.integers(0, 1), which=WHICH, count=st.integers(1, 8), size=SIZES)
    def send(self, number: int, which: int, count: int, size: int) -> None:
        """Chunks from where it was told to go on."""
        name = self.names[which]
        for _ in range(count):
            line, data = self.line(number), FILES[name].data
            offset = line.offsets.get(name)
            if offset is None or offset >= len(data):
                return
            piece = data[offset : offset + size]
            line.offsets[name] = offset + len(piece)
            self.chunk(line, name, offset, piece)

    @rule(number=st.integers(0, 1), which=WHICH, place=st.integers(0, 12), size=SIZES)
    def send_elsewhere(self, number: int, which: int, place: int, size: int) -> None:
        """Repeats, and pieces out of order."""
        name = self.names[which]
        offset = place * CHUNK_BYTES
        if piece := FILES[name].data[offset : offset + size]:
            self.chunk(self.line(number), name, offset, piece)

    @rule(number=st.integers(0, 1), which=WHICH)
    def send_too_much(self, number: int, which: int) -> None:
        """More than was announced."""
        name = self.names[which]
        line, data = self.line(number), FILES[name].data
        offset = line.offsets.get(name, 0)
        if len(data) - offset < CHUNK_BYTES:
            line.overfed.add(name)
            self.chunk(line, name, offset, data[offset:] + b"!")

    def chunk(self, line: Line, name: str, offset: int, piece: bytes) -> None:
        if piece:
            self.do(line.chunk(name, offset, piece, self.now_s))

    @rule(number=st.integers(0, 1), which=WHICH)
    def cancel(self, number: int, which: int) -> None:
        """Given up, from whichever device."""
        line, name = self.line(number), self.names[which]
        self.do(line.send(f'{{"type":"upload_cancel","upload_id":"{name}"}}', self.now_s))

    @rule(number=st.integers(0, 1))
    def hang_up(self, number: int) -> None:
        """The connection ends; the gateway lives."""
        line, self.lines[number] = self.lines[number], None
        if line is not None:
            line.session.gone()
            self.do(line.uploader.close())

    @rule(number=st.integers(0, 1))
    def crash(self, number: int) -> None:
        """The gateway dies with what it had in memory, and another takes its place."""
        self.lines[number] = None
        self.gateways[number] = self.gateway()

    @rule()
    def break_or_mend_the_store(self) -> None:
        self.store.down = not self.store.down

    @rule()
    def overload_or_relieve_the_intake(self) -> None:
        self.pictures.busy = not self.pictures.busy

    @rule(seconds=st.sampled_from([0.05, 0.05, 2.0, 2.0, LIFE_S / 2, LIFE_S + 1]))
    def wait(self, seconds: float) -> None:
        """Time passes; the janitor comes by."""
        self.now_s += seconds
        if not self.store.down:
            self.do(self.sweep())

    async def sweep(self) -> None:
        await erase(self.store, PARTIAL, before_s=self.now_s - LIFE_S)

    @invariant()
    def nothing_wrong_was_kept_or_said(self) -> None:
        assert self.pictures.faults == []

    @invariant()
    def a_spoilt_one_is_never_kept(self) -> None:
        assert FILES["spoilt"].data not in self.pictures.kept.values()

    def teardown(self) -> None:
        """When nothing fails any more, each file arrives; after a cancel and a while nothing is left."""
        self.store.down = self.pictures.busy = False
        try:
            for number in range(2):
                self.hang_up(number)
            for which, name in enumerate(self.names):
                self.finish(which, FILES[name])
            self.nothing_wrong_was_kept_or_said()
            for which in range(2):
                self.cancel(0, which)
            assert [gateway.partials._room.memory_bytes for gateway in self.gateways] == [0, 0]
            assert [name for name in self.store.objects if name.startswith(PARTIAL)] == []
            assert all(len(line.session.uploads or ()) == 0 for line in self.lines if line is not None)
        finally:
            self.runner.close()

    def parts_of(self, name: str) -> list[str]:
        identity = hashlib.sha256(name.encode()).hexdigest()[:32]
        return [stored for stored in self.store.objects if f"/{identity}/" in stored]

    def finish(self, which: int, file: File) -> None:
        """As a client does that follows the protocol."""
        name = file.name
        self.begin(0, which)
        line = self.line(0)
        for _ in range(40):
            last = line.said[-1]
            if isinstance(last, frames.UploadDone) and last.upload_id == name:
                assert file.data in self.pictures.kept.values()
                assert self.parts_of(name) == [], "its parts are not needed any more"
                return
            if isinstance(last, frames.Error):
                assert (file.spoilt, last.reason) == (True, "CHECKSUM_MISMATCH")
                return
            self.send(0, which, 1, CHUNK_BYTES)
        raise AssertionError("it does not come to an end")


Uploading.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
TestUploading = Uploading.TestCase
