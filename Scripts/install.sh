#!/usr/bin/env bash
# Usage: install.sh PROGRAM FOLDER
#
# Puts the program, its manual page, its completions for bash, zsh and fish, and its licence below FOLDER, as `make install` and
# the packages of dist.sh have them. With --remove as PROGRAM it takes the same files away again, and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 64; }
program=$1 folder=$2
manual=share/man/man1/corrparse.1.gz
licence=share/doc/corrparse/copyright
# Where the shells look, and which shell.
completions=(bash:share/bash-completion/completions/corrparse zsh:share/zsh/site-functions/_corrparse
  fish:share/fish/vendor_completions.d/corrparse.fish)

case $folder in
  /*) ;;
  *) echo "install.sh: $folder is relative to nothing that is installed into: give PREFIX from the root on, as PREFIX=\$HOME/.local" >&2; exit 64 ;;
esac
if [ "$program" = --remove ]; then
  for file in bin/corrparse "$manual" "$licence" "${completions[@]#*:}"; do rm -f "$folder/$file"; done
  rmdir "$folder/${licence%/*}" 2>/dev/null || true
  exit
fi
[ -x "$program" ] || { echo "install.sh: no program: $program" >&2; exit 64; }
install -D -m 755 "$program" "$folder/bin/corrparse"
# A package has no symbols; neither has what is installed, for it is not debugged there.
strip --strip-all "$folder/bin/corrparse"
install -d "$folder/${manual%/*}" "$folder/${licence%/*}"
# Without a name and a time in it, so that equal files give equal packages.
gzip -9 --no-name <docs/corrparse.1 >"$folder/$manual"
install -m 644 LICENSE "$folder/$licence"
for completion in "${completions[@]}"; do
  install -d "$(dirname "$folder/${completion#*:}")"
  "$program" --generate-completion-script "${completion%%:*}" >"$folder/${completion#*:}"
done
