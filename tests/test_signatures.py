"""Signatures: columns before the star, options after it and checked when they are given."""

import functools
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from pydantic import Field

import rewardkit as rk
from rewardkit.errors import ContractError, OptionError
from rewardkit.signatures import NO_DEFAULT, checked_options, name_of, read_signature

if TYPE_CHECKING:
    from decimal import Decimal


def read(function):
    return read_signature(function, "Reward", "it")


def check(function, **options):
    return checked_options(function, read(function), options, "Reward 'it'")


def test_columns_stand_before_the_star_and_options_after_it():
    def function(completion, answer, hint=None, *, limit: int = 5, needed: str): ...

    signature = read(function)
    assert signature.columns == {"completion": NO_DEFAULT, "answer": NO_DEFAULT, "hint": None}
    assert list(signature.options) == ["limit", "needed"]
    assert signature.defaults == {"limit": 5}
    assert not signature.takes_rest
    assert not signature.is_async


class Plain:
    def __call__(self, completion, *, limit=1): ...

    def method(self, completion, *, limit=1): ...


class Awaited:
    async def __call__(self, completion, *, limit=1): ...


async def awaited(completion, *, limit=1): ...


@pytest.mark.parametrize(
    ("function", "name", "is_async"),
    [
        (lambda completion, *, limit=1: None, "<lambda>", False),
        (Plain(), "Plain", False),
        (Plain().method, "method", False),
        (functools.partial(Plain().method, limit=2), "method", False),
        (Awaited(), "Awaited", True),
        (awaited, "awaited", True),
        (functools.partial(functools.partial(awaited), limit=2), "awaited", True),
        (functools.partial(Awaited(), limit=2), "Awaited", True),
    ],
)
def test_every_callable_has_a_name_a_signature_and_may_be_async(function, name, is_async):
    signature = read(function)
    assert name_of(function) == name
    assert list(signature.columns) == ["completion"]
    assert list(signature.options) == ["limit"]
    assert signature.is_async is is_async


def test_star_args_are_refused_for_nobody_can_tell_their_columns():
    with pytest.raises(ContractError, match=r"takes `\*args`.*Name them"):
        read(lambda *completions: None)


def test_a_builtin_without_a_signature_is_a_contract_error():
    with pytest.raises(ContractError, match="no signature"):
        read(type("Hidden", (), {"__call__": dict.update, "__signature__": 5})())


@pytest.mark.parametrize(
    ("annotation", "reads"),
    [
        (list[rk.Completion], True),
        ("list[rk.Completion]", True),
        ("Sequence[Completion]", True),
        ("list[str]", False),
        ("list[ChatCompletion]", False),
        (None, False),
    ],
)
def test_completions_are_read_only_for_those_who_annotate_them_so(annotation, reads):
    def function(completions): ...

    function.__annotations__ = {"completions": annotation} if annotation else {}
    assert read(function).reads_completions is reads


def configured(
    completion,
    column_of_a_type_that_is_not_there: "Decimal | None" = None,
    *,
    number: float = 1.0,
    count: int = 1,
    mode: Literal["fast", "slow"] = "fast",
    share: Annotated[float, Field(ge=0, le=1)] = 0.5,
    names: tuple[str, ...] = (),
    copy: bool = False,
    model_config: int = 0,
    untyped=None,
): ...


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("number", 2, 2.0),
        ("count", 3, 3),
        ("mode", "slow", "slow"),
        ("share", 0.25, 0.25),
        ("names", ["a", "b"], ("a", "b")),
        ("copy", True, True),
        ("model_config", 7, 7),
        ("untyped", object, object),
    ],
)
def test_an_option_is_read_as_the_type_that_the_function_declares(name, given, read):
    assert check(configured, **{name: given}) == {name: read}


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("count", "many", "count = 'many'"),
        ("count", 1.5, "count = 1.5"),
        ("number", float("nan"), "number = nan"),
        ("number", float("inf"), "number = inf"),
        ("mode", "quick", "'fast' or 'slow'"),
        ("share", 2, "less than or equal to 1"),
        ("names", 5, "names = 5"),
        ("modes", "fast", "no option 'modes'. Did you mean 'mode'? It takes: number, count"),
        ("completion", "x", "no option 'completion'"),
    ],
)
def test_a_wrong_option_says_what_is_wanted(name, given, said):
    with pytest.raises(OptionError) as caught:
        check(configured, **{name: given})
    assert str(caught.value).startswith("Reward 'it'")
    assert said in str(caught.value)


def test_every_wrong_option_is_said_at_once():
    with pytest.raises(OptionError, match=r"(?s)count.*mode"):
        check(configured, count="x", mode="y")


def test_an_option_whose_type_cannot_be_read_says_where_to_import_it():
    def function(completion, *, exact: "Decimal | None" = None): ...

    with pytest.raises(ContractError, match="not under TYPE_CHECKING"):
        check(function, exact=1)


def test_an_option_without_default_must_be_given():
    signature = read(lambda completion, *, model, limit=1: None)
    signature.require({"model": "m"}, "Reward 'it'")
    with pytest.raises(OptionError, match=r"'model'. Give it one: using\(model=...\)"):
        signature.require({"limit": 1}, "Reward 'it'")
