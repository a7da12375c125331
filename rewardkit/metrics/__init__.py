"""Metrics over the scored samples of problems: pass@k and its kin, majorities, best-of-n, means.

Arrays are NumPy's, or what `numpy.asarray` takes. P problems have n samples each, ragged: where
there is a samples axis, NaN fills it up. A metric of k is exact, the expectation over all choices
of k samples without replacement, and NaN where there are fewer: nothing is known of k then.
"""

from __future__ import annotations

from rewardkit.metrics.averages import Estimate, best_of_n, estimate, mean_at_k
from rewardkit.metrics.passing import g_pass_at_k, mg_pass_at_k, pass_at_k, pass_hat_k
from rewardkit.metrics.samples import Samples
from rewardkit.metrics.votes import maj_at_k, weighted_vote

__all__ = [
    "Estimate",
    "Samples",
    "best_of_n",
    "estimate",
    "g_pass_at_k",
    "maj_at_k",
    "mean_at_k",
    "mg_pass_at_k",
    "pass_at_k",
    "pass_hat_k",
    "weighted_vote",
]
