#!/usr/bin/env bash
# Usage: lint-python.sh [--fix]
#
# Checks every Python file with ruff, by the rules of ruff.toml: how it is written and how it is formatted. --fix mends what ruff
# can mend by itself, and formats.
set -euo pipefail
cd "$(dirname "$0")/.."
ruff() {
  Scripts/python-tools.sh Scripts/lint-requirements.txt ruff "$@"
}

case ${1:-} in
  '') ;;
  --fix)
    ruff check --quiet --fix || true
    ruff format --quiet
    ;;
  *)
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac

# A linter that accepts this would accept anything.
if printf 'import os\n' | ruff check --quiet - >/dev/null 2>&1 || printf 'x=1\n' | ruff format --quiet --check - >/dev/null 2>&1; then
  echo 'ruff accepts an import that nothing uses, or an assignment without spaces' >&2
  exit 1
fi
ruff check --quiet
ruff format --quiet --check
