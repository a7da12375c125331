"""Recurses in C until the stack is gone."""


def attack():
    nested = []
    for _ in range(10_000_000):
        nested = [nested]
    return repr(nested) == ""
