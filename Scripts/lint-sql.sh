#!/usr/bin/env bash
# Checks every migration with squawk, a linter that knows what a statement locks in PostgreSQL. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

# 14 is the oldest server (4-database).
check() {
  Scripts/python-tools.sh Scripts/lint-requirements.txt \
    squawk --pg-version 14 --no-error-on-unmatched-pattern "$@"
}

# A linter that finds nothing wrong with this would find nothing wrong with anything.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo 'ALTER TABLE corrparse.record ADD COLUMN x bigint NOT NULL;' >"$folder/canary.sql"
if check --assume-in-transaction "$folder/canary.sql" >/dev/null 2>&1; then
  echo 'squawk accepts a column that no stored row could have' >&2
  exit 1
fi
# A migration runs in a transaction that the program begins, or in steps of which some run outside of any.
Scripts/migration_steps.py "$folder" schema/migrations/*.sql
check --assume-in-transaction "$folder"/transaction/*.sql
# The program sets the timeouts of a statement that runs alone, and runs it again where it was not noted as done.
check --exclude require-timeout-settings,prefer-robust-stmts "$folder"/alone/*.sql
