"""Hostile texts through every installed filter: is each linear in the text's length?

    python benchmarks/redos.py [SIZE]

Each text is made in two sizes, SIZE characters (200,000) and half of it. A row of the table is a
filter: the text that takes it longest, the seconds of the processor for it, and how many times
those for half of it; 2 is linear, 4 quadratic. After them, what others' patterns take on attacks
that are made for them, for as much text as given.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable

import rewardkit as rk

# What is repeated to make a text, and what stands before and after it.
ATTACKS = {
    "one long word": ("", "a", ""),
    "one line": ("", "word ", ""),
    "blank lines": ("", "\n", "x"),
    "blanks": ("\n", " ", "x"),
    "unclosed thinking": ("", "<think>", ""),
    "thinking never opened": ("", "</think>", ""),
    "answers": ("<think>a</think>", "<answer>", ""),
    "open-r1's format": ("<think>\n", "\n</think>\n<answer>\n", ""),
    "backticks": ("", "`", ""),
    "fences": ("", "```\n", ""),
    "fences of both kinds": ("", "~~~\n```\n", ""),
    "inline code": ("", "`a ``b ", ""),
    "quote markers": ("", "> ", ""),
    "list markers": ("", "- ", "```"),
    "pre": ("", "<pre>", ""),
    "code": ("", "<code>\n", ""),
    "code that ends far off": ("", "<code>", "</code>"),
    "code in one line": ("", "<code> ", "\n"),
    "drawings": ("", "[asy]`", ""),
    "open tags": ("", "<div ", ""),
    "environments": ("", r"\begin{a}", ""),
    "verbatim": ("", r"\begin{verbatim}", ""),
    "boxes": ("", r"\boxed{", ""),
    "braces": ("", "}{", ""),
    "backslashes": ("", "\\", "["),
    "dollars": ("", "$ x_1 ", ""),
    "double dollars": ("", "$$x", ""),
    "variables": ("", "$a_bc", ""),
    "arguments": ("", r"\frac{1}", "{"),
    "money": ("", "$1,000", ""),
    "digits": ("", "1", ""),
    "groups of digits": ("", "4111 ", ""),
    "phone prefixes": ("", "+1 ", ""),
    "phones": ("", "+44 1", ""),
    "answers given": ("", r"\boxed{答案", ""),
    "dots": ("a@", "a.", ""),
    "ats": ("", "a@", ""),
    "addresses": ("", "a.b@c.d-", ""),
    "URLs": ("", "http://", ""),
    "www": ("", "www.", ""),
    "template tokens": ("", "<|a", ""),
    "apologies": ("", "I'm sorry, I am ", ""),
    "mojibake": ("", "â€", ""),
    "zero-width": ("", "\u200b", "a"),
    "misread Russian": ("", "Ð¿ ", ""),
    "marks": ("a", "\u0301", ""),
    "marks out of order": ("a", "\u0301\u0323", ""),
    "right-to-left marks": ("", "\u202e\u202c", ""),
    "surrogates": ("", "\ud800", ""),
    "NUL": ("", "\x00", ""),
    "emoji": ("", "👩\u200d", ""),
    "Chinese": ("", "因为一加一等于二", ""),
    "Thai": ("", "ดังนั้น", ""),
    "Arabic": ("", "لأن ", ""),
    "Hindi": ("", "क्योंकि ", ""),
    "scripts in turn": ("", "a算ก", ""),
    "joined words": ("", "a-", ""),
    "apostrophes": ("", "a'", ""),
}

OPTIONS = {"flagged_words": {"words": ["bad word", "算", "a-b"]}}

# What is used elsewhere, and a text of n characters that hurts it.
PEERS: dict[str, tuple[str, Callable[[int], str]]] = {
    "open-r1's format_reward": (
        r"^<think>\n.*?\n</think>\n<answer>\n.*?\n</answer>$",
        lambda n: "<think>\n" + "\n</think>\n<answer>\n" * (n // 40),
    ),
    r"(.{20,}?)\1{3,} for repetition": (
        r"(.{20,}?)\1{3,}",
        lambda n: " ".join(map(str, range(n // 200))),
    ),
}


def text_of(attack: str, size: int) -> str:
    before, repeated, after = ATTACKS[attack]
    return (before + repeated * (size // len(repeated)))[: size - len(after)] + after


def seconds(filter: rk.Filter, text: str) -> float:
    completion = rk.Completion(text)
    known = {"completion": completion, "language": "en"}
    arguments = [known.get(column, text) for column in filter.signature.columns]
    begin = time.process_time()
    filter(*arguments)
    return time.process_time() - begin


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    registry = rk.Registry()
    print(
        f"| filter | slowest text, {size:,} characters | s | times half of it |\n|---|---|---|---|"
    )
    for name, found in sorted(registry.filters.items()):
        filter = found.using(**OPTIONS.get(name, {}))
        if not filter.signature.options.keys() <= filter.options.keys():
            continue  # it wants a file
        seconds(filter, "warm 算 é")
        took = {attack: seconds(filter, text_of(attack, size)) for attack in ATTACKS}
        worst = max(took, key=lambda attack: took[attack])
        # Each time another text: words that are known already would cost nothing.
        half, whole = (
            min(seconds(filter, text_of(worst, n - i)) for i in range(1, 4))
            for n in (size // 2, size)
        )
        print(f"| {name} | {worst} | {whole:.3f} | {whole / max(half, 1e-6):.1f} |")
    print("\n| elsewhere | characters | s | times half of it |\n|---|---|---|---|")
    for name, (pattern, make) in PEERS.items():
        took_peer = []
        for part in (size // 2, size):
            text = make(part)
            begin = time.process_time()
            re.search(pattern, text, re.DOTALL | re.MULTILINE)
            took_peer.append(time.process_time() - begin)
        print(
            f"| {name} | {len(text):,} | {took_peer[1]:.3f} | {took_peer[1] / took_peer[0]:.1f} |"
        )


if __name__ == "__main__":
    main()
