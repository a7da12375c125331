"""Distillation: the divergences against sums written out, and their ends."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import distillation_loss

DRAW = np.random.default_rng(3)
STUDENT, TEACHER = DRAW.normal(0.0, 1.5, (2, 2, 3, 6))
MASK = np.array([[True, True, False], [True, False, False]])


def softmax(logits):
    weights = np.exp(logits)
    return weights / weights.sum(-1, keepdims=True)


def kl(a, b):
    return (a * np.log(a / b)).sum(-1)


def expected(divergence, beta, temperature):
    p, q = softmax(TEACHER / temperature), softmax(STUDENT / temperature)
    mixture = beta * p + (1 - beta) * q
    found = {
        "forward": kl(p, q),
        "reverse": kl(q, p),
        "jsd": beta * kl(p, mixture) + (1 - beta) * kl(q, mixture),
    }[divergence]
    return found[MASK].mean()


def given(library, dtype="float64", student=STUDENT, teacher=TEACHER):
    return (
        library.array(student, dtype),
        library.array(teacher, dtype),
        library.array(MASK, "bool"),
    )


@pytest.mark.parametrize("divergence", ["forward", "reverse", "jsd"])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_divergence_is_its_sum(library, divergence, temperature, dtype):
    options = {"divergence": divergence, "temperature": temperature, "beta": 0.3}
    found = distillation_loss(*given(library, dtype), **options, t_squared=False)
    value = expected(divergence, 0.3, temperature)
    assert float(library.numpy(found)) == pytest.approx(value, rel=1e-5)
    squared = distillation_loss(*given(library, dtype), **options)
    assert float(library.numpy(squared)) == pytest.approx(value * temperature**2, rel=1e-5)


def test_with_t_squared_the_gradient_does_not_fall_with_the_temperature(other_library):
    student, teacher = (each - each.mean(-1, keepdims=True) for each in (STUDENT, TEACHER))
    _, teacher_array, mask = given(other_library, teacher=teacher)

    def gradient(temperature, **options):
        return other_library.gradient(
            lambda at: distillation_loss(
                at, teacher_array, mask, temperature=temperature, **options
            ),
            student,
        )

    # Where logits are centred, the limit is that of matching them: (student - teacher) / V.
    limit = np.where(MASK[..., None], (student - teacher) / 6, 0.0) / MASK.sum()
    np.testing.assert_allclose(gradient(1e3), limit, atol=1e-3)
    np.testing.assert_allclose(gradient(1e3, t_squared=False), 0.0, atol=1e-6)


def test_a_jsd_goes_to_0_at_both_ends_and_its_ends_are_refused(library):
    batch = given(library)
    for beta in (1e-6, 1 - 1e-6):
        found = distillation_loss(*batch, divergence="jsd", beta=beta)
        assert 0 < float(library.numpy(found)) < 1e-5
    for beta, name in ((0.0, "forward"), (1.0, "reverse"), (1.5, "forward")):
        with pytest.raises(OptionError, match=name):
            distillation_loss(*batch, divergence="jsd", beta=beta)


@pytest.mark.parametrize("divergence", ["forward", "reverse", "jsd"])
def test_equal_distributions_have_no_divergence_and_no_gradient(other_library, divergence):
    _, teacher, mask = given(other_library)
    slope = other_library.gradient(
        lambda at: distillation_loss(at, teacher, mask, divergence=divergence), TEACHER
    )
    np.testing.assert_allclose(slope, 0.0, atol=1e-15)


@pytest.mark.parametrize("divergence", ["forward", "reverse", "jsd"])
def test_ruled_out_tokens_and_padding_give_no_nan(other_library, divergence):
    student, teacher = STUDENT.copy(), TEACHER.copy()
    student[..., 0] = teacher[..., 0] = -np.inf
    student[~MASK], teacher[~MASK] = np.nan, np.inf
    _, teacher, mask = given(other_library, teacher=teacher)
    loss = lambda at: distillation_loss(at, teacher, mask, divergence=divergence)  # noqa: E731
    clean = distillation_loss(STUDENT[..., 1:], TEACHER[..., 1:], MASK, divergence=divergence)
    found = loss(other_library.array(student))
    assert float(other_library.numpy(found)) == pytest.approx(clean)
    assert np.all(np.isfinite(other_library.gradient(loss, student)))


def test_a_student_that_rules_out_what_the_teacher_says_is_infinitely_far(library):
    student = STUDENT.copy()
    student[..., 2] = -np.inf
    batch = given(library, student=student)
    assert np.isinf(library.numpy(distillation_loss(*batch)))
    assert np.isfinite(library.numpy(distillation_loss(*batch, divergence="reverse")))
    assert np.isfinite(library.numpy(distillation_loss(*batch, divergence="jsd")))


IDS = np.argsort(-TEACHER, axis=-1)[..., :3]


def at_ids(array):
    return np.take_along_axis(array, IDS, -1)


@pytest.mark.parametrize("divergence", ["forward", "reverse"])
def test_a_teachers_best_tokens_are_enough(library, divergence):
    ids = library.array(IDS, "int64")
    student, _, mask = given(library)
    teacher = library.array(at_ids(TEACHER))
    found = distillation_loss(student, teacher, mask, divergence=divergence, teacher_ids=ids)
    p, q = softmax(at_ids(TEACHER)), softmax(at_ids(STUDENT))
    dropped = (kl(p, q) if divergence == "forward" else kl(q, p))[MASK].mean()
    assert float(library.numpy(found)) == pytest.approx(dropped)

    logs = library.array(np.log(at_ids(softmax(TEACHER))))
    found = distillation_loss(
        student, logs, mask, divergence=divergence, teacher_ids=ids, tail="bucket"
    )
    p, q = at_ids(softmax(TEACHER)), at_ids(softmax(STUDENT))
    p, q = (np.concatenate([each, 1 - each.sum(-1, keepdims=True)], -1) for each in (p, q))
    bucket = (kl(p, q) if divergence == "forward" else kl(q, p))[MASK].mean()
    assert float(library.numpy(found)) == pytest.approx(bucket)


def test_all_tokens_of_a_teacher_are_the_same_as_its_logits(library):
    student, teacher, mask = given(library)
    ids = np.broadcast_to(np.arange(6), STUDENT.shape)
    options = {"teacher_ids": library.array(ids.copy(), "int64")}
    whole = distillation_loss(student, teacher, mask)
    found = distillation_loss(student, teacher, mask, **options)
    assert float(library.numpy(found)) == pytest.approx(float(library.numpy(whole)))


def test_bfloat16_is_computed_in_float32_and_masked_batches_are_0(other_library):
    student, teacher, _ = given(other_library, "bfloat16")
    nothing = other_library.array(np.zeros(MASK.shape), "bool")
    found = distillation_loss(student, teacher, nothing)
    assert str(found.dtype).endswith("float32")
    assert float(other_library.numpy(found)) == 0.0


def test_bad_arguments_are_named(library):
    student, teacher, mask = given(library)
    with pytest.raises(ArrayError, match="teacher has the shape"):
        distillation_loss(student, teacher[..., :3], mask)
    with pytest.raises(ArrayError, match="mask has the shape"):
        distillation_loss(student, teacher, mask[:1])
    with pytest.raises(ArrayError, match="teacher_ids holds"):
        distillation_loss(student, teacher, mask, teacher_ids=teacher)
    with pytest.raises(OptionError, match="temperature is 0"):
        distillation_loss(student, teacher, mask, temperature=0)
    with pytest.raises(OptionError, match="teacher_ids"):
        distillation_loss(student, teacher, mask, tail="bucket")
    with pytest.raises(OptionError, match="Did you mean 'forward'"):
        distillation_loss(student, teacher, mask, divergence="forwards")
