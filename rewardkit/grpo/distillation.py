"""The divergence of a student's next-token distributions from a teacher's."""

from __future__ import annotations

import math
from typing import Literal, get_args

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo.aggregation import Reduction, check_reduction, reduce_rows
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    check_choice,
    check_mask,
    check_positive,
    check_shape,
    namespace,
    stop_gradient,
)

__all__ = ["distillation_loss"]

Divergence = Literal["forward", "reverse", "jsd"]

# A mixture's log-probability is told no further down: the probability is 0 to any precision.
LEAST_LOG = -200.0


def distillation_loss(
    student: Array,
    teacher: Array,
    mask: Array,
    *,
    divergence: Divergence = "forward",
    beta: float = 0.5,
    temperature: float = 1.0,
    t_squared: bool = True,
    teacher_ids: Array | None = None,
    tail: Literal["drop", "bucket"] = "drop",
    reduction: Reduction = "token-mean",
    denominator: float | Array | None = None,
    horizon: float | None = None,
) -> Array:
    """The divergence a token, aggregated, differentiable in the student's logits.

    With p the teacher's and q the student's softmax(logits / temperature):

    ========== ============================================== =================================
    divergence formula                                        elsewhere
    ========== ============================================== =================================
    forward    KL(p || q)                                     Hinton et al., arXiv:1503.02531;
                                                              TRL's GKD with beta=0
    reverse    KL(q || p)                                     MiniLLM, arXiv:2306.08543; beta=1
    jsd        beta KL(p || m) + (1 - beta) KL(q || m),       GKD, arXiv:2306.13649, eq. 1
               m = beta p + (1 - beta) q
    ========== ============================================== =================================

    The JSD goes to 0 at both ends of beta, where TRL's jumps to a KL: here beta lies between them,
    and the ends have names of their own.

    Args:
        student: (B, T, V) logits.
        teacher: (B, T, V) logits, a constant; (B, T, K) with `teacher_ids`.
        mask: (B, T) booleans; what stands elsewhere can be anything.
        divergence: A name of the table.
        beta: The teacher's share of the mixture, for jsd.
        temperature: Of both softmaxes.
        t_squared: Multiply by temperature**2, which keeps the gradients' size from falling with
            it (Hinton et al., section 2). TRL has no such factor.
        teacher_ids: (B, T, K) integers, the tokens that a teacher who tells its best K is about.
        tail: With them, "drop" softmaxes both over the K tokens. "bucket" takes `teacher` for
            log-probabilities, at this temperature, and all other tokens for one more outcome, so
            that the loss sees mass that the student has elsewhere.
        reduction, denominator, horizon: As in `aggregate`; "none" gives (B, T).

    Returns:
        A number, in float32 at least. Logits of minus infinity are probabilities of 0: infinite
        where the divergence is (the student's 0 under the teacher's more, in "forward"), not NaN.

    Raises:
        ArrayError: Shapes that do not match, a mask that is not boolean, several libraries.
        OptionError: A name or number that cannot be: a beta of 0 or 1, say.
    """
    xp = namespace(student=student, teacher=teacher, mask=mask, teacher_ids=teacher_ids)
    check_choice("divergence", divergence, get_args(Divergence))
    check_choice("tail", tail, get_args(Literal["drop", "bucket"]))
    check_positive("temperature", temperature)
    check_reduction(reduction, denominator, horizon)
    if divergence == "jsd" and not 0.0 < beta < 1.0:
        raise OptionError(
            f"beta is {beta}, and a JSD has one between 0 and 1: at the ends it is 0 whatever the "
            "student. What GKD calls beta=0 is divergence='forward', beta=1 is 'reverse'."
        )
    if tail == "bucket" and teacher_ids is None:
        raise OptionError("tail='bucket' is about the tokens beyond teacher_ids: give them.")
    check_shape("student", student, ("B", "T", "V"))
    rows, length, vocabulary = student.shape
    check_mask("mask", mask, (rows, length))
    _check_teacher(teacher, teacher_ids, rows, length, vocabulary)
    log_q, log_p = _log_probabilities(xp, student, teacher, mask, teacher_ids, temperature, tail)
    values = _divergence(xp, log_p, log_q, divergence, beta)
    if t_squared:
        values = values * temperature**2
    return reduce_rows(xp, values, mask, reduction, denominator, horizon)


def _check_teacher(
    teacher: Array, teacher_ids: Array | None, rows: int, length: int, vocabulary: int
) -> None:
    if teacher_ids is None:
        check_shape("teacher", teacher, (rows, length, vocabulary))
        return
    check_shape("teacher", teacher, (rows, length, "K"))
    check_shape("teacher_ids", teacher_ids, teacher.shape)
    if "int" not in str(teacher_ids.dtype):
        raise ArrayError(f"teacher_ids holds {teacher_ids.dtype}, and should hold integers.")


def _log_probabilities(
    xp: Namespace,
    student: Array,
    teacher: Array,
    mask: Array,
    teacher_ids: Array | None,
    temperature: float,
    tail: Literal["drop", "bucket"],
) -> tuple[Array, Array]:
    """The student's and the teacher's, over the same outcomes; equal ones outside the mask."""
    live = mask[:, :, None]
    student, teacher = as_float("student", student), as_float("teacher", stop_gradient(teacher))
    student = xp.where(live, student, xp.zeros_like(student)) / temperature
    teacher = xp.where(live, teacher, xp.zeros_like(teacher))
    if teacher_ids is None:
        return _log_softmax(xp, student), _log_softmax(xp, teacher / temperature)
    ids = xp.where(live, teacher_ids, xp.zeros_like(teacher_ids))
    if tail == "drop":
        student = xp.take_along_axis(student, ids, axis=-1)
        return _log_softmax(xp, student), _log_softmax(xp, teacher / temperature)
    student = xp.take_along_axis(_log_softmax(xp, student), ids, axis=-1)
    return _with_rest(xp, student), _with_rest(xp, teacher)


def _log_softmax(xp: Namespace, logits: Array) -> Array:
    shifted = logits - stop_gradient(xp.max(logits, axis=-1, keepdims=True))
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def _with_rest(xp: Namespace, logs: Array) -> Array:
    """Log-probabilities of some outcomes, and after them that of none of them."""
    rest = 1.0 - xp.sum(xp.exp(logs), axis=-1, keepdims=True)
    rest = xp.log(rest.clip(math.exp(LEAST_LOG / 4), 1.0))
    return xp.concat([logs, rest], axis=-1)


def _divergence(
    xp: Namespace, log_p: Array, log_q: Array, divergence: Divergence, beta: float
) -> Array:
    if divergence == "forward":
        return _kl(xp, log_p, log_q)
    if divergence == "reverse":
        return _kl(xp, log_q, log_p)
    mixture = xp.logaddexp(
        log_p.clip(LEAST_LOG, math.inf) + math.log(beta),
        log_q.clip(LEAST_LOG, math.inf) + math.log1p(-beta),
    )
    return beta * _kl(xp, log_p, mixture) + (1.0 - beta) * _kl(xp, log_q, mixture)


def _kl(xp: Namespace, log_a: Array, log_b: Array) -> Array:
    """Sum of a log(a / b) over the last axis, 0 where a is 0."""
    there = log_a > -math.inf
    zeros = xp.zeros_like(log_a)
    log_a, log_b = xp.where(there, log_a, zeros), xp.where(there, log_b, zeros)
    return xp.sum(xp.where(there, xp.exp(log_a) * (log_a - log_b), zeros), axis=-1)
