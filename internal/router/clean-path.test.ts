import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cleanPath } from './clean-path.ts'

describe('a clean path', () => {
  const cases: [string, string][] = [
    ['', '/'],
    ['//', '/'],
    ['/abc/', '/abc/'],
    ['abc', '/abc'],
    ['//abc//def//', '/abc/def/'],
    ['/abc/./def', '/abc/def'],
    ['/abc/def/.', '/abc/def/'],
    ['/../../abc', '/abc'],
    ['/abc/def/..', '/abc'],
    ['/abc/def/../', '/abc/'],
    ['/a/..b/.c/...', '/a/..b/.c/...'],
  ]
  for (const [path, clean] of cases)
    it(`of ${path || 'nothing'} is ${clean}`, () => assert.equal(cleanPath(path), clean))

  it("is Node's normal form but for the slash at the end", () => {
    const parts = fc.array(fc.constantFrom('a', '.', '..', '', 'bc', '..c'), { maxLength: 8 })
    fc.assert(
      fc.property(parts, (list) => {
        const path = `/${list.join('/')}`
        const bare = (text: string) => (text === '/' ? text : text.replace(/\/$/, ''))
        assert.equal(bare(cleanPath(path)), bare(posix.normalize(path)))
        assert.equal(cleanPath(cleanPath(path)), cleanPath(path))
      }),
    )
  })
})
