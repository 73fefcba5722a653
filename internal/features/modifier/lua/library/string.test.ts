import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deadlineAt, printedBy } from '../machine-for-tests.ts'

/** Expression, and what gopher-lua 1.1.1 printed. */
const CASES: readonly (readonly [expressions: string, line: string])[] = [
  ['("a,b"):find(",", 1, true), ("a.b"):find("%.")', '2\t2\t2'],
  ['("hello"):match(".-(l+)(.*)")', 'll\to'],
  ['("  trim  "):match("^%s*(.-)%s*$") .. "|"', 'trim|'],
  ['("f(a(b)c)d"):match("%b()"), ("x"):match("()x()")', '(a(b)c)\t1\t2'],
  ['("abc"):gsub("%w", "%0%0")', 'aabbcc\t3'],
  ['("abc"):gsub("", "-")', '-a-b-c-\t4'],
  ['("hello world"):gsub("o", {o = "0"})', 'hell0 w0rld\t2'],
  ['("a b c"):gsub("%s", "", 1)', 'ab c\t1'],
  ['("THE (quick) fox"):find("%((%a+)%)")', '5\t11\tquick'],
  ['("abc"):byte(1, -1)', '97\t98\t99'],
  ['("hello"):sub(2, -2), ("abc"):sub(-2), ("abc"):sub(3, 2) .. "|"', 'ell\tbc\t|'],
  ['#"é", ("É"):lower() == "é", ("aZ"):upper(), ("abc"):reverse()', '2\ttrue\tAZ\tcba'],
  ['("äößé"):upper(), ("ÄÖ"):lower(), ("a\\255Z"):upper() == "A\\255Z"', 'ÄÖßÉ\täö\ttrue'],
  ['("hello"):find("", 10), ("hello"):find("")', '1\t1\t0'],
  ['("%#x|%#X|%#o|%5s|"):format(255, 255, 8, "é")', '0xff|0XFF|010|    é|'],
  ['tonumber("1", 99), xpcall(error, function() error("again", 0) end)', 'nil\tfalse\tagain'],
  [
    '("%5.2f|%05d|%x|%-5s|%g|%e|%c"):format(3.14159, 42, 255, "ab", 1234567, 12345.678, 65)',
    ' 3.14|00042|ff|ab   |1.234567e+06|1.234568e+04|A',
  ],
  ['("%.0f %.0f %.1f %.2f"):format(0.5, 1.5, 2.25, 1.005)', '0 2 2.2 1.00'],
  ['table.concat({1, 2, 3}, ", "), table.concat({})', '1, 2, 3\t'],
  [
    'tonumber("0x1F"), tonumber(" 5 "), tonumber("5a"), tonumber("z", 36), tonumber("1.5")',
    '31\t5\tnil\t35\t1.5',
  ],
]
for (const [expressions, line] of CASES)
  test(`print(${expressions})`, async () => {
    assert.deepEqual(await printedBy(`print(${expressions})`), [line])
  })

test('a pattern that cannot be used is an error of the script', async () => {
  const [line] = await printedBy('print(pcall(string.find, "x", "[a"))')
  assert.equal(line, 'false\t<string>:1: unexpected EOS at 1')
})

test('a pattern that takes back for ever ends with its deadline, and others run meanwhile', async () => {
  let turns = 0
  let others = setImmediate(function next() {
    turns++
    others = setImmediate(next)
  })
  await assert.rejects(
    printedBy(
      'pcall(string.find, ("a"):rep(3000), ".-.-.-.-b")',
      deadlineAt(performance.now() + 100),
    ),
    { code: 'timeout' },
  )
  clearImmediate(others)
  assert.ok(turns >= 2, `others had ${turns} turns`)
})

test('sorting puts values in order, and ends when the order contradicts itself', async () => {
  const source =
    'local t = {5, 2, 8, 1} table.sort(t) print(table.concat(t, " ")) table.sort(t, function() return true end) print(#t)'
  assert.deepEqual(await printedBy(source), ['1 2 5 8', '4'])
})

test('inserting and removing agrees with a list', async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('insert' as const), at: fc.nat(5), value: fc.nat(9) }),
      fc.record({ kind: fc.constant('remove' as const), at: fc.nat(5), value: fc.nat(9) }),
    ),
    { maxLength: 20 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const model: number[] = []
      let source = 'local t = {} '
      for (const { kind, at, value } of list) {
        const place = Math.min(at, model.length)
        if (kind === 'insert') {
          model.splice(place, 0, value)
          source += `table.insert(t, ${place + 1}, ${value}) `
        } else if (model.length > 0) {
          const taken = Math.min(place, model.length - 1)
          model.splice(taken, 1)
          source += `table.remove(t, ${taken + 1}) `
        }
      }
      const printed = await printedBy(`${source} print(#t, table.concat(t, " "))`)
      assert.deepEqual(printed, [`${model.length}\t${model.join(' ')}`])
    }),
    { numRuns: 100 },
  )
})
