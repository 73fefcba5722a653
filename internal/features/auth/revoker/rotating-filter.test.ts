import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { filterSize, fingerprint } from './bloom-filter.ts'
import { revocationLog } from './revocation-log.ts'
import { revokerOptions } from './revoker-options.ts'
import { RotatingFilter } from './rotating-filter.ts'

describe('a rotating filter', () => {
  it('has the size that KrakenD computes', () => {
    assert.deepEqual(filterSize(10_000_000, 1e-7), { bits: 335_477_044, hashes: 24 })
  })

  it('finds what was added for two rotations at least and three at most', () => {
    const item = fc.integer({ min: 0, max: 20 })
    const step = fc.oneof({ weight: 3, arbitrary: item.map(String) }, fc.constant('rotate'))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        // One wrong yes in a thousand million: none in these runs.
        const filter = new RotatingFilter(filterSize(100, 1e-9))
        const added = new Map<string, number>()
        let turn = 0
        for (const what of steps) {
          if (what === 'rotate') {
            filter.rotate()
            turn++
          } else {
            filter.add(fingerprint(what))
            added.set(what, turn)
          }
          for (let one = 0; one <= 20; one++) {
            const at = added.get(String(one))
            const isExpected = at !== undefined && turn - at <= 2
            assert.equal(filter.has(fingerprint(String(one))), isExpected)
          }
        }
      }),
    )
  })

  it('is seen by whoever has its memory, with a generation that changes', () => {
    const size = filterSize(100, 1e-6)
    const writer = new RotatingFilter(size)
    const reader = new RotatingFilter(size, writer.memory)
    const before = reader.generation
    assert.equal(reader.has(fingerprint('jti-a')), false)
    writer.add(fingerprint('jti-a'))
    assert.notEqual(reader.generation, before)
    assert.equal(reader.has(fingerprint('jti-a')), true)
  })

  it('is wrong about as often as promised', () => {
    const filter = new RotatingFilter(filterSize(2000, 0.01))
    for (let index = 0; index < 2000; index++) filter.add(fingerprint(`in-${index}`))
    let wrong = 0
    for (let index = 0; index < 20_000; index++)
      if (filter.has(fingerprint(`out-${index}`))) wrong++
    assert.ok(wrong > 20 && wrong < 600, `${wrong} of 20000`)
  })
})

describe('the options of auth/revoker', () => {
  const GOOD = { N: 1000, P: 0.001, TTL: 60, token_keys: ['jti'] }

  it('are read in either case', () => {
    assert.deepEqual(
      revokerOptions({ n: 1000, p: 0.001, ttl: 60, token_keys: ['jti'] }).size,
      revokerOptions(GOOD).size,
    )
  })

  it('stop the start when the revoker could not work', () => {
    const wrong = (more: JsonObject, pattern: RegExp) =>
      assert.throws(
        () => revokerOptions({ ...GOOD, ...more }),
        (error) => error instanceof ConfigError && pattern.test(error.message),
      )
    wrong({ N: null }, /^extra_config\."auth\/revoker"\.N: is missing/)
    wrong({ P: 1 }, /\.p: every token would be refused/)
    wrong({ P: 0 }, /\.P: not above 0/)
    wrong({ TTL: 0 }, /\.TTL: not above 0/)
    wrong({ TTL: 1e9 }, /\.ttl: too long/)
    wrong({ N: 1e12 }, /\.n: the filter needs/)
    wrong({ token_keys: [] }, /\.token_keys: is missing/)
    wrong({ hash_name: 'md5' }, /\.hash_name: unknown/)
  })
})

describe('revocations in a file', () => {
  it('are read again, but for old ones and lines that were cut', async (t) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'gateway-test-'))
    t.after(() => rm(dir, { recursive: true }))
    const file = path.join(dir, 'revoked')
    const log = await revocationLog(file, 0, () => assert.fail('nothing to read'))
    await log.append(['jti-a', 'jti-"\n'], 1000)
    await Promise.all([log.append(['jti-b'], 2000), log.forget(1500), log.append(['jti-c'], 2500)])
    await log.close()
    await writeFile(file, `${await readFile(file, 'utf8')}3000 "jti-d`)
    const read: string[] = []
    await (await revocationLog(file, 2200, (item) => read.push(item))).close()
    assert.deepEqual(read, ['jti-c'])
    const all: string[] = []
    await (await revocationLog(file, 0, (item) => all.push(item))).close()
    assert.deepEqual(all, ['jti-b', 'jti-c'])
  })
})
