#!/usr/bin/env bash
# Usage: object-store-tests.sh [TEST…]     the tests of buckets, beside a PostgreSQL; without names all of them
#
# CORRPARSE_LONG=1 runs them at length: 5,000 objects, every fault at every request. botocore, which the signatures are held
# against, and moto, a stand-in for S3, are installed below .build from the pinned versions of Tests/ObjectStore/requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${CORRPARSE:-$PWD/.build/debug/corrparse}
wanted=Tests/ObjectStore/requirements.txt
folder=$PWD/.build/object-store/$(sha256sum "$wanted" | cut -c 1-16)

if [ ! -x "$folder/bin/python" ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # A half-made environment is never taken for a whole one; one that is moved would not find itself.
  rm -rf "$folder"
  if ! { python3 -m venv "$folder" && "$folder/bin/python3" -m pip install --quiet --requirement "$wanted"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -rf "$folder"
    echo "object-store-tests.sh: the packages of $wanted could not be installed" >&2
    exit 1
  fi
fi
cd Tests/ObjectStore
if [ $# -eq 0 ]; then
  set -- test_signing test_reading test_ledger
fi
CORRPARSE=$program ../../Scripts/with-postgres.sh "$folder/bin/python" -W error -m unittest "$@"
