"""From tag probabilities to slots: the file that also runs inside Triton."""

import numpy as np
import pytest

from training.text.tags import TAGS, decode_tags, slot_decoding, tag_row

pytestmark = pytest.mark.unit
spans = slot_decoding().spans


def rows(*tags: str) -> np.ndarray:
    """Make near-certain probabilities for the named tags."""
    table = np.full((len(tags), len(TAGS)), 0.001, np.float32)
    for row, tag in enumerate(tags):
        table[row, TAGS.index(tag)] = 0.9
    return table


def test_a_value_over_several_tokens_is_one_slot() -> None:
    """B and I of one slot join; the boundary tokens, which have no characters, never count."""
    text = "order SO 12"
    offsets = [(0, 0), (0, 5), (6, 8), (9, 11), (0, 0)]
    found = spans(rows("O", "O", "B-order_number", "I-order_number", "B-date"), offsets, [1, 1, 1, 1, 1], text, TAGS)
    assert [(slot, start, end) for slot, start, end, _ in found] == [("order_number", 6, 11)]
    assert 0.85 < found[0][3] <= 1.0


def test_codes_are_never_cut_inside_a_word() -> None:
    """A code whose last pieces were missed is widened to the whole run of letters and digits, and no further."""
    text = "单号SO123456，谢谢"
    found = spans(rows("O", "B-order_number", "O", "O"), [(0, 2), (2, 6), (6, 10), (10, 11)], [1, 1, 1, 1], text, TAGS)
    assert text[found[0][1] : found[0][2]] == "SO123456"


def test_two_halves_of_one_code_become_one_slot() -> None:
    """Overlap after widening is merged and the likelier name wins."""
    table = rows("B-order_number", "B-tracking_number")
    table[1, TAGS.index("B-tracking_number")] = 0.6
    found = spans(table, [(0, 3), (3, 6)], [1, 1], "AB1234", TAGS)
    assert [(slot, start, end) for slot, start, end, _ in found] == [("order_number", 0, 6)]


def test_masked_tokens_are_ignored() -> None:
    """Padding says nothing, whatever its probabilities are."""
    assert spans(rows("B-date", "B-date"), [(0, 0), (0, 5)], [1, 0], "today", TAGS) == []


def test_tags_and_spans_are_inverse() -> None:
    """Labelling by span and reading back gives the span; a token that straddles the edge belongs to it."""
    offsets = [(0, 0), (0, 2), (2, 4), (4, 6), (7, 9), (0, 0)]
    row = tag_row(offsets, (("amount", 2, 6), ("date", 7, 9)))
    assert decode_tags(row, offsets) == [("amount", 2, 6), ("date", 7, 9)]


def test_words_are_never_cut() -> None:
    """A product whose last word piece was missed is the whole word; a Chinese neighbour is not swallowed."""
    found = spans(rows("B-product", "O"), [(3, 11), (11, 12)], [1, 1], "is bookshelf in", TAGS)
    assert [(slot, start, end) for slot, start, end, _ in found] == [("product", 3, 12)]
    found = spans(rows("B-product", "O"), [(0, 2), (2, 3)], [1, 1], "T恤呢", TAGS)
    assert [(slot, start, end) for slot, start, end, _ in found] == [("product", 0, 2)]


def test_touching_pieces_of_one_slot_are_one() -> None:
    """Two openings side by side under one name are one value; under two names they stay two."""
    found = spans(rows("B-product", "B-product"), [(0, 1), (1, 2)], [1, 1], "电视", TAGS)
    assert [(slot, start, end) for slot, start, end, _ in found] == [("product", 0, 2)]
    found = spans(rows("B-quantity", "B-product"), [(0, 2), (2, 4)], [1, 1], "两个电视", TAGS)
    assert len(found) == 2


def test_a_slot_is_never_continued_that_was_not_opened() -> None:
    """The likeliest legal sequence is read: a doubtful opening is taken when the continuation is certain."""
    table = rows("O", "I-product", "O")
    table[0, TAGS.index("O")], table[0, TAGS.index("B-product")] = 0.5, 0.4
    found = spans(table, [(0, 1), (1, 2), (2, 3)], [1, 1, 1], "电视呢", TAGS)
    assert [(slot, start, end) for slot, start, end, _ in found] == [("product", 0, 2)]


def test_one_doubtful_piece_does_not_change_the_name() -> None:
    """A value whose middle looks a little more like another slot stays one value."""
    table = rows("B-address", "I-address", "I-address")
    table[1, TAGS.index("I-address")], table[1, TAGS.index("I-product")] = 0.4, 0.5
    found = spans(table, [(0, 2), (2, 4), (4, 6)], [1, 1, 1], "人民东路八号", TAGS)
    assert [(slot, start, end) for slot, start, end, _ in found] == [("address", 0, 6)]


def test_a_text_without_characters_has_no_slots() -> None:
    """Only boundary tokens: nothing to read, and no error."""
    assert spans(rows("O", "O"), [(0, 0), (0, 0)], [1, 1], "", TAGS) == []
