#!/usr/bin/env bash
# NATS on 127.0.0.1:9290, monitoring on :9291: install | start | stop | demo
source "$(dirname "$0")/common.sh"
PORT=9290
MONITOR=9291
install() { apt_once nats-server nats-server; }
start() {
  alive nats && { say "nats already runs"; return 0; }
  spawn nats nats-server -a 127.0.0.1 -p $PORT -m $MONITOR
  wait_for nats 10 curl -sf -m 1 "http://127.0.0.1:$MONITOR/varz"
}
demo() { curl -sS "http://127.0.0.1:$MONITOR/varz" | jq -c '{version, connections}'; }
case ${1:-} in install) install ;; start) start ;; stop) halt nats ;; demo) demo ;; *) usage ;; esac
