"""Verifying an answer: the layers in order, and the first verdict as a score."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import rewardkit as rk
from rewardkit_math.layers import CHEAP_LAYERS, Text, Verdict
from rewardkit_math.policies import Policies, Preset, policies, taking_policies
from rewardkit_math.reading import UnreadableError, read_answer, read_references
from rewardkit_math.structure import Comparison
from rewardkit_math.words import chosen, is_gist, same_figures, same_group, same_words

__all__ = ["Deadline", "verify", "verify_under"]


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
    return verify_under(
        chosen_policies, references, answer, choices=choices, deadline=Deadline.after(deadline)
    )


class Deadline(NamedTuple):
    """Until when a verdict must be there, by time.monotonic(), and the seconds that it was given.

    One verdict has one deadline, whatever it takes: references, forms of an answer, sympy.
    """

    until: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that ends so many seconds from now."""
        return cls(time.monotonic() + seconds, seconds)

    def share(self, parts: int) -> Deadline:
        """The first of so many equal parts of what is left: a part that takes less leaves more."""
        now = time.monotonic()
        return Deadline(now + (self.until - now) / parts, self.seconds)


def verify_under(
    chosen_policies: Policies,
    references: list[str],
    answer: Any,
    *,
    choices: Sequence[Any] | Mapping[str, Any] | None = None,
    deadline: Deadline,
    **evidence: Any,
) -> rk.Score:
    """`verify` under policies that are chosen, with references that are read already."""
    try:
        given = Text.of(read_answer(answer))
    except UnreadableError as error:
        return rk.Score(0.0, f"no answer: {error}", {"layer": "reading", **evidence})
    texts = [Text.of(reference) for reference in references]
    if len(texts) == 1 and not choices:
        at, verdict = 0, _at_once(texts[0], given, chosen_policies)
        if verdict is None:
            verdict = _compared(texts[0], given, chosen_policies, deadline)
    else:
        at, verdict = _best(_verdicts(texts, given, chosen_policies, choices, deadline))
    right, layer, reason, late = verdict
    value = None if right is None else float(right)
    compared = {"layer": layer, "reference": str(texts[at]), "answer": str(given), **evidence}
    return rk.Score(value, reason, compared, late)


def _best(verdicts: Iterable[tuple[int, Verdict]]) -> tuple[int, Verdict]:
    """Right if any is right, undecided if any is that, else wrong, as the first says."""
    others = []
    for at, verdict in verdicts:
        if verdict.right:
            return at, verdict
        others.append((at, verdict))
    if len(others) == 1:
        return others[0]
    return min(others, key=lambda other: (other[1].right is not None, other[0]))


def _verdicts(
    references: list[Text],
    answer: Text,
    chosen_policies: Policies,
    choices: Sequence[Any] | Mapping[str, Any] | None,
    deadline: Deadline,
) -> Iterator[tuple[int, Verdict]]:
    """The verdict on each reference, by its place: first those that take no time."""
    slow = []
    for at, reference in enumerate(references):
        verdict = _by_choices(reference, answer, choices) if choices else None
        verdict = verdict or _at_once(reference, answer, chosen_policies)
        if verdict is None:
            slow.append(at)
        else:
            yield at, verdict
    for done, at in enumerate(slow):
        share = deadline.share(len(slow) - done)
        yield at, _compared(references[at], answer, chosen_policies, share)


def _by_choices(
    reference: Text, answer: Text, choices: Sequence[Any] | Mapping[str, Any]
) -> Verdict | None:
    ours, theirs = chosen(reference.raw, choices), chosen(answer.raw, choices)
    if ours is None or theirs is None:
        return None
    right = ours == theirs
    reason = f"choice {theirs}" if right else f"choice {theirs} is not {ours}"
    return Verdict(right, "choice", reason)


def _at_once(reference: Text, answer: Text, chosen_policies: Policies) -> Verdict | None:
    for layer in CHEAP_LAYERS:
        verdict = layer(reference, answer, chosen_policies)
        if verdict is not None:
            return verdict
    return None


def _compared(
    reference: Text, answer: Text, chosen_policies: Policies, deadline: Deadline
) -> Verdict:
    short = max(len(reference.raw), len(answer.raw)) <= _SHORT
    known = _compared_lately(reference.raw, answer.raw, chosen_policies) if short else []
    if known:
        return known[0]
    if isinstance(reference.trees, str) or isinstance(answer.trees, str):
        return _by_words(reference, answer, chosen_policies)
    comparison = Comparison(chosen_policies, deadline.until - time.monotonic())
    try:
        right = any(
            comparison.answers(one, other) for one in reference.trees for other in answer.trees
        )
    except RecursionError:
        return Verdict(False, "structure", f"{answer} is nested too deeply to be compared")
    if comparison.late and not right:
        time_given = f"out of time: {deadline.seconds:g} s were not enough"
        reason = f"{time_given} to compare {answer} with {reference}"
        return Verdict(None, "symbolic", reason, late=True)
    verdict = _structural(reference, answer, comparison, right=right)
    if not comparison.undecided:
        known.append(verdict)
    return verdict


_SHORT = 200  # characters of a side whose comparison is kept: some 4 MB in all


@lru_cache(maxsize=4096)
def _compared_lately(reference: str, answer: str, chosen_policies: Policies) -> list[Verdict]:
    """The place for the verdict on a pair: many completions of a prompt give one answer.

    It holds what time and memory have no part in: no verdict that came late or stayed undecided.
    """
    return []


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
    if chosen_policies.sentences == "gist":
        if is_gist(reference.raw, answer.raw):
            return Verdict(True, "words", f"{answer} is what {reference} is about")
        if isinstance(reference.trees, str) and same_figures(reference.raw, answer.raw):
            return Verdict(True, "words", f"{answer} has the numbers of {reference}")
    unread = reference.trees if isinstance(reference.trees, str) else answer.trees
    return Verdict(False, "words", f"{answer} is not {reference}, compared as words: {unread}")
