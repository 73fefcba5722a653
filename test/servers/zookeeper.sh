#!/usr/bin/env bash
# ZooKeeper on 127.0.0.1:9240 (admin HTTP :9241; with `start tls` TLS on :9242, which asks for a client certificate), with Curator service-discovery style nodes under /services.
# install | start [plain|tls] | stop | demo | cli ZKCLI-ARGUMENTS... | register NAME ID PORT | unregister NAME ID (persistent nodes, by hand)
# curator NAME ID PORT | curator-stop ID: the same through Apache Curator itself (ephemeral node, lives as long as the process).
source "$(dirname "$0")/common.sh"
PORT=9240
ADMIN=9241
SECURE=9242
TLS=$STATE_DIR/tls
# The Debian jar names the jars it needs in its manifest.
CP=/usr/share/java/zookeeper.jar
JVM=(java -Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dzookeeper.admin.serverAddress=127.0.0.1 -Dzookeeper.admin.serverPort=$ADMIN -Dzookeeper.extendedTypesEnabled=true -Dzookeeper.4lw.commands.whitelist='*')

CURATOR_VERSION=${CURATOR_VERSION:-5.7.1}
CURATOR=$BIN_DIR/curator-$CURATOR_VERSION

install() {
  [ -e /usr/share/java/zookeeper.jar ] || apt_once zkServer.sh zookeeper
  [ -e "$CURATOR/local/Registrar.class" ] && return 0
  local d=$STATE_DIR/build/curator; mkdir -p "$d/src" "$CURATOR"
  cat >"$d/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>curator</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.apache.curator</groupId><artifactId>curator-x-discovery</artifactId><version>$CURATOR_VERSION</version></dependency></dependencies>
</project>
POM
  cat >"$d/src/Registrar.java" <<'JAVA'
package local;

import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.UriSpec;

public class Registrar {
  public static void main(String[] a) throws Exception {
    CuratorFramework client = CuratorFrameworkFactory.newClient(a[0], 4000, 4000, new RetryOneTime(500));
    client.start();
    @SuppressWarnings({"rawtypes", "unchecked"})
    Class<Map<String, Object>> type = (Class) Map.class;
    ServiceInstance<Map<String, Object>> it = ServiceInstance.<Map<String, Object>>builder()
        .name(a[1]).id(a[2]).address("127.0.0.1").port(Integer.parseInt(a[3]))
        .payload(Map.of("weight", 3, "zone", "a")).uriSpec(new UriSpec("{scheme}://{address}:{port}")).build();
    ServiceDiscoveryBuilder.builder(type).client(client).basePath("/services").thisInstance(it).build().start();
    Thread.sleep(Long.MAX_VALUE);
  }
}
JAVA
  ( cd "$d" && nice -n 10 mvn -q -B dependency:copy-dependencies -DoutputDirectory="$CURATOR" && javac -cp "$CURATOR/*" -d "$CURATOR" src/Registrar.java ) >"$STATE_DIR/log/build-curator.log" 2>&1 ||
    { tail -n 20 "$STATE_DIR/log/build-curator.log" >&2; return 1; }
}
curator() { spawn "curator-$2" java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$CURATOR:$CURATOR/*" local.Registrar 127.0.0.1:$PORT "$@"; wait_for "curator-$2" 15 seen "/services/$1" "$2"; }
seen() { cli ls "$1" | grep -q -- "$2"; }

# TLS is Netty's, of which Debian's package names a part; all of it comes with Curator, and a ZooKeeper of its own.
secure() {
  make_certs
  cat "$TLS/server.key" "$TLS/server.crt" >"$TLS/server.pem"; cp "$TLS/ca.crt" "$TLS/ca.pem"
  cat <<CFG
secureClientPort=$SECURE
secureClientPortAddress=127.0.0.1
serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
ssl.keyStore.type=PEM
ssl.keyStore.location=$TLS/server.pem
ssl.trustStore.type=PEM
ssl.trustStore.location=$TLS/ca.pem
ssl.clientAuth=need
CFG
}

start() {
  alive zookeeper && { say "zookeeper already runs"; return 0; }
  local d; d=$(fresh_data zookeeper)
  cat >"$d/zoo.cfg" <<CFG
tickTime=500
minSessionTimeout=1000
maxSessionTimeout=40000
dataDir=$d/data
clientPort=$PORT
clientPortAddress=127.0.0.1
admin.serverPort=$ADMIN
4lw.commands.whitelist=*
CFG
  local cp=$CP
  [ "${1:-plain}" != tls ] || { secure >>"$d/zoo.cfg"; cp="$CURATOR/*:$CP"; }
  spawn zookeeper "${JVM[@]}" -cp "$cp" org.apache.zookeeper.server.ZooKeeperServerMain "$d/zoo.cfg"
  wait_for zookeeper 30 ok
  [ "${1:-plain}" != tls ] || wait_for zookeeper 30 listens $SECURE
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
ok() { word ruok | grep -q imok; }
word() { exec 3<>/dev/tcp/127.0.0.1/$PORT; printf '%s' "$1" >&3; timeout 2 cat <&3; exec 3>&-; } # one that starts may accept and never answer
cli() { java -Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$CP" org.apache.zookeeper.ZooKeeperMain -server 127.0.0.1:$PORT "$@" 2>&1 | grep -vE '^(Connecting|WATCHER|WatchedEvent|$)|DEBUG|INFO|SLF4J|log4j'; }

instance() { printf '{"name":"%s","id":"%s","address":"127.0.0.1","port":%s,"sslPort":null,"payload":null,"registrationTimeUTC":%s,"serviceType":"DYNAMIC","uriSpec":{"parts":[{"value":"scheme","variable":true},{"value":"://","variable":false},{"value":"address","variable":true},{"value":":","variable":false},{"value":"port","variable":true}]}}' "$1" "$2" "$3" "$(now_ms)"; }
register() { cli create /services "" >/dev/null || true; cli create "/services/$1" "" >/dev/null || true; cli create "/services/$1/$2" "$(instance "$1" "$2" "$3")" || cli set "/services/$1/$2" "$(instance "$1" "$2" "$3")" || true; }
unregister() { cli delete "/services/$1/$2"; }

demo() {
  register orders i-1 9391; register orders i-2 9392
  cli ls /services/orders; cli get /services/orders/i-1; cli ls /none || true
  curator orders i-3 9393; cli get /services/orders/i-3; cli stat /services/orders/i-3 | grep -E 'ephemeral|mZxid'; halt curator-i-3
  local from; from=$(now_ms); until ! seen /services/orders i-3; do :; done; echo "ephemeral node gone after $(( $(now_ms) - from )) ms"
  word srvr | head -4
}
case ${1:-} in install) install ;; start) start "${2:-plain}" ;; stop) halt zookeeper ;; demo) demo ;; cli | register | unregister | curator) "$@" ;; curator-stop) halt "curator-$2" ;; *) usage ;; esac
