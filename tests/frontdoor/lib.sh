# shellcheck shell=bash
# lib.sh - counts for the tests of this folder. Sourced; call `finish_tests` last.
PASSED=0 FAILED=0 SKIPPED=0

# check WHAT COMMAND... - passes when the command succeeds; its output is shown when it does not.
check() {
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then
        PASSED=$((PASSED + 1))
        printf 'ok: %s\n' "$what"
    else
        FAILED=$((FAILED + 1))
        printf 'FAILED: %s\n%s\n' "$what" "$output"
    fi
}

skip() { # WHAT WHY
    SKIPPED=$((SKIPPED + 1))
    printf 'skipped: %s: %s\n' "$1" "$2"
}

finish_tests() {
    printf '%d passed, %d failed%s\n' "$PASSED" "$FAILED" "$([ "$SKIPPED" = 0 ] || echo ", $SKIPPED skipped")"
    [ "$FAILED" = 0 ]
}
