"""A suite as verl's reward function.

Give verl the file:

    python -m verl.trainer.main_ppo \
        reward.custom_reward_function.path=examples/verl_reward.py \
        reward.custom_reward_function.name=compute_score ...
"""

import rewardkit as rk
from rewardkit.trainers.verl import score_function

accuracy, format, language = map(rk.get_reward, ("accuracy", "format", "language"))

compute_score = score_function((accuracy + 0.2 * language).gated_by(format))
