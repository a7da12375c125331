"""Which KL penalties pull towards the reference: their expected gradients beside the true one.

    python examples/kl_gradients.py                            # print the table
    python examples/kl_gradients.py --plot docs/kl_gradients.svg    # pip install 'rewardkit[plot]'

The policy is a softmax over 8 tokens, so that the expectation over the token that is sampled is a
sum, and nothing here is sampled but the policies themselves: normal logits; a reference and the
policy that the rollouts came from, each some normal steps away. The gradients are those in the
logits that rewardkit.grpo gives in a loss, against that of sum_a p_a log(p_a / ref_a).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rewardkit.grpo import kl_divergence, policy_loss_and_grad

TOKENS, DRAWS = 8, 400
TO_REFERENCE = 1.0  # the standard deviation of the logits' differences
OFF_POLICY = 0.5
# What the table calls each, and `kl` and `kl_gradient` of `policy_loss`; k1 may be in the reward.
PENALTIES = {
    "k1": ("k1", "pathwise"),
    "k2 (verl's k1+, k3+)": ("k2", "pathwise"),
    "k3": ("k3", "pathwise"),
    "w k3": ("k3", "importance"),
    "w k1": ("k1", "importance"),
    "sg(w) k2": ("k3", "straight_through"),
    "k1 in the reward": None,
}
EXACT = ("w k3", "w k1", "sg(w) k2", "k1 in the reward")


class Policies(NamedTuple):
    """Log-probabilities of each token, (1, TOKENS): as if each were sampled once."""

    logp: Any
    ref_logp: Any
    old_logp: Any


class Agreement(NamedTuple):
    """How an expected gradient stands to the true one: medians over the draws, and 5% tails."""

    cosine: float
    low_cosine: float
    high_cosine: float
    norm_ratio: float


def draw(seed: int, off_policy: float) -> Policies:
    rng = np.random.default_rng(seed)
    logits, towards, step = rng.normal(size=(3, 1, TOKENS))
    moved = (logits, logits + TO_REFERENCE * towards, logits + off_policy * step)
    return Policies(*(z - np.log(np.exp(z).sum()) for z in moved))


def slopes(policies: Policies, penalty: tuple[str, str] | None) -> Any:
    """The gradient of the penalty at each token in that token's own log-probability."""
    logp, ref_logp, old_logp = policies
    advantages, options = np.zeros_like(logp), {}
    if penalty is None:
        advantages = -kl_divergence(logp, ref_logp, estimator="k1")
    else:
        kl, kl_gradient = penalty
        options = {"ref_logp": ref_logp, "beta": 1.0, "kl": kl, "kl_gradient": kl_gradient}
    mask = np.ones(logp.shape, bool)
    return policy_loss_and_grad(
        logp, old_logp, advantages, mask, clip=None, reduction="token-sum", **options
    )[1]


def expected_gradient(slope: Any, logp: Any, sampled_from: Any) -> Any:
    """The expectation over the sampled token a of slope_a * d logp_a / d logits, (1, TOKENS)."""
    weights = np.exp(sampled_from) * slope
    return weights - weights.sum() * np.exp(logp)


@cache
def agreement(penalty: tuple[str, str] | None, off_policy: float) -> Agreement:
    cosines, ratios = [], []
    for seed in range(DRAWS):
        policies = draw(seed, off_policy)
        logp, ref_logp, old_logp = policies
        true = expected_gradient(logp - ref_logp, logp, logp)
        found = expected_gradient(slopes(policies, penalty), logp, old_logp)
        ratio = np.linalg.norm(found) / np.linalg.norm(true)
        ratios.append(ratio)
        # A gradient that is zero but for rounding points nowhere.
        cosines.append(
            (found * true).sum() / (ratio * (true * true).sum()) if ratio > 1e-9 else 0.0
        )
    low, cosine, high = map(float, np.quantile(cosines, (0.05, 0.5, 0.95)))
    return Agreement(cosine, low, high, float(np.median(ratios)))


def table() -> Iterator[str]:
    yield f"{'':22}{'on-policy':>22}{'off-policy':>28}"
    yield f"{'':22}{'cosine   norm ratio':>22}{'cosine (5%)   norm ratio':>28}"
    for name, penalty in PENALTIES.items():
        on, off = agreement(penalty, 0.0), agreement(penalty, OFF_POLICY)
        off_cosine = f"{off.cosine:.3f} ({off.low_cosine:.3f})"
        yield (
            f"{name:22}{on.cosine:9.3f}{on.norm_ratio:13.3f}{off_cosine:>18}{off.norm_ratio:10.3f}"
        )


def plot(path: Path) -> None:
    """Both measures against how far the rollouts' policy is from the one that learns."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "rewardkit"  # the same file every time
    from matplotlib import pyplot as plt

    steps = np.linspace(0.0, 1.0, 11)
    shown = {name: PENALTIES[name] for name in ("k1", "k2 (verl's k1+, k3+)", "k3", "w k3")}
    labels = {"w k3": ", ".join(EXACT)}
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.9), sharex=True, layout="constrained")
    colours = ("#c44e52", "#dd8452", "#8172b3", "#2a7f62")
    for (name, penalty), colour in zip(shown.items(), colours, strict=True):
        found = [agreement(penalty, step) for step in steps]
        style = {"color": colour, "label": labels.get(name, name), "linewidth": 2}
        axes[0].plot(steps, [a.cosine for a in found], **style)
        axes[0].fill_between(
            steps,
            [a.low_cosine for a in found],
            [a.high_cosine for a in found],
            color=colour,
            alpha=0.12,
            linewidth=0,
        )
        axes[1].plot(steps, [a.norm_ratio for a in found], **style)
    axes[0].set(title="cosine to the true gradient (median, 5% to 95%)", ylim=(-1.05, 1.05))
    axes[1].set(title="norm, over the true gradient's", ylim=(0, 1.5))
    for panel in axes:
        panel.set_xlabel("how far off-policy (std of the logits' steps)")
        panel.spines[["top", "right"]].set_visible(False)
        panel.grid(alpha=0.25)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path, help="an .svg or .png file to write")
    target = parser.parse_args().plot
    print("\n".join(table()))
    if target is not None:
        plot(target)


if __name__ == "__main__":
    main()
