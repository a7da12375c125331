"""The example on KL gradients: its table is the one in the docs, and says which are exact."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "examples" / "kl_gradients.py"


@pytest.fixture(scope="module")
def example():
    return runpy.run_path(str(SCRIPT), run_name="example")


@pytest.fixture(scope="module")
def found(example):
    return {
        name: [example["agreement"](penalty, step) for step in (0.0, 0.5)]
        for name, penalty in example["PENALTIES"].items()
    }


def test_the_exact_penalties_have_the_true_gradient_on_and_off_policy(example, found):
    for name in example["EXACT"]:
        for agreement in found[name]:
            assert agreement == pytest.approx((1.0, 1.0, 1.0, 1.0), abs=1e-9)


def test_k1_in_the_loss_pulls_nowhere_on_policy_and_anywhere_off_policy(found):
    on, off = found["k1"]
    assert on.norm_ratio < 1e-9
    assert off.low_cosine < -0.5 < 0.5 < off.high_cosine


def test_k2_is_exact_on_policy_alone_and_k3_nowhere(found):
    (k2_on, k2_off), (k3_on, k3_off) = found["k2 (verl's k1+, k3+)"], found["k3"]
    assert k2_on == pytest.approx((1.0, 1.0, 1.0, 1.0), abs=1e-9)
    assert 0.8 < k2_off.cosine < 0.99
    assert k3_on.cosine < 0.99
    assert k3_off.cosine < k2_off.cosine


def test_the_docs_show_the_table_that_is_printed(example):
    page = (ROOT / "docs" / "grpo.md").read_text("utf-8")
    assert [line for line in example["table"]() if line.rstrip() not in page] == []


def test_the_plot_is_written(example, tmp_path, monkeypatch):
    target = tmp_path / "plot.svg"
    monkeypatch.setattr(sys, "argv", ["kl_gradients.py", "--plot", str(target)])
    monkeypatch.setitem(example["main"].__globals__, "DRAWS", 3)
    example["main"]()
    assert "<svg" in target.read_text("utf-8")
