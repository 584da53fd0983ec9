# The provisioned and populated domain that every start copies; sourced by `up`, after lib.sh.

template_key() {
    { cat "$JT_HERE"/{dc-init,provision,populate.py,secrets,template.sh}
      samba --version; } | sha256sum | cut -c1-16
}

# copy_template DIR : makes it first where there is none for these scripts and this Samba
copy_template() {
    local lock
    mkdir -p "$JT_BUILD"
    exec {lock}>"$JT_BUILD/lock"
    flock "$lock"
    make_template {lock}>&-
    cp -a --reflink=auto "$JT_TEMPLATE/." "$1/" || die "cannot copy the template"
    exec {lock}>&-
}

make_template() {
    local work rc
    JT_TEMPLATE=$JT_BUILD/template-$(template_key)
    if [ -n "$JT_FRESH" ] || [ ! -d "$JT_TEMPLATE" ]; then
        say "provisioning the test domain (once; kept in ${JT_TEMPLATE#"$JT_TOP"/})"
        work=$JT_BUILD/work.$$
        mkdir -p "$work"
        trap 'stop_all "$work"; rm -rf "$work"; exit 143' HUP INT TERM
        (provision_template "$work") >"$JT_BUILD/provision.log" 2>&1
        rc=$?
        trap - HUP INT TERM
        end_dc_cleanly "$work"
        stop_all "$work"
        if [ $rc != 0 ]; then
            rm -rf "$work"
            die "provisioning failed: $(tail -n 15 "$JT_BUILD/provision.log")"
        fi
        rm -rf "$work"/{pids,link.*,fault,dc.log} "$work"/dc/log/* "$JT_BUILD"/template-*
        mv "$work" "$JT_TEMPLATE"
    fi
}

end_dc_cleanly() { # DIR : its databases are to be copied
    local pid
    pid=$(live_pid "$1" dc.init) && kill -TERM "$pid" && wait_for 5 gone "$1" dc.init
}

provision_template() { # DIR
    start_link "$1"
    (dc_box "$1" provision) || return 1
    start_dc "$1" && lock_user "$1"
}

# Locked as a user locks himself out: by wrong passwords, here ten (populate.py sets the threshold).
lock_user() { # DIR
    local conf=$1/krb5.conf said=
    printf '[realms]\n%s = {\nkdc = %s\n}\n' "$JT_REALM" "$JT_DC_ADDR" >"$conf"
    for _ in {1..10} last; do
        said=$(echo wrong | KRB5_CONFIG=$conf nsenter --net="$(client_netns "$1")" \
            kinit -c MEMORY: "locked@$JT_REALM" 2>&1)
    done
    rm -f "$conf"
    [[ $said == *revoked* ]] || { echo "user locked is not locked: $said"; return 1; }
}
