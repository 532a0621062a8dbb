#!/usr/bin/env bash
# Checks how the sources are written: format, file length, references to documents, the producer's page, the map of modules,
# migrations, Python, shell scripts. Changes none of them.
set -euo pipefail
cd "$(dirname "$0")/.."
longest_file=350
# What producers copy is one file by design.
copied=python/corrparse_block/corrparse_block.py longest_copied=400

swift format lint --strict --recursive --parallel Sources Tests Fuzz examples Plugins Package.swift

too_long=$(
  for language in swift python shell; do
    Scripts/source-files.sh "$language"
  done | xargs -d '\n' awk -v limit="$longest_file" -v copied="$copied" \
    -v most="$longest_copied" 'FNR == (FILENAME == copied ? most : limit) + 1 { print "  " FILENAME }'
)
if [ -n "$too_long" ]; then
  printf 'more than %s lines; a file has one subject, split these:\n%s\n' "$longest_file" "$too_long" >&2
  exit 1
fi

Scripts/check-references.py
Scripts/producer-page.py
Scripts/check-modules.py
Scripts/check-writers.py
Scripts/lint-sql.sh
Scripts/lint-python.sh
Scripts/lint-shell.sh
echo "lint: format, file length, references, the producer's page, modules, writers, migrations, Python and shell scripts are in order"
