import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonValue } from '../pipe/pipe.ts'
import { type Options, optionsOf } from './options.ts'

const AT = 'extra_config."a/b"'

describe('the options of a namespace', () => {
  const options = optionsOf(
    {
      text: 'a',
      texts: ['a', 'b'],
      flag: true,
      number: 1.5,
      negative: -1,
      integer: 3,
      table: { a: 'x', b: 'y' },
      duration: '1m30s',
      nothing: null,
    },
    AT,
  )

  it('are read by their types', () => {
    assert.equal(options.text('text'), 'a')
    assert.equal(options.required('text'), 'a')
    assert.deepEqual(options.texts('texts'), ['a', 'b'])
    assert.equal(options.flag('flag'), true)
    assert.equal(options.number('number'), 1.5)
    assert.equal(options.integer('integer'), 3)
    assert.deepEqual(
      [...options.table('table')],
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    )
    assert.equal(options.duration('duration'), 90_000)
    assert.equal(options.oneOf('text', ['b', 'a']), 'a')
  })

  it('cut digits behind the point of whole numbers off', () => {
    assert.equal(options.whole('number'), 1)
    assert.equal(options.whole('negative'), -1)
  })

  it('take an absent key and null for nothing', () => {
    for (const key of ['nothing', 'absent', 'constructor']) {
      assert.equal(options.has(key), false)
      assert.equal(options.value(key), undefined)
      assert.equal(options.text(key), '')
      assert.deepEqual(options.texts(key), [])
      assert.equal(options.flag(key), false)
      assert.equal(options.flag(key, true), true)
      assert.equal(options.number(key), undefined)
      assert.equal(options.whole(key, 0), 0)
      assert.equal(options.integer(key), 0)
      assert.deepEqual(options.object(key), {})
      assert.equal(options.duration(key), undefined)
    }
  })
})

describe('an option that cannot be used', () => {
  const cases: [
    why: string,
    value: JsonValue,
    read: (options: Options) => unknown,
    said: string,
  ][] = [
    ['no text', 5, (o) => o.text('k'), 'k: a value of another type (found 5; allowed: a string)'],
    [
      'no text where one must be',
      '',
      (o) => o.required('k'),
      'k: nothing (found ""; allowed: a string)',
    ],
    [
      'no list',
      'a',
      (o) => o.texts('k'),
      'k: a value of another type (found "a"; allowed: a list of strings)',
    ],
    [
      'a list with a number',
      ['a', 1],
      (o) => o.texts('k'),
      'k[1]: a value of another type (found 1; allowed: a string)',
    ],
    [
      'no flag',
      'true',
      (o) => o.flag('k'),
      'k: a value of another type (found "true"; allowed: true or false)',
    ],
    [
      'no number',
      '1',
      (o) => o.number('k'),
      'k: a value of another type (found "1"; allowed: a number)',
    ],
    [
      'less than the least',
      -0.5,
      (o) => o.whole('k', 0),
      'k: a value out of range (found -0.5; allowed: 0 or more)',
    ],
    [
      'a broken number',
      1.5,
      (o) => o.integer('k'),
      'k: a value of another type (found 1.5; allowed: a whole number)',
    ],
    [
      'a table with a number',
      { a: 1 },
      (o) => o.table('k'),
      'k.a: a value of another type (found 1; allowed: a string)',
    ],
    [
      'a duration without a unit',
      '10',
      (o) => o.duration('k'),
      'k: time: missing unit in duration "10" (allowed: such as 10s or 1m30s)',
    ],
    ['an unknown name', 'c', (o) => o.oneOf('k', ['a', 'b']), 'k: unknown: "c" (allowed: a, b)'],
    ['no name', null, (o) => o.oneOf('k', ['a', 'b']), 'k: is missing (allowed: a, b)'],
  ]
  for (const [why, value, read, said] of cases)
    it(`is refused with its place and what is allowed: ${why}`, () => {
      assert.throws(() => read(optionsOf({ k: value }, AT)), {
        name: 'ConfigError',
        message: `${AT}.${said}`,
      })
    })

  it('is refused as a whole where it is no object', () => {
    for (const config of [[], 'a', null])
      assert.throws(() => optionsOf(config, AT), {
        message: `${AT}: a value of another type (found ${JSON.stringify(config)}; allowed: an object)`,
      })
  })

  it('is not shown where it may be a secret', () => {
    const error = optionsOf({ key: 'secret' }, AT).wrong('key', 'too short')
    assert.equal(error.message, `${AT}.key: too short`)
  })
})
