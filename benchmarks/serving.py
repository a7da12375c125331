"""A reward server under load: how many requests a second, how long each waits, what goes wrong.

    python benchmarks/serving.py [CLIENTS] [SECONDS] [REQUESTS A SECOND]

Clients hold a connection each and ask for one row at a time with cheap rewards, together so many
requests a second (by default 300), whether or not the server keeps up: the time counts from when
a request was due. A 429 is asked again after Retry-After. With 0 requests a second each client
asks as soon as it is answered. The clients run on the same machine, in a process of their own.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter

ROW = {
    "prompt": "What is 17 + 25?",
    "completion": "<think>17 and 25 are 42.</think><answer>42</answer>",
    "answer": "42",
}
BODY = json.dumps({"rows": [ROW]}).encode()
REQUEST = (
    b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


class Client:
    """One connection, and how long its requests took."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seconds: list[float] = []
        self.outcomes: Counter[str] = Counter()

    async def run(self, until: float, pause: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        due = time.perf_counter() + random.random() * pause
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            status, wait = await self.ask(reader, writer)
            self.outcomes[status] += 1
            if status == "200":
                self.seconds.append(time.perf_counter() - due)
            due = (
                max(due + pause, time.perf_counter() + wait)
                if pause or wait
                else (time.perf_counter())
            )
        writer.close()

    async def ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[str, float]:
        try:
            writer.write(REQUEST)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(re.search(r"content-length: (\d+)", head)[1]))
        except (OSError, EOFError) as error:
            return type(error).__name__, 1.0
        wait = re.search(r"retry-after: (\d+)", head)
        return head.split()[1], float(wait[1]) if wait else 0.0


async def load(port: int, clients: int, seconds: float, rate: float) -> None:
    everyone = [Client(port) for _ in range(clients)]
    begin = time.perf_counter()
    pause = clients / rate if rate else 0.0
    await asyncio.gather(*(one.run(begin + seconds, pause) for one in everyone))
    took = time.perf_counter() - begin
    times = sorted(second for one in everyone for second in one.seconds)
    outcomes = sum((one.outcomes for one in everyone), Counter())
    cuts = statistics.quantiles(times, n=100)
    asked = f"{rate:g} requests a second asked for" if rate else "each asks when it is answered"
    print(f"{clients} clients, {seconds:g} s, {asked}")
    print(f"  answered {len(times) / took:,.0f} a second; by status: {dict(outcomes)}")
    print(
        f"  ms: median {cuts[49] * 1e3:.1f}, p95 {cuts[94] * 1e3:.1f}, p99 {cuts[98] * 1e3:.1f}, "
        f"worst {times[-1] * 1e3:.1f}"
    )


def main() -> None:
    clients, seconds, rate = (
        float(a) for a in [*sys.argv[1:], *("500", "60", "300")[len(sys.argv) - 1 :]]
    )
    command = [sys.executable, "-m", "rewardkit", "serve", "--preset", "r1-zero", "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        for line in server.stderr:
            if found := re.search(r"running on http://[\d.]+:(\d+)", line):
                break
        port = int(found[1])
        asyncio.run(load(port, 8, 2.0, 100.0))  # what a reward imports, it imports now
        asyncio.run(load(port, int(clients), seconds, rate))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
