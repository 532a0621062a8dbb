#!/usr/bin/env bash
# Usage: release.sh X.Y.Z     cuts a release: what is under Unreleased in CHANGELOG.md gets the number and today's date, and every
#                             file that names the release gets the number; then says what is left to do
#        release.sh --files   prints the files that name the release
#
# CONTRIBUTING.md, A release, has the recipe. SOURCE_DATE_EPOCH sets another day than today.
set -euo pipefail
cd "$(dirname "$0")/.."
files=(Containerfile charts/corrparse/Chart.yaml docs/corrparse.1 docs/deployment.md k8s/cronjob.yaml
  k8s-components/{backfill,migrate}/job.yaml k8s-components/{observe,observe-mlflow,prune}/cronjob.yaml
  k8s-overlays/{bucket,volume}/hourly/kustomization.yaml python/corrparse_block/corrparse_block.py)

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 64
}

[ $# -eq 1 ] || usage
if [ "$1" = --files ]; then
  printf '%s\n' "${files[@]}"
  exit
fi
last=$(Scripts/version.sh --release)
if ! [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
  echo "release.sh: '$1' is no number of a release, such as 1.2.0" >&2
  usage
fi
if ! awk '/^## /{ here = $0 == "## Unreleased" } here && /^- /{ found = 1 } END { exit !found }' CHANGELOG.md; then
  echo "release.sh: CHANGELOG.md has no entry under '## Unreleased', so there is nothing to release" >&2
  exit 65
fi
if [ "$1" = "$last" ] || [ "$(printf '%s\n' "$1" "$last" | sort --version-sort | tail -n 1)" = "$last" ]; then
  echo "release.sh: the last release is $last; a later one has a higher number" >&2
  exit 64
fi
day=$(date --utc --date="@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%F)
sed -i "s/^## Unreleased\$/## Unreleased\n\n## [$1] - $day/" CHANGELOG.md
# Behind the words that a release is named with, so that another program's number stays.
sed -i -E "s/((corrparse[: ]|[vV]ersion: |VERSION=|newTag: |__version__ = \"))${last//./\\.}/\\1$1/g" "${files[@]}"
cat <<END
CHANGELOG.md and ${#files[@]} files name $1. Left to do (CONTRIBUTING.md, A release):
  read CHANGELOG.md; commit; git tag --annotate --message "corrparse $1" v$1
  make lint && make test; make long WHAT=dist; make long WHAT=postgres; make image
  git push --follow-tags; make dist
END
