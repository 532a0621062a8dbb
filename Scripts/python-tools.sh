#!/usr/bin/env bash
# Usage: python-tools.sh LIST COMMAND [ARGUMENT…]
#
# Runs COMMAND with the programs and the python3 of a virtual environment first on PATH. The environment holds the packages that
# the file LIST names, with pinned versions and without any that LIST does not name. It is made from the Python package index,
# below .build/python, when it is missing or LIST has changed.
#
# CORRPARSE_SKIP_INSTALL=1 installs nothing: COMMAND then finds what PATH has.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
list=$(realpath "$1")
shift
name=${list#"$root"/}
folder=$root/.build/python/${name//\//-}

# Two callers make it one after the other.
if ! cmp -s "$list" "$folder/list" && [ -z "${CORRPARSE_SKIP_INSTALL:-}" ]; then
  mkdir -p "$root/.build/python"
  exec 7>"$folder.lock"
  flock 7
  if ! cmp -s "$list" "$folder/list"; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    echo "python-tools.sh: installing the packages of $name" >&2
    if ! { python3 -m venv --clear "$folder" &&
      "$folder/bin/python3" -m pip install --quiet --no-deps --requirement "$list"; } >"$log" 2>&1; then
      cat "$log" >&2
      echo "the packages of $name could not be installed; CORRPARSE_SKIP_INSTALL=1 goes without them" >&2
      exit 1
    fi
    cp "$list" "$folder/list"
    rm -f "$log"
  fi
  exec 7>&-
fi
export PATH=$folder/bin:$PATH
exec "$@"
