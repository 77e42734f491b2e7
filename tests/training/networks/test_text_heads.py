"""What is fitted after the heads are trained, and what the tokenizer is given (needs torch: `make test-training`)."""

from pathlib import Path

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


def test_one_answer_learns_and_the_others_stay() -> None:
    """With `--only`, a step changes the pooling and the layers of that answer and nothing else."""
    from training.text.heads import UtteranceHeads
    from training.text.train_heads import learn_only

    heads = UtteranceHeads()
    before = {name: weight.clone() for name, weight in heads.state_dict().items()}
    learn_only(heads, "emotion")
    adam = torch.optim.AdamW(heads.parameters(), lr=0.1, weight_decay=0.1)
    intent, emotion, slots = heads.logits(torch.randn(2, 5, 384), torch.ones(2, 5, dtype=torch.long))
    (intent.square().mean() + emotion.square().mean() + slots.square().mean()).backward()
    adam.step()
    changed = {name for name, weight in heads.state_dict().items() if not torch.equal(weight, before[name])}
    assert changed
    assert all(name.startswith(("emotion.", "emotion_pool.")) for name in changed)


def test_another_encoder_is_taken_from_a_local_path(tmp_path: Path) -> None:
    """`--pretrained FOLDER` gives that folder's weights and words, weight for weight."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from transformers import BertConfig, BertModel

    from training.text.vocabulary import load_base

    words = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "parcel")
    config = BertConfig(
        vocab_size=len(words), hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    own = BertModel(config, add_pooling_layer=False)
    own.save_pretrained(tmp_path)
    Tokenizer(WordPiece({word: place for place, word in enumerate(words)}, unk_token="[UNK]")).save(
        str(tmp_path / "tokenizer.json")
    )
    model, tokenizer = load_base(str(tmp_path))
    assert tokenizer.encode("parcel").tokens == ["parcel"]
    for name, weight in own.state_dict().items():
        assert torch.equal(model.state_dict()[name], weight), name
