# shellcheck shell=bash
# lib.sh - what demo, test and the scripts share. Sourced by bash, never run.
#
# Everything a script starts goes through proc_start: its own session (so that one signal reaches it
# and all its children) and a death signal (so that it ends even when we are killed with SIGKILL).

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

declare -A PROC_PID=() PROC_LOG=() # by the name of the process
PROC_NAMES=() # in the order of their start

say() { printf '%s\n' "$*"; }
complain() { printf '%s: %s\n' "${PROGRAM:-${0##*/}}" "$*" >&2; }
fail() {
    complain "$*"
    exit 1
}

# proc_start NAME LOG COMMAND... - LOG may be - for our own output.
proc_start() {
    local name=$1 log=$2
    shift 2
    # 9 is the lock of demo: a child must not keep it when we are gone.
    if [ "$log" = - ]; then
        setsid setpriv --pdeathsig TERM -- "$@" </dev/null 9>&- &
    else
        setsid setpriv --pdeathsig TERM -- "$@" </dev/null >>"$log" 2>&1 9>&- &
    fi
    PROC_PID[$name]=$!
    PROC_LOG[$name]=$log
    PROC_NAMES+=("$name")
}

proc_alive() { [ -n "${PROC_PID[$1]:-}" ] && kill -0 "${PROC_PID[$1]}" 2>/dev/null; }

# proc_show_log NAME - the last lines, for a person who has to understand what failed.
proc_show_log() {
    local log=${PROC_LOG[$1]:--}
    [ "$log" != - ] && [ -s "$log" ] || return 0
    complain "the last lines of ${log#"$ROOT"/}:"
    tail -n 15 "$log" | sed 's/^/    /' >&2
}

# proc_stop NAME... - asks all of them at once, then insists.
proc_stop() {
    local name pid rest deadline
    for name; do
        pid=${PROC_PID[$name]:-}
        [ -z "$pid" ] || kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
    done
    deadline=$((SECONDS + ${STOP_SECONDS:-15}))
    while [ "$SECONDS" -lt "$deadline" ]; do
        rest=0
        for name; do
            if [ -n "${PROC_PID[$name]:-}" ] && kill -0 -- "-${PROC_PID[$name]}" 2>/dev/null; then rest=1; fi
        done
        [ "$rest" = 1 ] || break
        sleep 0.05
    done
    for name; do
        pid=${PROC_PID[$name]:-}
        [ -n "$pid" ] || continue
        if kill -KILL -- "-$pid" 2>/dev/null; then
            complain "$name did not end in time and was killed"
        fi
        wait "$pid" 2>/dev/null || true
        unset "PROC_PID[$name]"
    done
}

# proc_stop_all - workers first (they hand over), what they talk to last.
proc_stop_all() {
    local i name first=() rest=()
    for ((i = ${#PROC_NAMES[@]} - 1; i >= 0; i--)); do
        name=${PROC_NAMES[i]}
        case $name in
        worker-*) first+=("$name") ;;
        *) rest+=("$name") ;;
        esac
    done
    [ ${#first[@]} -eq 0 ] || proc_stop "${first[@]}"
    for name in ${rest[@]+"${rest[@]}"}; do
        proc_stop "$name"
    done
    PROC_NAMES=()
}

# await WHAT SECONDS NAME COMMAND... - until COMMAND succeeds; fails when NAME ends before or time is up.
await() {
    local what=$1 seconds=$2 name=$3 deadline
    shift 3
    deadline=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        if ! proc_alive "$name"; then
            proc_show_log "$name"
            fail "$name ended before $what"
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            proc_show_log "$name"
            fail "$name: not yet $what after $seconds s"
        fi
        sleep 0.05
    done
}

# run_step NAME LOG COMMAND... - a long command of ours that Ctrl-C and kill can end.
run_step() {
    local name=$1 status=0
    proc_start "$@"
    wait "${PROC_PID[$name]}" || status=$?
    unset "PROC_PID[$name]"
    return "$status"
}

# free_ports N [WANTED] - N free loopback ports on one line, the first of them WANTED if it is free.
free_ports() { node "$ROOT/scripts/free-ports.mjs" "$@"; }

# The user behind sudo keeps the files that we made for them.
give_back() {
    local path
    [ "$(id -u)" = 0 ] && [ -n "${SUDO_UID:-}" ] && [ "$SUDO_UID" != 0 ] || return 0
    for path in build var sandbox/node_modules tests/browser/node_modules; do
        [ ! -e "$ROOT/$path" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$ROOT/$path" 2>/dev/null || true
    done
}
