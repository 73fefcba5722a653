#!/usr/bin/env bash
# Kafka (one node, KRaft) on 127.0.0.1:9295, its controller on :9296: install | start | stop | demo
source "$(dirname "$0")/common.sh"
VERSION=3.9.1
LIB=$BIN_DIR/kafka-$VERSION
D=$STATE_DIR/data/kafka
install() {
  [ -s "$LIB/kafka_2.13-$VERSION.jar" ] && return 0
  local d=$STATE_DIR/build/kafka; mkdir -p "$d"
  cat >"$d/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$VERSION</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
XML
  ( cd "$d" && nice -n 10 mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$LIB" ) >"$STATE_DIR/log/build-kafka.log" 2>&1 ||
    { tail -n 20 "$STATE_DIR/log/build-kafka.log" >&2; return 1; }
}
java_kafka() { java -Xmx256m -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$LIB/*" "$@"; }
start() {
  alive kafka && { say "kafka already runs"; return 0; }
  fresh_data kafka >/dev/null
  cat >"$D/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9296
listeners=PLAINTEXT://127.0.0.1:9295,CONTROLLER://127.0.0.1:9296
advertised.listeners=PLAINTEXT://127.0.0.1:9295
controller.listener.names=CONTROLLER
log.dirs=$D/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.partitions=1
CONF
  java_kafka kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$D/server.properties" >"$STATE_DIR/log/kafka-format.log" 2>&1
  spawn kafka java -Xmx256m -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$LIB/*" kafka.Kafka "$D/server.properties"
  wait_for kafka 60 bash -c ': </dev/tcp/127.0.0.1/9295'
}
demo() { java_kafka org.apache.kafka.tools.TopicCommand --bootstrap-server 127.0.0.1:9295 --list; }
case ${1:-} in install) install ;; start) start ;; stop) halt kafka ;; demo) demo ;; *) usage ;; esac
