#!/usr/bin/env bash
# Usage: producer-tests.sh        the tests at length of python/corrparse_block, the module that prints blocks
#
# Every Python from 3.8 on that is there runs the quick tests, which `make test` runs with one. Then come numpy 1 and 2, pandas and
# structlog, a wheel, and the recipes in real Airflow 2 and 3. Says at the end which Pythons were not there.
set -euo pipefail
cd "$(dirname "$0")/.."
export CORRPARSE=${CORRPARSE:-$PWD/.build/debug/corrparse}
tests=$PWD/Tests/Producer
tried=()
absent=()

# A Python of a minor version, on PATH or among those of pyenv.
python_of() { # MINOR
  local found
  found=$(command -v "python3.$1") && "$found" -c '' 2>/dev/null && echo "$found" && return
  found=$(compgen -G "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$1.*/bin/python3" | tail -n 1) && echo "$found"
}

for minor in 8 9 10 11 12 13 14; do
  if python=$(python_of "$minor"); then
    "$python" "$tests/test_block.py"
    for seed in 1 2 3; do
      "$python" "$tests/test_round_trip.py" "$seed"
    done
    tried+=("3.$minor")
  else
    absent+=("3.$minor")
  fi
done
[ ${#tried[@]} -ne 0 ] || { echo 'producer-tests.sh: no Python 3.8 … 3.14 is there' >&2; exit 1; }

for list in numpy1 numpy2; do
  Scripts/python-tools.sh "Tests/Producer/$list.txt" python3 "$tests/frameworks.py"
done

# The wheel, as a package index would get it, and the module from it.
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
cp -R python/corrparse_block "$wheels/source"
Scripts/python-tools.sh Tests/Producer/numpy2.txt python3 -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$wheels" \
  "$wheels/source"
unpacked=$wheels/unpacked
python3 -m zipfile -e "$wheels"/corrparse_block-*.whl "$unpacked"
ls "$unpacked"/corrparse_block-*.dist-info/METADATA >/dev/null
PYTHONPATH=$unpacked python3 -I -c "import sys; sys.path.insert(0, '$unpacked')
import corrparse_block
assert corrparse_block.__file__.startswith('$unpacked')
corrparse_block.print_correlation_data({'crypto': 'SOLUSDC', 'f1_buy': 0.55}, strict=True)" | "$CORRPARSE" lint -

for major in 2 3; do
  python3 "$tests/real_airflow.py" "$major"
done
echo "producer-tests.sh: Python ${tried[*]}; not there: ${absent[*]:-none}"
