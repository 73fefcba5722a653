import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { tooOld } from './node-version.ts'

test('a Node that is too old is told apart, by name and with the way out', () => {
  assert.match(tooOld('20.20.2') ?? '', /needs Node 24 or later; this is 20\.20\.2\.\n.*node@26/)
  assert.match(tooOld('9.0.0') ?? '', /this is 9\.0\.0/)
})

test('the Node that package.json asks for is new enough, and the one that runs this', async () => {
  const file = new URL('../../package.json', import.meta.url)
  const { engines }: { engines: { node: string } } = JSON.parse(await readFile(file, 'utf8'))
  const oldest = engines.node.replace('>=', '')
  assert.equal(tooOld(`${oldest}.0.0`), undefined)
  assert.notEqual(tooOld(`${Number(oldest) - 1}.9.0`), undefined)
  assert.equal(tooOld(process.versions.node), undefined)
})
