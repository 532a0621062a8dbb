#!/usr/bin/env bash
# Checks how the sources are written: format, file length, references to documents, migrations, shell scripts. Changes none of them.
set -euo pipefail
cd "$(dirname "$0")/.."
longest_file=350

swift format lint --strict --recursive --parallel Sources Tests Fuzz/Sources Package.swift

too_long=$(find Sources Tests Fuzz/Sources -name '*.swift' -exec awk -v limit="$longest_file" 'FNR == limit + 1 { print "  " FILENAME }' {} +)
if [ -n "$too_long" ]; then
  printf 'more than %s lines; a file has one subject, split these:\n%s\n' "$longest_file" "$too_long" >&2
  exit 1
fi

Scripts/check-references.py
Scripts/lint-sql.sh

if command -v shellcheck >/dev/null; then
  shellcheck --external-sources Scripts/*.sh .ci/run
  echo 'lint: format, file length and shell scripts are in order'
else
  echo 'lint: format and file length are in order; shell scripts not checked, shellcheck is not installed'
fi
