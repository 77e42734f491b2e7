"""Tag probabilities by token to slot spans in characters. The training room measures with this same file."""

from functools import cache

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
    places = np.asarray(offsets).reshape(-1, 2)
    kept = np.flatnonzero((np.asarray(mask) != 0) & (places[:, 0] != places[:, 1]))
    rows = np.asarray(probabilities)[kept]
    for row, tag, (start, end) in zip(rows, _likeliest(rows, tuple(tags)), places[kept].tolist(), strict=True):
        mark, _, slot = tags[tag].partition("-")
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


def _likeliest(rows, tags):
    """Find the likeliest sequence of tags in which no `I` comes without its own slot before it (Viterbi, 1967)."""
    if not len(rows):
        return []
    chances, allowed = np.log(np.maximum(rows, 1e-9)), _transitions(tags)
    total, came_from = chances[0] + allowed[0], []
    for row in chances[1:]:
        steps = total[:, None] + allowed
        came_from.append(steps.argmax(0))
        total = steps.max(0) + row
    path = [int(total.argmax())]
    for before in reversed(came_from):
        path.append(int(before[path[-1]]))
    return path[::-1]


@cache
def _transitions(tags):
    """Log scores (tag, next tag): 0 where the step is allowed and a prohibitive one where it is not."""
    return np.array(
        [
            [0.0 if there[0] != "I" or (here != "O" and here[2:] == there[2:]) else -1e4 for there in tags]
            for here in tags
        ]
    )


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
