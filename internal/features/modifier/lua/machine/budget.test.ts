import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../../../../errors.ts'
import { deadlineAt, printedBy } from '../machine-for-tests.ts'

const outOf = (what: string) => (thrown: unknown) =>
  thrown instanceof GatewayError && thrown.message === `the script is out of ${what}`

test('an endless loop ends with its deadline, and others run meanwhile', async () => {
  let turns = 0
  let others = setImmediate(function next() {
    turns++
    others = setImmediate(next)
  })
  const startMs = performance.now()
  await assert.rejects(
    printedBy('while true do end', deadlineAt(startMs + 60)),
    (thrown) => thrown instanceof GatewayError && thrown.code === 'timeout',
  )
  clearImmediate(others)
  assert.ok(performance.now() - startMs < 1000)
  assert.ok(turns >= 2, `others had ${turns} turns`)
})

test('an endless loop without a deadline ends when its steps are used up, whatever it catches', async () => {
  const source = 'while true do pcall(function() while true do end end) end'
  await assert.rejects(printedBy(source), outOf('steps'))
})

const GREEDY: readonly (readonly [name: string, source: string])[] = [
  ['a text that doubles', 'local s = "x" while true do s = s .. s end'],
  ['a repeated text', 'local s = ("x"):rep(1e9)'],
  ['a list that grows', 'local t = {} while true do t[#t + 1] = {} end'],
  ['keys without end', 'local t, i = {}, 0 while true do i = i + 1 t["k" .. i] = i end'],
  ['functions without end', 'local t = {} while true do t[#t + 1] = function() end end'],
  ['a replacement that grows', 'local s = ("x"):rep(1e6) while true do s = s:gsub("x", "xx") end'],
  [
    'long texts that are read',
    'local t, s = {}, ("x"):rep(1e5) for i = 1, 1e7 do t[i] = s .. i t[i]:byte(1) end',
  ],
]
for (const [name, source] of GREEDY)
  test(`memory ends for ${name}, whatever is caught`, async () => {
    await assert.rejects(
      printedBy(`pcall(function() ${source} end) print("went on")`),
      outOf('memory'),
    )
  })

const SLOW: readonly (readonly [name: string, source: string])[] = [
  [
    'texts that are compared',
    'local a, b = ("x"):rep(1e7), ("x"):rep(1e7) while true do local c = a == b end',
  ],
  [
    'texts that are ordered',
    'local a, b = ("x"):rep(1e7), ("x"):rep(1e7) while true do local c = a < b end',
  ],
  ['texts that are numbers', 'local s = ("1"):rep(1e6) .. "x" while true do tonumber(s) end'],
  ['code that is compiled', 'while true do loadstring("return 1") end'],
  [
    'lists that are unpacked',
    'local t = {} for i = 1, 2e5 do t[i] = 65 end while true do string.char(unpack(t)) end',
  ],
  ['letters beyond ASCII', 'local s = ("ä"):rep(1e5) while true do s:upper() end'],
  ['dates', 'while true do os.date(("%c"):rep(500)) end'],
]
for (const [name, source] of SLOW)
  test(`${name} take steps, so that others have their turn and the deadline ends them`, async () => {
    const startMs = performance.now()
    await assert.rejects(printedBy(source, deadlineAt(startMs + 200)), {
      name: 'GatewayError',
      message: /context deadline exceeded|out of (?:steps|memory)/,
    })
    assert.ok(performance.now() - startMs < 2_000)
  })

test('what would take long in one go is refused', async () => {
  await assert.rejects(printedBy('loadstring(("x = 1 "):rep(1e6))'), outOf('memory'))
  const source = [
    'print(pcall(os.date, ("%c"):rep(1e5)))',
    'print(io.open("/dev/zero"))',
    'print(loadfile("/dev/zero"))',
  ].join('\n')
  assert.deepEqual(await printedBy(source), [
    'false\t<string>:1: a format that is too long',
    'nil\topen /dev/zero: not a regular file\t1',
    'nil\tcan not open file: /dev/zero',
  ])
})

test('what is caught at the end of the stack leaves the script able to go on', async () => {
  const source =
    'for _ = 1, 50 do pcall(function() local function f() return f() + 1 end f() end) end print("on")'
  assert.deepEqual(await printedBy(source), ['on'])
})

test('metamethods and coroutines that call themselves end', async () => {
  const source = [
    'local t = setmetatable({}, {__index = function(t, k) return t[k] end}) print((pcall(function() return t.x end)))',
    'local s = setmetatable({}, {__tostring = function(s) return tostring(s) end}) print((pcall(tostring, s)))',
    'local function r() return coroutine.wrap(r)() end print((pcall(r)))',
  ].join('\n')
  assert.deepEqual(await printedBy(source), ['false', 'false', 'false'])
})
