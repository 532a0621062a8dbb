#!/usr/bin/env bash
# Usage: build-image.sh [TAG]     builds the image of the Containerfile with podman, by default as localhost/corrparse:RELEASE,
#                                and prints its name
#
# The base comes from its registry. Where that cannot be reached, it is made by Scripts/image-base.sh under the same name, and
# the Swift toolchain of this machine is mounted into the build. Scripts/podman.sh says where the image is kept.
set -euo pipefail
cd "$(dirname "$0")/.."
base=$(sed -n 's/^ARG SWIFT_IMAGE=//p' Containerfile)
tag=${1:-localhost/corrparse:$(Scripts/version.sh --release)}
options=()

if ! Scripts/podman.sh image exists "$base" && ! Scripts/podman.sh pull --quiet "$base" >&2; then
  echo "build-image.sh: $base cannot be pulled; a stand-in is made from Debian's packages and this machine's toolchain" >&2
  Scripts/image-base.sh "$base" >&2
fi
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
if ! Scripts/podman.sh run --rm --network none "$base" sh -c 'command -v swift' >/dev/null 2>&1; then
  options+=(--volume "$(dirname "$toolchain"):$(dirname "$toolchain"):ro")
  # Where git is told to fetch packages from a folder of this machine, the build does so, too.
  settings=$(mktemp)
  trap 'rm -f "$settings"' EXIT
  while read -r key value; do
    folder=${key#url.}
    folder=${folder%.insteadof}
    [ -d "$folder" ] || continue
    git config --file "$settings" --add "url.$folder.insteadOf" "$value"
    [[ " ${options[*]} " == *" $folder:$folder:ro "* ]] || options+=(--volume "$folder:$folder:ro")
  done < <(git config --get-regexp '^url\..*\.insteadof$' || true)
  options+=(--volume "$settings:/etc/gitconfig:ro")
fi
Scripts/podman.sh build --pull=never --network host "${options[@]}" --tag "$tag" \
  --build-arg VERSION="$(Scripts/version.sh)" --build-arg REVISION="$(git rev-parse HEAD)" --file Containerfile . >&2
echo "$tag"
