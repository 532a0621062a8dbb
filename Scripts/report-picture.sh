#!/usr/bin/env bash
# Usage: report-picture.sh [OUT.png]     draws the report page of a made-up year; by default into docs/report.png
#
# The year is Benchmarks/year-of-data.sql, in a PostgreSQL that is thrown away afterwards; the page is what `corrparse report` writes of
# it, drawn by headless Chromium, which Scripts/install-dependencies.sh picture brings.
#   CORRPARSE   the program; by default the debug build of this checkout
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-docs/report.png}
# The year ends now, because what to do next is said of the present only.
ending=$(date --utc +%Y-%m-%dT%H:%M:%SZ)

if [ -z "${CORRPARSE_TEST_DATABASE:-}" ]; then
  exec Scripts/with-postgres.sh "$0" "$@"
fi
program=${CORRPARSE:-.build/debug/corrparse}
chromium=$(command -v chromium || command -v chromium-headless-shell) || {
  echo 'report-picture.sh: Chromium is not installed; run Scripts/install-dependencies.sh picture' >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

name=picture_$$
psql --no-psqlrc --quiet "$CORRPARSE_TEST_DATABASE" --command "CREATE DATABASE $name"
export DATABASE_URL="${CORRPARSE_TEST_DATABASE/dbname=postgres/dbname=$name}"
"$program" migrate up >/dev/null
psql --no-psqlrc --quiet --variable verdicts=20000 --variable seed=1 --variable ending="$ending" \
  --file Benchmarks/year-of-data.sql "$DATABASE_URL" >/dev/null
"$program" reclassify 2>/dev/null
"$program" report --html "$work/page.html"
HOME=$work "$chromium" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
  --user-data-dir="$work/profile" --window-size=1200,2400 --screenshot="$work/page.png" "file://$work/page.html" 2>"$work/log" || {
  cat "$work/log" >&2
  exit 1
}
[ "$(head -c 4 "$work/page.png" | tail -c 3)" = PNG ] || {
  echo 'report-picture.sh: Chromium drew nothing' >&2
  exit 1
}
cp "$work/page.png" "$out"
