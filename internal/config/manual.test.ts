import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { manual } from './manual.ts'
import { namespaceSchemas } from './schemas.ts'

const FILE = new URL('../../docs/configuration.md', import.meta.url)

test('the manual of the configuration says what the schemas say', async () => {
  if (process.env['WRITE_MANUAL']) await writeFile(FILE, manual())
  assert.equal(
    await readFile(FILE, 'utf8'),
    manual(),
    'write it again: WRITE_MANUAL=1 node --test internal/config/manual.test.ts',
  )
})

test('every namespace has a section', () => {
  const text = manual()
  for (const { name } of namespaceSchemas()) assert.ok(text.includes(`\n### ${name}\n`), name)
})
