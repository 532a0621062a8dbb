#!/usr/bin/env bash
# Checks every migration with squawk, a linter that knows what a statement locks in PostgreSQL. Changes nothing but
# .build/sql-linter, where the linter is installed from the Python package index when it is missing.
#
# CORRPARSE_SKIP_INSTALL=1 installs nothing: then a squawk on PATH is used, and without one the migrations are not checked.
set -euo pipefail
cd "$(dirname "$0")/.."
version=2.70.0
folder=.build/sql-linter/$version

linter=$folder/bin/squawk
if [ ! -x "$linter" ]; then
  if [ -n "${CORRPARSE_SKIP_INSTALL:-}" ]; then
    if ! linter=$(command -v squawk); then
      echo 'lint: migrations not checked, squawk is not installed'
      exit 0
    fi
  else
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if ! { python3 -m venv --clear "$folder.new" && "$folder.new/bin/python" -m pip install --quiet "squawk-cli==$version"; } \
      >"$log" 2>&1; then
      cat "$log" >&2
      echo "squawk $version could not be installed; CORRPARSE_SKIP_INSTALL=1 goes without it" >&2
      exit 1
    fi
    rm -rf "$folder"
    mv "$folder.new" "$folder"
  fi
fi

# Each migration runs in a transaction that the program begins. 14 is the oldest server (4-database).
check() {
  "$linter" --assume-in-transaction --pg-version 14 --no-error-on-unmatched-pattern "$@"
}

# A linter that finds nothing wrong with this would find nothing wrong with anything.
canary=$(mktemp --suffix=.sql)
trap 'rm -f "$canary" "${log:-}"' EXIT
echo 'ALTER TABLE corrparse.record ADD COLUMN x bigint NOT NULL;' >"$canary"
if check "$canary" >/dev/null 2>&1; then
  echo "squawk accepts a column that no stored row could have: $linter" >&2
  exit 1
fi
check schema/migrations/*.sql
