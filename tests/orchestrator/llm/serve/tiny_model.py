"""`PYTHON tiny_model.py LESSONS FOLDER`: a language model of a megabyte that has learned its lessons by heart.

It runs in an environment with torch and transformers, not in ours. A lesson is a request as the orchestrator sends it
(`messages`, `tools`) and what to answer (`calls` or `text`), so that it learns from exactly the tokens that
`transformers serve` will make of the same request. A minute on one core; it fails unless every lesson is known.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

SPECIALS = ["<|im_end|>", "<|im_start|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
LAYERS, WINDOW = 2, 96
SEEN = LAYERS * WINDOW  # tokens that can have a say in the next one; a longer prompt teaches nothing more
STEPS = 300
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
Lesson = dict[str, Any]
Ids = list[int]


def answer(lesson: Lesson) -> str:
    """What the model is to write."""
    calls = "".join(f"<tool_call>\n{json.dumps(call)}\n</tool_call>" for call in lesson["calls"])
    return f"{lesson['text']}{calls}<|im_end|>"


def tokenizer(lessons: list[Lesson], folder: Path) -> PreTrainedTokenizerFast:
    """Pieces of words from the lessons; read back from the folder as the server reads it."""
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1_024, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    plain.train_from_iterator([json.dumps(one, ensure_ascii=False) for one in lessons], trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=plain, eos_token="<|im_end|>", pad_token="<|im_end|>")
    made.add_special_tokens({"additional_special_tokens": SPECIALS[1:]})
    made.chat_template = TEMPLATE
    made.save_pretrained(folder)
    # Which tokenizer reads the files is decided by the kind of model beside them: without one, it would be another here
    # than in the server, and the prompts would be cut into other tokens than those that were learned.
    Qwen2Config().save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def tokens(marks: PreTrainedTokenizerFast, lesson: Lesson) -> tuple[Ids, Ids]:
    """A whole prompt, made as the server makes it, and its answer."""
    messages = [dict(one) for one in lesson["messages"]]
    for one in messages:  # as the server does
        if "tool_calls" in one:
            calls = [call["function"] for call in one["tool_calls"]]
            one["content"] = ""
            one["tool_calls"] = [{"function": {**call, "arguments": json.loads(call["arguments"])}} for call in calls]
    prompt = marks.apply_chat_template(messages, tools=lesson["tools"], add_generation_prompt=True, return_dict=True)
    return list(prompt["input_ids"]), list(marks(answer(lesson), add_special_tokens=False)["input_ids"])


def varied(prompt: Ids, rng: random.Random, words: Ids) -> Ids:
    """The end of a prompt with some of its tokens exchanged, for numbers and times differ from run to run."""
    share = rng.choice((0.0, 0.05, 0.1))
    ordinary = set(words)
    end = prompt[-SEEN - rng.randint(0, 32) :]
    return [rng.choice(words) if one in ordinary and rng.random() < share else one for one in end]


def batch(rows: list[tuple[Ids, Ids]], pad: int) -> dict[str, torch.Tensor]:
    """Rows of one length; only the answers count."""
    longest = max(len(before) + len(after) for before, after in rows)
    ids, labels = torch.full((len(rows), longest), pad), torch.full((len(rows), longest), -100)
    for row, (before, after) in enumerate(rows):
        ids[row, : len(before) + len(after)] = torch.tensor(before + after)
        labels[row, len(before) : len(before) + len(after)] = torch.tensor(after)
    return {"input_ids": ids, "labels": labels}


def train(known: list[tuple[Ids, Ids]], marks: PreTrainedTokenizerFast) -> Qwen2ForCausalLM:
    """Overfits it to the lessons."""
    config = Qwen2Config(
        vocab_size=len(marks), hidden_size=128, intermediate_size=256, num_hidden_layers=LAYERS, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=65_536, use_sliding_window=True, sliding_window=WINDOW,
        max_window_layers=0, bos_token_id=None, eos_token_id=marks.eos_token_id, pad_token_id=marks.pad_token_id,
    )  # fmt: skip
    model, rng = Qwen2ForCausalLM(config), random.Random(1)
    words = sorted({one for prompt, _ in known for one in prompt} - set(marks.all_special_ids))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    calmer = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for step in range(1, STEPS + 1):
        rows = [(varied(before, rng, words), after) for before, after in known for _ in range(2)]
        loss = model(**batch(rows, marks.pad_token_id)).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        calmer.step()
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.5f}", flush=True)
    model.generation_config.do_sample = False
    return model.eval()


def main(lessons_path: Path, folder: Path) -> None:
    """Makes the model, tries every whole lesson and writes it down."""
    torch.manual_seed(1)
    torch.set_num_threads(1)  # several wait for each other longer than one computes
    lessons = json.loads(lessons_path.read_text())
    marks = tokenizer(lessons, folder)
    known = [tokens(marks, one) for one in lessons]
    model = train(known, marks)
    for prompt, after in known:
        said = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), max_new_tokens=128)
        said = said[0, len(prompt) :].tolist()
        print(f"after {len(prompt)} tokens: {marks.decode(said)}", flush=True)
        if said != after:
            sys.exit(f"expected: {marks.decode(after)}")
    model.save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
