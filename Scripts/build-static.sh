#!/usr/bin/env bash
# Usage: build-static.sh [SCRATCH-FOLDER]
#
# Builds the program of the container image with Swift's libraries in it, and prints where it is. Not for every day: it
# compiles everything anew, for the flags that keep it small.
#
#   -function-sections, --gc-sections, --no-export-dynamic   what nothing calls goes; else each public symbol stays, as if
#                                                            somebody loaded the program as a library
#   --icf=safe                                               equal functions become one
#   --no-eh-frame-hdr, no-unwinding.ld                       the tables for unwinding the stack go: nothing here throws C++
#                                                            exceptions, and a debugger does without them
#   pack-relative-relocs                                     a table of addresses of one MiB becomes one of 10 KiB
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.build/static}
swift build --configuration release --product corrparse --scratch-path "$folder" --static-swift-stdlib \
  -Xswiftc -use-ld=lld -Xswiftc -Xfrontend -Xswiftc -function-sections \
  -Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker --icf=safe \
  -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker "$PWD/Scripts/no-unwinding.ld" -Xlinker -z -Xlinker pack-relative-relocs >&2
echo "$folder/release/corrparse"
