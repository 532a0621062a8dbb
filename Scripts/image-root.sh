#!/usr/bin/env bash
# Usage: image-root.sh PROGRAM FOLDER
#
# Makes FOLDER the whole root of the container image: PROGRAM without its symbols, the libraries that it is linked with, the
# certificate authorities, a user, and the places where volumes are mounted. No shell, no package manager. The
# Containerfile copies it into an empty image; Tests/Cluster/test_image.py makes an image of it and starts that.
#
# Beside each file of a Debian package goes the package's entry in var/lib/dpkg/status.d, as in distroless images, for
# scanners of vulnerabilities, and its copyright. The times of all files are SOURCE_DATE_EPOCH, else 0.
set -euo pipefail

die() {
  printf 'image-root.sh: %s\n' "$*" >&2
  exit 64
}
[ $# -eq 2 ] || die 'two arguments: the program and the folder to make'
program=$1 root=$2
[ -x "$program" ] || die "no program: $program"
[ ! -e "$root" ] || die "is there already: $root"

# Takes a file to the same place below the root, through links, and notes the package that it is of.
take() { # FILE
  local file=$1 owner package folder
  folder=$(cd "$(dirname "$file")" && pwd -P)
  mkdir -p "$root$folder"
  cp -L "$file" "$root$folder/"
  # Where /lib is a link to /usr/lib, dpkg knows some files by the one name and some by the other.
  owner=$(dpkg-query --search "$folder/$(basename "$file")" "${folder#/usr}/$(basename "$file")" 2>/dev/null | head -n 1) || true
  package=${owner%%: /*}
  if [ -n "$package" ]; then
    mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc/${package%%:*}"
    dpkg-query --status "$package" >"$root/var/lib/dpkg/status.d/${package%%:*}"
    cp -L "/usr/share/doc/${package%%:*}/copyright" "$root/usr/share/doc/${package%%:*}/"
  fi
}

mkdir -p "$root"/{etc/ssl/certs,etc/corrparse,logs,proc,dev,tmp,usr/lib,usr/lib64,usr/local/bin}
ln -s usr/lib usr/lib64 "$root/"
chmod 1777 "$root/tmp"
strip --strip-all -o "$root/usr/local/bin/corrparse" "$program"

# "name => /path (address)", and the loader, which has no arrow; the kernel's own has no path.
ldd "$program" | awk '$2 == "=>" { print ($3 == "not") ? "missing:" $1 : $3 } $1 ~ "^/" { print $1 }' | while read -r library; do
  case $library in
    missing:*) die "a library is not there: ${library#missing:}" ;;
    *) take "$library" ;;
  esac
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
cp LICENSE "$root/usr/share/doc/corrparse.LICENSE" 2>/dev/null || die 'to be run in the folder with LICENSE'

printf 'root:x:0:0:root:/:/sbin/nologin\ncorrparse:x:65532:65532:corrparse:/tmp:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\ncorrparse:x:65532:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
find "$root" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
