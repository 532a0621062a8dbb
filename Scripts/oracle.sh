#!/usr/bin/env bash
# Usage: oracle.sh test     500 generated logs and 60 of each envelope: a part of `make test`
#        oracle.sh long     five times 500 logs, and four times 300 of each envelope
#
# Compares the program with the second reading of the specification (Tests/Oracle/READINGS.md) on generated logs. A difference is
# shrunk and shown, and makes the exit status 1. CORRPARSE is the program, .build/debug/corrparse without it.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${CORRPARSE:-.build/debug/corrparse}
# The formats that are rare in logs of the generator's own mixture; the last are those of the field.
envelopes=(es console cri docker api "pasted,timestamps,kubectl,compose,export,pods,unknown")

compare() { # SEED COUNT [ARGUMENT…]
  local seed=$1 count=$2
  shift 2
  python3 Tests/Oracle/differential.py --corrparse "$program" --seed "$seed" --count "$count" "$@" || failed=1
}

all() { # COUNT COUNT_OF_EACH_ENVELOPE SEED…
  local count=$1 each=$2 seed envelope
  shift 2
  for seed in "$@"; do
    compare "$seed" "$count"
  done
  for envelope in "${envelopes[@]}"; do
    # Other seeds than those of the mixture.
    for seed in "${@:1:4}"; do
      printf '%s: ' "$envelope"
      compare $((seed + 20)) "$each" --envelopes "$envelope"
    done
  done
}

failed=0
case ${1:-} in
  test) all 500 60 1 ;;
  long) all 500 300 1 2 3 4 5 ;;
  *)
    sed -n '2,3s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac
exit "$failed"
