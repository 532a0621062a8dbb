#!/usr/bin/env bash
# Checks every shell script of the project with shellcheck, by the rules of .shellcheckrc. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v shellcheck >/dev/null; then
  echo 'shellcheck is not installed: run Scripts/install-dependencies.sh lint' >&2
  exit 1
fi
mapfile -t scripts < <(Scripts/source-files.sh shell)
[ "${#scripts[@]}" -gt 0 ] || { echo 'lint-shell.sh: no shell script found' >&2; exit 1; }
shellcheck "${scripts[@]}"
