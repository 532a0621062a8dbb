#!/usr/bin/env bash
# Usage: test.sh [FLAG…]     every test; the flags go to the Swift test runner
#
# Most tests wait for servers, so they run in five lanes beside each other: the Swift tests, which one sees, and four others. What
# the others said comes when they are done, before the summary of the Swift test runner, which is repeated at the end. Every suite
# has servers, folders and ports of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
# The program that users have; the unit tests alone are of the debug build, whose program takes ten times as long to start.
export CORRPARSE=$PWD/.build/release/corrparse
# Databases come and go by the hundred, each of some 400 files: in memory that costs a third.
if [ -z "${CORRPARSE_TEST_FOLDER:-}" ] && [ "$(df --output=avail -B 1G /dev/shm 2>/dev/null | tail -n 1)" -ge 8 ] 2>/dev/null; then
  export CORRPARSE_TEST_FOLDER=/dev/shm
fi
logs=$(mktemp -d)
names=()
lanes=()
finish() {
  # A lane is a process group of its own, with all that it has started.
  for lane in "${lanes[@]}"; do kill -- "-$lane" 2>/dev/null || true; done
  rm -rf "$logs"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs one suite of a lane and says how long it took, so that one sees which to speed up.
suite() { # COMMAND…
  local begin=$SECONDS
  "$@"
  echo "test.sh: $((SECONDS - begin)) s for $*"
}

# What disturbs the database.
faults() {
  suite Scripts/with-postgres.sh python3 Tests/Faults/test_faults.py
  suite python3 Tests/Faults/faults.py --corrparse "$CORRPARSE" --seed 1
}

# Object stores, and what Grafana shows.
stores() {
  suite Scripts/object-store-tests.sh
  suite Scripts/python-tools.sh Tests/Grafana/requirements.txt Scripts/with-postgres.sh python3 -m unittest discover Tests/Grafana
}

# The program among servers, and its image in a cluster.
operations() {
  # One of these tests has a subscription.
  CORRPARSE_TEST_POSTGRES_OPTIONS="-c wal_level=logical -c fsync=off -c synchronous_commit=off -c full_page_writes=off" \
    suite Scripts/with-postgres.sh python3 -m unittest discover Tests/Operations
  suite Scripts/cluster-tools.sh python3 Tests/Cluster/test_manifests.py
  suite Scripts/cluster-tools.sh python3 Tests/Cluster/test_chart.py
  suite Scripts/cluster-tools.sh python3 Tests/Cluster/test_trigger.py
  suite Scripts/with-postgres.sh Scripts/cluster-tools.sh python3 Tests/Cluster/test_image.py
  suite Scripts/with-postgres.sh Scripts/cluster-tools.sh python3 Tests/Cluster/test_shards.py
}

# Logs read against their bounds and against the oracle, and the project's own tools.
readings() {
  suite Scripts/with-postgres.sh python3 -m unittest discover Tests/Scripts
  # The module that prints blocks, for producers (docs/printing-blocks.md).
  suite python3 -m unittest discover Tests/Producer
  # The oracle is a second reading of the specification in Python (Tests/Oracle/READINGS.md).
  suite python3 Tests/Oracle/test_oracle.py
  # Time and memory of logs that are made to exhaust them (docs/reliability.md, Bounds).
  suite Tests/Bounds/bounds.py --corrparse "$CORRPARSE"
  suite Scripts/oracle.sh test
  # One fault at a time in a few blocks of real logs and of the corpus: others every day. The last line says which.
  suite python3 Tests/Oracle/faults.py --corrparse "$CORRPARSE" --share 31 --log-share 4 --seed "$(date +%F)" \
    --samples Tests/Samples/logs
}

# Starts a lane, a function of this script; it ends with the first of its commands that fails.
start_lane() { # NAME
  names+=("$1")
  set -m
  (set -e; "$1"; echo "test.sh: $1 took $SECONDS s") >"$logs/$1" 2>&1 </dev/null &
  lanes+=("$!")
  set +m
}

swift build --build-tests
# shellcheck disable=SC2046 # an option or nothing
swift build -c release --product corrparse $(Scripts/static-stdlib.sh)
echo "test.sh: the build took $SECONDS s"
SECONDS=0
for lane in faults stores operations readings; do start_lane "$lane"; done
failed=()
# XCTest is left out because it would report its own "0 tests" after the real summary.
Scripts/with-postgres.sh swift test --skip-build --disable-xctest "$@" 2>&1 | tee "$logs/swift" || failed+=(swift)
echo "test.sh: the Swift tests took $SECONDS s"
for index in "${!names[@]}"; do
  wait "${lanes[$index]}" || failed+=("${names[$index]}")
  cat "$logs/${names[$index]}"
done
lanes=()
grep 'Test run with' "$logs/swift" | tail -n 1
if [ ${#failed[@]} -ne 0 ]; then
  echo "test.sh: failed: ${failed[*]} (see above)" >&2
  exit 1
fi
