#!/usr/bin/env bash
# Usage: postgres.sh start | stop | status | url | psql [ARGUMENT…] | remove
#
# The private PostgreSQL of this checkout, for the demo and for trying things: in .corrparse/postgres, reachable only
# through a Unix socket that only the caller can open. The system's clusters and services are never touched.
#
#   start    makes the cluster where there is none, starts it where it does not run, prints its URL
#   stop     stops it; the data stay
#   status   says whether it runs; exit status 0 when it does, 3 when not
#   url      prints what belongs into DATABASE_URL
#   psql     opens it with psql
#   remove   stops it and deletes it with all data
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=Scripts/postgres-common.sh
. "$here/postgres-common.sh"

checkout=$(dirname "$here")
state=$checkout/.corrparse/postgres
database=corrparse
# sun_path holds 108 bytes with its closing NUL.
longest_socket_path=107

# Finds the cluster and its socket: in the checkout, or, where they could not be there, in the folders that the files
# 'home' and 'socket' name. Those are believed only while they are private to the server's user: they are in /tmp and
# /var/tmp, which get cleared and where anybody may make a folder of that name afterwards.
locate() {
  local owner
  owner=$(new_cluster_owner)
  home=$(remembered home "$owner") || home=$state/server
  server_user=$(stat --format=%u "$home" 2>/dev/null) || server_user=$owner
  if [ "$(id -u)" -ne 0 ] && [ "$(id -u)" -ne "$server_user" ]; then
    die "the cluster in $home belongs to $(stat --format=%U "$home"): run this as that user or as root"
  fi
  socket=$(remembered socket "$server_user") || socket=$home/socket
  data=$home/data
  log=$home/log
}

remembered() { # home | socket, OWNER
  local path
  path=$(cat "$state/$1" 2>/dev/null) && [ "$(stat --format='%F %a %u' "$path" 2>/dev/null)" = "directory 700 $2" ] &&
    echo "$path"
}

find_programs() {
  if [ ! -e "$data/PG_VERSION" ]; then
    programs=$(server_programs newest) ||
      die "no PostgreSQL $oldest_server or newer in /usr/lib/postgresql: run Scripts/install-dependencies.sh demo"
    return
  fi
  local major
  major=$(cat "$data/PG_VERSION")
  programs=$(server_programs "$major") ||
    die "the cluster needs PostgreSQL $major, which is not in /usr/lib/postgresql: install it, or delete $home"
}

# The path may be used in the server's options and in a URL as it is.
is_plain() {
  local LC_ALL=C
  [[ $1 =~ ^[A-Za-z0-9/._-]+$ ]]
}

make_private_folder() { # PATH
  mkdir -p "$1" && chmod 700 "$1" && chown "$server_user" "$1"
}

prepare_folders() {
  if [ ! -d "$home" ]; then
    # A shell that pg_ctl starts sees the path within double quotes.
    if [[ $home == *[\"\\\$\`]* ]] || ! make_private_folder "$home" || ! as_server_user test -w "$home" 2>/dev/null; then
      rmdir "$home" 2>/dev/null || true
      home=$(mktemp -d /var/tmp/corrparse-XXXXXXXX)
      chown "$server_user" "$home"
      echo "$home" >"$state/home"
      say "the server's user cannot work in this checkout; the cluster goes to $home"
    fi
    data=$home/data
    log=$home/log
    socket=$home/socket
  fi
  local file="$socket/.s.PGSQL.$server_port"
  if ! is_plain "$file" || [ "$(printf %s "$file" | wc -c)" -gt "$longest_socket_path" ]; then
    socket=$(mktemp -d /tmp/corrparse-XXXXXXXX)
    chown "$server_user" "$socket"
    echo "$socket" >"$state/socket"
  else
    make_private_folder "$socket"
  fi
}

answers() {
  "$programs/pg_isready" --quiet --timeout=5 --host="$socket" --port="$server_port" --dbname=postgres
}

# Waits for a server that starts, recovers or goes down. Fails when none is there, after stopping one that lives but
# cannot be reached, as when its socket was cleared away.
wait_until_answers() {
  local tick
  for ((tick = 0; tick < 300; tick++)); do
    if answers; then
      return 0
    elif ! has_processes "$data"; then
      return 1
    elif [ ! -S "$socket/.s.PGSQL.$server_port" ] && [ "$tick" -gt 25 ]; then
      break
    fi
    sleep 0.2
  done
  stop_server
  return 1
}

# A process of the server may be at its end, and the file that pg_ctl asks for is gone before it.
stop_server() {
  as_server_user test -e "$data/postmaster.pid" || return 0
  as_server_user "$programs/pg_ctl" stop --silent --mode=fast --wait --timeout=60 --pgdata="$data" >/dev/null
}

has_database() {
  [ -n "$(query postgres "select 1 from pg_database where datname = '$database'")" ]
}

query() { # DATABASE SQL
  "$programs/psql" --no-psqlrc --quiet --tuples-only --no-align --host="$socket" --port="$server_port" \
    --username="$database" --dbname="$1" --command="$2"
}

url() {
  echo "postgresql:///$database?host=$socket&port=$server_port&user=$database"
}

start() {
  prepare_folders
  find_programs
  if [ ! -d "$data" ]; then
    create_cluster "$data" "$database"
  fi
  if ! wait_until_answers; then
    # No process works in the data folder, so whatever these say is left from a crash. The server finds that out
    # itself, unless some other process has got the same number in the meantime.
    as_server_user rm -f "$data/postmaster.pid" "$socket/.s.PGSQL.$server_port.lock"
    start_server "$data" "$socket" "$log"
  fi
  has_database || query postgres "create database $database"
  url
}

stop() {
  if [ ! -d "$data" ] || ! has_processes "$data"; then
    say "PostgreSQL is not running"
    return
  fi
  find_programs
  stop_server
  say "PostgreSQL stopped"
}

status() {
  if [ ! -d "$data" ]; then
    say "there is no cluster yet: 'postgres.sh start' makes one"
    return 3
  fi
  find_programs
  if ! answers; then
    say "PostgreSQL is not running; its data are in $data"
    return 3
  fi
  say "PostgreSQL $(query postgres 'show server_version') is running; its data are in $data"
}

remove() {
  if [ -d "$data" ]; then
    stop
  fi
  rm -rf "$home" "$socket" "$state"
}

require_cluster() {
  [ -d "$data" ] || die "there is no cluster yet: run 'postgres.sh start'"
}

verb=${1:-}
case $verb in
  start | stop | status | url | remove) [ $# -eq 1 ] || die "'$verb' takes no arguments" ;;
  psql) shift ;;
  *) die "what to do? Usage: ${0##*/} start | stop | status | url | psql [ARGUMENT…] | remove" ;;
esac

# Two at a time would make the cluster twice; and root's server, run as another user, has to get through to it.
lock() {
  (umask 022 && mkdir --parents "$state")
  [ -w "$state" ] || die "$state belongs to $(stat --format=%U "$state"): run this as that user or as root"
  exec 8>"$state/lock"
  flock --timeout 180 8 || die "another ${0##*/} is at work on $state"
}

case $verb in
  start)
    lock
    locate
    start
    ;;
  stop | remove)
    if [ ! -d "$state" ]; then
      say "there is no private PostgreSQL here"
      exit
    fi
    lock
    locate
    "$verb"
    ;;
  status)
    locate
    status
    ;;
  url)
    locate
    require_cluster
    url
    ;;
  *) # psql; any other was refused above
    locate
    require_cluster
    find_programs
    exec "$programs/psql" "$(url)" "$@"
    ;;
esac
