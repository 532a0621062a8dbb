#!/usr/bin/env bash
# Usage: source-files.sh shell | python | swift
#
# Prints the project's files of a language, one a line: by their names, shell scripts also by their first lines. Left out are
# what is built, what is stored, and the test corpus, which holds what others have written.
set -euo pipefail
cd "$(dirname "$0")/.."

# Prints the paths of all files but those left out.
all_files() {
  find . \( -name '.build*' -o -name .git -o -name .corrparse -o -path ./Tests/Samples -o -path ./Tests/Corpus/airflow \
    -o -path ./Fuzz/Seeds -o -path ./Fuzz/Findings -o -path ./demo/logs \) -prune -o -type f "$@" -printf '%P\n' | LC_ALL=C sort
}

case ${1:-} in
  swift | python)
    [ "$1" = swift ] && suffix=swift || suffix=py
    all_files -name "*.$suffix"
    ;;
  shell)
    all_files ! -name '*.log' ! -name '*.gz' ! -name '*.png' | while IFS= read -r file; do
      first=
      case $file in
        *.sh) ;;
        *) IFS= read -r first <"$file" 2>/dev/null || true ;;
      esac
      if [[ $file == *.sh || $first =~ ^#!.*[/\ ](ba|da|k)?sh($|\ ) ]]; then
        echo "$file"
      fi
    done
    ;;
  *)
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac
