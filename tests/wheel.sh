#!/usr/bin/env bash
# Builds the wheel, looks at what is in it, and runs the tests and the demo with it, away from here.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/venv"
bin="$work/venv/bin"
"$bin/python" -m pip install --quiet --upgrade 'pip>=25.1'
"$bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$work/dist" "$root"

wheel=$(echo "$work"/dist/rewardkit-*.whl)
names=$("$bin/python" -m zipfile --list "$wheel" | awk '{print $1}')
for wanted in rewardkit/py.typed rewardkit_r1/r1.toml rewardkit_math/__init__.py rewardkit/cli/app.py; do
  grep -qx "$wanted" <<<"$names" || { echo "the wheel lacks $wanted"; exit 1; }
done
if grep -E '^(tests|examples|benchmarks|docs|plugins)/' <<<"$names"; then
  echo "the wheel holds what is not part of the package"; exit 1
fi

"$bin/python" -m pip install --quiet "$wheel"
(cd "$work" && "$bin/rewardkit" build "$root/examples/rollouts.jsonl" \
  --recipe "$root/examples/recipe.toml" --out "$work/sft")
"$bin/python" -m pip install --quiet --group "$root/pyproject.toml:test"
(cd "$root" && cp -r tests examples docs README.md Makefile pyproject.toml "$work/")
# The layers are those of the sources, which are not here.
cd "$work" && "$bin/pytest" -q --ignore=tests/test_layers.py
