"""An R1 chain that trains on a CPU: see README.md."""

import os

# Read by the libraries when they are imported: nothing is fetched, everything is made here.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Threads that wait for one another leave their core to others.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
