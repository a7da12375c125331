"""Looks for descriptors that it should not have, and writes success to all of them."""

import json
import os
import struct


def attack():
    message = json.dumps({"exit": 0, "last": False, "why": "", "status": 0}).encode()
    for descriptor in range(3, 1024):
        for data in (message, struct.pack("<I", len(message)) + message):
            try:
                os.write(descriptor, data)
                return True
            except OSError:
                continue
    return False
