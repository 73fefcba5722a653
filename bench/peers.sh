#!/usr/bin/env bash
# Installs what the bench runs beside the gateway from Debian: nginx (peer and upstream), HAProxy (peer), wrk (load).
source "$(dirname "$0")/../test/servers/common.sh"
apt_once nginx nginx-light
apt_once haproxy haproxy
apt_once wrk wrk
