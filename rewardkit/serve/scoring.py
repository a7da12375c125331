"""A process that scores for a server: reads units of rows, and answers each when it is done.

Started as `python -m rewardkit.serve.scoring DESCRIPTOR`, of a socket to the server. A frame is a
length and so many bytes: the pickled suite first, then JSON both ways: to here `[number, step,
explain, columns, rows]`, and back `{"number": ..., "rows": [...]}` or `{"number": ..., "error":
...}`.
"""

from __future__ import annotations

import gc
import io
import json
import logging
import os
import pickle
import socket
import struct
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rewardkit.errors import ContractError
from rewardkit.registry import installed
from rewardkit.rows import read_batch
from rewardkit.suites import Suite
from rewardkit.types import Score, Scored

__all__ = ["HEADER", "UNITS_AT_ONCE", "score_rows"]

HEADER = struct.Struct("!I")

UNITS_AT_ONCE = 32
"""How many units a process works on at once, each in a thread of its own."""

_log = logging.getLogger(__name__)


def score_rows(
    suite: Suite, rows: Sequence[dict[str, Any]], step: int | None, *, explain: bool
) -> list[dict[str, Any]]:
    """One mapping a row: its total, its scores with their reasons, and the total explained.

    Raises:
        ContractError: No row has a column that a reward needs, or a schedule needs a step.
        RewardFailedError: A reward failed whose term says on_failure="raise".
    """
    batch = read_batch(rows, suite.reading, step)
    suite.check_columns(batch.columns)
    scored = suite.score_batch(batch)
    return [_row(scored, place, explain=explain) for place in range(len(scored))]


def _row(scored: Scored, place: int, *, explain: bool) -> dict[str, Any]:
    scores = {name: _score(scores[place]) for name, scores in scored.scores.items()}
    row: dict[str, Any] = {"total": scored.totals[place], "scores": scores}
    if explain:
        row["explanation"] = scored.explain(place)
    return row


def _score(score: Score) -> dict[str, Any]:
    return {"value": score.value, "reason": score.reason, "failed": score.failed}


class _Scoring:
    """The process's loop: units come in order, answers go as they are ready."""

    def __init__(self, channel: socket.socket) -> None:
        self._in: io.BufferedReader = channel.makefile("rb")
        self._channel = channel
        self._sending = threading.Lock()

    def run(self) -> None:
        suite: Suite = pickle.loads(self._frame())  # noqa: S301  the server's own
        # Plugins that observe scores would else be found, and imported, with the first rows.
        installed()
        # What is imported stays: looking through it for garbage would stop all for 50 ms.
        gc.freeze()
        self._send({"number": 0})
        with ThreadPoolExecutor(UNITS_AT_ONCE, thread_name_prefix="score") as threads:
            while frame := self._frame():
                threads.submit(self._score, suite, frame)
            # The server is gone: nobody waits for what is still being scored.
            os._exit(0)

    def _frame(self) -> bytes:
        """The next frame; empty when the server is gone."""
        header = self._in.read(HEADER.size)
        return self._in.read(HEADER.unpack(header)[0]) if len(header) == HEADER.size else b""

    def _send(self, message: dict[str, Any]) -> None:
        frame = json.dumps(message).encode()
        with self._sending:
            self._channel.sendall(HEADER.pack(len(frame)) + frame)

    def _score(self, suite: Suite, frame: bytes) -> None:
        number, step, explain, columns, rows = json.loads(frame)
        # The request may have been divided: what all of its rows lack, and no more, is missing.
        rows[0] = dict.fromkeys(columns) | rows[0]
        answer: dict[str, Any] = {"number": number}
        try:
            answer["rows"] = score_rows(suite, rows, step, explain=explain)
        except ContractError as error:
            answer |= {"error": str(error), "of_the_request": True}
        except BaseException as error:  # noqa: BLE001  whatever it is, someone waits for an answer
            _log.exception("rows could not be scored")
            answer["error"] = f"{type(error).__name__}: {error}"
        self._send(answer)


def main() -> None:
    """Score until the server ends."""
    logging.basicConfig(format="%(levelname)s: %(message)s")
    _Scoring(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
