# What can be made to go wrong; sourced by `fault` and `exec`, after lib.sh. README.md lists the words.

apply_fault() { # DIR SPEC[@NAME|@all]
    local dir=$1 spec=${2%@*} targets=dc1 name
    if [[ $2 == *@* ]]; then
        targets=${2##*@}
        [ "$targets" != all ] || targets=$(controllers "$dir")
        for name in $targets; do
            controllers "$dir" | grep -qx -e "$name" || die "no such controller: $name"
        done
    fi
    case ${spec%%:*} in
    delay | cut | uncut | split | unsplit) # one request: a cut after N packets of all lines is one cut
        link_ctl "$dir" "${spec%%:*}${2#"$spec"}" $([[ $spec != *:* ]] || echo "${spec#*:}") >/dev/null ||
            die "cannot apply the fault: $2"
        return
        ;;
    esac
    for name in $targets; do
        apply_to "$dir" "$name" "$spec" || die "cannot apply the fault: $2"
    done
}

apply_to() { # DIR NAME SPEC
    local dir=$1 name=$2 kind=${3%%:*} value=
    [[ $3 != *:* ]] || value=${3#*:}
    case $kind in
    reject | drop) filter "$dir" "$name" "$kind" "$value" ;;
    clock) shift_of "$value" >"$dir/clock" ;;
    dcclock) shift_of "$value" >"$dir/$(stem_of "$name")clock"; stop_dc "$dir" "$name"; start_dc "$dir" "$name" ;;
    dc) control_dc "$dir" "$name" "$value" ;;
    deaddc) add_dead_controllers "$dir" ;;
    noipv6 | nosite) change_directory "$dir" "$kind" ;;
    clientsite) change_directory "$dir" "$kind" "$value" ;;
    clear) clear_faults "$dir" ;;
    *) die "unknown fault: $3" ;;
    esac
}

shift_of() { [[ $1 =~ ^[-+][0-9]+$ ]] && echo "$1" || die "a clock is shifted by +SECONDS or -SECONDS"; }

nft_in_dc() { nsenter --net="$(dc_netns "$1" "$2")" nft -f -; } # DIR NAME

filter() { # DIR NAME reject|drop PORT/PROTO|ipv4|ipv6
    local rule verdict=drop
    case $4 in
    ipv4 | ipv6) rule="meta nfproto $4" ;;
    */tcp | */udp)
        rule="${4#*/} dport ${4%/*}"
        [ "$3" = drop ] || { verdict=reject; [[ $4 == */udp ]] || verdict="reject with tcp reset"; }
        ;;
    *) die "drop and reject take PORT/tcp, PORT/udp, ipv4 or ipv6" ;;
    esac
    nft_in_dc "$1" "$2" <<-END
	table inet faults {
	    chain in {
	        type filter hook input priority 0
	        $rule $verdict
	    }
	}
	END
}

# The addresses of dc8 are the controller's machine's, which answers there with a reset;
# those of dc9 are nobody's.
add_dead_controllers() { # DIR
    change_directory "$1" deaddc &&
        nsenter --net="$(dc_netns "$1")" ip -batch - <<-END && nft_in_dc "$1" dc1 <<-END2
	addr add 10.53.1.8/24 dev link0
	addr add fd53:1::8/64 dev link0 nodad
	END
	table inet deaddc {
	    chain in {
	        type filter hook input priority 0
	        ip daddr 10.53.1.8 meta l4proto tcp reject with tcp reset
	        ip6 daddr fd53:1::8 meta l4proto tcp reject with tcp reset
	        ip daddr 10.53.1.8 reject
	        ip6 daddr fd53:1::8 reject
	    }
	}
	END2
}

signal_dc() { # DIR NAME SIGNAL : to every process of the controller
    local space pids # the name of a namespace, "pid:[123]", is a pattern to find
    space=$(readlink "/proc/$(live_pid "$1" "$(stem_of "$2").init")/ns/pid") || return 1
    pids=$(find /proc/[0-9]*/ns/pid -maxdepth 0 -lname "${space/[/\\[}" 2>/dev/null | cut -d/ -f3)
    kill "-$3" $pids
}

control_dc() { # DIR NAME WORD
    case $3 in
    stop) signal_dc "$1" "$2" STOP ;;
    cont) signal_dc "$1" "$2" CONT ;;
    kill) stop_dc "$1" "$2" ;;
    start) gone "$1" "$(stem_of "$2").init" && start_dc "$1" "$2" ;;
    *) die "dc: takes stop, cont, kill or start" ;;
    esac
}

clear_faults() { # DIR : all but killed controllers and the records of dead ones
    local name stem
    rm -f "$1/clock"
    link_ctl "$1" delay@all 0 >/dev/null
    link_ctl "$1" uncut@all >/dev/null
    link_ctl "$1" unsplit@all >/dev/null
    for name in $(controllers "$1"); do
        stem=$(stem_of "$name")
        nft_in_dc "$1" "$name" <<<'table inet faults; delete table inet faults'
        gone "$1" "$stem.init" || signal_dc "$1" "$name" CONT
        [ ! -e "$1/${stem}clock" ] || { rm -f "$1/${stem}clock"; stop_dc "$1" "$name"; start_dc "$1" "$name"; }
    done
}
