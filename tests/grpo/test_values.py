"""PPO's clipped loss of a critic: its formula, its gradient, and bad input."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import value_loss, value_loss_and_grad

DRAW = np.random.default_rng(5)
B, T = 4, 6
MASK = np.arange(T)[None] < np.array([6, 3, 0, 1])[:, None]
OLD = DRAW.normal(size=(B, T))
VALUES, RETURNS = OLD + DRAW.normal(0.0, 0.4, (B, T)), DRAW.normal(size=(B, T))


def arrays(library, dtype="float64"):
    floats = [library.array(each, dtype) for each in (VALUES, OLD, RETURNS)]
    return [*floats, library.array(MASK, "bool")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_half_the_worse_of_the_two_squares(library, dtype):
    worse = np.maximum(
        (VALUES - RETURNS) ** 2, (np.clip(VALUES, OLD - 0.2, OLD + 0.2) - RETURNS) ** 2
    )
    found = library.numpy(value_loss(*arrays(library, dtype), clip=0.2, reduction="none"))
    np.testing.assert_allclose(found, np.where(MASK, worse / 2, 0.0), atol=1e-5)
    loss = library.numpy(value_loss(*arrays(library, dtype), clip=0.2))
    assert float(loss) == pytest.approx(worse[MASK].mean() / 2, rel=1e-6)
    assert loss.dtype == dtype


@pytest.mark.parametrize("clip", [0.2, None])
@pytest.mark.parametrize("reduction", ["token-mean", "seq-mean-token-mean"])
def test_the_gradient_by_hand_is_the_librarys_own(library, clip, reduction):
    values, old, *rest = arrays(library)
    options = {"clip": clip, "reduction": reduction}
    old = None if clip is None else old
    loss, slope = value_loss_and_grad(values, old, *rest, **options)
    assert float(library.numpy(loss)) == pytest.approx(
        float(library.numpy(value_loss(values, old, *rest, **options)))
    )
    own = library.gradient(lambda at: value_loss(at, old, *rest, **options), VALUES)
    np.testing.assert_allclose(library.numpy(slope), own, atol=1e-8)
    assert (np.abs(own[MASK]) > 0).any()
    assert (library.numpy(slope)[~MASK] == 0).all()


def test_a_value_past_its_bound_is_not_pulled_further(library):
    far = [library.array([[x]]) for x in (1.0, 0.0, 2.0)]
    mask = library.array([[True]], "bool")
    assert library.numpy(value_loss_and_grad(*far, mask)[1]).tolist() == [[0.0]]
    back = [library.array([[x]]) for x in (1.0, 0.0, -2.0)]
    assert library.numpy(value_loss_and_grad(*back, mask)[1]).tolist() == [[3.0]]


def test_padding_can_hold_anything_and_no_live_token_is_a_loss_of_0(library):
    hostile = [np.where(MASK, each, np.nan) for each in (VALUES, OLD, RETURNS)]
    hostile = [library.array(each) for each in hostile]
    loss, slope = value_loss_and_grad(*hostile, library.array(MASK, "bool"))
    clean = value_loss(*arrays(library))
    assert float(library.numpy(loss)) == pytest.approx(float(library.numpy(clean)))
    assert np.isfinite(library.numpy(slope)).all()
    none = library.array(np.zeros((B, T)), "bool")
    assert float(library.numpy(value_loss(*hostile, none))) == 0.0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"clip": -1.0}, OptionError, "clip is -1"),
        ({"clip": None}, OptionError, "clip is about old_values"),
        ({"old_values": None}, OptionError, "clip is about old_values"),
        ({"reduction": "mean"}, OptionError, "reduction is 'mean'"),
        ({"returns": np.zeros((B, 2))}, ArrayError, "returns has the shape"),
        ({"old_values": np.zeros(B)}, ArrayError, "old_values has the shape"),
        ({"mask": MASK * 1.0}, ArrayError, "should hold booleans"),
    ],
)
def test_bad_input_is_named(change, error, message):
    given = {"values": VALUES, "old_values": OLD, "returns": RETURNS, "mask": MASK, "clip": 0.2}
    with pytest.raises(error, match=message):
        value_loss(**(given | change))
