#!/usr/bin/env bash
# Prints the option of `swift build` by which Swift's libraries become part of the program, where the toolchain has them for
# that: the program then starts in three quarters of the time and runs on machines without Swift.
set -euo pipefail
# A line of JSON for each value; Python, which the demo does without, would read no more from it.
resources=$(swiftc -print-target-info | sed -n 's/^ *"runtimeResourcePath": "\(.*\)",\{0,1\}$/\1/p')
if [ -e "${resources}_static/linux/libswiftCore.a" ]; then
  echo --static-swift-stdlib
fi
