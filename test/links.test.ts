import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

const root = path.resolve(import.meta.dirname, '..')
const pages = ['README.md', 'internal/README.md', ...globSync('{docs,bench}/*.md', { cwd: root })]

/** Links to files, without their anchors; neither those to other sites nor those within the page. */
const linksOf = (page: string): string[] =>
  [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^(?:[a-z]+:|#)/.test(link))
    .map((link) => link.replace(/#.*$/, ''))

test('the pages that others link to are among those read', () => {
  assert.ok(pages.length > 5)
  for (const page of ['docs/transport.md', 'docs/discovery.md', 'bench/README.md'])
    assert.ok(pages.includes(page), page)
  assert.ok(
    pages.flatMap((page) => linksOf(readFileSync(path.join(root, page), 'utf8'))).length > 50,
  )
})

for (const page of pages)
  test(`every file that ${page} links to exists`, () => {
    const file = path.join(root, page)
    for (const link of linksOf(readFileSync(file, 'utf8')))
      assert.ok(existsSync(path.resolve(path.dirname(file), link)), link)
  })
