# What can be made to go wrong; sourced by `fault` and `exec`, after lib.sh. README.md lists the words.

apply_fault() { # DIR SPEC
    local dir=$1 kind=${2%%:*} value=
    [[ $2 != *:* ]] || value=${2#*:}
    case $kind in
    reject | drop) filter "$dir" "$kind" "$value" ;;
    delay) link_ctl "$dir" delay "$value" >/dev/null ;;
    cut) link_ctl "$dir" cut $value >/dev/null ;;
    uncut) link_ctl "$dir" uncut >/dev/null ;;
    clock) shift_of "$value" >"$dir/clock" ;;
    dcclock) shift_of "$value" >"$dir/dcclock"; stop_dc "$dir"; start_dc "$dir" ;;
    dc) control_dc "$dir" "$value" ;;
    deaddc) add_dead_controllers "$dir" ;;
    noipv6 | nosite) change_directory "$dir" "$kind" ;;
    clear) clear_faults "$dir" ;;
    *) die "unknown fault: $2" ;;
    esac || die "cannot apply the fault: $2"
}

shift_of() { [[ $1 =~ ^[-+][0-9]+$ ]] && echo "$1" || die "a clock is shifted by +SECONDS or -SECONDS"; }

nft_in_dc() { nsenter --net="$(dc_netns "$1")" nft -f -; }

filter() { # DIR reject|drop PORT/PROTO|ipv4|ipv6
    local rule verdict=drop
    case $3 in
    ipv4 | ipv6) rule="meta nfproto $3" ;;
    */tcp | */udp)
        rule="${3#*/} dport ${3%/*}"
        [ "$2" = drop ] || { verdict=reject; [[ $3 == */udp ]] || verdict="reject with tcp reset"; }
        ;;
    *) die "drop and reject take PORT/tcp, PORT/udp, ipv4 or ipv6" ;;
    esac
    nft_in_dc "$1" <<-END
	table inet faults {
	    chain in {
	        type filter hook input priority 0
	        $rule $verdict
	    }
	}
	END
}

change_directory() { in_dc "$1" /usr/bin/python3 -B "$JT_HERE/populate.py" "$2"; } # DIR WORD

# The addresses of dc8 are the controller's machine's, which answers there with a reset;
# those of dc9 are nobody's.
add_dead_controllers() { # DIR
    change_directory "$1" deaddc &&
        nsenter --net="$(dc_netns "$1")" ip -batch - <<-END && nft_in_dc "$1" <<-END2
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

signal_dc() { # DIR SIGNAL : to every process of the controller
    local space pids # the name of a namespace, "pid:[123]", is a pattern to find
    space=$(readlink "/proc/$(live_pid "$1" dc.init)/ns/pid") || return 1
    pids=$(find /proc/[0-9]*/ns/pid -maxdepth 0 -lname "${space/[/\\[}" 2>/dev/null | cut -d/ -f3)
    kill "-$2" $pids
}

control_dc() { # DIR WORD
    case $2 in
    stop) signal_dc "$1" STOP ;;
    cont) signal_dc "$1" CONT ;;
    kill) stop_dc "$1" ;;
    start) gone "$1" dc.init && start_dc "$1" ;;
    *) die "dc: takes stop, cont, kill or start" ;;
    esac
}

clear_faults() { # DIR : all but a killed controller and the records of dead ones
    rm -f "$1/clock"
    nft_in_dc "$1" <<<'table inet faults; delete table inet faults'
    link_ctl "$1" delay 0 >/dev/null
    link_ctl "$1" uncut >/dev/null
    gone "$1" dc.init || signal_dc "$1" CONT
    [ ! -e "$1/dcclock" ] || { rm -f "$1/dcclock"; stop_dc "$1"; start_dc "$1"; }
}
