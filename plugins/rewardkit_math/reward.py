"""The reward `math`: whether a completion's answer is the reference."""

from __future__ import annotations

from typing import Any, Literal

import rewardkit as rk
from rewardkit_math.extraction import Answer, NoAnswer, extract
from rewardkit_math.layers import clip
from rewardkit_math.policies import Policies, Preset, policies, taking_policies
from rewardkit_math.reading import UnreadableError, read_references
from rewardkit_math.responses import response_of
from rewardkit_math.verdict import Deadline, verify_under

__all__ = ["math"]


@rk.reward
@taking_policies
def math(
    completion: rk.Completion,
    answer: Any = None,
    choices: Any = None,
    *,
    policy: Preset = "default",
    box: Literal["optional", "required"] | None = None,
    deadline: float = 5.0,
    **options: Any,
) -> rk.Score:
    """1.0 where the answer that the completion declares is the reference, 0.0 where it is not.

    The answer is looked for after the thinking only. `answer` is the reference: text, a number, or
    a list of several correct ones; `choices` the texts of a multiple choice. No answer is 0.0; a
    missing or unreadable reference abstains; a comparison that takes more than `deadline` seconds
    fails. The options are the policies of `verify`; `box="required"` wants the answer in a box.
    """
    chosen = policies(policy, **options)
    try:
        references = read_references(answer)
    except UnreadableError as error:
        return rk.Score.abstain(f"the reference cannot be read: {error}", layer="reading")
    found = extract(response_of(completion))
    if isinstance(found, NoAnswer):
        return _nothing(references, found.reason)
    box = box or ("required" if policy in ("open-r1", "strict") else "optional")
    if box == "required" and found.source != "box":
        return _nothing(references, "nothing is in a box")
    until = Deadline.after(deadline)
    if found.forms:
        return _best_form(references, found, chosen, choices, until)
    return verify_under(
        chosen, references, found.text, choices=choices, deadline=until, found=found.source
    )


def _nothing(references: list[str], reason: str) -> rk.Score:
    evidence = {"layer": "extraction", "reference": clip(references[0])}
    return rk.Score(0.0, f"no answer found: {reason}", evidence)


def _best_form(
    references: list[str], found: Answer, chosen: Policies, choices: Any, deadline: Deadline
) -> rk.Score:
    """The verdict on an answer given in several forms, which is right where each of them is."""

    def judged(text: str, until: Deadline) -> rk.Score:
        return verify_under(
            chosen, references, text, choices=choices, deadline=until, found=found.source
        )

    whole = judged(found.text, deadline.share(2))
    if whole.value == 1.0:
        return whole
    for text in found.forms:
        form = judged(text, deadline)
        if form.value != 1.0:
            return whole
    return form
