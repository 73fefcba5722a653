// Imports point one way (internal/README.md). This reads what tsc emitted for `npm run lint`: type-only imports
// are gone there, so a type may be named from anywhere, and code may not.
const EMITTED = '^\\.cache/lint'
const TESTS = '\\.test\\.js$'

/**
 * Open to all: the words of the house, how durations and a feature's options are read, memory that threads share,
 * and what TLS needs.
 */
const OPEN = [
  'build-all\\.',
  'errors\\.',
  'version\\.',
  'node-http\\.',
  'small-(?:exchange|listener)\\.',
  'undici\\.',
  'pipe/',
  'config/types\\.',
  'config/duration\\.',
  'config/options\\.',
  'config/etcd-host\\.',
  'process/shared-(?:memory|table)\\.',
  'tls/',
]

/** Area → the areas it may import beside its own and the open ones. Those above (cli, process, gateway) have rules of their own. */
const ARROWS = {
  listener: ['router', 'encode', 'telemetry'],
  router: ['encode', 'telemetry'],
  endpoint: ['backend', 'merge', 'features', 'shape', 'encode', 'router', 'telemetry'],
  backend: ['balancer', 'client', 'decode', 'shape', 'features', 'telemetry'],
  merge: ['backend', 'shape', 'encode'],
  agents: ['endpoint', 'features', 'router', 'telemetry'],
  cloud: ['client'],
  features: [
    'brokers',
    'cloud',
    'client',
    'limits',
    'decode',
    'shape',
    'encode',
    'telemetry',
    'static-files',
    'config/template',
  ],
  brokers: [],
  limits: [],
  balancer: [],
  client: ['telemetry'],
  decode: [],
  shape: ['decode'],
  encode: ['decode', 'shape'],
  discovery: ['client', 'balancer', 'telemetry'],
  admin: ['discovery', 'listener', 'encode', 'telemetry'],
  telemetry: [],
  'static-files': [],
  tls: [],
  pipe: [],
  config: [],
}

const within = (...places) => `${EMITTED}/internal/(?:${places.join('|')})`
const anything = `${EMITTED}/(?:internal|cmd|test|bench)/`

const arrowOf = ([area, targets]) => ({
  name: `${area}-points-down`,
  comment: `may import ${targets.join(', ') || 'nothing'} beside itself and what is open to all`,
  severity: 'error',
  from: { path: within(`${area}/`), pathNot: TESTS },
  to: {
    path: anything,
    pathNot: within(...[area, ...targets].map((target) => `${target}/`), ...OPEN),
  },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'features-stay-apart',
      comment:
        'families of features meet only in typed lists on Scope; the language of expressions is open to all',
      severity: 'error',
      from: { path: `${EMITTED}/internal/features/([^/]+)/` },
      to: {
        path: within('features/'),
        pathNot: within('features/$1/', 'features/feature\\.', 'features/validation/cel/'),
      },
    },
    {
      name: 'gateway-is-below-process',
      severity: 'error',
      from: { path: within('gateway\\.') },
      to: { path: within('cli/', 'process/', 'admin/'), pathNot: within(...OPEN) },
    },
    {
      name: 'process-is-below-cli',
      severity: 'error',
      from: { path: within('process/') },
      to: { path: within('cli/') },
    },
    {
      name: 'commands-are-the-top',
      severity: 'error',
      from: { path: within(''), pathNot: TESTS },
      to: { path: `${EMITTED}/(?:cmd|test|bench)/` },
    },
    {
      name: 'no-facade-of-http',
      comment:
        'importing node:http loads fetch in every thread: internal/node-http.ts has what is needed of it',
      severity: 'error',
      from: { path: within(''), pathNot: TESTS },
      to: { path: '^(?:node:)?http$' },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^node:' },
    },
    {
      name: 'only-declared-packages',
      comment: 'what runs in production is a dependency in package.json',
      severity: 'error',
      from: { path: `${EMITTED}/(?:internal|cmd/gateway)`, pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'] },
    },
    ...Object.entries(ARROWS).map(arrowOf),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: TESTS },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
