"""The rewards `boxed`, `code_format`, `json` and `regex`: the form of the answer."""

import time

import pytest
from rewardkit_format import boxed, code_format, json, regex

import rewardkit as rk
from rewardkit.errors import OptionError


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"So $\boxed{5}$.", ""),
        (r"\fbox{5}", ""),
        (r"\boxed {\frac{1}{2}}", ""),
        (r"\boxed{\{1, 2\}}", ""),
        (r"\boxed{5} and again \boxed{ 5 }", ""),
        (r"\boxed{\boxed{5}}", ""),
        (r"\boxed{答}", ""),
        (r"<think>\boxed{3}</think>\boxed{5}", ""),
        ("5", "no box in the response"),
        ("", "no box in the response"),
        (r"\\boxed{5}", "no box in the response"),
        (r"\boxed 5", "no box in the response"),
        (r"<think>\boxed{5}</think>It is 5.", "no box in the response"),
        (r"<think>\boxed{5}", "no box in the response"),
        (r"\boxed{5", "a box that is not closed"),
        (r"\boxed{5\}", "a box that is not closed"),
        (r"\boxed{4} \boxed{5", "a box that is not closed"),
        (r"\boxed{}", "an empty box"),
        ("\\boxed{ \u200b}", "an empty box"),
        (r"\boxed{\quad\,{}}", "an empty box"),
        (r"\boxed{\text{ }\mathrm{}}", "an empty box"),
        (r"\boxed{\hspace{1cm}\phantom{4}}", "an empty box"),
        (r"\boxed{5} \boxed{}", "an empty box"),
        (r"\boxed{\boxed{}}", "an empty box"),
        (r"I put it in \boxed{}: \boxed{5}", ""),
        (r"\boxed{\text{no}}", ""),
        (r"\boxed{5}<|im_end|>", ""),
        (r"\boxed{4} or \boxed{5}", "2 boxes that differ"),
        (r"\boxed{4} or \boxed{\boxed{5}}", "2 boxes that differ"),
    ],
)
def test_boxed_wants_one_answer_in_the_response(text, reason):
    found = boxed(rk.Completion(text))
    assert found.value == float(not reason)
    assert not reason or found.reason == reason


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("Here:\n```python\nprint(1)\n```\nDone.", "python", ""),
        ("```py\nx\n```", "python", ""),
        ("```Python3\nx\n```", "py", ""),
        ("~~~~c++\nx\n~~~~", "cpp", ""),
        ("```\nin\n```\n```rust\nx\n```", "rs", ""),
        ("<answer>\n```python\nx\n```\n</answer>", "python", ""),
        ("print(1)", "python", "no fenced block in the response"),
        ("<think>\n```python\nx\n```\n</think>x", "python", "no fenced block in the response"),
        # open-r1 pays a fence within a line.
        ("say ```python x``` so", "python", "no fenced block in the response"),
        ("```python\nx", "python", "the last fenced block is not closed"),
        ("```python\nx\n~~~", "python", "the last fenced block is not closed"),
        ("```\nx\n```", "python", "no fenced block of python: the last names no language"),
        ("```pythonic\nx\n```", "python", "no fenced block of python: the last is pythonic"),
        ("```python\n\u200b\n```", "python", "the last fenced block of python is empty"),
        ("```python\nx\n```\n```\n5", "python", "the last fenced block is not closed"),
        # What it prints, and how it is called.
        ("```python\nx\n```\nOutput:\n```\n5\n```", "python", ""),
        ("```python\nx\n```\n```sh\npython x.py\n```", "python", ""),
        ("```python\nx\n```<|im_end|>", "python", ""),
        # R1-Zero's format: the fences right beside the tags.
        ("<think>a</think><answer>```python\nx\n```</answer>", "python", ""),
        ("<answer>\n```python\nx\n```</answer>", "python", ""),
        (
            "<answer>```c\nx\n```</answer>\n```python\ny\n```",
            "python",
            "no fenced block of python: the last is c",
        ),
        ("```python\ny\n```\n<answer>see above</answer>", "python", ""),
    ],
)
def test_code_format_wants_a_closed_last_block_of_the_language(text, language, reason):
    found = code_format(rk.Completion(text), language=language)
    assert found.value == float(not reason)
    assert not reason or found.reason == reason


@pytest.mark.parametrize(
    ("text", "strict", "lines"),
    [
        ("<think>\na\n</think>\n<answer>\n```python\nx\n```\n</answer>", 1.0, 1.0),
        ("<think>a</think><answer>```python\nx\n```</answer>", 1.0, 0.0),
        ("<think>\na\n</think>\n<answer>\n```c\nx\n```\n</answer>", 0.0, 0.0),
        ("<think>\na\n</think>\n<answer>\n```python\nx\n```\n</answer>\nmore", 0.0, 0.0),
        ("```python\nx\n```", 0.0, 0.0),
    ],
)
def test_code_format_with_a_style_wants_the_form_too(text, strict, lines):
    completion = rk.Completion(text)
    found = [code_format(completion, style=style).value for style in ("strict", "open-r1")]
    assert found == [strict, lines]


@pytest.mark.parametrize("language", ["", " ", "\u200b"])
def test_a_language_without_a_name_raises_where_it_is_given(language):
    with pytest.raises(OptionError, match="language"):
        code_format.using(language=language)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5e3, null, true, "x"]}', 1.0),
        (' \n"x"\n', 1.0),
        ("9" * 5_000, 1.0),
        ("1." + "1" * 200_000 + "e7", 1.0),
        ("1" * 200_000 + ".5", 1.0),
        ("1e" + "9" * 200_000, 1.0),
        ('```json\n{"a": 1}\n```', 1.0),
        ("~~~\n[]\n~~~\n", 1.0),
        ('<think>{</think>{"a": 1}', 1.0),
        ('<think>a</think><answer>{"a": 1}</answer>', 1.0),
        ("So: <answer>```json\n[1]\n```\n</answer>", 1.0),
        ("So: <answer>\n```json\n[1]\n```\n</answer>", 1.0),
        ("[" * 100 + "]" * 100, 1.0),
        ('"' + "[" * 500 + '"', 1.0),
        ("[" * 101 + "]" * 101, 0.0),
        ("[" * 100_000, 0.0),
        ("", 0.0),
        ("<answer></answer>[]", 0.0),
        (r"\boxed{[1]}", 0.0),
        ("{'a': 1}", 0.0),
        ('{"a": 1,}', 0.0),
        ('{"a": 1} // so', 0.0),
        ('{"a": 1}{"a": 1}', 0.0),
        ('{"a": 1, "a": 2}', 0.0),
        ("NaN", 0.0),
        ("[-Infinity]", 0.0),
        ("01", 0.0),
        ('"a\nb"', 0.0),
        ('So:\n```json\n{"a": 1}\n```', 0.0),
        ("```json\n[1]\n```\n```json\n[2]\n```", 0.0),
    ],
)
def test_json_wants_json_and_nothing_else(text, value):
    assert json(rk.Completion(text)).value == value


def test_what_is_no_json_says_why():
    reasons = {
        text: json(rk.Completion(text)).reason
        for text in ('{"a": 1, "b": 2, "b": 3}', "[NaN]", "[1,]", "", "[1]")
    }
    assert reasons == {
        '{"a": 1, "b": 2, "b": 3}': "no JSON: the key 'b' comes twice",
        "[NaN]": "no JSON: NaN is none",
        "[1,]": reasons["[1,]"],  # the interpreter's own words
        "": "no JSON: empty",
        "[1]": "JSON",
    }
    assert reasons["[1,]"].startswith("no JSON: ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('So:\n```json\n{"a": 1}\n```\nDone.', 1.0),
        ("```json\nno\n```\n```json\n[2]\n```", 1.0),
        ("```json\n[2]\n```\n```json\nno\n```", 0.0),
        ("```json\n[2]\n```\nIt is read by\n```python\nloads(text)\n```", 1.0),
        ("```\n[2]\n```", 1.0),
        ("[2]", 1.0),
        ("So: [2]", 0.0),
        ("```json\n[2]", 0.0),
    ],
)
def test_with_prose_the_last_closed_block_of_json_is_the_answer(text, value):
    assert json(rk.Completion(text), prose=True).value == value


PERSON = {"name": "string", "age": "integer|null", "tags?": ["string"], "at?": {"x": "number"}}


@pytest.mark.parametrize(
    ("text", "shape", "reason"),
    [
        ('{"name": "a", "age": 3}', PERSON, ""),
        ('{"name": "a", "age": null, "tags": [], "more": 1}', PERSON, ""),
        ('{"name": "a", "age": 3, "at": {"x": 1}}', PERSON, ""),
        ('{"name": "a", "age": 3.0}', PERSON, "$.age is no integer or null"),
        ('{"name": "a", "age": true}', PERSON, "$.age is no integer or null"),
        ('{"name": "a"}', PERSON, "$ has no key 'age'"),
        ('{"name": "a", "age": 3, "tags": ["x", 4]}', PERSON, "$.tags[1] is no string"),
        ('{"name": "a", "age": 3, "tags": "x"}', PERSON, "$.tags is no array"),
        ('{"name": "a", "age": 3, "at": {"x": "1"}}', PERSON, "$.at.x is no number"),
        ("[]", PERSON, "$ is no object"),
        ("[1, true, null]", ["any"], ""),
        ("true", "boolean", ""),
        ("1", "boolean", "$ is no boolean"),
        ("{}", "array|object", ""),
    ],
)
def test_json_has_the_shape_asked_for_or_the_place_is_named(text, shape, reason):
    found = json(rk.Completion(text), shape=shape)
    assert found.value == float(not reason)
    assert not reason or found.reason == reason


def test_keys_that_no_one_asked_for_are_wrong_when_the_user_says_so():
    found = json(rk.Completion('{"a": 1, "b": 2}'), shape={"a": "any"}, more_keys=False)
    assert (found.value, found.reason) == (0.0, "$ has a key 'b' that was not asked for")


@pytest.mark.parametrize("shape", ["text", "string|", [], ["any", "any"], {"a": "text"}, 3, None])
def test_a_shape_that_is_none_raises_where_it_is_given(shape):
    with pytest.raises(OptionError, match="shape"):
        json.using(shape=shape)


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({"pattern": r"(?s)<think>.*</think>\d+"}, 1.0),
        ({"pattern": r"\d+"}, 0.0),
        ({"pattern": r"\d+", "whole": False}, 1.0),
        ({"pattern": r"\d+", "where": "response"}, 1.0),
        ({"pattern": r"\p{Han}+", "where": "thinking"}, 1.0),
        ({"pattern": r".*", "where": "answer"}, 0.0),
    ],
)
def test_regex_matches_the_part_asked_for(options, value):
    assert regex(rk.Completion("<think>思考</think>42"), **options).value == value


def test_a_pattern_that_runs_out_of_time_is_a_failed_score():
    [found] = regex.using(pattern=r"(?:.*a){12}c", seconds=0.1).score(
        [{"completion": "a" * 5_000}]
    )
    assert found.failed
    assert found.reason == "the pattern took more than 0.1 s on the completion"


@pytest.mark.parametrize("pattern", ["(", "[", r"\p{Nonsense}", "(?P<a>x)(?P=b)"])
def test_a_pattern_that_is_none_raises_where_it_is_given(pattern):
    with pytest.raises(OptionError, match="no regular expression"):
        regex.using(pattern=pattern)


def test_regex_without_a_pattern_says_what_to_do():
    with pytest.raises(OptionError, match=r"using\(pattern="):
        regex.score([{"completion": "a"}])


@pytest.mark.parametrize("reward", [boxed, code_format, json], ids=lambda reward: reward.name)
@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{" * 30_000,
        r"\boxed{}" * 25_000,
        r"\boxed" + " " * 200_000,
        "```python\n" * 20_000,
        "`" * 200_000,
        "{" * 200_000,
        "[" * 50_000 + "]" * 50_000,
        '"' + "\\" * 200_000,
        '{"a":' * 40_000,
        "<answer>" * 25_000,
        "1." + "1" * 200_000 + "x",
        r"\boxed{\hspace{" * 12_000,
        "<answer>```python\n" * 11_000 + "</answer>",
    ],
    ids=lambda text: repr(text[:10]),
)
def test_hostile_text_costs_milliseconds(reward, text):
    start = time.process_time()
    assert reward(rk.Completion(text)).value == 0.0
    assert time.process_time() - start < 0.5  # measured: under 0.1
