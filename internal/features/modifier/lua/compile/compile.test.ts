import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SyntaxProblem } from '../language/syntax-error.ts'
import { printedBy } from '../machine-for-tests.ts'
import { compile } from './compile.ts'

/** Script, and what gopher-lua 1.1.1 printed. */
const CASES: readonly (readonly [name: string, source: string, ...lines: string[]])[] = [
  [
    'numbers print without an exponent while they are whole',
    'print(1e6, 1e15, 1e20, 1234567.5, 0.00001, -0.0, 1/0, 2^53)',
    '1000000\t1000000000000000\t1e+20\t1.2345675e+06\t1e-05\t0\t+Inf\t9007199254740992',
  ],
  [
    'operators bind as in Lua',
    'print(2^3^2, -2^2, 1 .. 2 == "12", not 1 == 2, 7 % -3, -7 % 3)',
    '512\t-4\ttrue\tfalse\t-2\t2',
  ],
  [
    'texts that are numbers count as numbers',
    'print("10" + 5, "3" * "4", 10 .. 20)',
    '15\t12\t1020',
  ],
  [
    'and, or and not give values',
    'print(nil and 1, false or "d", 1 and 2, not nil)',
    'nil\td\t2\ttrue',
  ],
  [
    'several values are cut, spread and filled up',
    'local function f() return 1, 2 end local a, b, c = f() print(a, b, c, (f()), f(), #{f(), f()})',
    '1\t2\tnil\t1\t1\t3',
  ],
  [
    'varargs are counted with their holes',
    'print((function(...) return select("#", ...), ... end)(nil, 2, nil))',
    '3\tnil\t2\tnil',
  ],
  [
    'variables of a loop are new in each turn',
    'local t = {} for i = 1, 3 do t[i] = function() i = i + 1 return i end end print(t[1](), t[1](), t[2]())',
    '2\t3\t3',
  ],
  [
    'numeric loops run down and by fractions',
    'local s = "" for i = 3, 1, -1 do s = s .. i end for i = 1, 2, 0.5 do s = s .. " " .. i end print(s)',
    '321 1 1.5 2',
  ],
  [
    'repeat sees the variables of its body',
    'local n = 0 repeat local last = n == 2 n = n + 1 until last print(n)',
    '3',
  ],
  [
    'goto jumps on and back',
    'for i = 1, 3 do if i == 2 then goto next end print(i) ::next:: end do local i = 1 ::top:: if i < 3 then i = i + 1 goto top end print(i) end',
    '1',
    '3',
    '3',
  ],
  [
    'labels may cross, and variables keep their values',
    'local x do local y = 12 goto one ::two:: x = x + 1 goto three ::one:: x = y goto two end ::three:: print(x)',
    '13',
  ],
  [
    'methods get themselves',
    'local A = {} A.__index = A function A.new(n) return setmetatable({n = n}, A) end function A:add(...) return self.n + select("#", ...) end print(A.new(5):add(1, 2))',
    '7',
  ],
  [
    'calls at the end of a function take no stack',
    'local function down(n) if n == 0 then return "bottom" end return down(n - 1) end print(down(100000))',
    'bottom',
  ],
  [
    'recursion ends at 256 functions',
    'local function f() return 1 + f() end print(pcall(f))',
    'false\t<string>:1: stack overflow',
  ],
  [
    'metamethods answer for tables',
    'local m = setmetatable({}, {__index = function(_, k) return k .. "!" end, __add = function() return "sum" end, __call = function(_, a) return a end, __concat = function() return "joined" end, __eq = function() return true end, __lt = function() return true end, __le = function() return false end, __len = function() return 7 end, __unm = function() return "neg" end, __tostring = function() return "M" end}) print(m.foo, m + 1, m(5), "x" .. m, #m, -m, m < m, m <= m, tostring(m))',
    'foo!\tsum\t5\tjoined\t7\tneg\ttrue\tfalse\tM',
  ],
  [
    'the fields of a table are computed in their order, and only the last one gives all its values',
    'local function two(n) io.write(n) return n, n end local t = {two(1), k = two(2), two(3), [two(4)] = two(5), two(6), x = 1} print(#t) local u = {k = 1, two(7)} print(#u, u.k) local a = 1 local function set() a = 2 return 0 end local v = {a, k = set(), a} print(v[1], v[2])',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '4',
    '7',
    '2\t1',
    '1\t2',
  ],
  [
    'the length of a list counts over its holes',
    'local t = {1, nil, 3, [10] = 1} print(#t) t[10] = nil print(#t)',
    '10',
    '3',
  ],
  [
    'setfenv changes where globals are',
    'local f = setfenv(function() y = x return y end, {x = 9}) print(f(), y)',
    '9\tnil',
  ],
  [
    'coroutines hand values to and fro',
    'local c = coroutine.create(function(a) local b = coroutine.yield(a + 1) error("end " .. b) end) print(coroutine.resume(c, 1)) print(coroutine.resume(c, "x")) print(coroutine.resume(c))',
    'true\t2',
    'false\t<string>:1: end x',
    'false\tcan not resume a dead thread',
  ],
  [
    'errors name their place',
    'local function thrower() error("deep", 3) end local function mid()\n thrower() end\nprint(pcall(function()\n mid() end))',
    'false\t<string>:2: deep',
  ],
  [
    'an error is any value',
    'local ok, e = pcall(error, {code = 42}) print(ok, e.code) print(xpcall(function() error("x", 0) end, function(m) return "had " .. m end))',
    'false\t42',
    'false\thad x',
  ],
  [
    'indexing what is no table tells its type and the key',
    'print(pcall(function() local a = 5 return a.b.c end))',
    "false\t<string>:1: attempt to index a non-table object(number) with key 'b'",
  ],
  [
    'a comparison of different types tells both',
    'print(pcall(function() return 1 < "2" end))',
    'false\t<string>:1: attempt to compare number with string',
  ],
  [
    'calling what is no function is an error, also of a number or a text',
    'print(pcall(function(...) return (1)(...) end)) print(pcall(function() ("x")() end))',
    'false\t<string>:1: attempt to call a non-function object',
    'false\t<string>:1: attempt to call a non-function object',
  ],
  [
    'arguments are named by the call',
    'print(pcall(function() return ("x"):rep({}) end))',
    'false\t<string>:1: bad argument #2 to rep (number expected, got table)',
  ],
  [
    'code can be loaded',
    'print(loadstring("return ...")(7, 8)) print(type(loadstring("x = ")))',
    '7\t8',
    'nil',
  ],
  [
    'the texts of a script stay texts',
    'print("$`\\\\n</script>\\"+process.exit()+\\"", [[\n"];S=0;//]])',
    '$`\\n</script>"+process.exit()+"\t"];S=0;//',
  ],
]

for (const [name, source, ...lines] of CASES)
  test(name, async () => {
    assert.deepEqual(await printedBy(source), lines)
  })

test('swapping two variables keeps both, which gopher-lua does not', async () => {
  assert.deepEqual(await printedBy('local x, y = 1, 2; x, y = y, x; print(x, y)'), ['2\t1'])
})

const MISTAKES: readonly (readonly [source: string, message: string, line: number])[] = [
  ['local a = 1\nlokal b = 2', "'b': parse error", 2],
  ['if x then', 'syntax error at EOF', 0],
  ['f() = 1', "'=': syntax error", 1],
  ['a.b', 'parse error at EOF', 0],
  ['x = 3 ~ 4', "'~': Invalid '~' token", 1],
  ['local s = "unfinished', 'unterminated string at EOF', 0],
  ['local s = "broken\nx = 1', "'broken': unterminated string", 2],
  ['local s = [[abc\nx = 1', 'unterminated multiline string at EOF', 0],
  ['--[[abc', 'invalid multiline comment at EOF', 0],
  ['local a = 0x', "'0x': illegal hexadecimal number", 1],
  ['::a::\n::a::', "label 'a' already defined on line 1", 2],
  ['\nbreak', 'no loop to break', 2],
  ['goto z', "no visible label 'z' for <goto> at line 1", 1],
  ['function g(a) return ... end', "cannot use '...' outside a vararg function", 1],
  [`return ${'('.repeat(300)}`, "'(': chunk has too many syntax levels", 1],
]
for (const [source, message, line] of MISTAKES)
  test(`a mistake is told in gopher-lua's words: ${message}`, () => {
    const chunk = { name: '<string>', place: () => '' }
    assert.throws(
      () => compile(source, chunk),
      (problem) => {
        assert.ok(problem instanceof SyntaxProblem)
        assert.deepEqual([problem.message, problem.line], [message, line])
        return true
      },
    )
  })

test('whatever the text, compiling ends in code or in a problem with the script', () => {
  const words = fc.constantFrom(
    ...'and break do else elseif end false for function if in local nil not or repeat return then true until while goto x y :: = == ~= ( ) { } [ ] ; , . .. ... + - * / % ^ # "s" 12 0x1f [[l]] --c'.split(
      ' ',
    ),
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (tokens) => {
      try {
        compile(tokens.join(' '), { name: 'x', place: () => '' })
      } catch (problem) {
        assert.ok(problem instanceof SyntaxProblem, String(problem))
      }
    }),
    { numRuns: 500 },
  )
})

test('arithmetic is that of doubles', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer(), async (a, b) => {
      const [line] = await printedBy(
        `print((${a}) + (${b}), (${a}) * (${b}) < 0, (${a}) == (${b}))`,
      )
      assert.equal(line, `${a + b}\t${a * b < 0}\t${a === b}`)
    }),
    { numRuns: 50 },
  )
})
