import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConfigError } from '../errors.ts'
import { parsePattern, type Segment } from './pattern.ts'
import { compileRoutes, matchRoute } from './route-match.ts'
import { addRoute, emptyNode, type Leaf } from './route-tree.ts'

/** The values of a path's placeholders by the rules, one route at a time and without a tree. */
function valuesOf(segments: readonly Segment[], parts: readonly string[]): string[] | undefined {
  const [segment, ...rest] = segments
  const [part, ...others] = parts
  if (segment === undefined) return part === undefined ? [] : undefined
  if (part === undefined) return undefined
  if (segment.kind === 'wildcard') return [parts.join('/')]
  const prefix = segment.kind === 'static' ? segment.text : segment.prefix
  if (!part.startsWith(prefix)) return undefined
  const value = part.slice(prefix.length)
  if (segment.kind === 'static' ? value !== '' : value === '' && others.length === 0)
    return undefined
  const below = valuesOf(rest, others)
  return below === undefined || segment.kind === 'static' ? below : [value, ...below]
}

/** Static text before placeholders with longer prefixes, these before shorter ones, all before a wildcard. */
function rank(segments: readonly Segment[]): string {
  return segments
    .map((segment) => {
      if (segment.kind === 'static') return '0'
      return segment.kind === 'wildcard' ? '9' : `${8 - segment.prefix.length}`
    })
    .join('')
}

const part = fc.constantFrom('a', 'b', 'ab', '{x}', 'a{x}')
const endpoint = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/*'))
  .map(([parts, end]) => `/${parts.join('/')}${end}`)
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'abc', 'c', ''), { minLength: 1, maxLength: 5 })
  .map((parts) => `/${parts.join('/')}`)

test('finds the route and the values that the rules give, whatever other routes there are', () => {
  fc.assert(
    fc.property(fc.array(endpoint, { minLength: 1, maxLength: 6 }), path, (endpoints, asked) => {
      const root = emptyNode<string>()
      const leaves: Leaf<string>[] = []
      for (const one of endpoints) {
        const leaf = { pattern: parsePattern(one, true), value: one, label: one, place: {} }
        try {
          addRoute(root, leaf)
          leaves.push(leaf)
        } catch (error) {
          // The same path twice, or two names for one placeholder.
          if (!(error instanceof ConfigError)) throw error
        }
      }
      const parts = asked.slice(1).split('/')
      const [best] = leaves
        .map(({ pattern, value }) => ({
          pattern,
          value,
          values: valuesOf(pattern.segments, parts),
        }))
        .filter(({ values }) => values !== undefined)
        .sort((one, other) => (rank(one.pattern.segments) < rank(other.pattern.segments) ? -1 : 1))
      const values: string[] = []
      const found = matchRoute(compileRoutes(root), asked, 1, values)
      assert.equal(found?.value, best?.value)
      assert.deepEqual(values, best?.values ?? [])
    }),
    { numRuns: 3000 },
  )
})

test('routes that end alike share what their ends are matched with', () => {
  const root = emptyNode<number>()
  for (const value of [1, 2])
    addRoute(root, {
      ...{ pattern: parsePattern(`/service-${value}/users/{id}`, false), value },
      ...{ label: '', place: {} },
    })
  const tree = compileRoutes(root)
  assert(tree.kind === 'choice')
  const [one, other] = [...tree.statics.values()]
  assert(one?.kind === 'rest' && other?.kind === 'rest')
  assert.equal(one.segments, other.segments)
})
