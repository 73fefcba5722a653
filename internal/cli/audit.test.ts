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
const BROKEN = file('broken.json', '{"version": 3,')
const CLEAN = file('clean.json', {
  version: 3,
  tls: { keys: [{ public_key: 'a.pem', private_key: 'b.pem' }] },
  extra_config: { 'telemetry/logging': { level: 'INFO' } },
})

commandTests('audit', path, [
  {
    name: 'audit lists findings and fails',
    words: ['audit', '-c', VALID],
    status: 1,
    err: [/^1\.2\.1\t\[HIGH\] {3}\t/, /^2\.2\.1\t\[MEDIUM\]/m, /^3\.1\.3\t\[HIGH\]/m],
  },
  {
    name: 'audit without findings succeeds and says nothing',
    words: ['audit', '-s', 'CRITICAL', '-c', CLEAN],
    status: 0,
    err: [/^$/],
  },
  {
    name: 'audit leaves out what -i and -I name',
    words: [
      'audit',
      '-s',
      'HIGH',
      '-i',
      '2.1.2, 2.1.7',
      '-I',
      file('ignored.txt', '2.2.2\n3.1.2\n\n3.1.3\n'),
      '-c',
      VALID,
    ],
    status: 1,
    err: [/^1\.2\.1\t\[HIGH\][^\n]*JWT[^\n]*\n$/],
  },
  {
    name: 'audit -f renders a template',
    words: [
      'audit',
      '-s',
      'CRITICAL,HIGH',
      '-i',
      '2.1.2,2.1.7,2.2.2,3.1.2,3.1.3',
      '-f',
      'found={{ marshal .Recommendations }}',
      '-c',
      VALID,
    ],
    status: 1,
    err: [/^found=\[\{"rule":"1\.2\.1","severity":"HIGH","message":".*JWT.*"\}\]$/],
  },
  {
    name: 'audit -f of a broken template says so',
    words: ['audit', '-f', '{{ range }', '-c', VALID],
    status: 1,
    err: [/^ERROR parsing the template:\t/],
  },
  {
    name: 'audit -I of a missing file says so',
    words: ['audit', '-I', 'none.txt', '-c', VALID],
    status: 1,
    err: [/^ERROR accessing the ignore file:\t/],
  },
  {
    name: 'audit of a broken file says so',
    words: ['audit', '-c', BROKEN],
    status: 1,
    err: [/^ERROR parsing the configuration file:\t/],
  },
  {
    name: 'audit fails on a guard that this gateway does not have',
    words: [
      'audit',
      '-s',
      'CRITICAL',
      '-c',
      file('guard.json', { version: 3, extra_config: { 'auth/of-tomorrow': {} } }),
    ],
    status: 1,
    err: [/^8\.1\.1\t\[CRITICAL\] {3}\t.*auth\/of-tomorrow/],
  },
])
