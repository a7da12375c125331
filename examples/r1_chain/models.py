"""The tokenizer and the models, made on the spot, and drawing completions from a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from r1_chain.problems import Problem, think
from r1_chain.recipe import Model

if TYPE_CHECKING:
    from transformers import PreTrainedModel

VOCABULARY = 400
CONTEXT = 128
SAMPLED_AT_ONCE = 256
ROLES = ["<|user|>", "<|assistant|>", "<|system|>"]
# No special tokens: TRL decodes completions without those, and the rewards look for these.
TAGS = ["<think>", "</think>", "<answer>", "</answer>"]
CHAT = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def make_tokenizer(problems: Iterable[Problem]) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of what is asked and thought, with every digit a token."""
    texts = [
        f"{problem.row['prompt'][0]['content']}\n{think(problem, language)}"
        for problem in problems
        for language in ("en", "zh")
    ]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    bpe.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            show_progress=False,
            special_tokens=["<|pad|>", "<|end|>", *ROLES],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token="<|pad|>",
        eos_token="<|end|>",
        additional_special_tokens=ROLES,
        padding_side="left",
    )
    tokenizer.add_tokens(TAGS)
    tokenizer.chat_template = CHAT
    return tokenizer


def make_model(size: Model, tokenizer: PreTrainedTokenizerFast, folder: Path, seed: int) -> int:
    """Save a Qwen2 model with random weights, and the tokenizer with it; its parameters."""
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        intermediate_size=4 * size.hidden,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen2ForCausalLM(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return int(model.num_parameters())


def sample(
    folder: Path, problems: Sequence[Problem], samples: int, max_tokens: int, seed: int
) -> list[dict[str, Any]]:
    """Rollouts at temperature 1: rows with `samples` completions of each problem, in order."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    torch.manual_seed(seed)
    rows = [problem.row for problem in problems for _ in range(samples)]
    for start in range(0, len(rows), SAMPLED_AT_ONCE):
        batch = rows[start : start + SAMPLED_AT_ONCE]
        written = _continue(model, tokenizer, [row["prompt"] for row in batch], max_tokens)
        for row, ids in zip(batch, written.tolist(), strict=True):
            ended = tokenizer.eos_token_id in ids
            row["completion"] = tokenizer.decode(ids, skip_special_tokens=True)
            row["finish_reason"] = "stop" if ended else "length"
    return rows


def _continue(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    prompts: Sequence[list[dict[str, str]]],
    max_tokens: int,
) -> torch.Tensor:
    inputs = tokenizer.apply_chat_template(
        list(prompts),
        add_generation_prompt=True,
        padding=True,
        return_dict=True,
        return_tensors="pt",
    )
    ids = model.generate(
        input_ids=inputs["input_ids"],
        attention_mask=inputs["attention_mask"],
        max_new_tokens=max_tokens,
        do_sample=True,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
    )
    return ids[:, inputs["input_ids"].shape[1] :]
