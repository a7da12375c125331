"""What trainers send, as rows; and scores, as they want them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from rewardkit.end_tokens import without_end
from rewardkit.trainers.labels import labelled
from rewardkit.trainers.queries import response

__all__ = ["PROTOCOLS", "Answer", "Protocol", "RowScores", "Task"]

Row = dict[str, Any]
Request = TypeVar("Request", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Task:
    """Rows to score.

    Attributes:
        rows: The rows.
        step: The trainer's step, where it says so.
        explain: Whether each row's total is to be explained in words.
    """

    rows: Sequence[Row]
    step: int | None = None
    explain: bool = False


class RowScores(BaseModel):
    """One row's total and what it is made of."""

    total: float | None = Field(description="None where every reward abstains or failed.")
    scores: dict[str, TermScore] = Field(description="By the reward's name; gates are among them.")
    explanation: str | None = Field(None, description="Why it has this total, where asked for.")


class TermScore(BaseModel):
    """What one reward says of one row."""

    value: float | None = Field(description="None where it abstains or failed.")
    reason: str
    failed: bool = Field(description="The reward itself broke or ran out of time.")


RowScores.model_rebuild()


@dataclass(frozen=True, slots=True)
class Answer:
    """The scores of a task, one mapping of a RowScores' form a row.

    Attributes:
        rows: The rows' scores, in order.
        unscored: The number that stands for no score where a trainer wants numbers.
    """

    rows: Sequence[Mapping[str, Any]]
    unscored: float

    @property
    def totals(self) -> list[float]:
        """One number a row."""
        return [self._number(row["total"]) for row in self.rows]

    @property
    def terms(self) -> dict[str, list[float]]:
        """By the reward's name, one number a row."""
        names = self.rows[0]["scores"] if self.rows else ()
        return {
            name: [self._number(row["scores"][name]["value"]) for row in self.rows]
            for name in names
        }

    def _number(self, value: float | None) -> float:
        return self.unscored if value is None else value


@dataclass(frozen=True, slots=True)
class Protocol(Generic[Request]):
    """How a trainer asks and is answered.

    Attributes:
        path: Where it posts to.
        model: What it sends.
        returns: What it gets.
        read: A request as a task.
        write: The request and its scores as what the trainer wants back.
    """

    path: str
    summary: str
    model: type[Request]
    returns: Any
    read: Callable[[Request], Task]
    write: Callable[[Request, Answer], Any]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True)


class ScoreRequest(_Model):
    """Rows to score, as rewardkit has them: `prompt`, `completion`, `answer`, ..."""

    model_config = ConfigDict(strict=True, extra="forbid")

    rows: list[dict[str, Any]] = Field(examples=[[{"prompt": "2+2", "completion": "4"}]])
    step: int | None = Field(None, ge=0, lt=2**63, description="For weights that are schedules.")
    explain: bool = Field(False, description="Say in words why each row has its total.")


class ScoreReply(BaseModel):
    """Totals in the rows' order, and what they are made of."""

    totals: list[float | None]
    rows: list[RowScores]


class OpenRLHFRequest(_Model):
    """What OpenRLHF sends: each query is a prompt and its response, special tokens included."""

    query: list[str] = Field(min_length=1)
    prompts: list[str]
    labels: list[Any] | None = Field(
        None, description="Answers, or JSON objects (as text, too) with columns."
    )

    @model_validator(mode="after")
    def _of_one_length(self) -> OpenRLHFRequest:
        lengths = {len(self.query), len(self.prompts), len(self.labels or self.query)}
        if len(lengths) > 1:
            raise ValueError("query, prompts and labels must be of one length")
        return self


class OpenRLHFReply(BaseModel):
    """Numbers for one query, lists for several."""

    rewards: float | list[float]
    scores: float | list[float]
    extra_logs: dict[str, float | list[float]]


class SlimeSample(_Model):
    """A sample as slime sends it; what else it sends (`metadata`) is left aside."""

    prompt: str | list[dict[str, Any]]
    response: str
    label: Any = None


class SlimeRequest(RootModel[SlimeSample | list[SlimeSample]]):
    """One sample, or with --group-rm those of a group."""


class LlamaFactoryRequest(_Model):
    """What LLaMA-Factory sends: whole conversations as text."""

    model: str = ""
    messages: list[str] = Field(min_length=1)


class LlamaFactoryReply(BaseModel):
    """One score a conversation."""

    scores: list[float]


class NeMoInput(_Model):
    """What the model was asked, as the Responses API has it."""

    model_config = ConfigDict(strict=True, extra="allow")

    input: str | list[dict[str, Any]]


class NeMoOutput(_Model):
    """What the model gave back, as the Responses API has it."""

    model_config = ConfigDict(strict=True, extra="allow")

    output: list[dict[str, Any]]


class NeMoRequest(_Model):
    """What NeMo Gym sends: a response, what was asked for it, and the row's other columns."""

    model_config = ConfigDict(strict=True, extra="allow")

    responses_create_params: NeMoInput
    response: NeMoOutput


class NeMoReply(BaseModel):
    """The request, with its reward."""

    model_config = ConfigDict(extra="allow")

    reward: float


def _score_task(request: ScoreRequest) -> Task:
    return Task(request.rows, request.step, request.explain)


def _score_reply(_request: ScoreRequest, answer: Answer) -> Any:
    return {"totals": [row["total"] for row in answer.rows], "rows": answer.rows}


def _openrlhf_task(request: OpenRLHFRequest) -> Task:
    labels = request.labels or [None] * len(request.query)
    samples = zip(request.prompts, request.query, labels, strict=True)
    return Task(
        [
            labelled({"prompt": prompt, "completion": response(query, prompt)}, label)
            for prompt, query, label in samples
        ]
    )


def _openrlhf_reply(request: OpenRLHFRequest, answer: Answer) -> Any:
    logs: dict[str, list[float]] = answer.terms
    if len(request.query) > 1:
        return {"rewards": answer.totals, "scores": answer.totals, "extra_logs": logs}
    # OpenRLHF puts what it gets for its one query into a tensor of length 1.
    [total] = answer.totals
    return {"rewards": total, "scores": total, "extra_logs": {n: v[0] for n, v in logs.items()}}


def _slime_task(request: SlimeRequest) -> Task:
    samples = request.root if isinstance(request.root, list) else [request.root]
    return Task(
        [labelled({"prompt": s.prompt, "completion": s.response}, s.label) for s in samples]
    )


def _slime_reply(request: SlimeRequest, answer: Answer) -> Any:
    return answer.totals if isinstance(request.root, list) else answer.totals[0]


def _llama_factory_task(request: LlamaFactoryRequest) -> Task:
    return Task([{"completion": without_end(text)} for text in request.messages])


def _llama_factory_reply(_request: LlamaFactoryRequest, answer: Answer) -> Any:
    return {"scores": answer.totals}


def _nemo_task(request: NeMoRequest) -> Task:
    asked = request.responses_create_params.input
    row = {
        **(request.model_extra or {}),
        "prompt": asked,
        "completion": messages_of(request.response.output),
    }
    return Task([row])


def _nemo_reply(request: NeMoRequest, answer: Answer) -> Any:
    # NeMo Gym reads its own request back out of the reply.
    return {**request.model_dump(), "reward": answer.totals[0]}


def messages_of(output: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Output items of the Responses API as messages; reasoning goes with what follows it."""
    messages: list[dict[str, Any]] = []
    thoughts: list[str] = []
    for item in output:
        kind = item.get("type", "message")
        if kind == "reasoning":
            thoughts += _texts(item.get("content") or item.get("summary"))
        elif kind == "message":
            message = {"role": item.get("role", "assistant"), "content": item.get("content")}
            if thoughts:
                message["reasoning_content"] = "\n".join(thoughts)
                thoughts = []
            messages.append(message)
    if thoughts:
        messages.append(
            {"role": "assistant", "content": "", "reasoning_content": "\n".join(thoughts)}
        )
    return messages


def _texts(content: Any) -> list[str]:
    """The texts of a content, which a client may have made of anything: text or parts of it."""
    parts = content if isinstance(content, list) else [content]
    found = (part.get("text") if isinstance(part, Mapping) else part for part in parts)
    return [text for text in found if isinstance(text, str)]


PROTOCOLS: tuple[Protocol[Any], ...] = (
    Protocol(
        "/v1/score",
        "Score rows, with a reason for every number",
        ScoreRequest,
        ScoreReply,
        _score_task,
        _score_reply,
    ),
    Protocol(
        "/get_reward",
        "OpenRLHF: --reward.remote_url",
        OpenRLHFRequest,
        OpenRLHFReply,
        _openrlhf_task,
        _openrlhf_reply,
    ),
    Protocol(
        "/slime",
        "slime: --rm-type remote_rm --rm-url",
        SlimeRequest,
        float | list[float],
        _slime_task,
        _slime_reply,
    ),
    Protocol(
        "/llama-factory",
        "LLaMA-Factory: reward_model_type: api",
        LlamaFactoryRequest,
        LlamaFactoryReply,
        _llama_factory_task,
        _llama_factory_reply,
    ),
    Protocol(
        "/verify",
        "NeMo Gym: a resources server's verify",
        NeMoRequest,
        NeMoReply,
        _nemo_task,
        _nemo_reply,
    ),
)
