import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AccessLogOptions, accessLog } from './access-log.ts'

const NOON = new Date(2026, 10, 20, 12, 33, 10).getTime()
const request = { method: 'GET', path: '/users/1', rawQuery: 'q=1', clientAddress: '127.0.0.1' }

function logged(options: Partial<AccessLogOptions> = {}) {
  const lines: string[] = []
  const log = accessLog({ write: (line) => lines.push(line), now: () => NOON, ...options })
  return { lines, log }
}

describe('the access log', () => {
  // Lines of KrakenD 2.13.8, byte for byte.
  const recorded: [string, Parameters<ReturnType<typeof accessLog>>][] = [
    [
      '[GIN] 2026/11/20 - 12:33:10 | 405 |  3.365µs |       127.0.0.1 | HEAD     "/g"',
      [{ ...request, method: 'HEAD', path: '/g', rawQuery: '' }, 405, 0.003365],
    ],
    [
      '[GIN] 2026/11/20 - 12:33:10 | 404 |  1.853µs |       127.0.0.1 | QUERY    "/n\\nope/ü\\"x\\\\"',
      [{ ...request, method: 'QUERY', path: '/n%0aope/Ã¼"x\\', rawQuery: '' }, 404, 0.001853],
    ],
    [
      '[GIN] 2026/11/20 - 12:33:10 | 500 | 245.628µs |       127.0.0.1 | GET      "/fail?a=%22b"\nError #01: invalid status code 503',
      [
        { ...request, path: '/fail', rawQuery: 'a=%22b' },
        500,
        0.245628,
        ['invalid status code 503'],
      ],
    ],
  ]
  for (const [line, args] of recorded)
    it(`prints ${line.slice(23)}`, () => {
      const { lines, log } = logged()
      log(...args)
      assert.deepEqual(lines, [line])
    })

  it('cuts durations as gin does', () => {
    const durations: [number, string][] = [
      [0, '      0s'],
      [0.0001, '   100ns'],
      [0.5, '   500µs'],
      [1, '     1ms'],
      [1.23456, '  1.23ms'],
      [12.3, '  12.3ms'],
      [1234.5678, '   1.23s'],
      [83_456, '   1m20s'],
      [7_283_456, ' 2h1m20s'],
    ]
    for (const [ms, text] of durations) {
      const { lines, log } = logged()
      log(request, 200, ms)
      assert.equal(lines[0]?.split('|')[2], ` ${text} `)
    }
  })

  it('keeps quiet about the paths to skip, as decoded', () => {
    const { lines, log } = logged({ skipPaths: ['/a b', '/ü'] })
    log({ ...request, path: '/a%20b' }, 200, 1)
    log({ ...request, path: '/%c3%bc' }, 200, 1)
    assert.deepEqual(lines, [])
    log({ ...request, path: '/a' }, 200, 1)
    assert.equal(lines.length, 1)
  })

  it('stays on one line whatever a client sends', () => {
    const { lines, log } = logged()
    log({ ...request, path: '/%0a[GIN]%1b%ff%e2%80%a8', rawQuery: '\r\n\x00' }, 200, 1)
    assert.equal(lines[0]?.split('GET      ')[1], '"/\\n[GIN]\\x1b\\xff\\u2028?\\r\\n\\x00"')
  })

  it('lets no error text pass for an entry of its own, and cuts secrets out of it', () => {
    const { lines, log } = logged({ redact: (text) => text.replace('hunter2', '***') })
    log(request, 500, 1, ['a\n[GIN] forged hunter2', 'b'])
    assert.match(lines[0] ?? '', /\nError #01: a\n {4}\[GIN\] forged \*\*\*\nError #02: b$/)
  })

  it('is an object a line where that is asked for', () => {
    const { lines, log } = logged({ format: 'json', skipPaths: ['/skip'] })
    log({ ...request, path: '/%c3%bc"' }, 200, 1.5)
    log({ ...request, path: '/skip' }, 200, 1.5)
    log(request, 500, 2, ['a\nb'])
    const common = { time: new Date(NOON).toISOString(), level: 'ACCESS', client: '127.0.0.1' }
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [
        { ...common, status: 200, durationMs: 1.5, method: 'GET', path: '/ü"?q=1' },
        {
          ...common,
          status: 500,
          durationMs: 2,
          method: 'GET',
          path: '/users/1?q=1',
          errors: ['a\nb'],
        },
      ],
    )
  })
})
