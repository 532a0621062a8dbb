#!/usr/bin/env bash
# Usage: version.sh               prints the version of this checkout
#        version.sh --release     prints the last release, the first with a number in CHANGELOG.md
#        version.sh FILE.swift    writes the version into a source file of the program, and leaves the file alone if it has it
#
# The version is that of `git describe`: 1.0.0 at the tag v1.0.0, 1.0.0-3-gabc1234 three commits later. Without a tag it is the last
# release and the commit, 1.0.0+gabc1234; outside of git, as in a tarball, the last release. CORRPARSE_VERSION, where it is set, is the
# version, for builds that see no git.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

release() {
  local number
  number=$(sed -n 's/^## \[\{0,1\}\([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
  [ -n "$number" ] || { echo "version.sh: CHANGELOG.md has no release" >&2; exit 1; }
  echo "$number"
}

version() {
  local described
  if [ -n "${CORRPARSE_VERSION:-}" ]; then
    described=$CORRPARSE_VERSION
  # A folder within another repository is none of its own.
  elif [ "$(git rev-parse --show-cdup 2>/dev/null && echo here)" != $'\nhere' ]; then
    described=$(release)
  elif described=$(git describe --tags --match 'v[0-9]*' 2>/dev/null); then
    described=${described#v}
  else
    described=$(release)
    described+=+g$(git rev-parse --short HEAD)
  fi
  # It becomes Swift source, a file's name and a package's version.
  [[ $described =~ ^[0-9][0-9A-Za-z.+~-]*$ ]] || { echo "version.sh: no version: $described" >&2; exit 1; }
  echo "$described"
}

case ${1:-} in
  '') version ;;
  --release) release ;;
  *.swift)
    told=$(version)
    source="/// What Scripts/version.sh told when this was built.
enum ProgramVersion {
  static let described = \"$told\"
}"
    [ "$(cat "$1" 2>/dev/null)" = "$source" ] || printf '%s\n' "$source" >"$1"
    ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
