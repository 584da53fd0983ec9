# What the parts of selftest share; sourced.

passed=0 failed=0

check() { # NAME COMMAND... : passes if COMMAND does; its output is shown if not
    local name=$1 log=$work/log
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        echo "ok $((passed + failed)) - $name"
    else
        failed=$((failed + 1))
        echo "not ok $((passed + failed)) - $name"
        sed 's/^/# /' "$log" | tail -n 15
    fi
}
fails() { ! "$@"; }
says() { # TEXT COMMAND... : COMMAND, whatever its status, prints TEXT
    local text=$1 out
    shift
    out=$("$@" 2>&1)
    printf '%s\n' "$out"
    [[ $out == *"$text"* ]]
}
on() { # DIR SHELL-TEXT : on the client host
    "$JT_HERE/exec" "$1" -- bash -c '
        login() { local file=JT_${1}_PASSWORD_FILE; kinit "${2:-${1,,}}" <"${!file}"; }
        ldap() { ldapsearch -N -LLL -Q -Y GSS-SPNEGO -o ldif-wrap=no -H "ldap://$JT_DC" "$@"; }
        at() { # ADDRESS : the only KDC from here on
            export KRB5_CONFIG=$JT_DIR/at.conf
            printf "[libdefaults]\ndefault_realm = $JT_REALM\nrdns = false\ndns_lookup_kdc = false\n[realms]\n$JT_REALM = {\nkdc = $1\n}\n" >"$KRB5_CONFIG"
        }
        open() { timeout 1 bash -c "</dev/tcp/$1"; }
        '"$2"
}
takes_ms() { # MINIMUM MAXIMUM COMMAND...
    local start=${EPOCHREALTIME/./} ms least=$1 most=$2
    shift 2
    "$@"
    ms=$(((${EPOCHREALTIME/./} - start) / 1000))
    echo "took $ms ms"
    [ "$ms" -ge "$least" ] && [ "$ms" -le "$most" ]
}
quick_up() { # DIR [OPTION...]
    takes_ms 0 5000 "$JT_HERE/up" "${@:2}" "$1" && return
    "$JT_HERE/down" "$1" # the machine may have been busy
    takes_ms 0 5000 "$JT_HERE/up" "${@:2}" "$1"
}
leftover() { # DIR : whatever still has to do with it
    ls -d "$1" 2>/dev/null
    grep -lsFf <(echo "$1") /proc/[0-9]*/mountinfo /proc/[0-9]*/cmdline
}
finish() {
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
    exit
}
