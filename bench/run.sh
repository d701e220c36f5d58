#!/bin/sh
# Runs the benchmarks against a PostgreSQL server of its own, made with the installed server's programs and removed at
# the end. Usage: bench/run.sh [capture] [copy] [lag] [restore] [compaction] [amplification] [storage] [mariadb]
set -eu
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
bin=${PGBIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
[ -x "$bin/initdb" ] || { echo "bench: no PostgreSQL server programs found; name their directory with PGBIN" >&2; exit 2; }
work=$(mktemp -d); chmod 755 "$work"
port=${PGPORT:-$((20000 + $$ % 10000))}
if [ "$(id -u)" = 0 ]; then
  chown postgres "$work"
  as() { runuser -u postgres -- "$@"; }
else
  as() { "$@"; }
fi
stop() { [ -z "${mariadb:-}" ] || kill "$mariadb" 2>/dev/null || true; (cd / && as "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1) || true; rm -rf "$work"; }
trap stop EXIT INT TERM
cd /
as "$bin/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
cat >>"$work/data/postgresql.conf" <<CONF
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = logical
max_wal_size = 16GB
shared_buffers = 512MB
checkpoint_timeout = 1h
max_replication_slots = 20
max_wal_senders = 20
CONF
case " $* " in
  *" storage "*)
    if command -v pgbackrest >/dev/null; then
      mkdir "$work/pgbackrest"
      cat >"$work/pgbackrest.conf" <<CONF
[global]
repo1-path=$work/pgbackrest
log-path=$work/pgbackrest
lock-path=$work/pgbackrest
compress-type=zst
log-level-console=off
log-level-file=off
start-fast=y
repo1-retention-full=2
[bench]
pg1-path=$work/data
pg1-port=$port
pg1-socket-path=/tmp
CONF
      [ "$(id -u)" != 0 ] || chown -R postgres "$work/pgbackrest" "$work/pgbackrest.conf"
      peer="pgbackrest --config=$work/pgbackrest.conf --stanza=bench"
      cat >>"$work/data/postgresql.conf" <<CONF
archive_mode = on
archive_command = '$peer archive-push %p'
unix_socket_directories = '/tmp'
CONF
      [ "$(id -u)" != 0 ] || peer="runuser -u postgres -- $peer"
      export BENCH_PGBACKREST="$peer" BENCH_PGBACKREST_REPOSITORY="$work/pgbackrest"
    fi ;;
esac
case " $* " in
  *" mariadb "*|"  ")
    if command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ]; then
      mkdir "$work/mariadb" "$work/mariadb-tmp"; user=
      [ "$(id -u)" != 0 ] || { chown mysql "$work/mariadb" "$work/mariadb-tmp"; user=--user=mysql; }
      mariadb-install-db --no-defaults $user --datadir="$work/mariadb" --tmpdir="$work/mariadb-tmp" --auth-root-authentication-method=normal >/dev/null
      PATH="$PATH:/usr/sbin" mariadbd --no-defaults $user --datadir="$work/mariadb" --tmpdir="$work/mariadb-tmp" --port=$((port + 1)) --bind-address=127.0.0.1 \
        --socket="$work/mariadb/s" --log-error="$work/mariadb/log" --log-bin=bin --binlog-format=ROW --binlog-row-metadata=FULL \
        --server-id=1 --innodb-buffer-pool-size=512M --innodb-log-file-size=1G --innodb-flush-log-at-trx-commit=2 --sync-binlog=0 &
      mariadb=$!
      until mariadb --no-defaults -h127.0.0.1 -P$((port + 1)) -uroot -e 'SELECT 1' >/dev/null 2>&1; do
        kill -0 "$mariadb" || { cat "$work/mariadb/log" >&2; exit 1; }
        sleep 0.1
      done
      export BENCH_MARIADB="mariadb://root@127.0.0.1:$((port + 1))/none"
    else
      echo "bench: no MariaDB server found; install mariadb-server for 'mariadb'" >&2; exit 2
    fi ;;
esac
as "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" start >/dev/null
(cd "$home" && ./mvnw -q -B -ntp package -DskipTests -pl bench -am)
PATH="$bin:$PATH" TIDEMARK_LOG=${TIDEMARK_LOG:-warn} "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseParallelGC -Duser.timezone=UTC ${BENCH_OPTS:-} \
  -cp "$home/bench/target/lib/*" io.tidemark.bench.Benchmarks "postgresql://postgres@127.0.0.1:$port/postgres" "$work/../tidemark-bench-$$" "$@"
rm -rf "$work/../tidemark-bench-$$"
