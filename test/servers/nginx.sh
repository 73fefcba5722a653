#!/usr/bin/env bash
# nginx with a static JSON object (/json) on 127.0.0.1:9350 and :9351, as an upstream that is never the bottleneck: install | start | stop
source "$(dirname "$0")/common.sh"
install() { apt_once nginx nginx-light; }
start() {
  alive nginx && { say "nginx already runs"; return 0; }
  local d; d=$(fresh_data nginx)
  cat >"$d/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $d/pid;
error_log $d/error.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path $d/body; proxy_temp_path $d/proxy; fastcgi_temp_path $d/fastcgi; uwsgi_temp_path $d/uwsgi; scgi_temp_path $d/scgi;
  server {
    listen 127.0.0.1:9350;
    listen 127.0.0.1:9351;
    location = /json { default_type application/json; return 200 '{"id":7,"name":"seven","port":\$server_port}'; }
  }
}
CONF
  spawn nginx "$(command -v nginx || echo /usr/sbin/nginx)" -p "$d" -c "$d/nginx.conf"
  wait_for nginx 10 curl -sf -m 1 http://127.0.0.1:9350/json
}
case ${1:-} in install) install ;; start) start ;; stop) halt nginx ;; *) usage ;; esac
