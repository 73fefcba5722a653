import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { execute } from './exec.ts'
import { print } from './format.ts'
import { functions } from './functions.ts'
import { JsonError, marshalJson, parseJson } from './go-json.ts'
import { unquote } from './literal.ts'
import { parseTemplate } from './parser.ts'
import { quoteGo } from './quote.ts'
import { TemplateError } from './template-error.ts'
import { Dict } from './value.ts'

test('whatever JSON can say survives being read and written', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(JSON.parse(marshalJson(parseJson(text))), JSON.parse(text))
    }),
  )
})

test('text is JSON for us exactly when it is JSON for JavaScript', () => {
  const almostJson = fc.string({
    unit: fc.constantFrom(...'{}[],:"\\ \n0123456789.eE+-truefalsn/'),
  })
  fc.assert(
    fc.property(almostJson, (text) => {
      const ours = verdict(() => parseJson(text))
      // Go refuses numbers that overflow before it reads on, JavaScript takes them for infinite.
      fc.pre(ours !== 'overflow')
      assert.equal(
        ours,
        verdict(() => JSON.parse(text)),
      )
    }),
    { numRuns: 2000 },
  )
})

function verdict(run: () => unknown): 'json' | 'not json' | 'overflow' {
  try {
    run()
    return 'json'
  } catch (error) {
    const isOverflow =
      error instanceof JsonError && error.message.startsWith('json: cannot unmarshal number')
    return isOverflow ? 'overflow' : 'not json'
  }
}

test('a quoted string reads back as itself', () => {
  const points = fc.oneof(
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  fc.assert(
    fc.property(fc.array(points), (codes) => {
      const text = String.fromCodePoint(...codes)
      assert.equal(unquote(quoteGo(text)), text)
    }),
  )
})

test('the printed form of a number is the number', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
      assert.equal(Number(print(value)), value)
    }),
  )
})

test('no template ends in anything but text or a template error', () => {
  const table = functions({ env: {}, nowMs: () => 0, include: () => '' })
  const pieces = fc.constantFrom(
    ...[
      '{{',
      '}}',
      '{{-',
      '-}}',
      ' ',
      '.',
      '.a',
      '$',
      '$x',
      ':=',
      '=',
      '|',
      '(',
      ')',
      '"s"',
      '`r`',
      '1',
      '1.5',
    ],
    ...[
      "'c'",
      'nil',
      'true',
      'if',
      'else',
      'end',
      'range',
      'with',
      'define',
      'template',
      'block',
      'break',
    ],
    ...[
      'printf',
      'list',
      'dict',
      'index',
      'len',
      'eq',
      'and',
      'upper',
      ',',
      '/*',
      '*/',
      'text',
      '\n',
      '%',
    ],
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const source = { name: 'x', path: 'x', text: parts.join('') }
      const templates = new Map()
      try {
        parseTemplate(source, (name) => table.has(name), templates)
        assert.equal(
          typeof execute({ templates, functions: table }, 'x', new Dict()).text,
          'string',
        )
      } catch (error) {
        assert.ok(error instanceof TemplateError, String(error))
      }
    }),
    { numRuns: 3000 },
  )
})
