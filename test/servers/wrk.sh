#!/usr/bin/env bash
# The load generator wrk: install
source "$(dirname "$0")/common.sh"
install() { apt_once wrk wrk; }
case ${1:-} in install) install ;; start | stop) ;; *) usage ;; esac
