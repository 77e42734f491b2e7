"""What is fitted after the heads are trained, and what the tokenizer is given (needs torch: `make test-training`)."""

import pytest
import torch

pytestmark = pytest.mark.unit


def test_out_of_scope_rises_as_far_as_the_share_allows() -> None:
    """One text in a hundred in scope may be refused: the logit stops at the second smallest gap."""
    from training.text.expand import INTENTS
    from training.text.train_heads import leaning

    outside = INTENTS.index("out_of_scope")
    intents = torch.zeros(100, len(INTENTS))
    intents[:, 0] = torch.linspace(0.1, 10.0, 100)
    wanted = torch.zeros(100, dtype=torch.int64)
    raised = leaning(intents, wanted, 0.01)
    refused = (intents[:, 0] < raised).sum()
    assert refused == 1
    assert leaning(intents, torch.full((100,), outside), 0.01) == 0.0
    assert leaning(intents * 100, wanted, 0.5) == 3.0


def test_both_spellings_share_a_token() -> None:
    """Traditional text becomes the very ids of the simplified one; English and emoji stay as they are."""
    from tokenizers import Tokenizer

    from training.text.distil import student
    from training.text.vocabulary import reads_traditional

    _, plain, _ = student(None)
    both = Tokenizer.from_str(reads_traditional(plain))
    traditional, simplified = both.encode("訂單還沒收到，裡面"), both.encode("订单还没收到，里面")
    assert traditional.ids == simplified.ids == plain.encode("订单还没收到，里面").ids
    assert traditional.offsets == simplified.offsets
    assert both.encode("where is my 📦").ids == plain.encode("where is my 📦").ids
    assert both.get_vocab_size() == plain.get_vocab_size()
