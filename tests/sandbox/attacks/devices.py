"""Opens devices: disks, kernel memory, terminals, GPUs."""

import glob
import os


def attack():
    harmless = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
    names = {"/dev/kmsg", "/dev/mem", "/dev/vda", "/dev/sda", "/dev/fuse", "/dev/kvm", "/dev/tty"}
    names |= {"/dev/net/tun", "/dev/ptmx", "/dev/nvidia0", *glob.glob("/dev/**", recursive=True)}
    for name in sorted(names - harmless):
        if os.path.isdir(name):
            continue
        for flags in (os.O_RDWR, os.O_RDONLY):
            try:
                os.close(os.open(name, flags | os.O_NONBLOCK))
                return True
            except OSError:
                continue
    return False
