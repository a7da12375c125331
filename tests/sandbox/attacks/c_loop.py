"""One call into C that takes for ever and never looks at signals."""

import sys


def attack():
    sys.set_int_max_str_digits(0)
    return len(str(1 << 400_000_000)) > 0
