"""Reading the tests of a row, in the forms that the field's data sets have them."""

from __future__ import annotations

from rewardkit_code.formats.reading import may_have_tests, read_tests

__all__ = ["may_have_tests", "read_tests"]
