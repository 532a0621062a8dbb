#!/usr/bin/env bash
# Usage: install-dependencies.sh [GROUP…]             installs what the groups need and what is missing; without GROUP: build, lint, test
#        install-dependencies.sh --packages GROUP…    prints all packages of the groups, missing or not, and installs nothing
#
# A group is what a target of the Makefile needs: build, install, dist, demo, lint, test, bench, fuzz, image, soak, python,
# picture, mlflow. Quick when nothing is missing. Asks nothing, except for sudo's password when it runs on a terminal.
#
# No installed package is upgraded or removed. Where a missing package needs a newer version of an installed one, the script says
# which and ends; CORRPARSE_ALLOW_UPGRADE=1 lets apt-get upgrade these.
#
# CORRPARSE_SKIP_INSTALL=1 skips the whole step: for a system that is no Debian, or whose packages somebody else looks after.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=Scripts/postgres-common.sh
. "$here/postgres-common.sh"
# What is unpacked beside the packages, to here: their programs and nothing else. Prometheus and Pushgateway would start servers
# when they are installed; podman would have login and passwd upgraded.
tools=$here/../.corrparse/tools
unpacked="prometheus podman"

# What a group needs, one need a word.
needs_of() { # GROUP
  case $1 in
    # OpenSSL's and the others' headers, and the sources of the packages that Package.swift names.
    build) echo libpq-dev zlib1g-dev libisal-dev libcurl4-openssl-dev libexpat1-dev libssl-dev pkg-config git ;;
    install) echo "$(needs_of build)" strip ;;
    # A Debian package, and a minimal Debian to install it in.
    dist) echo "$(needs_of install)" python dpkg-shlibdeps debootstrap ;;
    demo) echo "$(needs_of build)" server ;;
    lint) echo python venv git shellcheck ;;
    # A test or a generator in Python, beside a server, with packages of the Python package index.
    python) echo "$(needs_of demo)" python venv yaml openssl ;;
    # debootstrap makes a base where no registry is reachable.
    image) echo "$(needs_of python)" strip podman debootstrap ;;
    fuzz) echo "$(needs_of build)" libstdc++ ;;
    soak) echo "$(needs_of demo)" python pgbouncer ;;
    picture) echo "$(needs_of demo)" chromium ;;
    mlflow) echo "$(needs_of python)" prometheus ;;
    test) echo "$(needs_of image)" "$(needs_of soak)" "$(needs_of picture)" prometheus valgrind locales ;;
    # What corrparse is compared with and counted with.
    bench) echo "$(needs_of python)" igzip mawk rg valgrind time cc ;;
    *) die "there is no group '$1'; there are build, install, dist, demo, lint, test, bench, fuzz, image, soak, python, picture, mlflow" ;;
  esac
}

# Whether it is there: what is used is asked for, not one package's name, so that a newer server than Debian's own will do as well.
have() { # NEED
  case $1 in
    *-dev) [ "$(dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | sort -u)" = installed ] ;;
    server) server_programs newest ;;
    python) command -v python3 ;;
    venv) python3 -c 'import ensurepip, venv' ;;
    # Debian's package is for Debian's own Python, which need not be the first on PATH.
    yaml) /usr/bin/python3 -c 'import yaml' ;;
    libstdc++) compgen -G '/usr/lib/gcc/*/*/libstdc++.so' ;;
    chromium) command -v chromium || command -v chromium-headless-shell ;;
    # Debian keeps it where only root's PATH leads.
    pgbouncer) PATH=$PATH:/usr/sbin command -v pgbouncer ;;
    time) [ -x /usr/bin/time ] ;;
    # What a locale is made from, for a database that sorts as people do.
    locales) [ -e /usr/share/i18n/locales/en_US ] ;;
    prometheus)
      { { command -v prometheus && command -v promtool; } || [ -x "$tools/usr/bin/promtool" ]; } &&
        { command -v prometheus-pushgateway || [ -x "$tools/usr/bin/prometheus-pushgateway" ]; }
      ;;
    podman) [ -x "$tools/usr/bin/podman" ] ;;
    debootstrap) PATH=$PATH:/usr/sbin command -v debootstrap ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

# The package that brings it; nothing for what is unpacked beside the packages.
package_of() { # NEED
  case $1 in
    pkg-config) echo pkgconf ;;
    server) echo postgresql ;;
    python) echo python3 ;;
    venv) echo python3-venv ;;
    # Grafana's provisioning files are YAML; the tests read them with a parser that did not write them.
    yaml) echo python3-yaml ;;
    # libFuzzer, which the fuzz targets are linked with, is C++.
    libstdc++) echo g++ ;;
    # For the tests of `report`.
    chromium) echo chromium-headless-shell ;;
    strip) echo binutils ;;
    dpkg-shlibdeps) echo dpkg-dev ;;
    igzip) echo isal ;;
    rg) echo ripgrep ;;
    cc) echo gcc libc6-dev ;;
    prometheus | podman) ;;
    *) echo "$1" ;;
  esac
}

if [ "${1:-}" = --packages ]; then
  shift
  wanted=$(for group; do needs_of "$group"; done)
  for need in $wanted; do
    package_of "$need"
  done | tr ' ' '\n' | sort -u
  exit
fi
[ $# -gt 0 ] || set -- build lint test
groups=$*
wanted=$(for group; do needs_of "$group"; done)
if [ -n "${CORRPARSE_SKIP_INSTALL:-}" ]; then
  exit 0
fi

missing_packages() {
  local need
  for need in $wanted; do
    have "$need" || package_of "$need"
  done | tr ' ' '\n' | sort -u
}

# The packages whose files are unpacked.
archives_of() { # NEED
  case $1 in
    prometheus) echo prometheus prometheus-pushgateway ;;
    podman)
      echo podman conmon runc golang-github-containers-common golang-github-containers-image \
        libassuan0 libdevmapper1.02.1 libgpgme11 libseccomp2 libsubid4
      ;;
    *) die "nothing of '$1' is unpacked" ;;
  esac
}

missing_archives() {
  local need
  for need in $unpacked; do
    [[ " ${wanted//$'\n'/ } " != *" $need "* ]] || have "$need" || archives_of "$need"
  done
}

unpack() { # PACKAGE…
  local archive
  mkdir -p "$tools/archive"
  (cd "$tools/archive" && apt-get --quiet --quiet download "$@" 2>/dev/null) || return 1
  for archive in "$tools"/archive/*.deb; do
    dpkg -x "$archive" "$tools" || return 1
  done
  rm -rf "$tools/archive"
}

apt_install() { # PACKAGE…
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get --yes --quiet --option DPkg::Lock::Timeout=300 --no-install-recommends --no-remove --no-upgrade install "$@" </dev/null
}

# Ends the script where the installation would upgrade something. apt-get's --no-upgrade is for the packages that it is given, not
# for those that they depend on.
refuse_upgrades() { # PACKAGE…
  local upgrades
  [ -z "${CORRPARSE_ALLOW_UPGRADE:-}" ] || return 0
  # "Inst NAME [INSTALLED VERSION] (NEW VERSION …)"; a package that is new has no version in brackets.
  upgrades=$(apt-get --simulate --no-install-recommends --no-upgrade install "$@" 2>/dev/null </dev/null |
    sed -n 's/^Inst \([^ ]*\) \[\([^]]*\)\] (\([^ ]*\) .*/  \1 from \2 to \3/p') || true
  if [ -n "$upgrades" ]; then
    die "to install $* apt-get would upgrade packages that are there:"$'\n'"$upgrades"$'\n'"Upgrade them yourself, or allow it with" \
      "CORRPARSE_ALLOW_UPGRADE=1 in front of the command."
  fi
}

update_lists() {
  say "fetching the package lists"
  "${as_root[@]}" apt-get --quiet --option DPkg::Lock::Timeout=300 update </dev/null || true
}

if ! command -v swift >/dev/null; then
  die "no swift on PATH. A Swift toolchain, 6.2 or newer, has to be there first." \
    "(sudo drops PATH: run make without it, it calls sudo itself where it must.)"
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  die "this system has no apt-get. Install what Debian's packages bring ('$0 --packages $groups'), PostgreSQL $oldest_server or newer in" \
    "/usr/lib/postgresql/MAJOR/bin, yourself, then set CORRPARSE_SKIP_INSTALL=1."
fi

mapfile -t missing < <(missing_packages)
read -r -a archives < <(missing_archives | tr '\n' ' ') || true
if [ "${#missing[@]}" -eq 0 ] && [ "${#archives[@]}" -eq 0 ]; then
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
  die "missing: ${missing[*]:-the programs of the packages ${archives[*]}}. Neither root nor usable sudo here; have" \
    "somebody run 'apt-get update && apt-get install ${missing[*]}', then try again."
fi

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
  refuse_upgrades "${missing[@]}"
  if ! apt_install "${missing[@]}"; then
    update_lists
    refuse_upgrades "${missing[@]}"
    apt_install "${missing[@]}" || die "apt-get could not install: ${missing[*]} (its reason stands above)"
  fi
fi
if [ "${#archives[@]}" -ne 0 ] && ! unpack "${archives[@]}"; then
  update_lists
  unpack "${archives[@]}" || die "apt-get could not download Debian's packages ${archives[*]}"
fi

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -ne 0 ]; then
  die "still missing after the installation: ${missing[*]}"
fi
