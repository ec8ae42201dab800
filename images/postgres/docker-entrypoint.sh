#!/usr/bin/env bash
# Starts PostgreSQL; on an empty data directory it first creates the cluster, the user, the database, and runs what is in
# /docker-entrypoint-initdb.d. While it does, the server listens on its socket only. Anything else than postgres is run as is.
set -Eeo pipefail

fail() { printf 'error: %s\n' "$@" >&2; exit 1; }

# setting NAME [default]: NAME's value, or what is in the file that NAME_FILE names, or the default.
setting() {
    local name=$1 file_name=$1_FILE value=${2:-}
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then fail "both $name and $file_name are set: set one of them"; fi
    if [ -n "${!name:-}" ]; then value=${!name}
    elif [ -n "${!file_name:-}" ]; then value=$(<"${!file_name}") || fail "$file_name names ${!file_name}, which cannot be read"
    fi
    export "$name=$value"
    unset "$file_name"
}

wants_server() { # true for postgres with arguments that start a server
    [ "$1" = postgres ] || return 1
    local argument
    for argument in "$@"; do
        case $argument in -\?|--help|-V|--version|--describe-config) return 1 ;; esac
    done
}

prepare_folders() {
    mkdir -p "$PGDATA" /var/run/postgresql || true
    chmod 700 "$PGDATA" || true
    chmod 3775 /var/run/postgresql || true
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        mkdir -p "$POSTGRES_INITDB_WALDIR"
        chmod 700 "$POSTGRES_INITDB_WALDIR"
    fi
    if [ "$(id -u)" = 0 ]; then
        find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} ! -user postgres -exec chown postgres {} +
    fi
}

create_cluster() {
    local -a options=(--username="$POSTGRES_USER")
    [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || options+=(--waldir "$POSTGRES_INITDB_WALDIR")
    # initdb wants a name for the user that it runs as; with --user 1234 there is none, so it is shown one.
    if ! getent passwd "$(id -u)" >/dev/null; then
        NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
        LD_PRELOAD=$(find /usr/lib -name libnss_wrapper.so -print -quit)
        export LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
        echo "postgres:x:$(id -u):$(id -g)::$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
        echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
    fi
    # POSTGRES_INITDB_ARGS is a command line: quotes in it mean what they mean in a shell.
    eval "options+=(${POSTGRES_INITDB_ARGS:-})"
    initdb "${options[@]}" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
    if [ -n "${NSS_WRAPPER_PASSWD:-}" ]; then
        unset LD_PRELOAD
        rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
    fi
}

allow_remote_connections() {
    local method=${POSTGRES_HOST_AUTH_METHOD:-}
    [ -n "$method" ] || method=$(postgres -C password_encryption "$@")
    printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# These two names are part of the interface: scripts in initdb.d that are not executable are sourced, and use them.
docker_process_sql() {
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc \
        ${POSTGRES_DB:+--dbname "$POSTGRES_DB"} "$@"
}
# shellcheck disable=SC2034
psql=(docker_process_sql)

create_database() {
    local name=$POSTGRES_DB there POSTGRES_DB=postgres   # the one to be connected to while the other is not there
    there=$(docker_process_sql --tuples-only --set db="$name" <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")
    if [ -z "$there" ]; then docker_process_sql --set db="$name" <<<'CREATE DATABASE :"db"'; fi
}

run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        [ -e "$file" ] || continue
        case $file in
            *.sh)
                if [ -x "$file" ]; then echo "$0: running $file"; "$file"
                else
                    echo "$0: sourcing $file"
                    # shellcheck source=/dev/null
                    . "$file"
                fi ;;
            *.sql)     echo "$0: running $file"; docker_process_sql -f "$file" ;;
            *.sql.gz)  echo "$0: running $file"; gunzip -c "$file" | docker_process_sql ;;
            *.sql.xz)  echo "$0: running $file"; xzcat "$file" | docker_process_sql ;;
            *.sql.zst) echo "$0: running $file"; zstd -dc "$file" | docker_process_sql ;;
            *)         echo "$0: ignoring $file" ;;
        esac
        echo
    done
}

initialise() { # with the server's own arguments
    create_cluster
    allow_remote_connections "$@"
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -w start \
        -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")"
    create_database
    run_init_files
    PGUSER=${PGUSER:-postgres} pg_ctl -D "$PGDATA" -m fast -w stop
}

# A half-made cluster would be taken for a whole one by the next start: whoever is stopped in the middle leaves nothing.
interrupted() {
    trap '' INT TERM QUIT
    kill -KILL -- "-$job" 2>/dev/null || true
    pg_ctl -D "$PGDATA" -m immediate stop >/dev/null 2>&1 || true
    find "$PGDATA" -mindepth 1 -delete || true
    echo "stopped while initialising; the data directory is empty again" >&2
    exit 130
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
if wants_server "$@"; then
    setting POSTGRES_PASSWORD
    setting POSTGRES_USER postgres
    setting POSTGRES_DB "$POSTGRES_USER"
    setting POSTGRES_INITDB_ARGS
    prepare_folders
    if [ "$(id -u)" = 0 ]; then exec gosu postgres "${BASH_SOURCE[0]}" "$@"; fi

    if [ -s "$PGDATA/PG_VERSION" ]; then
        printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
        if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
            fail "Database is uninitialized and superuser password is not specified." \
                "Set POSTGRES_PASSWORD to a password (docker run -e POSTGRES_PASSWORD=…), or POSTGRES_PASSWORD_FILE to a file" \
                "with one. POSTGRES_HOST_AUTH_METHOD=trust lets everyone in without a password: never outside a test."
        fi
        if [ "${POSTGRES_HOST_AUTH_METHOD:-}" = trust ]; then
            echo "warning: POSTGRES_HOST_AUTH_METHOD=trust: whoever reaches the port reads and writes everything" >&2
        fi
        ls /docker-entrypoint-initdb.d/ >/dev/null   # not readable? then fail before anything is made
        set -m   # a process group of its own for the job, so that all of it can be stopped
        initialise "${@:2}" &
        job=$!
        set +m
        trap interrupted INT TERM QUIT
        wait "$job"
        trap - INT TERM QUIT
        printf '\nPostgreSQL init process complete; ready for start up.\n\n'
    fi
fi
exec "$@"
