#!/usr/bin/env bash
# Usage: program-of-image.sh IMAGE     takes the program out of an image of Scripts/podman.sh, and prints where it is
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { sed -n '2s/^# \{0,1\}//p' "$0" >&2; exit 64; }
container=$(Scripts/podman.sh create "$1")
mkdir -p .build/image
Scripts/podman.sh cp "$container:/usr/local/bin/corrparse" .build/image/corrparse
Scripts/podman.sh rm "$container" >/dev/null
echo "$PWD/.build/image/corrparse"
