import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../../../../errors.ts'
import { printedBy } from '../machine-for-tests.ts'

/** Arguments of `string.format`, and what KrakenD's gopher-lua 1.1.1 made of them. */
const CASES: readonly (readonly [args: string, text: string])[] = [
  [
    '"%d %i %5d|%-5d|%05d|%+d|% d|%.3d", 3.7, -3.7, 1, 2, 3, 4, 5, 6',
    '3 -3     1|2    |00003|+4| 5|006',
  ],
  ['"%d %x %o", 1/0, 0/0, 1e100', '-9223372036854775808 -8000000000000000 -1000000000000000000000'],
  ['"%x %X %#x %08x %x", -255, 255, 255, 255, "aÿ"', '-ff FF 0xff 000000ff 61c3bf'],
  ['"%#o %#o %b %U", 8, 0, 5, 8364', '010 0 101 U+20AC'],
  ['"%c%c%c|%5c|", 65, 228, 8364, 66', 'Aä€|    B|'],
  ['"%e %.0e %E %#.0f", 12345.678, 65, 1/0, 1', '1.234568e+04 6e+01 +Inf 1.'],
  [
    '"%f %.2f %010.2f %.0f %f %f", 0.1, 1.005, 0/0, 2.5, 1/0, 1e21',
    '0.100000 1.00        NaN 2 +Inf 1000000000000000000000.000000',
  ],
  [
    '"%g %g %g %.3g %#g %G", 0.1, 1e15, 123456789, 1234.5, 1, 1e-9',
    '0.1 1e+15 1.23456789e+08 1.23e+03 1.00000 1E-09',
  ],
  ['"%a %y %t", 1, 0.5, true', '%!a(int64=1) %!y(float64=0.5) true'],
  [
    '"%s %s %s|%5s|%-5s|%5.2s|%.0s|%05s", 1.5, nil, true, "é", "é", "éàb", "x", "y"',
    '1.5 nil true|    é|é    |   éà||0000y',
  ],
  ['"%s %s", 1', '1 %!s(MISSING)'],
  ['"%s", 1, 2', '1'],
  ['"%d%% 100% |%5%", 50', '50% 100%!|(MISSING)%'],
  ['"%", 1', '%!(NOVERB)%!(EXTRA lua.LNumber=1)'],
  ['"%[2]d %[1]d %[3]d", 1, 2', '2 1 %!d(BADINDEX)'],
  ['"%*d|", 5, 1', '%!(BADWIDTH)%!d(MISSING)|'],
  ['"%d %d %d %d", "0x10", "abc", true, nil', '0x10 0 %!d(lua.LBool=true) &{}'],
  ['"%T %T %v", 1, "", {1} ~= nil', 'lua.LNumber lua.LString true'],
  ['"%q %q %10q", "a\\"b\\\\c\\n\\r\\t", 5, "é"', '"a\\"b\\\\c\\n\\r\\t" "5"        "é"'],
]
for (const [args, text] of CASES)
  test(`string.format(${args})`, async () => {
    assert.deepEqual(await printedBy(`print(string.format(${args}))`), [text])
  })

test('%u, and numbers in texts, are those of Lua 5.1, where KrakenD has a complaint in their place', async () => {
  const source = 'print(string.format("%u %5u %.2f %g %c", 5, 7, "1.5", "12", "65"))'
  assert.deepEqual(await printedBy(source), ['5     7 1.50 12 A'])
})

test('what %q writes, Lua reads', async () => {
  const source = [
    'local all = {} for byte = 0, 255 do all[#all + 1] = string.char(byte) end',
    'local text = table.concat(all) .. "é€\\226\\128\\168"',
    'print(loadstring("return " .. string.format("%q", text))() == text)',
    'print(loadstring("return " .. string.format("%+q", text))() == text)',
  ].join('\n')
  assert.deepEqual(await printedBy(source), ['true', 'true'])
})

test('a template that is none is an error', async () => {
  assert.deepEqual(await printedBy('print(pcall(string.format, {}))'), [
    'false\t<string>:1: bad argument #1 to (anonymous) (string expected, got table)',
  ])
})

test('a field that is too wide takes no memory', async () => {
  await assert.rejects(
    printedBy('string.format("%99999999d", 1)'),
    (thrown) => thrown instanceof GatewayError && thrown.message === 'the script is out of memory',
  )
})
