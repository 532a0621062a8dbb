#!/usr/bin/env bash
# Usage: postgres-versions.sh [FLAG…]     the database's tests on every server from 14 to 18; the flags go to the Swift test runner
#
# On each: the same logs into databases with odd settings, all rows compared with those of the other servers, and a dump of the oldest in the
# newest (Tests/Versions/rows.py); the writer's tests, and the dashboards' queries. 15 is Debian's, the others are fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
export CORRPARSE=$PWD/.build/debug/corrparse
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
# Tests have files in it that the server's user reads.
chmod 755 "$kept"
failed=()

on() { # MAJOR COMMAND…
  local major=$1 programs=
  shift
  [ "$major" -eq 15 ] || programs=$(Scripts/postgres-version.sh "$major")
  CORRPARSE_TEST_PROGRAMS=$programs PATH=${programs:+$programs:}$PATH Scripts/with-postgres.sh "$@"
}

DUMP=$kept/dump.sql on 14 Tests/Versions/rows.py "$kept/14" || failed+=("rows on 14")
for major in 15 16 17; do
  on "$major" Tests/Versions/rows.py "$kept/$major" || failed+=("rows on $major")
done
on 18 Tests/Versions/rows.py "$kept/18" "$kept/dump.sql" || failed+=("rows on 18")
for major in 15 16 17 18; do
  if ! diff "$kept/14" "$kept/$major" >"$kept/difference"; then
    echo "postgres-versions.sh: $major has other rows than 14:" >&2
    head -n 6 "$kept/difference" >&2
    failed+=("14 and $major")
  fi
done
for major in 14 16 17 18; do
  on "$major" swift test --skip-build --disable-xctest --filter '^WriterTests' "$@" || failed+=("writer on $major")
  on "$major" Scripts/python-tools.sh Tests/Grafana/requirements.txt python3 -m unittest discover Tests/Grafana || failed+=("dashboards on $major")
done
if [ ${#failed[@]} -ne 0 ]; then
  echo "postgres-versions.sh: failed: ${failed[*]}" >&2
  exit 1
fi
