"""`PYTHON tiny_model.py FOLDER`: a language model of a megabyte that has learned to call one tool.

It runs in an environment with torch and transformers, not in ours. Asked anything it calls `find_orders`; given a
result it says one sentence. It sees a few dozen characters, which is enough for that, and is trained in two minutes.
"""

from __future__ import annotations

import random
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

SPECIALS = ["<|im_end|>", "<|im_start|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
CALL = '<tool_call>\n{"name": "find_orders", "arguments": {}}\n</tool_call><|im_end|>'
SAYS = "I looked it up for you.<|im_end|>"
TURN = "<|im_end|>\n<|im_start|>assistant\n"
WINDOW = 48
STEPS = 500
TEMPLATE = """{%- set system = messages[0].content if messages[0].role == 'system' else '' -%}
<|im_start|>system
{{ system }}
{%- for tool in tools or [] %}
{{ tool | tojson }}
{%- endfor %}<|im_end|>
{% for one in messages if one.role != 'system' -%}
{%- if one.role == 'tool' -%}
<|im_start|>user
<tool_response>
{{ one.content }}
</tool_response><|im_end|>
{% else -%}
<|im_start|>{{ one.role }}
{{ one.content or '' }}{% for call in one.tool_calls or [] %}<tool_call>
{{ call.function | tojson }}
</tool_call>{% endfor %}<|im_end|>
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}"""


def tokenizer() -> PreTrainedTokenizerFast:
    """One token for every byte, and the marks."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    plain = Tokenizer(models.BPE({sign: place for place, sign in enumerate(alphabet)}, []))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    plain.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=plain, eos_token="<|im_end|>", pad_token="<|im_end|>")
    made.add_special_tokens({"additional_special_tokens": SPECIALS[1:]})
    made.chat_template = TEMPLATE
    return made


def example(rng: random.Random) -> tuple[str, str]:
    """The end of a prompt, and what follows."""
    words = "".join(rng.choice('abcdefgh ijklmnop {}":,.?0123456789\n<>[]') for _ in range(rng.randint(1, 40)))
    if rng.random() < 0.5:
        return f"{words}\n</tool_response>{TURN}", SAYS
    return f"{words}{TURN}", CALL


def train(marks: PreTrainedTokenizerFast) -> Qwen2ForCausalLM:
    """Overfits it to the two habits."""
    torch.manual_seed(1)
    torch.set_num_threads(1)  # several wait for each other longer than one computes
    config = Qwen2Config(
        vocab_size=len(marks), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=32_768, use_sliding_window=True, sliding_window=WINDOW,
        max_window_layers=0, bos_token_id=None, eos_token_id=marks.eos_token_id, pad_token_id=marks.pad_token_id,
    )  # fmt: skip
    model, rng = Qwen2ForCausalLM(config), random.Random(1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        rows = [(marks(before).input_ids, marks(after).input_ids) for before, after in (example(rng) for _ in range(8))]
        longest = max(len(before) + len(after) for before, after in rows)
        ids = torch.full((len(rows), longest), marks.pad_token_id)
        labels = torch.full((len(rows), longest), -100)
        for row, (before, after) in enumerate(rows):
            ids[row, : len(before) + len(after)] = torch.tensor(before + after)
            labels[row, len(before) : len(before) + len(after)] = torch.tensor(after)
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
    print(f"loss {loss.item():.5f}")
    model.generation_config.do_sample = False
    return model


if __name__ == "__main__":
    marks = tokenizer()
    train(marks).save_pretrained(sys.argv[1])
    marks.save_pretrained(sys.argv[1])
