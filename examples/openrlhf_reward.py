"""A suite as OpenRLHF's reward function: `--reward.remote_url examples/openrlhf_reward.py`.

The label is the reference, or a JSON object of columns: {"answer": "4", "language": "en"}.
"""

import rewardkit as rk
from rewardkit.trainers.openrlhf import reward_function

accuracy, format = rk.get_reward("accuracy"), rk.get_reward("format")

reward_func = reward_function(accuracy + 0.5 * format)
