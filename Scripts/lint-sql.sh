#!/usr/bin/env bash
# Checks every migration with squawk, a linter that knows what a statement locks in PostgreSQL. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

# Each migration runs in a transaction that the program begins. 14 is the oldest server (4-database).
check() {
  Scripts/python-tools.sh Scripts/lint-requirements.txt \
    squawk --assume-in-transaction --pg-version 14 --no-error-on-unmatched-pattern "$@"
}

# A linter that finds nothing wrong with this would find nothing wrong with anything.
canary=$(mktemp --suffix=.sql)
trap 'rm -f "$canary"' EXIT
echo 'ALTER TABLE corrparse.record ADD COLUMN x bigint NOT NULL;' >"$canary"
if check "$canary" >/dev/null 2>&1; then
  echo 'squawk accepts a column that no stored row could have' >&2
  exit 1
fi
check schema/migrations/*.sql
