"""How long a program may take on the clock so that a busy machine decides nothing."""


def patience(outcome: str, wall_seconds: float) -> float:
    """Where CPU time is to run out, more than enough to be given it; else `wall_seconds`."""
    return 60.0 if outcome == "cpu_time" else wall_seconds
