"""Packs on disk: adding, removing, repeating, restarting, crashing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from recommender.pack_store import PackStore
from servicekit.errors import ServiceError
from tests.recommender.archives import archive

pytestmark = pytest.mark.unit


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    """A store over one shipped pack `base` of two stickers."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "base.zip").write_bytes(archive("one", "two", pack="base"))
    return PackStore(shipped, tmp_path / "data", clock=lambda: 1000.0)


def _ids(store: PackStore) -> list[str]:
    return [sticker.id for loaded in store.load() for sticker in loaded.pack.stickers]


def _remove(store: PackStore, request: str, *ids: str, pack: str = "") -> int:
    present = {sticker.id: sticker for loaded in store.load() for sticker in loaded.pack.stickers}
    return store.remove(request, ids, pack, present)


def test_an_added_pack_is_there_after_a_restart(store: PackStore, tmp_path: Path) -> None:
    """What was added is read by a new process, with the time it was added."""
    summary = store.add("r1", archive("a", "b"), overwrite=False)
    assert (summary.id, summary.sticker_count, summary.added_at) == ("tiny", 2, 1000.0)
    again = PackStore(tmp_path / "shipped", tmp_path / "data")
    assert _ids(again) == ["base/one", "base/two", "tiny/a", "tiny/b"]
    assert again.load()[1].pack.added_at == 1000.0


def test_a_repeated_request_answers_as_the_first_time(store: PackStore) -> None:
    """Neither adding nor removing twice under one id does anything twice."""
    first = store.add("r1", archive("a"), overwrite=False)
    assert store.add("r1", archive("x", "y"), overwrite=False) == first
    assert _remove(store, "r2", "tiny/a") == 1
    assert _remove(store, "r2", "base/one") == 1
    assert _ids(store) == ["base/one", "base/two"]


def test_one_id_may_serve_two_kinds_of_request(store: PackStore) -> None:
    """Adding and removing keep their receipts apart."""
    store.add("r1", archive("a"), overwrite=False)
    assert _remove(store, "r1", "tiny/a") == 1


def test_an_existing_pack_is_replaced_only_when_asked(store: PackStore) -> None:
    """Without the wish to replace it is a conflict, for shipped and added packs alike."""
    store.add("r1", archive("a"), overwrite=False)
    for pack in ("tiny", "base"):
        with pytest.raises(ServiceError) as caught:
            store.add("r2", archive("z", pack=pack), overwrite=False)
        assert caught.value.reason == "PACK_EXISTS"
    store.add("r3", archive("z", pack="base"), overwrite=True)
    assert _ids(store) == ["base/z", "tiny/a"]


def test_a_refused_pack_leaves_no_trace(store: PackStore) -> None:
    """Nothing is stored of a pack that is refused."""
    with pytest.raises(ServiceError):
        store.add("r1", archive("a", emotion="hunger"), overwrite=False)
    assert _ids(store) == ["base/one", "base/two"]
    assert store.add("r1", archive("a"), overwrite=False).sticker_count == 1


def test_removed_stickers_stay_removed_until_the_pack_comes_anew(store: PackStore) -> None:
    """Removal outlives a restart, also of shipped stickers; adding the pack again brings everything back."""
    store.add("r1", archive("a", "b"), overwrite=False)
    assert _remove(store, "r2", "tiny/a", "base/one", "base/unknown") == 2
    assert _ids(store) == ["base/two", "tiny/b"]
    store.add("r3", archive("a", "b"), overwrite=True)
    assert _ids(store) == ["base/two", "tiny/a", "tiny/b"]


def test_whole_packs_can_be_removed(store: PackStore, tmp_path: Path) -> None:
    """An added pack leaves the disk; a shipped one is hidden and its id becomes free."""
    store.add("r1", archive("a"), overwrite=False)
    assert _remove(store, "r2", pack="tiny") == 1
    assert not (tmp_path / "data" / "packs" / "tiny.zip").exists()
    assert _remove(store, "r3", pack="base") == 2
    assert _remove(store, "r4", pack="never-was") == 0
    assert _ids(store) == []
    assert store.add("r5", archive("n", pack="base"), overwrite=False).sticker_count == 1
    assert _ids(store) == ["base/n"]


def test_a_damaged_stored_pack_does_not_take_the_rest_down(store: PackStore, tmp_path: Path) -> None:
    """A broken file in the data folder is left out."""
    store.add("r1", archive("a"), overwrite=False)
    (tmp_path / "data" / "packs" / "tiny.zip").write_bytes(b"rubbish")
    assert _ids(store) == ["base/one", "base/two"]


def test_a_damaged_shipped_pack_is_an_error(tmp_path: Path) -> None:
    """The recommender does not pretend to have its own pack."""
    (tmp_path / "base.zip").write_bytes(b"rubbish")
    with pytest.raises(ServiceError, match="PACK_INVALID"):
        PackStore(tmp_path, tmp_path / "data").load()


def test_a_damaged_state_is_a_typed_error(store: PackStore, tmp_path: Path) -> None:
    """Half a state file is said to be damaged, not taken for empty."""
    store.add("r1", archive("a"), overwrite=False)
    state = tmp_path / "data" / "state.json"
    state.write_text(state.read_text()[:-10])
    with pytest.raises(ServiceError, match="STATE_UNREADABLE"):
        store.load()


def test_changes_of_another_process_are_noticed(store: PackStore, tmp_path: Path) -> None:
    """A second store on the same folder makes the first one stale."""
    store.load()
    assert not store.changed()
    PackStore(tmp_path / "shipped", tmp_path / "data").add("r1", archive("a"), overwrite=False)
    assert store.changed()
    store.load()
    assert not store.changed()


def test_receipts_are_bounded(store: PackStore, tmp_path: Path) -> None:
    """Old receipts go, so that the state file cannot grow for ever."""
    store.add("r1", archive("a"), overwrite=False)
    state = tmp_path / "data" / "state.json"
    document = json.loads(state.read_text())
    document["receipts"] = {f"old-{number}": 0 for number in range(3000)}
    state.write_text(json.dumps(document))
    _remove(store, "new", "tiny/a")
    receipts = json.loads(state.read_text())["receipts"]
    assert len(receipts) == 1000
    assert "remove:new" in receipts


def test_a_left_over_partial_file_does_no_harm(store: PackStore, tmp_path: Path) -> None:
    """A crash in the middle of writing leaves a partial file that nobody reads."""
    store.add("r1", archive("a"), overwrite=False)
    shutil.copy(tmp_path / "data" / "packs" / "tiny.zip", tmp_path / "data" / "packs" / ".other.zip.123")
    assert _ids(store) == ["base/one", "base/two", "tiny/a"]
