import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { JsonObject } from '../pipe/pipe.ts'
import { openSyslog } from './syslog.ts'

const folder = mkdtempSync(join(tmpdir(), 'syslog-'))
after(() => rmSync(folder, { recursive: true }))
const logging = (config: JsonObject) => ({ 'telemetry/logging': config })
const hasLogger = spawnSync('logger', ['--version']).stdout?.includes('util-linux') === true

describe('syslog', () => {
  it('is not there unless it is asked for and listens', () => {
    assert.equal(openSyslog({}), undefined)
    assert.equal(openSyslog(logging({ level: 'INFO', syslog: false })), undefined)
    const sockets = [join(folder, 'nothing')]
    assert.equal(openSyslog(logging({ level: 'INFO', syslog: true }), { sockets }), undefined)
  })

  const skip = hasLogger ? false : 'the logger command of util-linux is not installed'
  it('gets lines with facility, severity and tag', { skip }, async () => {
    const path = join(folder, 'log')
    const server = createServer().listen(path)
    await once(server, 'listening')
    const config = { level: 'ERROR', syslog: true, syslog_facility: 'LOCAL5', prefix: 'shop' }
    const syslog = openSyslog(logging(config), { sockets: [path] })
    assert.ok(syslog !== undefined)
    const connected = once(server, 'connection')
    syslog.write('ERROR > one')
    syslog.write('CRITICAL > two')
    const [socket] = (await connected) as [Socket]
    let text = ''
    while (!text.includes('two')) text += (await once(socket, 'data'))[0]
    // local5 is 21, err is 3.
    assert.match(text, /^<171>\w{3} [ 0-9]{2} [0-9:]{8} (\S+ )?shop(\[[0-9]+\])?: ERROR > one/)
    assert.match(text, /shop(\[[0-9]+\])?: CRITICAL > two/)
    const ended = once(socket, 'close')
    syslog.close()
    await ended
    syslog.write('after the end: nobody hears it')
    server.close()
  })
})
