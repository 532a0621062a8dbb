#!/usr/bin/env bash
# The demo behind `make demo`, which builds first: real logs (demo/logs) into the private PostgreSQL of this checkout,
# and what a dashboard reads from it (demo/dashboard.sql). Running it again stores nothing anew.
set -euo pipefail
cd "$(dirname "$0")/.."

corrparse=$(swift build -c release --show-bin-path)/corrparse
DATABASE_URL=$(Scripts/postgres.sh start)
export DATABASE_URL

step() {
  printf '\n$ %s\n' "$*"
}

# Rows that anybody has inserted, updated or deleted in corrparse's tables so far. A session adds its share when it
# ends, so the program's last one has to be gone.
rows_written() {
  Scripts/postgres.sh psql --no-psqlrc --quiet --tuples-only --no-align <<'SQL'
do $$
begin
  for attempt in 1 .. 100 loop
    perform pg_stat_clear_snapshot();
    exit when not exists (select from pg_stat_activity where application_name = 'corrparse');
    perform pg_sleep(0.1);
  end loop;
end $$;
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
from pg_stat_user_tables where schemaname in ('corrparse', 'diagnostics');
SQL
}

step corrparse migrate up
"$corrparse" migrate up

before=$(rows_written)
step corrparse backfill --since 2026-01-01 --log-root demo/logs
"$corrparse" backfill --since 2026-01-01 --log-root demo/logs
after=$(rows_written)
printf 'Rows inserted, updated or deleted by this backfill: %s\n' "$((after - before))"

step "psql '$DATABASE_URL' -f demo/dashboard.sql"
Scripts/postgres.sh psql --no-psqlrc --quiet --echo-queries --pset=pager=off --pset=null=- \
  --set=ON_ERROR_STOP=1 --file=demo/dashboard.sql

newest=$(Scripts/postgres.sh psql --no-psqlrc --quiet --tuples-only --no-align \
  --command="SELECT to_char(max(observed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM diagnostics.verdict_v1")
cat <<END

The database stays up. To look around in it, say where it is and put the program on the path:

  export DATABASE_URL='$DATABASE_URL'
  export PATH="$(dirname "$corrparse"):\$PATH"

  corrparse state                       the global state of now; --at ${newest}T23:00:00Z that of the demo's last day
  corrparse next                        what to do for each crypto
  corrparse verdicts --since $newest    what its newest day holds
  corrparse --useful --format table demo/logs      logs without a database

For your own logs in an empty database (this one holds the demo's):

  Scripts/postgres.sh remove && Scripts/postgres.sh start
  corrparse migrate up
  corrparse backfill --since 30d --log-root /opt/airflow/logs

Scripts/postgres.sh psql opens it with psql, make stop stops it, make clean deletes it with everything built. A second 'make demo' stores
nothing anew, and reads no log again but those that may still grow.
END
