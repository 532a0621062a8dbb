#!/usr/bin/env bash
# Installs the Debian packages that building, testing and the demo need and that are missing. Quick when nothing
# is. Asks nothing, except for sudo's password when it runs on a terminal.
#
#   install-dependencies.sh bench    also what the benchmarks compare with and count with
#
# CORRPARSE_SKIP_INSTALL=1 skips the whole step: for a system that is no Debian, or whose packages somebody else
# looks after.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=Scripts/postgres-common.sh
. "$here/postgres-common.sh"

if [ -n "${CORRPARSE_SKIP_INSTALL:-}" ]; then
  exit 0
fi

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | sort -u)" = installed ]
}

purpose=${1:-}

# What is used is asked for, not one package's name: a newer server than Debian's own will do as well.
missing_packages() {
  local package
  if [ "$purpose" = bench ]; then
    command -v igzip >/dev/null || echo isal
    command -v mawk >/dev/null || echo mawk
    command -v rg >/dev/null || echo ripgrep
    command -v valgrind >/dev/null || echo valgrind
    [ -x /usr/bin/time ] || echo time
  fi
  for package in libpq-dev zlib1g-dev libisal-dev libcurl4-openssl-dev libexpat1-dev libssl-dev; do
    installed "$package" || echo "$package"
  done
  command -v pkg-config >/dev/null || echo pkgconf
  command -v shellcheck >/dev/null || echo shellcheck
  command -v git >/dev/null || echo git
  # Makes certificates for the tests of TLS.
  command -v openssl >/dev/null || echo openssl
  command -v python3 >/dev/null || echo python3
  # For the linters of SQL and Python, which are no Debian packages. (A python3 that is missing so far brings none either.)
  python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  # Grafana's provisioning files are YAML; the tests read them with a parser that did not write them.
  # Debian's package is for Debian's own Python, which need not be the first on PATH.
  /usr/bin/python3 -c 'import yaml' 2>/dev/null || echo python3-yaml
  # libFuzzer, which the fuzz targets are linked with, is C++.
  compgen -G '/usr/lib/gcc/*/*/libstdc++.so' >/dev/null || echo g++
  server_programs newest >/dev/null || echo postgresql
  # For the tests of `report`.
  { command -v chromium || command -v chromium-headless-shell; } >/dev/null || echo chromium-headless-shell
  # For the fault tests. Debian keeps it where only root's PATH leads.
  PATH=$PATH:/usr/sbin command -v pgbouncer >/dev/null || echo pgbouncer
}

# The real Prometheus and Pushgateway, for the tests of `observe` and of the metrics. Their packages would start servers, so
# only their programs are taken.
tools=$here/../.corrparse/tools
prometheus_is_there() {
  { { command -v prometheus && command -v promtool; } >/dev/null || [ -x "$tools/usr/bin/promtool" ]; } &&
    { command -v prometheus-pushgateway >/dev/null || [ -x "$tools/usr/bin/prometheus-pushgateway" ]; }
}

unpack_prometheus() {
  local archive
  mkdir -p "$tools/archive"
  (cd "$tools/archive" && apt-get --quiet --quiet download prometheus prometheus-pushgateway 2>/dev/null) || return 1
  for archive in "$tools"/archive/*.deb; do
    dpkg -x "$archive" "$tools" || return 1
  done
  rm -rf "$tools/archive"
}

apt_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get --yes --quiet --option DPkg::Lock::Timeout=300 --no-install-recommends install "$@" </dev/null
}

if ! command -v swift >/dev/null; then
  die "no swift on PATH. A Swift toolchain, 6.2 or newer, has to be there first." \
    "(sudo drops PATH: run make without it, it calls sudo itself where it must.)"
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  die "this system has no apt-get. Install libpq, zlib, libcurl, expat, OpenSSL and, if there is one, ISA-L with their headers, pkg-config, git, Python 3 with venv, libstdc++," \
    "PgBouncer and PostgreSQL $oldest_server or newer (in /usr/lib/postgresql/MAJOR/bin) yourself, then set CORRPARSE_SKIP_INSTALL=1."
fi

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -eq 0 ] && prometheus_is_there; then
  exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
elif command -v sudo >/dev/null && [ -t 0 ] && [ -t 2 ]; then
  say "sudo may ask for your password to install: ${missing[*]}"
  as_root=(sudo)
else
  die "missing: ${missing[*]:-the programs of the packages prometheus and prometheus-pushgateway}. Neither root nor usable sudo here; have somebody run" \
    "'apt-get update && apt-get install ${missing[*]}', then try again."
fi

update_lists() {
  say "fetching the package lists"
  "${as_root[@]}" apt-get --quiet --option DPkg::Lock::Timeout=300 update </dev/null || true
}

# The package lists of a fresh image are empty or old; only then are they fetched. One unreachable third-party
# archive fails the update but not what matters here, so the second attempt decides.
if [ "${#missing[@]}" -ne 0 ]; then
  say "installing ${missing[*]}"
  if [[ " ${missing[*]} " == *" postgresql "* ]]; then
    say "(Debian's package makes and starts a cluster of its own, 'main'; corrparse never uses it.)"
  fi
  if [[ " ${missing[*]} " == *" pgbouncer "* ]]; then
    say "(Debian's package starts a PgBouncer of its own, on port 6432; the tests never use it.)"
  fi
  if ! apt_install "${missing[@]}"; then
    update_lists
    apt_install "${missing[@]}" || die "apt-get could not install: ${missing[*]} (its reason stands above)"
  fi
fi
if ! prometheus_is_there && ! unpack_prometheus; then
  update_lists
  unpack_prometheus || die "apt-get could not download Debian's packages prometheus and prometheus-pushgateway"
fi

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -ne 0 ]; then
  die "still missing after the installation: ${missing[*]}"
fi
