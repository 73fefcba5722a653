import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../pipe/pipe.ts'
import { botDetector, botDetectorOfService } from './bot-detector.ts'
import { tryGuard } from './try-guard.ts'

const agent = (name: string) => ({ headers: ['user-agent', name] })
const verdicts = async (config: JsonObject, ...agents: string[]) => {
  const guard = tryGuard(botDetector, config)
  const found: number[] = []
  for (const name of agents) found.push((await guard.send(agent(name))).reply.status)
  return found
}

describe('security/bot-detector', () => {
  const config = {
    allow: ['good-crawler', 'both'],
    deny: ['BadBot', 'both'],
    patterns: ['(?i)crawler', '^curl/[0-9.]+$'],
  }
  it('looks at no agent, allowed, denied and patterns, in this order', async () => {
    const agents = ['', 'good-crawler', 'both', 'BadBot', 'badbot', 'X-CRAWLER', 'curl/8.1', 'curl']
    const expected = [200, 200, 200, 403, 200, 403, 403, 200]
    assert.deepEqual(await verdicts(config, ...agents), expected)
    assert.deepEqual(await verdicts({ ...config, empty_user_agent_is_bot: true }, ''), [403])
  })
  it('reads agents as UTF-8', async () => {
    const sent = Buffer.from('böt').toString('latin1')
    for (const lists of [{ deny: ['böt'] }, { patterns: ['^b.t$'] }])
      assert.deepEqual(await verdicts(lists, sent), [403])
  })
  it('says the same from its memory, also when that is too small', async () => {
    const agents = ['BadBot', 'good-crawler', 'x-crawler', 'Mozilla', 'BadBot', 'Mozilla', '', '']
    const expected = await verdicts(config, ...agents)
    for (const cache_size of [1, 2, 100])
      assert.deepEqual(await verdicts({ ...config, cache_size }, ...agents), expected)
  })
  it('refuses with an empty 403, a line in the log, and no health', async () => {
    const guard = tryGuard(botDetectorOfService, { deny: ['BadBot'] })
    const { reply, passed } = await guard.send(agent('BadBot'))
    assert.deepEqual({ ...reply }, { status: 403, headers: [], body: undefined })
    assert.equal(passed, undefined)
    assert.deepEqual(guard.lines, ['[SERVICE: Gin][Botdetector] bot rejected'])
    const health = await guard.send({ ...agent('BadBot'), path: '/__health' })
    assert.equal(health.reply.status, 200)
  })
  it('takes a long agent against a bad pattern in no time', async () => {
    const startMs = performance.now()
    await verdicts({ patterns: ['^(a+)+$'], cache_size: 10 }, `${'a'.repeat(100_000)}!`)
    assert(performance.now() - startMs < 1000)
  })
  it('stops the start where it could not work', () => {
    const place = 'endpoints[3].extra_config."security/bot-detector"'
    const wrong: [JsonObject, string][] = [
      [{ patterns: ['ok', '(unclosed'] }, `${place}.patterns[1]`],
      [{ deny: 'BadBot' }, `${place}.deny`],
      [{ cache_size: -1 }, `${place}.cache_size`],
    ]
    for (const [each, path] of wrong)
      assert.throws(
        () => tryGuard(botDetector, each),
        (error: Error) => error.name === 'ConfigError' && error.message.startsWith(path),
      )
  })
})
