import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../internal/config/load.ts'
import { sources } from '../internal/discovery/sources/table.ts'

const text = (file: string): Promise<string> =>
  readFile(new URL(`../${file}`, import.meta.url), 'utf8')

test('every path that the tour asks for is an endpoint of the demo', async () => {
  const { endpoints }: { endpoints: { endpoint: string }[] } = JSON.parse(
    await text('configs/krakend.json'),
  )
  const patterns = endpoints.map(
    ({ endpoint }) => new RegExp(`^${endpoint.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  )
  const asked = [...(await text('README.md')).matchAll(/localhost:8080(\/\S*)/g)]
  assert.equal(asked.length, endpoints.length)
  for (const [, path = ''] of asked)
    assert.ok(
      patterns.some((pattern) => pattern.test(path)),
      `nothing answers ${path}`,
    )
})

test('no difference from KrakenD is listed without what the user gains', async () => {
  const readme = await text('README.md')
  const [, table = ''] = readme.split('| KrakenD | here | what you gain |\n|---|---|---|\n')
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n')
  assert.ok(rows.length > 20)
  for (const row of rows.filter((line) => !line.startsWith('| **')))
    assert.match(row, /^\| [^|]+ \| [^|]+ \| [^|]+ \|$/, row)
})

test('every registry has an example, and each is a file without a warning', async () => {
  const readme = await text('README.md')
  const blocks = [...readme.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block = '']) => block)
  for (const sd of Object.keys(sources).filter((name) => name !== 'static'))
    assert.ok(
      blocks.some((block) => block.includes(`"sd": "${sd}"`)),
      sd,
    )
  const dir = await mkdtemp(path.join(os.tmpdir(), 'readme-'))
  try {
    for (const [at, block] of blocks.entries()) {
      const file = path.join(dir, `${at}.json`)
      await writeFile(file, block)
      const overrides = { debug: false, port: 0 }
      const { warnings } = await loadConfig({
        file,
        env: {},
        overrides,
        allowUnknownSecurity: false,
      })
      assert.deepEqual(warnings, [], block)
    }
  } finally {
    await rm(dir, { recursive: true })
  }
})
