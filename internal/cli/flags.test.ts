import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Flag, parseFlags, UsageError } from './flags.ts'

const FLAGS: readonly Flag[] = [
  { name: 'config', short: 'c', kind: 'string', description: '' },
  { name: 'debug', short: 'd', kind: 'count', description: '' },
  { name: 'lint', short: 'l', kind: 'bool', description: '' },
  { name: 'test', short: 't', kind: 'bool', description: '' },
  { name: 'port', short: 'p', kind: 'int', description: '' },
]
const parse = (...words: string[]) => parseFlags(words, FLAGS)

for (const words of [
  ['-c', 'a.json'],
  ['-ca.json'],
  ['-c=a.json'],
  ['--config', 'a.json'],
  ['--config=a.json'],
  ['-dlc', 'a.json'],
  ['-dlc=a.json'],
  ['-lca.json'],
]) {
  test(`reads the configuration's path from: ${words.join(' ')}`, () => {
    assert.equal(parse(...words).values.text('config'), 'a.json')
  })
}

test('combines short flags, the last of which takes a value', () => {
  const { values } = parse('-dtlc', 'a.json')
  assert.equal(values.number('debug'), 1)
  assert.equal(values.isOn('test'), true)
  assert.equal(values.isOn('lint'), true)
  assert.equal(values.text('config'), 'a.json')
})

for (const [words, count] of [
  [[], 0],
  [['-d'], 1],
  [['-ddd'], 3],
  [['-d', '-d'], 2],
  [['--debug', '--debug'], 2],
  [['--debug=2'], 2],
  [['-d=3'], 3],
  [['--debug=false'], 0],
  [['--debug=true'], 1],
] as const) {
  test(`counts to ${count}: ${words.join(' ')}`, () => {
    assert.equal(parse(...words).values.number('debug'), count)
  })
}

test('switches a flag off with =false', () => {
  assert.equal(parse('--lint=false').values.isOn('lint'), false)
  assert.equal(parse('-l=0').values.isOn('lint'), false)
  assert.equal(parse('-l').values.isOn('lint'), true)
})

test('keeps an equals sign inside a value', () => {
  assert.equal(parse('--config=a=b').values.text('config'), 'a=b')
  assert.equal(parse('-c==').values.text('config'), '=')
})

test('takes arguments between flags, and everything after -- as arguments', () => {
  const { positionals, values } = parse('one', '-l', 'two', '--', '-c', '--x')
  assert.deepEqual(positionals, ['one', 'two', '-c', '--x'])
  assert.equal(values.isOn('lint'), true)
  assert.equal(values.has('config'), false)
})

test('takes a lone dash as an argument', () => {
  assert.deepEqual(parse('-').positionals, ['-'])
})

test('knows -h and --help everywhere', () => {
  assert.equal(parse('-h').wantsHelp, true)
  assert.equal(parse('--help').wantsHelp, true)
  assert.equal(parse('-l').wantsHelp, false)
})

for (const [words, message] of [
  [['--nope'], 'unknown flag: --nope'],
  [['--nope=1'], 'unknown flag: --nope'],
  [['-z'], "unknown shorthand flag: 'z' in -z"],
  [['-dzl'], "unknown shorthand flag: 'z' in -zl"],
  [['-c'], "flag needs an argument: 'c' in -c"],
  [['--config'], 'flag needs an argument: --config'],
  [['--=x'], 'bad flag syntax: --=x'],
  [['---x'], 'bad flag syntax: ---x'],
  [
    ['-p', 'abc'],
    'invalid argument "abc" for "-p, --port" flag: strconv.ParseInt: parsing "abc": invalid syntax',
  ],
  [
    ['--debug=x'],
    'invalid argument "x" for "-d, --debug" flag: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    ['--lint=maybe'],
    'invalid argument "maybe" for "-l, --lint" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
] as const) {
  test(`refuses ${words.join(' ')} in cobra's words`, () => {
    assert.throws(
      () => parse(...words),
      (error) => error instanceof UsageError && error.message === message,
    )
  })
}

test('reads the same from every way to write the same flags', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('='))
  const spellings = (text: string) => [
    ['-c', text],
    [`-c=${text}`],
    [`-c${text}`],
    ['--config', text],
    [`--config=${text}`],
    ['-lc', text],
  ]
  fc.assert(
    fc.property(value, fc.nat(5), fc.nat(4), (text, way, times) => {
      const debug = Array.from({ length: times }, () => '-d')
      const words = [...debug, ...(spellings(text)[way] ?? []), 'argument']
      const { values, positionals } = parse(...words)
      assert.equal(values.text('config'), text)
      assert.equal(values.number('debug'), times)
      assert.deepEqual(positionals, ['argument'])
    }),
  )
})
