#!/usr/bin/env bash
# Usage: object-store-tests.sh [TEST…]     the tests of buckets, beside a PostgreSQL; without names all of them
#                                  but test_ceph, which wants a Ceph (Scripts/unpack-ceph.sh)
#
# CORRPARSE_LONG=1 runs them at length: 5,000 objects, every fault at every request. botocore, which the signatures are held
# against, and moto, a stand-in for S3, have the pinned versions of Tests/ObjectStore/requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
# The tests find the program from their own folder.
export CORRPARSE=${CORRPARSE:-$PWD/.build/debug/corrparse}
if [ $# -eq 0 ]; then
  set -- test_signing test_reading test_ledger test_refusals test_names test_rotated test_same_content test_late_upload
fi
cd Tests/ObjectStore
exec ../../Scripts/with-postgres.sh ../../Scripts/python-tools.sh requirements.txt python3 -W error -m unittest "$@"
