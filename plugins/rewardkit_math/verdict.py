"""Verifying an answer: the layers in order, and the first verdict as a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import rewardkit as rk
from rewardkit_math.layers import CHEAP_LAYERS, Text, Verdict, clip
from rewardkit_math.policies import Policies, Preset, policies, taking_policies
from rewardkit_math.reading import UnreadableError, read_answer, read_references
from rewardkit_math.structure import Comparison
from rewardkit_math.words import chosen, is_gist, same_group, same_words

__all__ = ["verify", "verify_under"]


@taking_policies
def verify(
    reference: Any,
    answer: Any,
    *,
    choices: Sequence[Any] | Mapping[str, Any] | None = None,
    policy: Preset = "default",
    deadline: float = 5.0,
    **options: Any,
) -> rk.Score:
    r"""1.0 where the answer is the reference, 0.0 where it is not or cannot be shown to be.

    Both are answers, not completions: bare LaTeX, `$...$`, `\boxed{...}`, `#### 42`, a number. A
    list of references is one of several correct answers. A reference that cannot be read abstains;
    a verdict that would take longer than `deadline` seconds is a failed score.

    Args:
        reference: The correct answer, or a list of several.
        answer: The answer to judge.
        choices: The texts of a multiple choice: a list, A first, or a mapping from letters.
        policy: The preset that the policies left out are taken from.
        deadline: Seconds that the verdict may take.
        options: Policies by their names, as `Policies` lists them.

    Raises:
        TypeError: An option that is no policy.
        ValueError: A policy that there is none of.

    Example:
        >>> verify("1/2", r"\frac{2}{4}").value
        1.0
    """
    chosen_policies = policies(policy, **options)
    try:
        references = read_references(reference)
    except UnreadableError as error:
        return rk.Score.abstain(f"the reference cannot be read: {error}", layer="reading")
    return verify_under(chosen_policies, references, answer, choices=choices, deadline=deadline)


def verify_under(
    chosen_policies: Policies,
    references: list[str],
    answer: Any,
    *,
    choices: Sequence[Any] | Mapping[str, Any] | None = None,
    deadline: float = 5.0,
) -> rk.Score:
    """`verify` under policies that are chosen, with references that are read already."""
    try:
        text = read_answer(answer)
    except UnreadableError as error:
        return rk.Score(0.0, f"no answer: {error}", {"layer": "reading"})
    given = Text(text)
    share = deadline / len(references)
    return _best([_score(Text(one), given, chosen_policies, choices, share) for one in references])


def _best(scores: list[rk.Score]) -> rk.Score:
    """Right if any is right, wrong if all are wrong, undecided otherwise."""
    for score in scores:
        if score.value == 1.0:
            return score
    return next((score for score in scores if score.value is None), scores[0])


def _score(
    reference: Text,
    answer: Text,
    chosen_policies: Policies,
    choices: Sequence[Any] | Mapping[str, Any] | None,
    deadline: float,
) -> rk.Score:
    verdict = _by_choices(reference, answer, choices) if choices else None
    verdict = verdict or _decide(reference, answer, chosen_policies, deadline)
    evidence = {
        "layer": verdict.layer,
        "reference": clip(reference.raw),
        "answer": clip(answer.raw),
    }
    value = None if verdict.right is None else float(verdict.right)
    return rk.Score(value, verdict.reason, evidence, failed=verdict.late)


def _by_choices(
    reference: Text, answer: Text, choices: Sequence[Any] | Mapping[str, Any]
) -> Verdict | None:
    ours, theirs = chosen(reference.raw, choices), chosen(answer.raw, choices)
    if ours is None or theirs is None:
        return None
    right = ours == theirs
    reason = f"choice {theirs}" if right else f"choice {theirs} is not {ours}"
    return Verdict(right, "choice", reason)


def _decide(reference: Text, answer: Text, chosen_policies: Policies, deadline: float) -> Verdict:
    for layer in CHEAP_LAYERS:
        verdict = layer(reference, answer, chosen_policies)
        if verdict is not None:
            return verdict
    if isinstance(reference.trees, str) or isinstance(answer.trees, str):
        return _by_words(reference, answer, chosen_policies)
    comparison = Comparison(chosen_policies, deadline)
    try:
        right = any(
            comparison.answers(one, other) for one in reference.trees for other in answer.trees
        )
    except RecursionError:
        return Verdict(False, "structure", f"{answer} is nested too deeply to be compared")
    if comparison.late and not right:
        reason = (
            f"out of time: {deadline:g} s were not enough to compare {answer} with {reference}"
        )
        return Verdict(None, "symbolic", reason, late=True)
    return _structural(reference, answer, comparison, right=right)


def _structural(reference: Text, answer: Text, comparison: Comparison, *, right: bool) -> Verdict:
    if right:
        return Verdict(True, comparison.layer, f"{answer} is {reference}")
    if comparison.undecided:
        why = comparison.undecided[0].reason
        reason = f"{answer} could not be shown to be {reference}: {why}"
        return Verdict(False, comparison.layer, reason)
    return Verdict(False, comparison.layer, f"{answer} is not {reference}")


def _by_words(reference: Text, answer: Text, chosen_policies: Policies) -> Verdict:
    """A pair of which one is no formula that can be read: the same words, or wrong."""
    fold = chosen_policies.case == "ignored"
    if same_words(reference.raw, answer.raw, fold=fold):
        return Verdict(True, "words", f"the same words: {reference}")
    if chosen_policies.order == "any" and same_group(reference.raw, answer.raw, fold=fold):
        return Verdict(True, "words", f"the same names: {reference}")
    if chosen_policies.sentences == "gist" and is_gist(reference.raw, answer.raw):
        return Verdict(True, "words", f"{answer} is what {reference} is about")
    unread = reference.trees if isinstance(reference.trees, str) else answer.trees
    return Verdict(False, "words", f"{answer} is not {reference}, compared as words: {unread}")
