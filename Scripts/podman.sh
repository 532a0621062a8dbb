#!/usr/bin/env bash
# Usage: podman.sh ARGUMENT…
#
# Runs Debian's podman, as root, with storage of its own below .build/containers (or in the folder CORRPARSE_CONTAINERS), so that
# it neither sees nor changes the images and containers of the machine. podman, conmon and runc are those that Scripts/install-dependencies.sh image unpacks
# beside the installed packages. PODMAN_STORAGE_DRIVER=vfs is for a folder on which overlay does not work.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
tools=$here/../.corrparse/tools
[ -x "$tools/usr/bin/podman" ] || { echo 'podman.sh: no podman here: run Scripts/install-dependencies.sh image' >&2; exit 69; }
tools=$(cd "$tools" && pwd -P)
folder=${CORRPARSE_CONTAINERS:-$here/../.build/containers}
mkdir -p "$folder"
storage=$(cd "$folder" && pwd -P)

# Written anew each time and moved into place: several may run at a time.
place() { # FILE
  local new
  mkdir -p "$(dirname "$1")"
  new=$(mktemp "$1.XXXXXX")
  cat >"$new"
  mv "$new" "$1"
}
libraries=$(echo "$tools"/usr/lib/*-linux-gnu)
# conmon starts podman when a container ends; it knows only these variables.
# Without the capability to raise limits runc can only lower them. The runtime is asked for no cgroup that the machine may not have.
place "$storage/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
seccomp_profile = "$tools/usr/share/containers/seccomp.json"
[engine]
cgroup_manager = "cgroupfs"
lock_type = "file"
events_logger = "none"
conmon_path = ["$tools/usr/bin/conmon"]
conmon_env_vars = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH=$libraries"]
runtime = "runc"
[engine.runtimes]
runc = ["$tools/usr/sbin/runc"]
END
place "$storage/storage.conf" <<END
[storage]
driver = "${PODMAN_STORAGE_DRIVER:-overlay}"
graphroot = "$storage/graph"
runroot = "$storage/run"
END
place "$storage/home/.config/containers/policy.json" <"$tools/etc/containers/policy.json"
export HOME=$storage/home CONTAINERS_CONF=$storage/containers.conf CONTAINERS_STORAGE_CONF=$storage/storage.conf
export CONTAINERS_REGISTRIES_CONF=$tools/etc/containers/registries.conf
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
exec "$tools/usr/bin/podman" "$@"
