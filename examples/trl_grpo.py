"""GRPO in TRL with a suite: `python examples/trl_grpo.py`, on one GPU."""

import datasets
from trl import GRPOConfig, GRPOTrainer

import rewardkit as rk
from rewardkit.trainers.trl import reward_funcs

accuracy, format, language = map(rk.get_reward, ("accuracy", "format", "language"))
suite = accuracy + 0.5 * format + 0.2 * language

ASKED = "First think, between <think> and </think>; then answer, between <answer> and </answer>."


def as_row(example):
    messages = [("system", ASKED), ("user", example["question"])]
    prompt = [{"role": role, "content": content} for role, content in messages]
    return {"prompt": prompt, "answer": example["answer"].split("####")[-1].strip()}


def main(model="Qwen/Qwen2.5-0.5B-Instruct", length=2048, **settings):
    functions, weights = reward_funcs(suite, max_completion_length=length)
    rows = datasets.load_dataset("openai/gsm8k", "main", split="train").map(as_row)
    args = GRPOConfig(reward_weights=weights, max_completion_length=length, **settings)
    trainer = GRPOTrainer(model=model, reward_funcs=functions, args=args, train_dataset=rows)
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
