# Sourced by the scripts of this folder: state folder, processes by pid, waiting, certificates.
# State lives under $STATE_DIR: bin (built once, kept), build, data (new at each start), log, run (pid and start time), tls.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE_DIR=${STATE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/gateway-test-servers}
BIN_DIR=$STATE_DIR/bin
mkdir -p "$BIN_DIR" "$STATE_DIR/run" "$STATE_DIR/log" "$STATE_DIR/data"
# Debian puts some servers where not every shell looks.
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }
now_ms() { date +%s%3N; }
start_time_of() { awk '{print $22}' "/proc/$1/stat" 2>/dev/null || true; }

# apt_once PROGRAM PACKAGE...: installs the packages unless PROGRAM is there already.
apt_once() {
  local program=$1; shift
  command -v "$program" >/dev/null 2>&1 && return 0
  [ -x "/usr/sbin/$program" ] && return 0
  # policy-rc.d keeps the packages from starting system services of their own.
  local guard=/usr/sbin/policy-rc.d made=
  [ -e "$guard" ] || { printf '#!/bin/sh\nexit 101\n' >"$guard"; chmod +x "$guard"; made=1; }
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$STATE_DIR/log/apt-$program.log" 2>&1 ||
    { apt-get update >/dev/null 2>&1; DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$STATE_DIR/log/apt-$program.log" 2>&1; }
  [ -z "$made" ] || rm -f "$guard"
}

alive() { # alive NAME
  local pid start
  [ -s "$STATE_DIR/run/$1.pid" ] || return 1
  read -r pid start <"$STATE_DIR/run/$1.pid"
  [ "$(start_time_of "$pid")" = "$start" ] && [ "$(awk '{print $3}' "/proc/$pid/stat" 2>/dev/null)" != Z ]
}
pid_of() { local pid rest; read -r pid rest <"$STATE_DIR/run/$1.pid"; printf '%s' "$pid"; }

spawn() { # spawn NAME COMMAND...
  local name=$1; shift
  if alive "$name"; then say "$name already runs (pid $(pid_of "$name"))"; return 0; fi
  setsid env -C "$STATE_DIR/data" "$@" >"$STATE_DIR/log/$name.log" 2>&1 </dev/null &
  local pid=$!
  printf '%s %s\n' "$pid" "$(start_time_of "$pid")" >"$STATE_DIR/run/$name.pid"
}

wait_for() { # wait_for NAME SECONDS COMMAND...: polls until COMMAND succeeds
  local name=$1 limit=$2 from; shift 2; from=$(now_ms)
  until "$@" >/dev/null 2>&1; do
    alive "$name" || { say "$name ended early:"; tail -n 20 "$STATE_DIR/log/$name.log" >&2; return 1; }
    [ $(( $(now_ms) - from )) -lt $((limit * 1000)) ] || { say "$name not ready in $limit s"; tail -n 20 "$STATE_DIR/log/$name.log" >&2; return 1; }
    sleep 0.1
  done
  say "$name ready after $(( $(now_ms) - from )) ms, pid $(pid_of "$name"), $(rss_of "$name") MB"
}

rss_of() { awk '/^VmRSS/ {printf "%d", $2/1024}' "/proc/$(pid_of "$1")/status" 2>/dev/null || printf '?'; }

halt() { # halt NAME...: ends only what spawn started, by its pid
  local name pid n
  for name in "$@"; do
    if alive "$name"; then
      pid=$(pid_of "$name"); kill "$pid" 2>/dev/null || true
      for n in $(seq 100); do alive "$name" || break; sleep 0.1; done
      if alive "$name"; then kill -9 "$pid" 2>/dev/null || true; fi
      say "$name stopped"
    fi
    rm -f "$STATE_DIR/run/$name.pid"
  done
}

fresh_data() { rm -rf "${STATE_DIR:?}/data/$1"; mkdir -p "$STATE_DIR/data/$1"; printf '%s' "$STATE_DIR/data/$1"; }

# make_certs: a CA, a server certificate for 127.0.0.1/localhost and a client certificate, in $STATE_DIR/tls.
make_certs() {
  local d=$STATE_DIR/tls; mkdir -p "$d"; [ -s "$d/client.crt" ] && return 0
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=test ca' -keyout "$d/ca.key" -out "$d/ca.crt" 2>/dev/null
  local who san
  for who in server client; do
    san='subjectAltName=IP:127.0.0.1,DNS:localhost'
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$who" -keyout "$d/$who.key" -out "$d/$who.csr" 2>/dev/null
    openssl x509 -req -days 30 -in "$d/$who.csr" -CA "$d/ca.crt" -CAkey "$d/ca.key" -CAcreateserial \
      -extfile <(printf '%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$san") -out "$d/$who.crt" 2>/dev/null
  done
}

# go_build NAME PACKAGE MODULE@VERSION [EXTRA go.mod lines on stdin]: builds a main package from Go's modules.
# A throwaway module requires MODULE, so the replace directives of MODULE itself do not apply. Its go.sum is MODULE's own
# (not every dependency is in every checksum database, and MODULE's zip, itself verified, names their sums).
go_build() {
  local name=$1 package=$2 module=${3%@*} version=${3#*@} dir=$STATE_DIR/build/$1
  [ -x "$BIN_DIR/$name" ] && return 0
  mkdir -p "$dir"
  { printf 'module local/%s\n\ngo %s\n\nrequire %s %s\n' "$name" "$(go env GOVERSION | sed -E 's/^go([0-9.]+).*/\1/')" "$module" "$version"; cat; } >"$dir/go.mod"
  local from; from=$(cd "$dir" && GOFLAGS=-mod=mod go mod download -json "$module@$version" | jq -r '.Dir // empty'); rm -f "$dir/go.sum"
  [ ! -s "$from/go.sum" ] || { cp "$from/go.sum" "$dir/go.sum" && chmod u+w "$dir/go.sum"; }
  ( cd "$dir" && GOFLAGS='-mod=mod -buildvcs=false' CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags "-s -w ${GO_LDFLAGS:-}" -o "$BIN_DIR/$name" "$package" ) >"$STATE_DIR/log/build-$name.log" 2>&1 ||
    { tail -n 20 "$STATE_DIR/log/build-$name.log" >&2; return 1; }
}

usage() { say "usage: $(basename "$0") install | start | stop | demo"; exit 2; }
