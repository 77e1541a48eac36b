# shellcheck shell=bash
# bare.sh - a Debian of the oldest release that we support, made by debootstrap from where this machine's apt gets its
# packages. Sourced; reads $bare, its folder.
RELEASE=bookworm

debian_sources() {
    apt-get indextargets --format "deb \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Identifier: Packages' 'Origin: Debian' |
        grep " $RELEASE" | sort -u
}

make_system() {
    local mirror
    mirror=$(debian_sources | awk -v release="$RELEASE" '$3 == release {print $2; exit}')
    [ -n "$mirror" ] || { echo "this machine's apt knows no Debian $RELEASE; run apt-get update" && return 1; }
    # shellcheck disable=SC2154 # the caller's
    [ -x "$bare/usr/bin/apt-get" ] ||
        debootstrap --variant=minbase "$RELEASE" "$bare" "$mirror" || return 1
    debian_sources >"$bare/etc/apt/sources.list"
    apt-config dump --format '%f "%v";%n' Acquire::http Acquire::https 2>/dev/null |
        grep -E '::Proxy|Verify|CaInfo' >"$bare/etc/apt/apt.conf.d/99network" || true
}
