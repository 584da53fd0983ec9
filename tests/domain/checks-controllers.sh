# The part of selftest about several controllers; sourced by it, after checks.sh.

check_controllers() { # DIR
    c=$1
    "$JT_HERE/up" --dc3 --rodc "$c" && "$JT_HERE/down" "$c" || exit 1 # makes the templates
    check "up with three controllers takes at most 5 seconds" quick_up "$c" --dc3 --rodc
    check_names
    check_second_writable
    check_read_only
    check_no_write
    check_faults_by_controller
    check_failover
    check "down with three controllers" "$JT_HERE/down" "$c"
    check "leaves nothing" fails leftover "$c"
}

c_fault() { "$JT_HERE/fault" "$c" "$@"; }
srv() { on "$c" "echo of \$(dig +short SRV _ldap._tcp.$1dc._msdcs.corp.example.com | sort | cut -d' ' -f4) ."; }
# What a controller's ping says: its name, its site, the client's, and whether it is writable (0x100) and close (0x80).
ping_of() { # ADDRESS
    on "$c" '/usr/bin/python3 -c "
from samba import credentials, net, param
found = net.Net(credentials.Credentials(), param.LoadParm()).finddc(address=\"'"$1"'\", flags=0)
print(found.pdc_dns_name, found.server_site, found.client_site, hex(found.server_type & 0x180))"'
}
replicates() { "$JT_HERE/replicate" "$c" "$@"; }
search_at() { # ADDRESS NAME
    on "$c" "login ADMIN Administrator >/dev/null; ldapsearch -N -LLL -Q -Y GSS-SPNEGO -H ldap://$1.$JT_DOMAIN -b DC=corp,DC=example,DC=com '(sAMAccountName=$2\$)' dn"
}
create_at() { # CONTROLLER NAME
    on "$c" "login JOINER && printf 'dn: CN=%s,OU=Kiosks,DC=corp,DC=example,DC=com\nchangetype: add\nobjectClass: computer\nsAMAccountName: %s\$\nuserAccountControl: 4096\n' $2 $2 | ldapmodify -N -Q -Y GSS-SPNEGO -H ldap://$1.$JT_DOMAIN"
}
logs_on_at() { on "$c" "at $1; timeout ${3-5} bash -c 'kinit $2\$ <\$JT_${2/-/_}_PASSWORD_FILE'"; } # ADDRESS COMPUTER [SECONDS]

check_names() {
    check "the writable two are in the domain's SRV record" says "of dc1.corp.example.com. dc3.corp.example.com. ." srv ""
    check "the read-only one is not" fails says rodc1 srv ""
    check "it stands alone in its site's" says "of rodc1.corp.example.com. ." srv Branch._sites.
    check "dc3 is in its own site's" says "of dc3.corp.example.com. ." srv Depot._sites.
    check "their names are in the environment" says "dc3.corp.example.com 10.53.1.3 rodc1.corp.example.com fd53:1::4" on "$c" 'echo $JT_DC3 $JT_DC3_ADDR $JT_RODC $JT_RODC_ADDR6'
    check "A and AAAA record" says "10.53.1.4 fd53:1::4" on "$c" 'echo $(dig +short $JT_RODC A) $(dig +short $JT_RODC AAAA)'
    check "dc3 serves DNS too, over IPv6 as well" says "10.53.1.4 10.53.1.4" on "$c" 'echo $(dig +short @10.53.1.3 $JT_RODC A) $(dig +short @fd53:1::3 $JT_RODC A)'
    check "ping of dc3: writable, elsewhere" says "dc3.corp.example.com Depot Branch 0x100" ping_of 10.53.1.3
    check "ping of rodc1: read-only, close" says "rodc1.corp.example.com Branch Branch 0x80" ping_of 10.53.1.4
    check "clientsite:Depot" c_fault clientsite:Depot
    check "dc3 is the close one then" says "dc3.corp.example.com Depot Depot 0x180" ping_of 10.53.1.3
    check "rodc1 knows it too" says "rodc1.corp.example.com Branch Depot 0x0" ping_of 10.53.1.4
    check "an unknown site is refused" says "cannot apply" c_fault clientsite:Nowhere
    check "clientsite:Branch" c_fault clientsite:Branch
}

check_second_writable() {
    check "a computer made at dc3" create_at dc3 m1
    check "is there" says "dn: CN=m1" search_at dc3 m1
    check "replicates" replicates dc3 dc1
    check "is at dc1 too" says "dn: CN=m1" search_at dc1 m1
    check "and to the read-only one" replicates dc1 rodc1
    check "is there too" says "dn: CN=m1" search_at rodc1 m1
}

check_read_only() {
    check "RO-READY logs on at rodc1" logs_on_at 10.53.1.4 RO-READY
    check "and reads its account there, key version included" says "msDS-KeyVersionNumber: 1" on "$c" 'at $JT_RODC_ADDR; login RO_READY "RO-READY$" >/dev/null
        ldapsearch -N -LLL -Q -Y GSS-SPNEGO -H "ldap://$JT_RODC" -b OU=Kiosks,DC=corp,DC=example,DC=com "(sAMAccountName=RO-READY$)" msDS-KeyVersionNumber'
    check "RO-DENIED does by way of dc1" logs_on_at 10.53.1.4 RO-DENIED
    check "an administrator's write is referred" says "ldap://dc1.corp.example.com/" on "$c" 'login ADMIN Administrator >/dev/null
        printf "dn: CN=RO-READY,OU=Kiosks,DC=corp,DC=example,DC=com\nchangetype: modify\nreplace: description\ndescription: x\n" |
            ldapmodify -N -Q -Y GSS-SPNEGO -H "ldap://$JT_RODC"'
    check "split@rodc1" c_fault split@rodc1
    check "RO-READY logs on with no writable one in reach" logs_on_at 10.53.1.4 RO-READY
    check "RO-DENIED does not" fails logs_on_at 10.53.1.4 RO-DENIED 1
    check "RO-FRESH does not" fails logs_on_at 10.53.1.4 RO-FRESH 1
    check "clear" c_fault clear
    check "preload" "$JT_HERE/preload" "$c" RO-FRESH
    check "split@rodc1 once more" c_fault split@rodc1
    check "RO-FRESH does now" logs_on_at 10.53.1.4 RO-FRESH
    check "clear once more" c_fault clear
}

check_no_write() {
    "$JT_HERE/count" "$c" reset >/dev/null
    "$JT_HERE/usn" "$c" >"$work/usn"
    check "usn has a line for each" says "3" grep -c '^[a-z0-9]* [0-9]*$' "$work/usn"
    check "reading at rodc1" logs_on_at 10.53.1.4 RO-READY
    check "writes nothing" test -z "$("$JT_HERE/usn" "$c" "$work/usn")"
    check "asks rodc1" says "rodc1.88/udp" "$JT_HERE/count" "$c"
    check "and nobody else" fails bash -c '"$0" "$1" | grep "^dc[13][.][0-9]*/"' "$JT_HERE/count" "$c"
    check "totals are the sum" says "same" bash -c '"$0" "$1" | awk "/^packets_out/ {t = \$2} /[.]packets_out/ {t -= \$2} END {print t ? t : \"same\"}"' "$JT_HERE/count" "$c"
    create_at dc3 m2 >/dev/null
    check "a write is found" says "dc3 sAMAccountName CN=m2,OU=Kiosks,DC=corp,DC=example,DC=com" "$JT_HERE/usn" "$c" "$work/usn"
}

check_faults_by_controller() {
    check "reject:389/tcp@dc3" c_fault reject:389/tcp@dc3
    check "dc3 refuses" says "refused" on "$c" 'open $JT_DC3_ADDR/389'
    check "dc1 does not" on "$c" 'open $JT_DC_ADDR/389'
    check "clear, dc:stop@all, dc:cont@rodc1" c_fault clear dc:stop@all dc:cont@rodc1
    check "rodc1 answers" on "$c" 'timeout 3 ldapsearch -x -H ldap://$JT_RODC_ADDR -b "" -s base'
    check "dc3 is silent" fails on "$c" 'timeout 0.5 ldapsearch -x -H ldap://$JT_DC3_ADDR -b "" -s base'
    check "clear, cut:2@rodc1" c_fault clear cut:2@rodc1
    check "rodc1's line ends after two packets" fails on "$c" 'timeout 0.5 ldapsearch -x -H ldap://$JT_RODC_ADDR -b "" -s base'
    check "dc1's does not" on "$c" 'timeout 3 ldapsearch -x -H ldap://$JT_DC_ADDR -b "" -s base'
    check "clear, delay:300@dc3" c_fault clear delay:300@dc3
    check "dc3 is slow" takes_ms 600 2500 on "$c" 'timeout 2 bash -c "</dev/tcp/$JT_DC3_ADDR/389"'
    check "rodc1 is not" on "$c" 'timeout 0.3 bash -c "</dev/tcp/$JT_RODC_ADDR/389"'
    check "clear, cut:1@all" c_fault clear cut:1@all
    check "one packet passes, whichever line" fails on "$c" 'timeout 0.5 bash -c "</dev/tcp/$JT_DC3_ADDR/389; </dev/tcp/$JT_RODC_ADDR/389"'
    check "clear" c_fault clear
    check "a controller that is not there is refused" says "no such controller" c_fault dc:stop@dc9
    check "from inside a client: dc:stop@dc3" fails "$JT_HERE/exec" "$c" -- bash -c '"$0" "$JT_DIR" dc:stop@dc3 && timeout 1 ldapsearch -x -H ldap://$JT_DC3_ADDR -b "" -s base' "$JT_HERE/fault"
    check "clear again" c_fault clear
}

check_failover() {
    check "dc:kill" c_fault dc:kill
    check "dc1 is gone" says "refused" on "$c" 'open $JT_DC_ADDR/389'
    check "dc3 resolves names, logs on and creates" create_at dc3 m3
    check "dc:start" c_fault dc:start
    check "dc1 catches up" replicates dc3 dc1
    check "and knows what was made meanwhile" says "dn: CN=m3" search_at dc1 m3
    check "deaddc" c_fault deaddc
    check "the dead are known at dc3" says "dc9" on "$c" 'dig +short @10.53.1.3 SRV _ldap._tcp.dc._msdcs.corp.example.com'
}
