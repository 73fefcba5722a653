import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { loadConfig } from '../internal/config/load.ts'
import { FAMILIES } from '../internal/telemetry/metrics.ts'

const file = path.resolve(import.meta.dirname, '../docs/discovery.md')
const page = readFileSync(file, 'utf8')

/** Names of all properties of a schema, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, items } = schema as { properties?: object; items?: unknown }
  const inside = [...Object.values(properties), items].flatMap(keysOf)
  return [...Object.keys(properties), ...inside]
}

test('docs/discovery.md names every key of backend/discovery and backend/retry', () => {
  for (const name of ['discovery', 'retry']) {
    const schema = path.resolve(
      import.meta.dirname,
      `../internal/features/backend/${name}.schema.json`,
    )
    for (const key of keysOf(JSON.parse(readFileSync(schema, 'utf8'))))
      assert.ok(page.includes(`\`${key}`) || page.includes(`"${key}"`), key)
  }
})

test('docs/discovery.md names every metric of discovery', () => {
  for (const { name } of FAMILIES)
    if (name.startsWith('gateway_discovery_')) assert.ok(page.includes(name), name)
})

test('docs/discovery.md has a row of cost for everything that the command it names measures', async () => {
  const [, command = ''] = /`node (test\/\S+)`/.exec(page) ?? []
  const script = path.resolve(import.meta.dirname, '..', command)
  const measured = await promisify(execFile)(process.execPath, [script, '10'])
  const rows = [...measured.stdout.matchAll(/^\| ([^|]+) \| \d+\.\d+ \|$/gm)]
  assert.equal(rows.length, 11)
  for (const [, title] of rows)
    assert.match(page, new RegExp(`^\\| ${title} \\|( [\\d.—]+ \\|){4}$`, 'm'))
})

test('every configuration in docs/discovery.md can be loaded', async () => {
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text ?? '')
  assert.ok(blocks.length > 0)
  const dir = await mkdtemp(path.join(os.tmpdir(), 'page-'))
  try {
    for (const [at, block] of blocks.entries()) {
      const written = path.join(dir, `${at}.json`)
      await writeFile(written, block)
      const { warnings } = await loadConfig({
        file: written,
        env: {},
        overrides: { debug: false, port: 0 },
        allowUnknownSecurity: false,
      })
      assert.deepEqual(warnings, [])
    }
  } finally {
    await rm(dir, { recursive: true })
  }
})
