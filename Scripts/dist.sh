#!/usr/bin/env bash
# Usage: dist.sh [FOLDER]
#
# Makes what is handed out of a release, in FOLDER (.build/dist): a tarball and a Debian package of the program with Swift's
# libraries in it, its manual page and completions, and their checksums. Prints the files' names.
#
# Both need the libraries of Debian 12 that the program is linked with; the package names them. Equal sources and equal tools
# give equal files: every time in them is SOURCE_DATE_EPOCH, by default that of the last commit, outside of git the day of the last release.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -le 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
folder=$(realpath --canonicalize-missing "${1:-.build/dist}")
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) ||
    SOURCE_DATE_EPOCH=$(date --utc --date="$(sed -n 's/^## \[[0-9.]*\] - //p' CHANGELOG.md | head -n 1)" +%s)
fi
export SOURCE_DATE_EPOCH
program=$(Scripts/build-static.sh)
version=$("$program" --version | awk '{ print $2 }')
architecture=$(dpkg --print-architecture)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# The tarball: what `make install` puts below a prefix.
name=corrparse-$version-linux-$architecture
Scripts/install.sh "$program" "$tree/$name"
rm -rf "$folder"
mkdir -p "$folder"
tar --directory "$tree" --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" "$name" \
  | gzip -9 --no-name >"$folder/$name.tar.gz"

# The package: the same below /usr.
mkdir -p "$tree/deb/DEBIAN" "$tree/debian"
mv "$tree/$name" "$tree/deb/usr"
gzip -9 --no-name <CHANGELOG.md >"$tree/deb/usr/share/doc/corrparse/changelog.gz"
printf 'Source: corrparse\n\nPackage: corrparse\nArchitecture: any\n' >"$tree/debian/control"
depends=$(cd "$tree" && dpkg-shlibdeps -O deb/usr/bin/corrparse | sed 's/^shlibs:Depends=//')
# A version of Debian begins with a digit and has no hyphen of its own: 1.0.0-3-gabc comes after 1.0.0 as 1.0.0+3+gabc.
cat >"$tree/deb/DEBIAN/control" <<CONTROL
Package: corrparse
Version: $(printf %s "$version" | tr - +)
Architecture: $architecture
Maintainer: corrparse developers
Section: database
Priority: optional
Depends: $depends
Recommends: ca-certificates
Installed-Size: $(du --summarize --apparent-size --block-size=1K "$tree/deb/usr" | cut -f 1)
Description: Reads CORRELATION DATA blocks from Airflow task logs and writes verdicts to PostgreSQL
 Judges every tested strategy by the 13-code taxonomy of CVNTrade's operations manual, for Grafana to read.
CONTROL
(cd "$tree/deb" && find usr -type f -print0 | sort --zero-terminated | xargs --null md5sum >DEBIAN/md5sums)
find "$tree/deb" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group --build "$tree/deb" "$folder" >&2
(cd "$folder" && sha256sum -- *.tar.gz *.deb >SHA256SUMS)
find "$folder" -type f | sort
