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
    'local t = {} for i = 1, 2e4 do t[i] = 65 end while true do string.char(unpack(t)) end',
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

/** Scripts whose single steps would hold the thread for up to a second. */
const HEAVY: readonly (readonly [name: string, source: string])[] = [
  ['a replacement in a long text', 'local s = ("x"):rep(16e6) s:gsub("y", "z")'],
  ['a long replacement', 'local s, r = ("x"):rep(20), ("%0"):rep(1e6) s:gsub("x+", r)'],
  ['a search that takes back', 'local s = ("a"):rep(16e6) s:match("a*b")'],
  ['words without end', 'for w in (("a"):rep(16e6)):gmatch("a*b") do end'],
  ['brackets that do not close', 'local s = ("("):rep(16e6) s:find("%b()")'],
  [
    'numbers put together',
    'local t = {} for i = 1, 3e5 do t[i] = i + 0.5 end while true do table.concat(t, ",") end',
  ],
  ['a text that is turned', 'local s = ("x"):rep(16e6) while true do s:reverse() end'],
  ['capital letters', 'local s = ("ä"):rep(8e6) while true do s:upper() end'],
  ['a text in quotes', 'local s = ("\\1"):rep(3e6) while true do string.format("%q", s) end'],
  ['many directives', 'local f = ("%d"):rep(1e6) while true do string.format(f, 1) end'],
  ['many digits', 'while true do string.format("%.1000f", 1e-300) end'],
  [
    'a table that is begun again and again',
    'local t = {} for i = 1, 1e5 do t["k" .. i] = i end while true do next(t) end',
  ],
  ['wide holes', 'local t = {} while true do t[60000] = 1 t[60000] = nil end'],
  [
    'a stack that is told',
    'local function r(n) if n == 0 then while true do debug.traceback() end end return r(n - 1) + 1 end r(200)',
  ],
  ['long lines', 'local s = ("x"):rep(1e6) while true do print(s) end'],
  ['code in one go', 'local s = ("x = 1 "):rep(5000) while true do loadstring(s) end'],
]

/** What this thread has worked so far: other processes take no part in it. */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The longest time that somebody else has to wait while a script runs. */
async function longestWaitMs(source: string): Promise<number> {
  let [longest, last] = [0, workedMs()]
  const look = (): void => {
    const now = workedMs()
    longest = Math.max(longest, now - last)
    last = now
  }
  let others = setImmediate(function next() {
    look()
    others = setImmediate(next)
  })
  await assert.rejects(printedBy(source, deadlineAt(performance.now() + 250)).then(look), {
    name: 'GatewayError',
  })
  look()
  clearImmediate(others)
  return longest
}

/** Some 10 to 20 ms, with collections of garbage: without slices it was 90 to 3,000. */
const LONGEST_WAIT_MS = 60

for (const [name, source] of HEAVY)
  test(`others have their turn within milliseconds beside ${name}`, async () => {
    const waits = [await longestWaitMs(source), await longestWaitMs(source)]
    assert.ok(Math.min(...waits) < LONGEST_WAIT_MS, `others waited ${waits.join(' and ')} ms`)
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
