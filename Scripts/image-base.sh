#!/usr/bin/env bash
# Usage: image-base.sh NAME
#
# Makes a stand-in for the base of the Containerfile, where no registry is reachable, and tags it NAME: a minimal Debian by
# debootstrap, of the release that NAME ends with, and the libraries that the Swift toolchain of this machine is linked with. The toolchain itself is mounted by
# Scripts/build-image.sh. Debian's archive is the one that apt uses here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
[ $# -eq 1 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 64; }
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

libraries_of_the_toolchain() {
  local program
  for program in swift-frontend swift-driver swift-build swift-package clang lld; do
    ldd -- "$toolchain/bin/$program"
  done | awk '$2 == "=>" && $3 ~ "^/" { print $3 }' | sort -u | grep -v "^$toolchain/" | while read -r library; do
    # Where /lib is a link to /usr/lib, dpkg knows some files by the one name and some by the other.
    dpkg-query --search "$library" "$(readlink -f "$library")" 2>/dev/null || true
  done | sed 's/:.*//' | sort -u
}
suite=${1##*-}
# shellcheck disable=SC2016  # apt-get replaces these.
archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk -v suite="$suite" '$2 == suite { print $1; exit }')
packages=$({ echo ca-certificates; echo git; echo libc6-dev; echo libstdc++-12-dev; libraries_of_the_toolchain; } | paste --serial --delimiters ,)
debootstrap --variant=minbase --include="$packages" "$suite" "$folder/root" "${archive:-http://deb.debian.org/debian}" >&2
rm -rf "$folder"/root/var/cache/apt/archives/*.deb "$folder"/root/var/lib/apt/lists/*
tar --directory "$folder/root" --create . | "$here/podman.sh" import \
  --change "ENV PATH=$toolchain/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" - "$1"
