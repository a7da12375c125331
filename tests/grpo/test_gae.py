"""Returns and generalised advantages, beside sums written out."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError
from rewardkit.grpo import discounted_returns, gae

RNG = np.random.default_rng(3)
REWARDS, VALUES = RNG.normal(size=(2, 3, 6))
# A whole row, one with a gap between two turns, and one that is all masked.
MASK = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]], bool)


def written_out(gamma, lam):
    """A_t = sum over l of (gamma lam)^l delta_(t + l), of each row's own tokens, one by one."""
    advantages = np.zeros(MASK.shape)
    for row, mask in enumerate(MASK):
        own = np.flatnonzero(mask)
        rewards, values = REWARDS[row, own], np.append(VALUES[row, own], 0.0)
        errors = rewards + gamma * values[1:] - values[:-1]
        for t in range(len(own)):
            powers = (gamma * lam) ** np.arange(len(own) - t)
            advantages[row, own[t]] = (powers * errors[t:]).sum()
    return advantages


def masked(library, values, dtype):
    """What stands outside the mask must not matter."""
    return library.array(np.where(MASK, values, np.nan), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("gamma", "lam"), [(1.0, 1.0), (0.9, 0.8), (0.99, 0.0)])
def test_advantages_are_discounted_sums_of_errors(library, dtype, gamma, lam):
    mask = library.array(MASK, "bool")
    arguments = masked(library, REWARDS, dtype), masked(library, VALUES, dtype), mask
    advantages, returns = gae(*arguments, gamma=gamma, lam=lam)
    expected = written_out(gamma, lam)
    assert library.numpy(advantages).dtype == dtype
    assert library.numpy(advantages) == pytest.approx(expected, abs=1e-5)
    assert library.numpy(returns) == pytest.approx(expected + np.where(MASK, VALUES, 0), abs=1e-5)


def test_returns_discount_a_token_of_the_mask_at_a_time(library):
    mask = library.array(MASK, "bool")
    returns = library.numpy(
        discounted_returns(masked(library, REWARDS, "float64"), mask, gamma=0.5)
    )
    r = REWARDS[1]
    second = [r[0] + r[1] / 2 + r[4] / 4, r[1] + r[4] / 2, 0, 0, r[4], 0]
    assert returns[1] == pytest.approx(np.array(second))
    assert returns[2].tolist() == [0] * 6


def test_compilers_trace_it_to_the_same_result(library):
    mask = library.array(MASK, "bool")
    compiled = library.compiled(lambda r, v, m: gae(r, v, m, gamma=0.9, lam=0.8))
    advantages, _ = compiled(library.array(REWARDS), library.array(VALUES), mask)
    assert library.numpy(advantages) == pytest.approx(written_out(0.9, 0.8))


def test_no_tokens_are_no_error(library):
    nothing = library.array(np.zeros((2, 0)))
    advantages, _ = gae(nothing, nothing, library.array(np.zeros((2, 0)), "bool"))
    assert library.numpy(advantages).shape == (2, 0)


def test_wrong_shapes_are_an_error_that_names_them():
    with pytest.raises(ArrayError, match="values has the shape"):
        gae(REWARDS, VALUES[:, :5], MASK)
    with pytest.raises(ArrayError, match="mask holds"):
        discounted_returns(REWARDS, MASK.astype(float))
