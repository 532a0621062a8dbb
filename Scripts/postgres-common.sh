# shellcheck shell=bash
# What the scripts beside this one share: messages, finding PostgreSQL's programs, and running them as a user that
# the server accepts. To be sourced, not run.

# shellcheck disable=SC2034 # used by the scripts that source this
oldest_server=14
# The port only names the socket file, .s.PGSQL.5432: nothing here listens on the network.
server_port=5432

# A caller's PGHOST, PGSERVICE, PGOPTIONS and the like must not lead these scripts to another server.
unset "${!PG@}"

say() {
  printf '%s\n' "$*" >&2
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Set by the script: the folder with PostgreSQL's programs, and the number of the user whom the cluster belongs to.
programs=
server_user=

# Prints the folder with the programs of the server of this major version, or of the newest that is installed. CORRPARSE_TEST_PROGRAMS names
# another folder than that of the newest.
server_programs() { # MAJOR | newest
  local found=0 program major
  if [ "$1" = newest ] && [ -n "${CORRPARSE_TEST_PROGRAMS:-}" ]; then
    echo "$CORRPARSE_TEST_PROGRAMS"
    return
  fi
  for program in /usr/lib/postgresql/*/bin/postgres; do
    major=${program#/usr/lib/postgresql/}
    major=${major%%/*}
    if [ ! -x "$program" ] || [[ ! $major =~ ^[0-9]+$ ]] || [ "$major" -lt "$oldest_server" ]; then
      continue
    fi
    if [ "$1" = "$major" ] || { [ "$1" = newest ] && [ "$major" -gt "$found" ]; }; then
      found=$major
    fi
  done
  [ "$found" -gt 0 ] && echo "/usr/lib/postgresql/$found/bin"
}

# Prints who a new cluster belongs to: the caller, or, since the server refuses root, Debian's own account for it.
new_cluster_owner() {
  if [ "$(id -u)" -ne 0 ]; then
    id -u
  elif id -u postgres 2>/dev/null; then
    return
  else
    die "PostgreSQL refuses to run as root and there is no user 'postgres' to run it as (Debian's package makes it)"
  fi
}

# Runs a command as the user with the number $server_user, from a folder every user may stand in.
as_server_user() {
  (
    cd /
    if [ "$(id -u)" -eq "$server_user" ]; then
      exec env LC_ALL=C.UTF-8 "$@"
    fi
    exec runuser --user "$(id -nu "$server_user")" -- env LC_ALL=C.UTF-8 "$@"
  )
}

# Makes a cluster whose superuser is whoever can open its socket. The socket's folder is what guards it: mode 0700, so
# its owner and root. initdb works in a second folder first: a cluster is whole or absent.
create_cluster() { # DATA-FOLDER SUPERUSER [INITDB-OPTION…]
  local data=$1 superuser=$2
  shift 2
  as_server_user rm -rf "$data.new"
  as_server_user "$programs/initdb" --pgdata="$data.new" --username="$superuser" --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=reject "$@" >/dev/null
  as_server_user mv "$data.new" "$data"
}

# Starts the server and waits until it answers; shows the end of its log when it does not. No socket but the one in
# SOCKET-FOLDER, whose path needs to be free of characters that a shell or a configuration file reads in its own way.
# Descriptors 8 and 9, the callers' lock and pipe, are closed: the server would hold them as long as it lives.
start_server() { # DATA-FOLDER SOCKET-FOLDER LOG-FILE [SERVER-OPTIONS]
  local data=$1 socket=$2 log=$3
  local options="-c listen_addresses='' -c port=$server_port -c unix_socket_permissions=0700"
  options+=" -c unix_socket_directories=$socket -c timezone=UTC -c log_timezone=UTC ${4:-}"
  if ! as_server_user "$programs/pg_ctl" start --silent --wait --timeout=120 \
    --pgdata="$data" --log="$log" --options="$options" </dev/null >/dev/null 8>&- 9>&-; then
    as_server_user tail -n 20 "$log" >&2 || true
    die "PostgreSQL did not start; the end of its log, $log, stands above"
  fi
}

# Whether a process works in the data folder: the server and all its children do, and nothing else. A number in
# postmaster.pid proves less: after a crash or a restart of the machine it may belong to any program.
has_processes() { # DATA-FOLDER
  local folder
  folder=$(realpath --canonicalize-missing "$1")
  # readlink fails for every process that ended meanwhile or is somebody else's; neither works in the folder.
  { readlink /proc/[0-9]*/cwd 2>/dev/null || true; } | grep --line-regexp --fixed-strings -e "$folder" >/dev/null
}
