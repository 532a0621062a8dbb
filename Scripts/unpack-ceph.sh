#!/usr/bin/env bash
# Usage: unpack-ceph.sh     prints the folder that Debian's Ceph is unpacked in; unpacks it first where it is not there
#
# A monitor, an OSD and a gateway (radosgw) with what they need and the system lacks: about 65 packages, 70 MB to download, 260 MB
# below .build/ceph. Nothing is installed and no service is started; no root is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/.build/ceph
if [ ! -e "$folder/complete" ]; then
  rm -rf "$folder"
  mkdir -p "$folder/packages/partial" "$folder/root"
  # apt-get as the calling user: no locks, no caches beside its own.
  if ! apt-get install --yes --quiet --download-only --no-install-recommends \
    --option "Dir::Cache::archives=$folder/packages" --option Dir::Cache::pkgcache= --option Dir::Cache::srcpkgcache= \
    --option Debug::NoLocking=1 --option APT::Sandbox::User= \
    radosgw ceph-mon ceph-osd ceph-common >"$folder/apt.log" 2>&1; then
    tail -n 5 "$folder/apt.log" >&2
    echo "Debian's Ceph could not be downloaded; try apt-get update first" >&2
    exit 69
  fi
  for package in "$folder"/packages/*.deb; do
    dpkg -x "$package" "$folder/root"
  done
  rm -rf "$folder/packages"
  touch "$folder/complete"
fi
echo "$folder/root"
