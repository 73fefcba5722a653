#!/usr/bin/env bash
# InfluxDB 1 on 127.0.0.1:9326 with users: root/rootpw, and writer/writerpw who may write to krakend. install | start | stop | demo | query TEXT
source "$(dirname "$0")/common.sh"
PORT=9326
install() { apt_once influxd influxdb; }
start() {
  alive influx && { say "influx already runs"; return 0; }
  local d; d=$(fresh_data influx)
  cat >"$d/influxdb.conf" <<TOML
reporting-disabled = true
bind-address = "127.0.0.1:9327"
[meta]
  dir = "$d/meta"
[data]
  dir = "$d/data"
  wal-dir = "$d/wal"
[http]
  bind-address = "127.0.0.1:$PORT"
  auth-enabled = true
TOML
  spawn influx influxd -config "$d/influxdb.conf"
  wait_for influx 30 curl -sf -m 1 "http://127.0.0.1:$PORT/ping"
  curl -sf "http://127.0.0.1:$PORT/query" --data-urlencode "q=CREATE USER root WITH PASSWORD 'rootpw' WITH ALL PRIVILEGES" >/dev/null
  query "CREATE DATABASE krakend; CREATE USER writer WITH PASSWORD 'writerpw'; GRANT ALL ON krakend TO writer" >/dev/null
}
query() { curl -sS "http://127.0.0.1:$PORT/query" -u root:rootpw --data-urlencode "db=krakend" --data-urlencode "q=$1"; }
demo() {
  curl -sS -w '%{http_code}\n' -u writer:writerpw "http://127.0.0.1:$PORT/write?db=krakend&precision=s" --data-binary 'requests,name=/a total=1i'
  query 'SELECT * FROM requests'
}
case ${1:-} in install) install ;; start) start ;; stop) halt influx ;; demo) demo ;; query) query "$2" ;; *) usage ;; esac
