# shellcheck shell=bash
# stack.sh - the local stack: Redis, a broker, both simulated peers, producer and workers.
#
# Sourced after lib.sh. Every part listens on a free loopback port, logs to $STACK/log and is waited
# for by its state: an address file or an answer. Nothing that was running before is touched.

# stack_open DIR PRESET - the folder of data and logs, and the build to run.
stack_open() {
    STACK=$1
    BIN=$ROOT/build/$2/bin
    mkdir -p "$STACK/log" "$STACK/run"
    rm -f "$STACK"/run/* "$STACK"/log/*
}

stack_start() { # NAME COMMAND...
    local name=$1
    shift
    proc_start "$name" "$STACK/log/$name.log" "$@"
}

# Its address file, once there; read by whoever comes next.
stack_address() { cat "$STACK/run/$1.address"; }

# stack_tls - from here on every connection is TLS, and Redis and Kafka ask who comes: an authority of our own, a
# certificate of this machine, one of our programs, and passwords.
STACK_TLS=no
stack_tls() {
    STACK_TLS=yes TLS=$STACK/tls
    export CARTAGE_CA_FILE=$TLS/ca.crt NODE_EXTRA_CA_CERTS=$TLS/ca.crt
    mkdir -p "$TLS"
    [ ! -s "$TLS/server.crt" ] || return 0
    run_step certificates "$STACK/log/certificates.log" "$ROOT/scripts/certificates" "$TLS" || {
        proc_show_log certificates
        fail "no certificates could be made"
    }
}

# Of the stack's Redis: how it listens, and how redis-cli reaches it.
redis_flags() { # PORT
    if [ "$STACK_TLS" = no ]; then
        echo "port $1"
        return
    fi
    cat <<END
port 0
tls-port $1
tls-cert-file "$TLS/server.crt"
tls-key-file "$TLS/server.key"
tls-ca-cert-file "$TLS/ca.crt"
tls-auth-clients yes
user default off
user cartage on >$(cat "$TLS/redis.password") ~ct:* resetchannels -@all +@read +@write +@connection +@scripting +@transaction +time -@dangerous +info +config|get
END
}
redis_ask() { # PORT WORD...
    local port=$1
    shift
    if [ "$STACK_TLS" = no ]; then
        redis-cli -p "$port" "$@"
    else
        REDISCLI_AUTH=$(cat "$TLS/redis.password") redis-cli -p "$port" --user cartage \
            --tls --cacert "$TLS/ca.crt" --cert "$TLS/client.crt" --key "$TLS/client.key" "$@"
    fi
}

# Redis cannot pick a port itself and tell: we pick one, and believe the answer only when it comes from
# the process that we started. Another program may have been quicker; then the next port is tried.
stack_redis() {
    local port try answered
    mkdir -p "$STACK/redis"
    for try in 1 2 3; do
        port=$(free_ports 1)
        (umask 077 && redis_flags "$port" >"$STACK/redis/access.conf")
        stack_start redis redis-server "$STACK/redis/access.conf" --bind 127.0.0.1 --dir "$STACK/redis" --save '' \
            --appendonly yes --appendfsync always --maxmemory-policy noeviction --daemonize no
        answered=no
        while proc_alive redis; do
            if redis_ask "$port" info server 2>/dev/null | grep -q "^process_id:${PROC_PID[redis]}"$'\r'; then
                answered=yes
                break
            fi
            sleep 0.02
        done
        [ "$answered" = no ] || break
        if [ "$try" = 3 ] || ! grep -q 'Address already in use' "$STACK/log/redis.log"; then
            proc_show_log redis
            fail "Redis did not start"
        fi
    done
    await "loaded" 60 redis redis_loaded "$port"
    export CARTAGE_REDIS=127.0.0.1:$port
    [ "$STACK_TLS" = no ] || export CARTAGE_REDIS=rediss://127.0.0.1:$port CARTAGE_REDIS_USER=cartage \
        CARTAGE_REDIS_PASSWORD_FILE=$TLS/redis.password CARTAGE_REDIS_CA_FILE=$TLS/ca.crt \
        CARTAGE_REDIS_CERT_FILE=$TLS/client.crt CARTAGE_REDIS_KEY_FILE=$TLS/client.key
}
redis_loaded() { [ "$(redis_ask "$1" ping 2>/dev/null)" = PONG ]; }

# stack_broker embedded|kafka
stack_broker() {
    local file=$STACK/run/broker.address access=()
    [ "$STACK_TLS" = no ] || access=(--tls "$TLS")
    case $1 in
    embedded) stack_start broker "$BIN/cartage-broker" --address-file "$file" ;;
    kafka) stack_start broker "$ROOT/tests/kafka/start" --dir "$STACK/kafka" --address-file "$file" ${access[@]+"${access[@]}"} ;;
    *) fail "the broker is embedded or kafka, not \"$1\"" ;;
    esac
    await "ready" 300 broker test -s "$file"
    CARTAGE_KAFKA=$(stack_address broker)
    export CARTAGE_KAFKA
    [ "$STACK_TLS" = no ] || export CARTAGE_KAFKA_SECURITY_PROTOCOL=sasl_ssl CARTAGE_KAFKA_SASL_MECHANISM=PLAIN \
        CARTAGE_KAFKA_SASL_USERNAME=cartage CARTAGE_KAFKA_SASL_PASSWORD_FILE=$TLS/kafka.password \
        CARTAGE_KAFKA_SSL_CA_LOCATION=$TLS/ca.crt
}

# stack_sandbox FLAG... - both peers with the same flags, STACK_SHOPIFY and STACK_BC for one alone; sets SHOPIFY_URL and
# BUSINESS_CENTRAL_URL.
STACK_SHOPIFY=() STACK_BC=()
stack_sandbox() {
    local peer more
    mkdir -p "$STACK/sandbox"
    for peer in shopify business-central; do
        more=()
        [ "$STACK_TLS" = no ] || more+=(--tls-cert "$TLS/server.crt" --tls-key "$TLS/server.key")
        [ "$peer" = shopify ] || more+=(${STACK_BC[@]+"${STACK_BC[@]}"})
        [ "$peer" != shopify ] || more+=(${STACK_SHOPIFY[@]+"${STACK_SHOPIFY[@]}"})
        stack_start "$peer" node "$ROOT/sandbox/$peer/main.mjs" --listen 127.0.0.1:0 \
            --address-file "$STACK/run/$peer.address" --state "$STACK/sandbox/$peer.json" "$@" ${more[@]+"${more[@]}"}
    done
    for peer in shopify business-central; do
        await "ready" 60 "$peer" test -s "$STACK/run/$peer.address"
    done
    SHOPIFY_URL=$(stack_address shopify)
    BUSINESS_CENTRAL_URL=$(stack_address business-central)
    export SHOPIFY_URL BUSINESS_CENTRAL_URL
}

# The token lets the command line and the summary in; it is random and ours alone to read.
stack_token() {
    export CARTAGE_TOKEN_FILE=$STACK/token
    [ -s "$CARTAGE_TOKEN_FILE" ] ||
        (umask 077 && head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$CARTAGE_TOKEN_FILE")
}

# stack_producer - creates the data set where there is none, then starts; sets CARTAGE_URL. It listens where it did last
# time, if that port is free: the peers have been told that address, and people have it open.
stack_producer() {
    local file=$STACK/run/producer.address port
    port=$(cat "$STACK/producer.port" 2>/dev/null || echo 0)
    [ "$port" = 0 ] || port=$(free_ports 1 "$port")
    CARTAGE_WITNESS=$STACK/witness CARTAGE_LISTEN=127.0.0.1:$port
    export CARTAGE_WITNESS CARTAGE_LISTEN
    [ "$STACK_TLS" = no ] || export CARTAGE_TLS_CERT_FILE=$TLS/server.crt CARTAGE_TLS_KEY_FILE=$TLS/server.key
    run_step init "$STACK/log/init.log" "$BIN/cartage" init || {
        proc_show_log init
        fail "the data set could not be prepared${DEMO_DIR:+; ./demo --reset starts over}"
    }
    # It checks what the peers sign with the same secrets, and never calls them.
    stack_start producer env SHOPIFY_SECRET=sandbox-secret BC_SECRET=sandbox-bc-secret \
        "$BIN/cartage-producer" --address-file "$file"
    await "ready" 30 producer test -s "$file"
    CARTAGE_URL=$(stack_address producer)
    echo "${CARTAGE_URL##*:}" >"$STACK/producer.port"
    PUBLIC_URL=$CARTAGE_URL # where the simulated peers reach it
    export CARTAGE_URL PUBLIC_URL
}

# stack_workers N
stack_workers() {
    local n
    for ((n = 1; n <= $1; n++)); do
        # The simulated peers' secrets.
        stack_start "worker-$n" env SHOPIFY_SECRET=sandbox-secret BC_SECRET=sandbox-bc-secret "$BIN/cartage-worker"
    done
}
