"""Looks for what earlier runs were given in the memory that it inherits."""

EARLIER = "the earlier run's" + " own secret"
held = [EARLIER + str(i) for i in range(1000)]
# --- next run
import ctypes
import gc
import sys

NEEDLE = b"".join((b"the earlier", b" run's", b" own", b" secret"))


def attack():
    names = [name for name in sys.modules if "EARLIER" in vars(sys.modules[name])]
    found = [thing for thing in gc.get_objects() if isinstance(thing, list) and len(thing) == 1000]
    if names or any(isinstance(thing[0], str) and "earlier" in thing[0] for thing in found):
        return True
    # The heap itself, as far as the break goes back: freed objects are still in it.
    heap_end = ctypes.CDLL(None).sbrk
    heap_end.restype = ctypes.c_void_p
    size = 1 << 20
    text = ctypes.string_at(heap_end(0) - size, size)
    return NEEDLE + b"0" in text
