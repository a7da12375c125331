"""The reward `language` and the filter `mixed_language`, on the same count of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rewardkit as rk
from rewardkit.option_types import PositiveFloat, Share
from rewardkit_language.languages import Target
from rewardkit_language.options import BackendName, LanguageName, Where
from rewardkit_language.targets import choose_target

if TYPE_CHECKING:
    from rewardkit_language.detector import Words

__all__ = ["language", "mixed_language"]


@rk.reward
def language(
    completion: rk.Completion,
    language: str | None = None,
    prompt: Any = None,
    *,
    target: LanguageName | None = None,
    where: Where = "thinking",
    backend: BackendName = "py3langid",
    model: str | None = None,
) -> rk.Score:
    """The proportion of the thinking's words that are in the target language.

    Code, formulas, names from programs and numbers are no words. `target` is an ISO 639 code or an
    English name; without it the row's `language` is the target, else the language of its prompt.
    `where` measures the response instead, or both. `backend` tells languages of one script apart;
    `model` is the path of fastText's. Abstains where there is no target and where there are no
    words. DeepSeek-R1, arXiv:2501.12948, section 2.3.2.
    """
    chosen = choose_target(target, language, prompt, backend, model)
    if chosen.target is None:
        return rk.Score.abstain(chosen.source)
    words = _count(completion, where, chosen.target, backend, model)
    if not words.total:
        return rk.Score.abstain(f"{_PLACES[where]} has no words", target=chosen.target.name)
    return rk.Score(
        words.share,
        f"{words.share:.1%} of {words.total:.0f} words are in {chosen.target.name}",
        {
            "words": round(words.total, 1),
            "target_words": round(words.target, 1),
            "target": chosen.target.name,
            "target_from": chosen.source,
            "longest_foreign_run": round(words.run, 1),
            "longest_foreign_text": words.run_text,
            "longest_foreign_start": words.run_start,
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
    where: Where = "thinking",
    backend: BackendName = "py3langid",
    model: str | None = None,
) -> rk.Rejection | None:
    """Rejects thinking that leaves the target language.

    That is where less than `min_share` of its words are in the target language, or `max_run` words
    or more in a row are not: one switched sentence in 60 leaves a share of .977. The target and
    the other options are as for the reward `language`; without a target, and without words,
    nothing is rejected.
    """
    chosen = choose_target(target, language, prompt, backend, model)
    if chosen.target is None:
        return None
    words = _count(completion, where, chosen.target, backend, model)
    name = chosen.target.name
    shown = f": {words.run_text!r}" if words.run_text else ""
    if words.share < min_share:
        share = f"{words.share:.1%} of {words.total:.0f} words are in {name}"
        return rk.Rejection(f"{share}, less than {min_share:.0%}{shown}", words.share)
    if words.run >= max_run:
        return rk.Rejection(f"{words.run:.0f} words in a row are not in {name}{shown}", words.run)
    return None


_PLACES = {
    "thinking": "the thinking",
    "response": "the response",
    "both": "the completion",
}


def _count(
    completion: rk.Completion, where: Where, target: Target, backend: str, model: str | None
) -> Words:
    from rewardkit_language.detector import detector

    texts = {
        "thinking": lambda: completion.reasoning,
        "response": lambda: completion.response,
        "both": lambda: f"{completion.thinking}\n{completion.response}",
    }
    return detector(target, backend, model).count(texts[where]())
