"""Returns and generalised advantages a token: for PPO and REINFORCE++ beside GRPO."""

from __future__ import annotations

from rewardkit.grpo.arrays import (
    Array,
    as_float,
    check_mask,
    check_shape,
    namespace,
    reverse_scan,
)

__all__ = ["discounted_returns", "gae"]


def discounted_returns(rewards: Array, mask: Array, *, gamma: float = 1.0) -> Array:
    """R_t = r_t + gamma R_(t + 1), over the tokens of the mask: for REINFORCE++ and ReMax.

    Tokens outside the mask, such as a tool's between a model's turns, are skipped: the token
    before them follows on the one after them without another discount, as in verl.

    Args:
        rewards: (B, T) a token; a completion's reward stands at its last token.
        mask: (B, T) booleans.
        gamma: The discount a token.

    Returns:
        (B, T) float32 or float64; 0 outside the mask.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or the mask is not boolean.
    """
    xp = namespace(rewards=rewards, mask=mask)
    check_shape("rewards", rewards, ("B", "T"))
    check_mask("mask", mask, rewards.shape)
    own = xp.where(mask, as_float("rewards", rewards), 0.0)
    returns = reverse_scan(own, xp.where(mask, gamma, xp.ones_like(own)))
    return xp.where(mask, returns, 0.0)


def gae(
    rewards: Array, values: Array, mask: Array, *, gamma: float = 1.0, lam: float = 1.0
) -> tuple[Array, Array]:
    """Generalised advantage estimation: A_t = delta_t + gamma lam A_(t + 1), and returns A + V.

    delta_t = r_t + gamma V_(t + 1) - V_t, with V and A of what follows the last token 0.
    arXiv:1506.02438, eq. 16. Tokens outside the mask are skipped, as in `discounted_returns`.

    Advantages are not whitened, as verl's are: `whiten(advantages, mask)` does it. Outside the
    mask verl leaves the next token's; here it is 0.

    Args:
        rewards: (B, T) a token.
        values: (B, T) the critic's, as constants.
        mask: (B, T) booleans.
        gamma: The discount a token.
        lam: 1 is the return less the value, 0 the one-step error.

    Returns:
        advantages: (B, T) float32 or float64; 0 outside the mask.
        returns: (B, T) what the critic is to learn; 0 outside the mask.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or the mask is not boolean.
    """
    xp = namespace(rewards=rewards, values=values, mask=mask)
    check_shape("rewards", rewards, ("B", "T"))
    check_shape("values", values, rewards.shape)
    check_mask("mask", mask, rewards.shape)
    own = xp.where(mask, as_float("values", values), 0.0)
    one = xp.ones_like(own)
    # The value of each token or, outside the mask, of the next one inside.
    value = reverse_scan(own, xp.where(mask, 0.0, one))
    following = xp.concat([value[:, 1:], xp.zeros_like(value[:, :1])], axis=1)
    errors = xp.where(mask, as_float("rewards", rewards) + gamma * following - own, 0.0)
    advantages = xp.where(mask, reverse_scan(errors, xp.where(mask, gamma * lam, one)), 0.0)
    return advantages, advantages + own
