#!/usr/bin/env bash
# Usage: with-postgres.sh COMMAND [ARGUMENT…]
#
# Runs COMMAND beside a PostgreSQL of its own, which listens on one Unix socket that only the caller can open, and
# removes the server with everything it stored afterwards, however this script ends: COMMAND's end, a failure, a
# signal, SIGKILL too. Its exit status is COMMAND's. Several may run at a time.
#
# COMMAND finds in its environment
#   CORRPARSE_TEST_DATABASE   the connection string of a superuser; make databases of your own beside it
# and neither DATABASE_URL nor the PG… variables of the caller: nothing meant for this server reaches another.
#
#   CORRPARSE_TEST_POSTGRES_OPTIONS   the server's options; by default it does not wait for the disk:
#                                     "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
#   CORRPARSE_TEST_INITDB_OPTIONS     those of the cluster, such as --wal-segsize=1
#   CORRPARSE_TEST_PROGRAMS           the folder with the server's programs (Scripts/postgres-version.sh); by default the newest of Debian's
#   CORRPARSE_TEST_FOLDER             the folder to put the server's own folder in; by default /tmp
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=Scripts/postgres-common.sh
. "$here/postgres-common.sh"

# The other side of this script, in a session of its own so that no signal to the group reaches it: waits until the
# script's end of the pipe is closed, which the kernel does whatever ends the script, and removes the cluster.
remove_when_input_ends() { # FOLDER
  local folder=$1 attempt
  cat >/dev/null
  for ((attempt = 0; attempt < 100; attempt++)); do
    as_server_user "$programs/pg_ctl" stop --silent --mode=immediate --pgdata="$folder/data" >/dev/null 2>&1 || true
    if ! has_processes "$folder/data" && rm -rf "$folder" 2>/dev/null; then
      return 0
    fi
    sleep 0.2
  done
  die "could not remove $folder"
}

programs=$(server_programs newest) || die "no PostgreSQL $oldest_server or newer found: run Scripts/install-dependencies.sh demo"
server_user=$(new_cluster_owner)

if [ "${1:-}" = --remove-when-input-ends ]; then
  remove_when_input_ends "$2"
  exit
fi
[ $# -gt 0 ] || die "no command given. Usage: ${0##*/} COMMAND [ARGUMENT…]"

child=
# shellcheck disable=SC2317 # called by trap
finish() {
  local status=$?
  exec 9>&-
  wait "$remover" || status=1
  exit "$status"
}
# shellcheck disable=SC2317 # called by trap
end_by() { # SIGNAL NUMBER
  trap '' INT TERM HUP
  if [ -n "$child" ]; then
    kill -s "$1" "$child" 2>/dev/null || true
    wait "$child" || true
  fi
  exit $((128 + $2))
}

# Under /tmp whatever TMPDIR says: the path of a socket must not pass 107 bytes, and root's server needs a way in.
folder=$(mktemp -d "${CORRPARSE_TEST_FOLDER:-/tmp}/corrparse-test.XXXXXXXX")
exec 9> >(exec setsid "$here/with-postgres.sh" --remove-when-input-ends "$folder" >/dev/null)
remover=$!
trap finish EXIT
trap 'end_by HUP 1' HUP
trap 'end_by INT 2' INT
trap 'end_by TERM 15' TERM

chown "$server_user" "$folder"
read -ra initdb_options <<<"${CORRPARSE_TEST_INITDB_OPTIONS:-}"
create_cluster "$folder/data" postgres --no-sync "${initdb_options[@]}"
start_server "$folder/data" "$folder" "$folder/log" \
  "${CORRPARSE_TEST_POSTGRES_OPTIONS--c fsync=off -c synchronous_commit=off -c full_page_writes=off}"

unset DATABASE_URL
export CORRPARSE_TEST_DATABASE="host=$folder port=$server_port user=postgres dbname=postgres"
# In the background, so that a signal is handled at once and not when COMMAND ends; bash makes such a command ignore
# SIGINT and takes its input away, neither of which a test runner should notice.
env --default-signal=INT,QUIT "$@" <&0 9>&- &
child=$!
status=0
wait "$child" || status=$?
exit "$status"
