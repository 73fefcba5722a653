import { commandTests, scratchFolder } from '../../test/support/run-command.ts'

const { path, file } = scratchFolder()
const host = ['http://127.0.0.1:99']
const VALID = file('valid.json', {
  version: 3,
  endpoints: [
    {
      endpoint: '/users/{id}',
      input_headers: ['X-Tenant'],
      timeout: '1s',
      backend: [{ host, url_pattern: '/u/{id}', deny: ['password'] }],
    },
    {
      endpoint: '/orders',
      method: 'POST',
      backend: [
        { host, url_pattern: '/o' },
        { host, url_pattern: '/p' },
      ],
    },
  ],
})
const TWICE = file('twice.json', {
  version: 3,
  endpoints: ['/a', '/b'].map((url_pattern) => ({
    endpoint: '/twice',
    backend: [{ host, url_pattern }],
  })),
})
const MISSING = /^Please, provide the path to the configuration file with --config/
const UNKNOWN = file('unknown.json', { version: 3, nmae: 'shop' })
const GUARD = file('guard.json', { version: 3, extra_config: { 'auth/of-tomorrow': {} } })
const BROKEN_ENDPOINTS = ['1 +', 'req_params.Id =='].map((check_expr, at) => ({
  endpoint: `/${at}`,
  extra_config: { 'validation/cel': [{ check_expr }] },
  backend: [{ host, url_pattern: '/' }],
}))
const BROKEN = file('broken.json', { version: 3, endpoints: BROKEN_ENDPOINTS })

/** Nothing of this can be used, nor is anything of it odd in the eyes of the others. */
const WRONG = file('wrong.json', {
  version: 3,
  nmae: 'shop',
  port: 70_000,
  endpoints: [
    {
      endpoint: '/a',
      extra_config: { 'qos/ratelimit/router': { max_rate: 1, every: 'never', capacity: -1 } },
      backend: [{ host, url_pattern: '/{nope}' }],
    },
  ],
})
const ALL_WRONG = [
  /invalid port 70000 .*at port;/,
  /undefined output param 'nope'! .*at endpoints\[0\]\.backend\[0\]\.url_pattern\)/,
  /time: invalid duration .*at endpoints\[0\]\.extra_config\."qos\/ratelimit\/router"\.every;/,
  /a value out of range.*at endpoints\[0\]\.extra_config\."?qos\/ratelimit\/router"?\.capacity;/,
]

commandTests('a document in which much is wrong is told all of it', path, [
  ...[['check'], ['audit'], ['run'], ['check', '-t']].map((words) => ({
    name: words.join(' '),
    words: [...words, '-c', WRONG],
    status: words[0] === 'run' ? 255 : 1,
    err: [...ALL_WRONG, /^(?!.*nmae)/s],
  })),
  {
    name: 'check -l, with what it alone refuses',
    words: ['check', '-lc', WRONG],
    status: 1,
    err: [...ALL_WRONG, /unknown key "nmae".*at nmae; did you mean name\?/],
  },
  {
    name: 'check -lt, when only lint finds something',
    words: [
      'check',
      '-ltc',
      file('odd.json', { version: 3, nmae: 'shop', endpoints: BROKEN_ENDPOINTS }),
    ],
    status: 1,
    err: [
      /unknown key "nmae"/,
      /endpoints\[0\]\.extra_config\."validation\/cel"\[0\]\.check_expr: /,
      /endpoints\[1\]\.extra_config\."validation\/cel"\[0\]\.check_expr: /,
    ],
  },
])

commandTests('check', path, [
  {
    name: 'check -t names every endpoint that cannot be built, with its line',
    words: ['check', '-tc', BROKEN],
    status: 1,
    err: [
      /broken\.json:\d+:\d+ endpoints\[0\]\.extra_config\."validation\/cel"\[0\]\.check_expr: /,
      /broken\.json:\d+:\d+ endpoints\[1\]\.extra_config\."validation\/cel"\[0\]\.check_expr: /,
    ],
  },
  {
    name: 'check accepts a valid file',
    words: ['check', '-c', VALID],
    status: 0,
    err: [/^Parsing configuration file: .*valid\.json\nSyntax OK!\n$/],
  },
  {
    name: 'validate is check',
    words: ['validate', '--config', VALID],
    status: 0,
    err: [/Syntax OK!\n$/],
  },
  { name: 'check without a file asks for it', words: ['check'], status: 1, err: [MISSING] },
  {
    name: 'check of a missing file says so',
    words: ['check', '-c', 'none.json'],
    status: 1,
    err: [
      /^Parsing configuration file: none\.json\nERROR parsing the configuration file:\t'none\.json': open none\.json: no such file or directory\n\n$/,
    ],
  },
  {
    name: 'check combines flags',
    words: ['check', '-dtc', VALID],
    status: 0,
    err: [/\t- GET \/users\/:id\n[\s\S]*Syntax OK!\n$/],
  },
  {
    name: 'check -ddd shows the transport',
    words: ['check', '-ddd', '-i', '..', '-c', VALID],
    status: 0,
    err: [/^\.\.Dialer timeout: 0s$/m],
  },
  {
    name: 'check -t names two equal endpoints',
    words: ['check', '-t', '-c', TWICE],
    status: 1,
    err: [/ERROR testing the configuration file:/, /'\/twice'/, /endpoints\[1\]/],
  },
  {
    name: "check -s applies a schema of the user's own",
    words: [
      'check',
      '-s',
      file('rules.json', {
        $schema: 'http://json-schema.org/draft-07/schema#',
        required: ['version', 'name'],
      }),
      '-c',
      VALID,
    ],
    status: 1,
    err: [
      /ERROR linting the configuration file:\tjsonschema validation failed/,
      /- at '': missing property 'name'\n/,
    ],
  },
  {
    name: 'check -s of a schema that is none says so',
    words: ['check', '-s', 'none.json', '-c', VALID],
    status: 1,
    err: [/ERROR compiling the schema:\tfailing loading/],
  },
  {
    name: 'check --json prints one object for machines',
    words: ['check', '--json', '-t', '-c', TWICE],
    status: 1,
    out: [/"isValid": false/, /"path": "endpoints\[1\]\.endpoint"/],
  },
  {
    name: 'a key nobody knows passes a check',
    words: ['check', '-c', UNKNOWN],
    status: 0,
    err: [/Syntax OK!\n$/],
  },
  ...['-l', '-n'].map((flag) => ({
    name: `a key nobody knows fails check ${flag}`,
    words: ['check', flag, '-c', UNKNOWN],
    status: 1,
    err: [/ERROR linting the configuration file:\t.*nmae.*did you mean name\?/s],
  })),
  {
    name: 'a guard that this gateway does not have fails, as it would stop a start',
    words: ['check', '-c', GUARD],
    status: 1,
    err: [/ERROR parsing the configuration file:\t.*auth\/of-tomorrow/s],
  },
  {
    name: 'a guard that this gateway does not have may be allowed',
    words: ['check', '--allow-unknown-security', '-c', GUARD],
    status: 0,
    err: [/Syntax OK!\n$/],
  },
  {
    name: 'an allowed guard that is missing fails check -l all the same',
    words: ['check', '-l', '--allow-unknown-security', '-c', GUARD],
    status: 1,
    err: [/ERROR linting the configuration file:\t.*auth\/of-tomorrow/s],
  },
  {
    name: 'check -t builds a configuration that is in order, and ends',
    words: ['check', '-t', '-c', VALID],
    status: 0,
    err: [/Syntax OK!\n$/],
  },
])
