#!/usr/bin/env bash
# Usage: test.sh [FLAG…]     every test; the flags go to the Swift test runner
#
# The fault tests mostly wait for servers and run beside the Swift tests; their report comes before the runner's summary,
# which is repeated at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
program=.build/debug/corrparse
logs=$(mktemp -d)
faults=
finish() {
  [ -z "$faults" ] || kill "$faults" 2>/dev/null || true
  rm -rf "$logs"
}
trap finish EXIT

swift build --build-tests
Scripts/fuzz.sh test

# The oracle is a second reading of the specification in Python (Tests/Oracle/READINGS.md).
python3 Tests/Oracle/test_oracle.py
python3 Tests/Oracle/differential.py --corrparse "$program" --seed 1 --count 500 --ignore-kind identity_conflict
for envelope in es console cri docker; do
  python3 Tests/Oracle/differential.py --corrparse "$program" --seed 2 --count 60 --envelopes "$envelope" \
    --ignore-kind identity_conflict
done

CORRPARSE=$program Scripts/with-postgres.sh python3 Tests/Grafana/test_grafana.py
CORRPARSE=$program Scripts/with-postgres.sh python3 Tests/Grafana/test_plans.py
Scripts/with-postgres.sh python3 Tests/Operations/test_metrics.py
Scripts/with-postgres.sh python3 Tests/Operations/test_roles.py
python3 Tests/Operations/test_tls.py
python3 Tests/Operations/test_canary.py
CORRPARSE=$program Scripts/cluster-tools.sh python3 Tests/Cluster/test_manifests.py
Scripts/cluster-tools.sh python3 Tests/Cluster/test_trigger.py
CORRPARSE=$program Scripts/with-postgres.sh Scripts/cluster-tools.sh python3 Tests/Cluster/test_image.py
CORRPARSE=$program Scripts/with-postgres.sh Scripts/cluster-tools.sh python3 Tests/Cluster/test_shards.py
Scripts/with-postgres.sh python3 Tests/Faults/test_faults.py
Scripts/object-store-tests.sh

python3 Tests/Faults/faults.py --seed 1 >"$logs/faults" 2>&1 &
faults=$!
# XCTest is left out because it would report its own "0 tests" after the real summary.
status=0
Scripts/with-postgres.sh swift test --skip-build --disable-xctest "$@" 2>&1 | tee "$logs/swift" || status=$?
faults_status=0
wait "$faults" || faults_status=$?
faults=
cat "$logs/faults"
grep 'Test run with' "$logs/swift" | tail -n 1
[ "$status" -eq 0 ] || exit "$status"
if [ "$faults_status" -ne 0 ]; then
  echo "test.sh: the fault tests found differences, see above" >&2
  exit 1
fi
