"""Tokens of a text by a tokenizer that the user names."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import rewardkit as rk
from rewardkit.errors import OptionError
from rewardkit.tokencount import TokenizerName, count_tokens


@pytest.fixture
def tokenizer(tmp_path):
    """A tokenizer that parts words at blanks and puts a token before the text."""
    made = Tokenizer(models.WordLevel({"[UNK]": 0, "[BOS]": 1, "one": 2}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing("[BOS] $A", None, [("[BOS]", 1)])
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("one", 1), ("one two  three", 3), ("\ud800 a", 2)]
)
def test_tokens_are_counted_without_those_put_around_the_text(tokenizer, text, tokens):
    assert count_tokens(text, str(tokenizer)) == tokens
    assert count_tokens(text, str(tokenizer / "tokenizer.json")) == tokens


@rk.reward
def probe(completion: str, *, tokenizer: TokenizerName) -> float:
    """1.0 always."""
    return 1.0


def test_a_tokenizer_that_cannot_be_loaded_raises_where_it_is_given(tmp_path):
    broken = tmp_path / "tokenizer.json"
    broken.write_text("{}")
    with pytest.raises(OptionError, match="no tokenizer"):
        probe.using(tokenizer=str(broken))
