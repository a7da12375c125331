"""The reward `json` with a JSON Schema: what it accepts, where a value is not as it says."""

import time

import pytest
from rewardkit_format import json

import rewardkit as rk
from rewardkit.errors import OptionError

PERSON = {
    "title": "Person",
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "age": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 150}, {"type": "null"}]},
        "mail": {"type": "string", "format": "email", "pattern": "^[^@]+@[^@]+$"},
        "friends": {"type": "array", "items": {"$ref": "#/$defs/Friend"}, "maxItems": 2},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
    "$defs": {"Friend": {"$ref": "#"}},
}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"name": "a", "age": 3}', ""),
        ('{"name": "a", "age": null, "friends": [{"name": "b", "age": 1.0}]}', ""),
        ("[]", "$ is no object"),
        ('{"name": "a"}', "$ has no key 'age'"),
        ('{"name": "", "age": 3}', "$.name has fewer characters than 1"),
        ('{"name": "a", "age": 3, "mail": "x"}', "$.mail does not match '^[^@]+@[^@]+$'"),
        ('{"name": "a", "age": 3, "x": 1}', "$ has a key 'x' that was not asked for"),
        (
            '{"name": "a", "age": 3, "friends": [{"name": 1, "age": 1}]}',
            "$.friends[0].name is no string",
        ),
        ('{"name": "a", "age": 200}', "$.age is no null (nor is it any other of 2)"),
    ],
)
def test_a_schema_as_pydantic_makes_them_is_kept_or_the_place_is_named(text, reason):
    found = json(rk.Completion(text), schema=PERSON)
    assert found.value == float(not reason)
    assert not reason or found.reason == reason


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "reason"),
    [
        ({"type": "integer"}, "1.0", "1.5", "$ is no integer"),
        ({"type": "integer"}, "9" * 5_000, "true", "$ is no integer"),
        ({"type": ["string", "null"]}, "null", "1", "$ is no string or null"),
        ({"enum": [1, "a", None]}, "1.0", "true", '$ is true, none of [1, "a", null]'),
        ({"const": {"a": [1]}}, '{"a": [1.0]}', '{"a": [true]}', '$ is not {"a": [1]}'),
        ({"maxLength": 2}, '"ab"', '"abc"', "$ has more characters than 2"),
        ({"maxLength": 2}, "12345", '"abc"', "$ has more characters than 2"),
        ({"minimum": 2}, "2", "1.9", "$ is less than 2"),
        ({"maximum": 2}, "2", "2.1", "$ is more than 2"),
        ({"exclusiveMinimum": 2}, "2.1", "2", "$ is not more than 2"),
        ({"exclusiveMaximum": 2}, "1.9", "2", "$ is not less than 2"),
        ({"multipleOf": 3}, "-6", "7", "$ is no multiple of 3"),
        ({"multipleOf": 0.1}, "0.3", "0.35", "$ is no multiple of 0.1"),
        ({"multipleOf": 0.1}, '"x"', "1e400", "$ is no multiple of 0.1"),
        ({"minItems": 1}, "[0]", "[]", "$ has fewer items than 1"),
        ({"maxItems": 1}, "[0]", "[0, 1]", "$ has more items than 1"),
        ({"uniqueItems": True}, "[1, true]", "[[1], [1.0]]", "$ holds something twice"),
        ({"items": {"type": "null"}}, "[null]", "[null, 1]", "$[1] is no null"),
        (
            {"prefixItems": [{"type": "null"}], "items": {"type": "string"}},
            '[null, "a"]',
            "[null, null]",
            "$[1] is no string",
        ),
        ({"prefixItems": [True], "items": False}, "[1]", "[1, 2]", "$[1] must not be there"),
        ({"minProperties": 1}, '{"a": 1}', "{}", "$ has fewer keys than 1"),
        ({"maxProperties": 1}, '{"a": 1}', '{"a": 1, "b": 1}', "$ has more keys than 1"),
        ({"additionalProperties": {"type": "null"}}, "{}", '{"a": 1}', "$.a is no null"),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, "1", "3", "$ is more than 2"),
        ({"anyOf": [{"type": "null"}]}, "null", "1", "$ is no null"),
        (
            {"oneOf": [{"minimum": 1}, {"maximum": 3}]},
            "4",
            "2",
            "$ is 2 of 2 things, not one",
        ),
        ({"not": {"type": "null"}}, "1", "null", "$ is what it must not be"),
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"minimum": 1}}}, "1", "0", "$ is less than 1"),
        ({"$ref": "#/$defs/no", "$defs": {"no": {"not": True}}}, "", "1", "$ is what it must"),
    ],
)
def test_every_keyword_tells_right_from_wrong(schema, right, wrong, reason):
    reward = json.using(schema=schema)
    texts = [{"completion": wrong}, *([{"completion": right}] if right else [])]
    found = reward.score(texts)
    assert [score.value for score in found] == [0.0, 1.0][: len(texts)]
    assert found[0].reason.startswith(reason)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"typ": "string"}, "#/typ: this keyword is not understood here"),
        ({"type": "text"}, "#/type cannot be 'text'"),
        ({"properties": {"a": 5}}, "#/properties/a is no schema: 5"),
        ({"properties": []}, "#/properties must be an object of schemas"),
        ({"anyOf": []}, "#/anyOf must be a list of schemas"),
        ({"items": [{}]}, "#/items is no schema"),
        ({"minimum": "1"}, "#/minimum cannot be '1'"),
        ({"maxLength": -1}, "#/maxLength cannot be -1"),
        ({"pattern": "("}, "no regular expression"),
        ({"$ref": "#/$defs/a"}, "leads nowhere"),
        ({"$ref": "https://example.org/a.json"}, "is not within the schema"),
        ({"$ref": "#"}, "leads back to itself"),
        ({"items": {"anyOf": [{"$ref": "#/items"}]}}, "leads back to itself"),
    ],
)
def test_a_schema_that_is_not_understood_raises_where_it_is_given(schema, said):
    with pytest.raises(OptionError) as raised:
        json.using(schema=schema)
    assert said in str(raised.value)


def test_a_recipe_holds_a_schema_as_tables(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[rewards.json]\nschema = {type = "array", items = {type = "integer"}}\n')
    suite = rk.load_recipe(recipe).suite
    found = suite.score([{"completion": "[1]"}, {"completion": '["1"]'}])
    assert found.totals == [1.0, 0.0]


def test_a_pattern_that_runs_out_of_time_is_a_failed_score(monkeypatch):
    monkeypatch.setattr("rewardkit_format.schema_faults._SECONDS", 0.05)
    schema = {"pattern": r"^(?:.*a){12}c"}
    [found] = json.using(schema=schema).score([{"completion": '"' + "a" * 5_000 + '"'}])
    assert found.failed
    assert "TimeoutError" in found.reason


NESTED = {"$ref": "#/$defs/n"}
TREE = {
    "$defs": {
        "n": {
            "anyOf": [
                {"type": "array", "items": NESTED, "minItems": 1},
                {"type": "array", "items": NESTED, "maxItems": 1},
                {"const": 1},
            ]
        }
    },
    **NESTED,
}


@pytest.mark.parametrize(
    "text", ["[" * 99 + "2" + "]" * 99, "[" + "[2]," * 10_000 + "2]", "[" + "1," * 20_000 + "2]"]
)
def test_alternatives_within_alternatives_take_linear_time(text):
    start = time.process_time()
    assert json(rk.Completion(text), schema=TREE).value == 0.0
    assert time.process_time() - start < 2.0  # measured: under 0.4
