#!/usr/bin/env bash
# What the other scripts use themselves: install
source "$(dirname "$0")/common.sh"
install() { apt_once curl curl; apt_once jq jq; apt_once openssl openssl; apt_once socat socat; }
case ${1:-} in install) install ;; start | stop) ;; *) usage ;; esac
