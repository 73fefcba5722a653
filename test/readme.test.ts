import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

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
