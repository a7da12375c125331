"""The reward `language` and the filter `mixed_language`, on the same count of words."""

from __future__ import annotations

from typing import Any

import rewardkit as rk
from rewardkit.option_types import PositiveFloat, Share
from rewardkit_language.languages import Target
from rewardkit_language.options import LanguageName
from rewardkit_language.targets import choose_target
from rewardkit_language.words import Words, count_words, is_all_target

__all__ = ["language", "mixed_language"]


@rk.reward
def language(
    completion: rk.Completion,
    language: str | None = None,
    prompt: Any = None,
    *,
    target: LanguageName | None = None,
) -> rk.Score:
    """The proportion of the thinking's words that are in the target language, judged by script.

    By script alone: against English, Chinese words count and French ones do not. Code, formulas,
    names from programs and numbers are no words. `target` is an ISO 639 code or an English name;
    without it the row's `language` is the target, else the script that the prompt is written in.
    Abstains where there is no target and where the thinking has no words. DeepSeek-R1,
    arXiv:2501.12948, section 2.3.2.
    """
    chosen = choose_target(target, language, prompt)
    if chosen.target is None:
        return rk.Score.abstain(chosen.source)
    words = count_words(completion.reasoning, chosen.target)
    if not words.total:
        return rk.Score.abstain("the thinking has no words", target=chosen.target.name)
    return rk.Score(
        words.share,
        f"{words.share:.1%} of {words.total:.0f} words are in {_named(chosen.target)}",
        {
            "words": round(words.total, 1),
            "target_words": round(words.target, 1),
            "target": chosen.target.name,
            "target_from": chosen.source,
            "longest_foreign_run": round(words.run, 1),
            "longest_foreign_text": words.run_text,
        },
    )


@rk.filter
def mixed_language(
    completion: rk.Completion,
    language: str | None = None,
    prompt: Any = None,
    *,
    target: LanguageName | None = None,
    min_share: Share = 0.95,
    max_run: PositiveFloat = 8,
) -> rk.Rejection | None:
    """Rejects thinking that leaves the target language, as far as scripts can tell.

    That is where less than `min_share` of its words are in the target language, or `max_run` words
    or more in a row are not: one switched sentence in 60 leaves a share of .977. The target is
    found as for the reward `language`; without one, and without words, nothing is rejected.
    """
    chosen = choose_target(target, language, prompt)
    if chosen.target is None:
        return None
    reasoning = completion.reasoning
    if is_all_target(reasoning, chosen.target):
        return None
    words = count_words(reasoning, chosen.target)
    if words.share < min_share:
        share = f"{words.share:.1%} of the words are in {_named(chosen.target)}"
        return rk.Rejection(f"{share}, less than {min_share:.0%}{_shown(words)}", words.share)
    if words.run >= max_run:
        run = f"{words.run:.0f} words in a row are not in {_named(chosen.target)}"
        return rk.Rejection(f"{run}{_shown(words)}", words.run)
    return None


def _named(target: Target) -> str:
    """What was decided, honestly: the script and not the language."""
    scripts = " or ".join(target.scripts)
    if target.name.endswith(" script"):
        return f"{scripts} script"
    return f"{scripts} script (target: {target.name}, told by script)"


def _shown(words: Words) -> str:
    return f": {words.run_text!r}" if words.run_text else ""
