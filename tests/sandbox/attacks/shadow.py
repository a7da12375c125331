"""Reads the password file, also through other names of the root."""


def attack():
    for path in ("/etc/shadow", "/../etc/shadow", "/proc/1/root/etc/shadow", "/old/etc/shadow"):
        try:
            with open(path) as file:
                return ":" in file.read()
        except OSError:
            continue
    return False
