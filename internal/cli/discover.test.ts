import { commandTests, scratchFolder } from '../../test/support/run-command.ts'

const { path, file } = scratchFolder()
const SERVICES = file('services.json', {
  orders: [
    { url: 'http://10.0.0.1:80', weight: 2 },
    { url: 'http://10.0.0.2:80', weight: 1 },
  ],
})
const backend = (host: string, discovery: object = {}) => ({
  sd: 'file',
  host: [host],
  url_pattern: '/o',
  extra_config: { 'backend/discovery': discovery },
})
const config = (...backends: readonly object[]) => ({
  version: 3,
  extra_config: { 'discovery/file': { path: SERVICES } },
  endpoints: backends.map((one, at) => ({ endpoint: `/e${at}`, backend: [one] })),
})
const GOOD = file('good.json', config(backend('orders')))
const MISSING = file('missing.json', config(backend('orders'), backend('nobody')))
const CHAINED = file(
  'chained.json',
  config(backend('nobody', { chain: [{ sd: 'static', host: ['http://10.9.9.9'] }] })),
)
const FILTERED = file('filtered.json', config(backend('orders', { tags: ['prod'] })))
const SECRET = 'hunter2-hunter2'
const AWAY = file('away.json', {
  version: 3,
  extra_config: {
    'discovery/consul': { address: `http://user:${SECRET}@127.0.0.1:9`, token: SECRET },
  },
  endpoints: [{ endpoint: '/a', backend: [{ sd: 'consul', host: ['orders'], url_pattern: '/' }] }],
})
const STATIC = file('static.json', {
  version: 3,
  endpoints: [{ endpoint: '/a', backend: [{ host: ['http://a'], url_pattern: '/' }] }],
})

commandTests('discover', path, [
  {
    name: 'discover shows the raw answer, the rules and the hosts with their shares',
    words: ['discover', '-c', GOOD],
    status: 0,
    out: [
      /^file orders\n {2}for GET \/e0 backend\[0\]\n {2}file orders answered in \d+ ms: success\n {4}http:\/\/10\.0\.0\.1:80 {2}weight 2\n/,
      /rules\n {4}.*2 instances\n {4}file orders: its answer serves\n/,
      /hosts: 2\n {4}http:\/\/10\.0\.0\.1:80 {2}2 of 3\n {4}http:\/\/10\.0\.0\.2:80 {2}1 of 3\n/,
    ],
  },
  {
    name: 'discover ends with 1 when a registry does not know a service',
    words: ['discover', '-c', MISSING],
    status: 1,
    out: [/file nobody answered in \d+ ms: not-found: .*does not name nobody/, /hosts: 0\n/],
  },
  {
    name: 'discover shows only what is named',
    words: ['discover', '-c', MISSING, 'orders'],
    status: 0,
    out: [/^file orders\n(?:(?!nobody)[\s\S])*$/],
  },
  {
    name: 'discover finds nothing under an unknown name',
    words: ['discover', '-c', GOOD, 'ordres'],
    status: 1,
    out: [/No backend takes its hosts from a registry\./],
  },
  {
    name: 'discover tells who stands in',
    words: ['discover', '-c', CHAINED],
    status: 1,
    out: [/static: its list stands in\n/, /http:\/\/10\.9\.9\.9 {2}1 of 1\n/],
  },
  {
    name: 'discover tells what a filter dropped',
    words: ['discover', '-c', FILTERED],
    status: 1,
    out: [/10\.0\.0\.1:80: dropped, it has no tag "prod"\n/, /none of 2 instances is wanted/],
  },
  {
    name: 'discover prints no secret',
    words: ['discover', '-c', AWAY],
    status: 1,
    out: [/consul orders answered in \d+ ms: unreachable/, /^(?:(?!hunter2)[\s\S])*$/],
  },
  {
    name: 'discover prints JSON for programs',
    words: ['discover', '--json', '-c', GOOD],
    status: 0,
    out: [/^\{\n {2}"lists": \[[\s\S]*"result": "success"[\s\S]*"slots": 3/],
  },
  {
    name: 'discover has nothing to ask where all hosts are written',
    words: ['discover', '-c', STATIC],
    status: 0,
    out: [/^No backend takes its hosts from a registry\.\n$/],
  },
  {
    name: 'check --discovery accepts registries that answer',
    words: ['check', '--discovery', '-c', GOOD],
    status: 0,
    err: [/Syntax OK!\n$/],
  },
  {
    name: 'check --discovery fails when one cannot, and prints no secret',
    words: ['check', '--discovery', '-c', AWAY],
    status: 1,
    err: [
      /ERROR asking the registries:\tGET \/a backend\[0\]: consul orders has no whole answer/,
      /^(?:(?!hunter2)[\s\S])*$/,
    ],
  },
  {
    name: 'check without it uses no network',
    words: ['check', '-c', AWAY],
    status: 0,
    err: [/Syntax OK!\n$/],
  },
])
