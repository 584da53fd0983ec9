# The provisioned and populated domain that every start copies; sourced by `up`, after lib.sh.

template_key() {
    { cat "$JT_HERE"/{dc-init,provision,populate.py,secrets,template.sh,join-dc}
      samba --version; } | sha256sum | cut -c1-16
}

# copy_template DIR [CONTROLLER...] : a domain of dc1 and these, made first where there is none for these scripts
# and this Samba
copy_template() {
    local lock dir=$1
    shift
    mkdir -p "$JT_BUILD"
    exec {lock}>"$JT_BUILD/lock"
    flock "$lock"
    make_template "$@" {lock}>&-
    touch "$JT_TEMPLATE"
    cp -a --reflink=auto "$JT_TEMPLATE/." "$dir/" || die "cannot copy the template"
    exec {lock}>&-
}

# make_template [CONTROLLER...] : sets JT_TEMPLATE. Each further controller is joined to a copy of the domain without it.
make_template() {
    local work rc key name
    key=$(template_key)
    JT_TEMPLATE=$JT_BUILD/template-$key
    [ -z "$JT_FRESH" ] || rm -rf "$JT_TEMPLATE"*
    JT_FRESH=
    for name in dc1 "$@"; do
        work=$JT_BUILD/work.$$
        [ "$name" = dc1 ] || JT_TEMPLATE+=-$name
        [ ! -d "$JT_TEMPLATE" ] || continue
        if [ "$name" = dc1 ]; then
            say "provisioning the test domain (once; kept in ${JT_TEMPLATE#"$JT_TOP"/})"
            # those of other versions of the scripts, which may be at work elsewhere, once nobody uses them
            find "$JT_BUILD" -maxdepth 1 -name 'template-*' -mmin +600 -exec rm -rf {} +
            mkdir -p "$work"
        else
            say "joining $name to the test domain (once; kept in ${JT_TEMPLATE#"$JT_TOP"/})"
            cp -a --reflink=auto "${JT_TEMPLATE%-*}" "$work" || die "cannot copy the template"
        fi
        trap 'stop_all "$work"; rm -rf "$work"; exit 143' HUP INT TERM
        (if [ "$name" = dc1 ]; then provision_template "$work"; else join_template "$work" "$name"; fi) \
            >"$JT_BUILD/provision.log" 2>&1
        rc=$?
        trap - HUP INT TERM
        end_dcs_cleanly "$work"
        stop_all "$work"
        if [ $rc != 0 ]; then
            rm -rf "$work"
            die "provisioning failed: $(tail -n 15 "$JT_BUILD/provision.log")"
        fi
        rm -rf "$work"/{pids,link.*,fault,*.log} "$work"/*/log/*
        mv "$work" "$JT_TEMPLATE"
    done
}

end_dcs_cleanly() { # DIR : their databases are to be copied
    local name pid stem
    for name in $(controllers "$1"); do
        stem=$(stem_of "$name")
        pid=$(live_pid "$1" "$stem.init") && kill -TERM "$pid" && wait_for 5 gone "$1" "$stem.init"
    done
}

join_template() { # DIR NAME
    local dir=$1 name=$2 other
    set_services "$dir" dc1 'rpc, ldap, cldap, kdc, dns, drepl'
    { controllers "$dir"; echo "$name"; } >"$dir/new" && mv "$dir/new" "$dir/controllers"
    start_link "$dir"
    start_dc "$dir"
    change_directory "$dir" "before-$name" || return 1
    (dc_box "$dir" "$name" join-dc) || return 1
    change_directory "$dir" "after-$name" || return 1
    for other in $(controllers "$dir" | grep -vx dc1); do
        start_dc "$dir" "$other" || return 1
    done
    in_dc "$dir" "$name" samba_spnupdate --verbose || return 1 # a read-only one has it done by dc1
    [ "$name" = rodc1 ] || replicate "$dir" "$name" dc1 || return 1
    for other in $(controllers "$dir" | grep -vx dc1); do
        replicate "$dir" dc1 "$other" || return 1
    done
    [ "$name" != rodc1 ] || preload "$dir" RO-READY
}

provision_template() { # DIR
    start_link "$1"
    (dc_box "$1" dc1 provision) || return 1
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
