# Shared by the scripts of this folder; sourced, never run. What an instance is stands in README.md.

JT_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JT_TOP=$(cd "$JT_HERE/../.." && pwd)
JT_BUILD=${JT_BUILD:-$JT_TOP/build/domain}
JT_LINK=$JT_BUILD/link

# The constants of the test domain. Every instance has the same addresses: each lives in network
# namespaces of its own.
JT_REALM=CORP.EXAMPLE.COM
JT_DOMAIN=corp.example.com
JT_NETBIOS=CORP
JT_DC=dc1.corp.example.com
JT_DC_ADDR=10.53.1.1
JT_DC_ADDR6=fd53:1::1
JT_ADDR=10.53.1.20
JT_ADDR6=fd53:1::20

# --- controllers: DIR/controllers names those of an instance, dc1 first ---

controllers() { cat "$1/controllers" 2>/dev/null || echo dc1; } # DIR

address_of() { # NAME [6]
    local last
    case $1 in
    dc1) last=1 ;;
    dc3) last=3 ;;
    rodc1) last=4 ;;
    *) return 1 ;;
    esac
    if [ -n "${2-}" ]; then echo "fd53:1::$last"; else echo "10.53.1.$last"; fi
}

# The stem of a controller's files: its folder, its log, its pids.
stem_of() { [ "$1" = dc1 ] && echo dc || echo "$1"; } # NAME

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

need_root() {
    if [ "$(id -u)" != 0 ]; then
        printf '%s\nskipped: needs root (%s)\n%s\n' '************' "$0" '************' >&2
        exit 77
    fi
}

need_tools() {
    local tool missing=
    for tool in samba samba-tool unshare nsenter ip ss nft kinit ldapmodify setpriv /usr/bin/python3; do
        command -v "$tool" >/dev/null || missing+=" $tool"
    done
    /usr/bin/python3 -c 'import samba.samdb' 2>/dev/null || missing+=" python3-samba"
    [ -z "$missing" ] || die "missing:$missing
install them with: apt-get install --no-install-recommends $(tr '\n' ' ' <"$JT_HERE/packages")"
    [ -c /dev/net/tun ] || die "/dev/net/tun is missing: load the kernel's tun module"
}

# Debian keeps part of these outside an ordinary PATH.
PATH=$PATH:/usr/sbin:/sbin
# Samba's Python sets it for everything that its caller starts, and a controller would obey it.
unset SMB_CONF_PATH

build_link() {
    mkdir -p "$JT_BUILD"
    [ "$JT_LINK" -nt "$JT_HERE/link.c" ] && return
    ${CC:-cc} -std=c11 -O2 -Wall -Wextra -o "$JT_LINK.$$" "$JT_HERE/link.c" || die "cannot build link.c"
    mv -f "$JT_LINK.$$" "$JT_LINK"
}

# wait_for SECONDS COMMAND... : tries until it succeeds
wait_for() {
    local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
    shift
    until "$@"; do
        [ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
        read -rt 0.03 <> <(:) || :
    done
}

# For this process and what it starts: another time of day, SECONDS off.
shift_clock() { # SECONDS
    local library
    for library in /usr/lib/*/faketime/libfaketime.so.1; do
        [ -e "$library" ] || die "libfaketime is missing"
        export LD_PRELOAD=$library FAKETIME=$1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
    done
}

# --- processes of an instance: DIR/pids/NAME holds "pid starttime", so a reused pid is never hit ---

start_time() { # PID : fails for a process that is gone or a zombie
    local stat
    read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
    set -- ${stat##*) }
    [ "$1" != Z ] && printf '%s' "${20}"
}

record_pid() { # DIR NAME PID
    mkdir -p "$1/pids"
    printf '%s %s\n' "$3" "$(start_time "$3")" >"$1/pids/$2"
}

# For the first process of a pid namespace, while /proc is still the outer one: records it under the
# pid it has outside. Once that process is dead, everything in its namespace is.
record_init() { # DIR NAME
    local stat
    read -r stat </proc/self/stat
    record_pid "$1" "$2" "${stat%% *}"
}

live_pid() { # DIR NAME : prints the pid if that process still runs
    local pid when
    read -r pid when 2>/dev/null <"$1/pids/$2" || return 1
    [ "$(start_time "$pid")" = "$when" ] && printf '%s' "$pid"
}

gone() { ! live_pid "$1" "$2" >/dev/null; }

stop_pid() { # DIR NAME : kills it and waits until it is gone
    local pid
    if pid=$(live_pid "$1" "$2"); then
        kill -KILL "$pid" 2>/dev/null
        wait_for 5 gone "$1" "$2" || say "process $pid ($2) does not die"
    fi
    rm -f "$1/pids/$2"
}

# --- network ---

start_link() { # DIR
    local dir=$1 pid name lines=()
    rm -f "$dir/link.sock"
    printf '#!/bin/bash\nexec %q %q "$@"\n' "$JT_HERE/fault" "$dir" >"$dir/fault"
    chmod 700 "$dir/fault"
    for name in $(controllers "$dir"); do
        lines+=("$name=$(address_of "$name"),$(address_of "$name" 6)")
    done
    setsid "$JT_LINK" serve "$dir/link.sock" "$dir/fault" "${lines[@]}" </dev/null >"$dir/link.log" 2>&1 &
    pid=$!
    disown
    record_pid "$dir" link "$pid"
    wait_for 5 test -S "$dir/link.sock" || die "the link does not start: $(cat "$dir/link.log")"
    for name in $(controllers "$dir"); do
        configure_side "$(dc_netns "$dir" "$name")" "$(address_of "$name")" "$(address_of "$name" 6)"
    done
    configure_side "/proc/$pid/ns/net" "$JT_ADDR" "$JT_ADDR6"
}

# Every packet to a closed port is told so, not only one a second.
configure_side() { # NETNS IPV4 IPV6
    nsenter --net="$1" sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
    nsenter --net="$1" ip -batch - <<-END || die "cannot configure the network namespace"
	link set lo up
	link set link0 up
	addr add $2/24 dev link0
	addr add $3/64 dev link0 nodad
	END
}

dc_netns() { # DIR [NAME] : link.c keeps them, in this order
    local name fd=3
    for name in $(controllers "$1"); do
        [ "$name" != "${2-dc1}" ] || break
        fd=$((fd + 1))
    done
    printf '/proc/%s/fd/%s' "$(live_pid "$1" link)" "$fd"
}
client_netns() { printf '/proc/%s/ns/net' "$(live_pid "$1" link)"; }

link_ctl() { # DIR WORD...
    local dir=$1
    shift
    "$JT_LINK" ctl "$dir/link.sock" "$@"
}

# --- a controller; NAME is dc1 where none is given ---

# dc_box DIR NAME PART : becomes dc-init in that controller's network and fresh mount, UTS, pid namespaces
dc_box() {
    local net
    net=$(dc_netns "$1" "$2")
    # a session of its own: the terminal's Ctrl-C is not meant for the controller
    exec setsid nsenter --net="$net" unshare --mount --uts --pid --fork --kill-child "$JT_HERE/dc-init" "$@"
}

launch_dc() { # DIR [NAME]
    local dir=$1 name=${2-dc1} stem
    stem=$(stem_of "$name")
    (dc_box "$dir" "$name" samba) </dev/null >"$dir/$stem.log" 2>&1 &
    record_pid "$dir" "$stem" $!
    disown
}

await_dc() { # DIR [NAME]
    wait_for 30 dc_ready "$1" "${2-dc1}" || die "the controller ${2-dc1} does not start:
$(tail -n 20 "$1/$(stem_of "${2-dc1}").log")"
}

start_dc() { launch_dc "$@" && await_dc "$@"; } # DIR [NAME]

start_all_dcs() { # DIR : side by side
    local name
    for name in $(controllers "$1"); do launch_dc "$1" "$name"; done
    for name in $(controllers "$1"); do await_dc "$1" "$name"; done
}

stop_dc() { # DIR [NAME]
    local stem
    stem=$(stem_of "${2-dc1}")
    stop_pid "$1" "$stem"
    stop_pid "$1" "$stem.init"
}

set_services() { # DIR NAME SERVICES
    sed -i "s/^\(\tserver services = \).*/\1$3/" "$1/$(stem_of "$2")/etc/smb.conf"
}

# in_dc DIR NAME CMD... : beside the running controller, in its namespaces
in_dc() {
    local pid config
    pid=$(live_pid "$1" "$(stem_of "$2").init") || die "the controller $2 is not running"
    config=$(cd "$1" && pwd)/$(stem_of "$2")/krb5.conf
    shift 2
    KRB5_CONFIG=$config nsenter --target "$pid" --mount --net --uts --pid -- "$@"
}

dc_ready() { # DIR NAME
    local ports stem
    stem=$(stem_of "$2")
    gone "$1" "$stem" && { say "the controller $2 ended:"; tail -n 20 "$1/$stem.log" >&2; return 0; }
    ports=" $(nsenter --net="$(dc_netns "$1" "$2")" ss -lntuH | awk '{n = split($5, a, ":"); printf "%s/%s ", a[n], $1}')"
    for port in 53/udp 53/tcp 88/tcp 88/udp 389/tcp 389/udp 464/tcp 3268/tcp; do
        [[ $ports == *" $port "* ]] || return 1
    done
}

# --- the directory ---

change_directory() { # DIR WORD... : at dc1, and at once everywhere
    local name dir=$1
    shift
    in_dc "$dir" dc1 /usr/bin/python3 -B "$JT_HERE/populate.py" "$@" || return 1
    for name in $(controllers "$dir" | grep -vx dc1); do
        gone "$dir" "$name.init" || replicate "$dir" dc1 "$name" >/dev/null || return 1
    done
}

admin_option() { (. "$JT_HERE/secrets"; printf -- '-UAdministrator%%%s' "$ADMIN_PASSWORD"); }

replicate() { # DIR FROM TO
    in_dc "$1" "$3" timeout 60 /usr/bin/python3 -B "$JT_HERE/replicate.py" "$2.$JT_DOMAIN"
}

preload() { # DIR ACCOUNT : its secret, to the read-only controller
    in_dc "$1" rodc1 timeout 60 samba-tool rodc preload --server="$JT_DC" "$2\$" "$(admin_option)" \
        2> >(grep -v '^Exop on' >&2)
}

stop_all() { # DIR : clients first, then the controllers, then the wire
    local name
    for name in $(cd "$1/pids" 2>/dev/null && ls -d exec.* 2>/dev/null); do
        stop_pid "$1" "$name"
    done
    for name in $(controllers "$1"); do
        stop_dc "$1" "$name"
    done
    stop_pid "$1" link
}

# --- client hosts ---

exec_in_host() { # DIR HOST CMD... : does not return
    local dir=$1 fqdn=$2 file net
    shift 2
    [[ $fqdn == *.* ]] || fqdn=$fqdn.$JT_DOMAIN
    net=$(client_netns "$dir") && [ -n "$(live_pid "$dir" link)" ] || die "$dir holds no running domain"
    [ -d "$dir/hosts/$fqdn" ] || "$JT_HERE/new-host" "$dir" "$fqdn" || die "cannot make the host $fqdn"
    record_pid "$dir" "exec.$$" $$
    for file in "$dir"/secrets/*; do
        export "JT_${file##*/}_FILE=$file"
    done
    export JT_DIR=$dir JT_ROOT=$dir/hosts/$fqdn/root JT_HOST=$fqdn JT_ADMIN=Administrator
    export JT_REALM JT_DOMAIN JT_NETBIOS JT_DC JT_DC_ADDR JT_DC_ADDR6 JT_ADDR JT_ADDR6
    export_controllers "$dir"
    JT_CLOCK=$(cat "$dir/clock" 2>/dev/null)
    export JT_CLOCK
    export KRB5CCNAME=FILE:$dir/hosts/$fqdn/tmp/krb5cc
    exec nsenter --net="$net" unshare --mount --uts --pid --fork --kill-child \
        "$JT_HERE/host-init" "$dir" "exec.$$.init" "$fqdn" "$@"
}

# JT_DC3, JT_DC3_ADDR, JT_DC3_ADDR6 and JT_RODC... for the controllers that this instance has beside dc1.
export_controllers() { # DIR
    local name var
    unset JT_DC3 JT_DC3_ADDR JT_DC3_ADDR6 JT_RODC JT_RODC_ADDR JT_RODC_ADDR6
    for name in $(controllers "$1" | grep -vx dc1); do
        var=JT_${name^^}
        var=${var/RODC1/RODC}
        export "$var=$name.$JT_DOMAIN" "${var}_ADDR=$(address_of "$name")" "${var}_ADDR6=$(address_of "$name" 6)"
    done
}

write_secrets() { # DIR : one 0600 file for each password of `secrets`
    local name
    mkdir -p "$1/secrets"
    while IFS== read -r name _; do
        [[ $name == *_PASSWORD ]] || continue
        (. "$JT_HERE/secrets"; umask 077; printf '%s\n' "${!name}" >"$1/secrets/$name")
    done <"$JT_HERE/secrets"
}
