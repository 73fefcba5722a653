#!/usr/bin/env bash
# Knot DNS as authoritative server of sd.test. and copilot-servicediscovery.local. (empty) on 127.0.0.1:9231 (UDP and TCP), changed at run time with nsupdate or with knotc (no key needed).
# install | start | stop | demo | add NAME TTL PRIORITY WEIGHT PORT TARGET | del NAME | ctl KNOTC-ARGUMENTS...
source "$(dirname "$0")/common.sh"
source "$HERE/dns-common.sh"
PORT=9231

install() { apt_once knotd knot; apt_once dig bind9-dnsutils; }

start() {
  alive knotd && { say "knotd already runs"; return 0; }
  local d; d=$(fresh_data knot); zone_text >"$d/sd.test.zone"
  printf '@ 5 IN SOA ns hostmaster 1 3600 600 86400 2\n@ 5 IN NS ns\nns 5 IN A 127.0.0.1\n' >"$d/copilot.zone"
  cat >"$d/knot.conf" <<CONF
server:
    rundir: "$d"
    listen: 127.0.0.1@$PORT
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: 4096
    answer-rotation: on
database:
    storage: "$d"
    journal-db-max-size: 64M
    kasp-db-max-size: 8M
    timer-db-max-size: 8M
    catalog-db-max-size: 8M
acl:
  - id: local
    address: 127.0.0.1
    action: [update, transfer]
zone:
  - domain: sd.test
    storage: "$d"
    file: sd.test.zone
    acl: local
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
  - domain: copilot-servicediscovery.local
    storage: "$d"
    file: copilot.zone
    acl: local
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
log:
  - target: stderr
    any: info
CONF
  spawn knotd /usr/sbin/knotd -c "$d/knot.conf"
  wait_for knotd 10 q $PORT +short SOA sd.test
}
ctl() { /usr/sbin/knotc -c "$STATE_DIR/data/knot/knot.conf" -b "$@"; }
add() { ctl zone-begin sd.test >/dev/null; ctl zone-set sd.test "$1" "$2" SRV "$3 $4 $5 $6" >/dev/null; ctl zone-commit sd.test >/dev/null; }
del() { ctl zone-begin sd.test >/dev/null; ctl zone-unset sd.test "$1" SRV >/dev/null; ctl zone-commit sd.test >/dev/null; }

demo() {
  dns_demo $PORT
  local from; from=$(now_ms); add _http._tcp.orders.sd.test. 5 10 5 9399 a3.sd.test.
  until visible $PORT _http._tcp.orders.sd.test 9399; do :; done; echo "knotc visible after $(( $(now_ms) - from )) ms"
  from=$(now_ms); nsupdate <<<"server 127.0.0.1 $PORT
zone sd.test
update add _http._tcp.orders.sd.test. 5 SRV 10 5 9398 a3.sd.test.
send"
  until visible $PORT _http._tcp.orders.sd.test 9398; do :; done; echo "nsupdate visible after $(( $(now_ms) - from )) ms"
}
case ${1:-} in install) install ;; start) start ;; stop) halt knotd ;; demo) demo ;; add | del | ctl) "$@" ;; *) usage ;; esac
