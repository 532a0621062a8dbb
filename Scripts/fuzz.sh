#!/usr/bin/env bash
# Usage: fuzz.sh run SECONDS [TARGET…]      every target, or those named, so long, as many at a time as there are cores
#        fuzz.sh reproduce TARGET FILE…     inputs again, one by one
#        fuzz.sh minimise TARGET FILE       the smallest input that is still a finding
#        fuzz.sh seeds [TARGET…]            takes the inputs that `run` collected into Fuzz/Seeds, as few as will do
#
# Builds what it needs under .build/fuzz, with libFuzzer and the address sanitizer of the Swift toolchain. A finding is
# kept in Fuzz/Findings/TARGET with its report beside it, and makes the exit status 1. What `run` comes by is kept in
# .build/fuzz-inputs, where the next one goes on. `make test` runs the targets on the seeds without libFuzzer (Fuzz/Tests).
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
all_targets=(gzip lines blocks json numbers)
fuzzer=.build/fuzz/release/Fuzz
inputs=.build/fuzz-inputs
findings=Fuzz/Findings

die() {
  printf 'fuzz.sh: %s\n' "$*" >&2
  exit 64
}

usage() {
  sed -n '2,5s/^# \{0,1\}//p' "$here/Scripts/fuzz.sh" >&2
  exit 64
}

build() {
  # gold, which Swift links with by default on Linux, fails on what the sanitizer adds.
  if ! CORRPARSE_FUZZ=1 swift build --scratch-path .build/fuzz --configuration release --product Fuzz \
    --sanitize=address -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing -Xswiftc -use-ld=lld >"$inputs/build.log" 2>&1; then
    cat "$inputs/build.log" >&2
    die "the fuzz targets cannot be built (its reasons stand above; the toolchain has to have libFuzzer and lld)"
  fi
}

# Runs the fuzzer in the target's findings. A log stays small with so few bytes, and finds as much.
run_fuzzer() { # TARGET ARGUMENT…
  local target=$1
  shift
  # Swift's own backtraces would meet the sanitizer's, which libFuzzer prints itself.
  SWIFT_BACKTRACE=enable=no "$fuzzer" "--target=$target" -dict=Fuzz/log.dict -max_len=2048 -timeout=20 \
    -rss_limit_mb=2048 -malloc_limit_mb=64 "-artifact_prefix=$findings/$target/" "$@"
}

# One target: its seeds, then new inputs for so long. Says in one line what came of it.
fuzz_one() { # TARGET SECONDS
  local target=$1 seconds=$2 collected=$inputs/$1 report status=0
  mkdir -p "$collected" "$findings/$target"
  report=$(mktemp "$inputs/$target.XXXXXX.log")
  # The seeds first and alone, so that what is wrong with one of them does not depend on chance.
  run_fuzzer "$target" -runs=0 "Fuzz/Seeds/$target" >"$report" 2>&1 || status=$?
  if [ "$status" -eq 0 ]; then
    run_fuzzer "$target" "-max_total_time=$seconds" -print_final_stats=1 "$collected" "Fuzz/Seeds/$target" \
      >"$report" 2>&1 || status=$?
  fi
  if [ "$status" -eq 0 ]; then
    printf 'fuzz: %-8s clean: %s inputs in %s s\n' "$target" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$report")" "$seconds"
    rm "$report"
    return
  fi
  local artifact
  artifact=$(sed -n 's/.*Test unit written to //p' "$report" | tail -n 1)
  # A run over the seeds writes none: the input is the seed itself.
  [ -n "$artifact" ] || artifact=$findings/$target/without-input
  mv "$report" "$artifact.txt"
  {
    grep -E 'broken promise|Fatal error|^==[0-9]+==ERROR|^SUMMARY' "$artifact.txt" || tail -n 20 "$artifact.txt"
    printf 'fuzz: %-8s FINDING %s\n' "$target" "$artifact"
    printf '  report:    %s\n  reproduce: Scripts/fuzz.sh reproduce %s %s\n' "$artifact.txt" "$target" "$artifact"
  } >&2
  return 1
}

check_targets() {
  local target
  for target; do
    [ -d "Fuzz/Seeds/$target" ] || die "no target '$target'; there are ${all_targets[*]}"
  done
}

# Several at a time, each a script of its own, so that one that finds something does not stop the others.
fuzz_all() { # SECONDS TARGET…
  local seconds=$1
  shift
  printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' Scripts/fuzz.sh one '{}' "$seconds" ||
    { printf 'fuzz.sh: something was found, see above\n' >&2; return 1; }
}

verb=${1:-}
[ $# -gt 0 ] && shift
mkdir -p "$inputs"
case $verb in
  run)
    [[ ${1:-} =~ ^[1-9][0-9]*$ ]] || usage
    seconds=$1
    shift
    [ $# -gt 0 ] || set -- "${all_targets[@]}"
    check_targets "$@"
    build
    fuzz_all "$seconds" "$@"
    ;;
  one)
    [ $# -eq 2 ] || usage
    fuzz_one "$@"
    ;;
  reproduce)
    [ $# -ge 2 ] || usage
    check_targets "$1"
    build
    mkdir -p "$findings/$1"
    run_fuzzer "$@"
    ;;
  minimise)
    [ $# -eq 2 ] || usage
    check_targets "$1"
    build
    mkdir -p "$findings/$1"
    run_fuzzer "$1" -minimize_crash=1 -max_total_time=60 -exact_artifact_path="$2.min" "$2" || true
    printf 'the smallest: %s\n' "$2.min"
    ;;
  seeds)
    [ $# -gt 0 ] || set -- "${all_targets[@]}"
    check_targets "$@"
    build
    for target; do
      fewest=$(mktemp -d "$inputs/seeds.XXXXXX")
      run_fuzzer "$target" -use_counters=0 -use_cmp=0 -set_cover_merge=1 "$fewest" "Fuzz/Seeds/$target" "$inputs/$target" 2>&1 | tail -n 1
      rm -r "Fuzz/Seeds/$target"
      mv "$fewest" "Fuzz/Seeds/$target"
      chmod 755 "Fuzz/Seeds/$target"
    done
    ;;
  *) usage ;;
esac
