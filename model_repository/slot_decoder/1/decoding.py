"""Tag probabilities by token to slot spans in characters. The training room measures with this same file."""

import numpy as np

_JOINERS = {"email": "@._-+", "order_number": "-", "tracking_number": "-", "phone": "-", "coupon_code": "-_"}


def spans(probabilities, offsets, mask, text, tags):
    """Read the most likely slots of one text.

    Args:
        probabilities: (tokens, tags) for one text.
        offsets: (tokens, 2) start and end of each token in characters of `text`; equal for tokens without characters.
        mask: (tokens,) 1 for real tokens.
        text: the text itself.
        tags: names of the tags, `O`, `B-slot`, `I-slot`.

    Returns:
        A list of `(slot, start, end, score)`, by start; the score is the mean probability of the slot's own tags.
    """
    found = []
    open_slot = ""
    for row, (start, end), real in zip(np.asarray(probabilities), np.asarray(offsets).tolist(), mask, strict=True):
        if not real or start == end:
            open_slot = ""
            continue
        mark, _, slot = tags[int(row.argmax())].partition("-")
        if mark == "O":
            open_slot = ""
            continue
        score = float(sum(row[place] for place, tag in enumerate(tags) if tag[2:] == slot and tag != "O"))
        if mark == "I" and slot == open_slot:
            found[-1][2] = end
            found[-1][3].append(score)
        else:
            found.append([slot, start, end, [score]])
        open_slot = slot
    grown = [(slot, *_grow(slot, start, end, text), sum(scores) / len(scores)) for slot, start, end, scores in found]
    return _merge(grown)


def _grow(slot, start, end, text):
    """Widen a span to whole ASCII words, a code to the whole run of letters, digits and joiners that it is part of."""
    joiners = _JOINERS.get(slot, "")

    def inside(place):
        return 0 <= place < len(text) and ((text[place].isascii() and text[place].isalnum()) or text[place] in joiners)

    while inside(start - 1) and inside(start):
        start -= 1
    while inside(end) and inside(end - 1):
        end += 1
    while end > start + 1 and text[end - 1] in joiners:
        end -= 1
    while start < end - 1 and text[start] in joiners:
        start += 1
    return start, end


def _merge(found):
    """Join spans that overlap, or touch under one name, keeping the slot and score of the likelier one."""
    result = []
    for slot, start, end, score in sorted(found, key=lambda item: item[1]):
        if result and (start < result[-1][2] or (start == result[-1][2] and slot == result[-1][0])):
            before = result.pop()
            likelier = before if before[3] >= score else (slot, start, end, score)
            result.append((likelier[0], before[1], max(before[2], end), likelier[3]))
        else:
            result.append((slot, start, end, score))
    return result
