import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { describe, it } from 'node:test'
import type { ExtraConfig } from '../config/types.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { applicationLog, type LogPlaces } from './application-log.ts'
import { secrets } from './secrets.ts'

const NOON = new Date(2026, 10, 20, 12, 45, 15, 7).getTime()
const FAILURE = '[ENDPOINT: /fail] invalid status code 503'

function lines(extraConfig: ExtraConfig, places: Partial<LogPlaces> = {}): string[] {
  const written: string[] = []
  const log = applicationLog(extraConfig, {
    stdout: (line) => written.push(line),
    now: () => NOON,
    ...places,
  })
  log.debug('quiet')
  log.info('[SERVICE: Gin] Listening on port:', 8080)
  log.warning('careful')
  log.error('[ENDPOINT: /fail]', new Error('invalid status code 503'))
  log.critical('down')
  return written
}
const logging = (config: JsonObject): ExtraConfig => ({ 'telemetry/logging': config })

describe('the application log', () => {
  it('looks like Go’s standard log without telemetry/logging', () => {
    assert.deepEqual(lines({}), [
      '2026/11/20 12:45:15 KRAKEND DEBUG: quiet',
      '2026/11/20 12:45:15 KRAKEND INFO: [SERVICE: Gin] Listening on port: 8080',
      '2026/11/20 12:45:15 KRAKEND WARNING: careful',
      `2026/11/20 12:45:15 KRAKEND ERROR: ${FAILURE}`,
      '2026/11/20 12:45:15 KRAKEND CRITICAL: down',
    ])
  })

  it('writes the prefix, the time, the level in colour and the text, from the level on', () => {
    assert.deepEqual(lines(logging({ level: 'warning', stdout: true, prefix: '[SHOP]' })), [
      '[SHOP] 2026/11/20 - 12:45:15.007 \u001b[33m▶ WARNING\u001b[0m careful',
      `[SHOP] 2026/11/20 - 12:45:15.007 \u001b[31m▶ ERROR\u001b[0m ${FAILURE}`,
      '[SHOP] 2026/11/20 - 12:45:15.007 \u001b[35m▶ CRITICAL\u001b[0m down',
    ])
    const info = lines(logging({ level: 'INFO', stdout: true }))[0]
    assert.match(info ?? '', /^ 2026\/11\/20 - 12:45:15\.007 ▶ INFO\u001b\[0m \[SERVICE/)
  })

  it('writes a JSON object a line in the logstash format, without the prefix', () => {
    const config = { level: 'ERROR', stdout: true, prefix: '[SHOP]', format: 'logstash' }
    assert.equal(
      lines(logging(config))[0],
      `{"@timestamp":"2026-11-20T12:45:15.007+00:00", "@version": 1, "level": "ERROR", "message": "${FAILURE}", "module": "KRAKEND"}`,
    )
  })

  it('keeps that JSON whatever the text says', () => {
    const written: string[] = []
    const config = logging({ level: 'ERROR', stdout: true, format: 'logstash' })
    const log = applicationLog(config, { stdout: (line) => written.push(line), now: () => NOON })
    log.error('say "hi"\\ \u2028 \u001b[31m')
    assert.equal(JSON.parse(written[0] ?? '').message, 'say "hi"\\ \\u2028 \\u001b[31m')
  })

  it('follows a custom format, without the prefix', () => {
    const custom = '%{level:.3s}|%{time:15:04}|%{module}|%{message}|%{level:-6s}|%{id}'
    const config = { level: 'ERROR', stdout: true, prefix: '[SHOP]', format: 'custom' }
    assert.deepEqual(lines(logging({ ...config, custom_format: custom })), [
      `ERR|12:45|KRAKEND|${FAILURE}|ERROR |1`,
      'CRI|12:45|KRAKEND|down|CRITICAL|2',
    ])
  })

  it('writes nothing when every output is off', () => {
    assert.deepEqual(lines(logging({ level: 'DEBUG', stdout: false, syslog: false })), [])
    assert.deepEqual(lines(logging({ level: 'DEBUG' })), [])
  })

  it('puts an object in the place of the message with telemetry/logstash', () => {
    const config = logging({ level: 'ERROR', stdout: true, prefix: 'SHOP' })
    const [line = ''] = lines({ ...config, 'telemetry/logstash': { enabled: true } })
    assert.match(line, /^ 2026\/11\/20 - 12:45:15\.007 \u001b\[31m▶ ERROR\u001b\[0m \{/)
    assert.match(line, /"@timestamp":"2026-11-20T12:45:15\.007000[+-][0-9]{2}:[0-9]{2}"/)
    const { '@timestamp': _time, ...fields } = JSON.parse(line.slice(line.indexOf('{')))
    assert.deepEqual(Object.keys(fields), ['@version', 'host', 'level', 'message', 'module'])
    assert.equal(fields.module, 'SHOP')
    assert.equal(fields.host, hostname())
    assert.equal(fields.message, FAILURE)
    assert.deepEqual(lines({ 'telemetry/logstash': { enabled: true } }), lines({}))
  })

  it('falls back, and says so, when the level is none', () => {
    const written = lines(logging({ level: 'loud', stdout: true, prefix: '[SHOP]' }))
    assert.equal(
      written[0],
      '2026/11/20 12:45:15 KRAKEND ERROR: [SERVICE: Logging] Unable to create the logger: logger: invalid log level',
    )
    assert.equal(written.length, 6)
    const places = { isQuietAtStart: true }
    assert.equal(lines(logging({ level: 'loud', stdout: true }), places).length, 5)
  })

  it('writes nothing without an output, whatever the level', () => {
    for (const config of [{}, { level: 'loud' }, { level: 'DEBUG', stdout: false }])
      assert.deepEqual(lines(logging(config)), [])
  })

  it('counts lines as Go prints numbers, and knows no place in Go’s code', () => {
    const custom_format = '%{id:03x}|%{id:-3d}|%{shortfile}|%{shortfunc:5s}|%{callpath:2}'
    const config = { level: 'CRITICAL', stdout: true, format: 'custom', custom_format }
    assert.deepEqual(lines(logging(config)), ['001|1  |???:0|  ???|???'])
  })

  it('writes to syslog with its own pattern, and falls back where there is none', () => {
    const syslog: string[] = []
    const config = logging({ level: 'ERROR', syslog: true, prefix: 'shop' })
    assert.deepEqual(
      lines(config, { syslog: (line, level) => syslog.push(`${level} ${line}`) }),
      [],
    )
    assert.deepEqual(syslog, [`ERROR ERROR > ${FAILURE}`, 'CRITICAL CRITICAL > down'])
    assert.match(lines(config)[0] ?? '', /Unable to create the logger: Unix syslog delivery error/)
  })

  it('stops the start for what cannot be a pattern or a switch', () => {
    for (const config of [
      { custom_format: 'no variable' },
      { custom_format: '%{nothing}' },
      { custom_format: '%{level:5z}' },
      { custom_format: '%{id:s}' },
      {},
    ])
      assert.throws(
        () => lines(logging({ level: 'ERROR', stdout: true, format: 'custom', ...config })),
        { name: 'ConfigError' },
      )
    assert.throws(() => lines(logging({ level: 'ERROR', stdout: 'yes' })), { name: 'ConfigError' })
  })

  it('obeys the process’s own level and format', () => {
    const written = lines(logging({ level: 'DEBUG', stdout: true }), {
      format: 'json',
      level: 'CRITICAL',
    })
    const time = new Date(NOON).toISOString()
    assert.deepEqual(
      written.map((line) => JSON.parse(line)),
      [{ time, level: 'CRITICAL', message: 'down' }],
    )
    assert.equal(JSON.parse(lines({}, { format: 'json' })[0] ?? '').level, 'DEBUG')
  })

  it('lets nothing from outside look like a line of its own', () => {
    const written: string[] = []
    const log = applicationLog({}, { stdout: (line) => written.push(line), now: () => NOON })
    log.info('a\n2026/11/20 12:45:15 KRAKEND INFO: forged\r\u001b[2J\n')
    assert.deepEqual(written, [
      '2026/11/20 12:45:15 KRAKEND INFO: a\n    2026/11/20 12:45:15 KRAKEND INFO: forged\\u000d\\u001b[2J',
    ])
  })

  it('cuts secrets out, also percent-encoded, the longest first', () => {
    const known = secrets()
    known.add('hunter2/x')
    known.add('hunter2')
    known.add('abc')
    const written: string[] = []
    const log = applicationLog(
      {},
      { stdout: (line) => written.push(line), now: () => NOON, redact: known.redact },
    )
    log.info('key hunter2/x, hunter2%2Fx and hunter2, abc')
    assert.match(written[0] ?? '', /INFO: key \*\*\*, \*\*\* and \*\*\*, abc$/)
  })
})
