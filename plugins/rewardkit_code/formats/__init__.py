"""Reading the tests of a row, in the forms that the field's data sets have them."""

from __future__ import annotations

from rewardkit_code.formats.reading import read_tests

__all__ = ["read_tests"]
