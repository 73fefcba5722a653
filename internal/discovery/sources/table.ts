import type { SourceFactory } from '../discovery.ts'
import { consulSource } from './consul.ts'
import { dnsSource } from './dns/dns-source.ts'
import { etcdSource } from './etcd.ts'
import { eurekaSource } from './eureka.ts'
import { fileSource } from './file.ts'
import { kubernetesSource } from './kubernetes.ts'
import { nacosSource } from './nacos.ts'
import { staticSource } from './static.ts'
import { zookeeperSource } from './zookeeper/zookeeper.ts'

/** Every registry, by what a backend's `sd` calls it: to add one, write its file and its line here. */
export const sources = {
  static: staticSource,
  dns: dnsSource,
  etcd: etcdSource,
  eureka: eurekaSource,
  consul: consulSource,
  zookeeper: zookeeperSource,
  nacos: nacosSource,
  kubernetes: kubernetesSource,
  file: fileSource,
} as const satisfies Record<string, SourceFactory>
