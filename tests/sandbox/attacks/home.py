"""Reads keys in the caller's home, by name and through the folder of the process."""


def attack():
    for path in (
        "/tmp/lab/home/.ssh/id_lab",
        "/root/.ssh/id_rsa",
        "/proc/self/cwd/../.ssh/id_lab",
    ):
        try:
            with open(path) as file:
                return bool(file.read())
        except OSError:
            continue
    return False
