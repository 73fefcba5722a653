import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printedBy } from '../machine-for-tests.ts'

/** Name, script, and what KrakenD's gopher-lua 1.1.1 printed. */
const CASES: readonly (readonly [name: string, source: string, ...lines: string[]])[] = [
  [
    'module names the table that a function fills from then on',
    'package.preload.m = function(n) module(n, package.seeall) function hi(x) return "hi " .. tostring(x) end end local m = require("m") print(m.hi(1), m._NAME, m._PACKAGE, m._M == m, _G.m == m, hi)',
    'hi 1\tm\t\ttrue\ttrue\tnil',
  ],
  [
    'a name with dots makes tables inside each other',
    'package.preload["a.b.c"] = function(n) module(n) x = 5 end local m = require("a.b.c") print(m.x, m._PACKAGE, a.b.c == m, package.loaded["a.b"])',
    '5\ta.b.\ttrue\tnil',
  ],
  [
    'module calls what it is given with the table',
    'local function f() module("w", function(m) m.extra = "x" end, package.seeall) z = tostring(1) end f() print(w.extra, w.z)',
    'x\t1',
  ],
  [
    'module refuses a name that is something else, and calls by functions of the library',
    'foo = {bar = 5} print(pcall(function() module("foo.bar") end)) print(pcall(module, "q"))',
    'false\t<string>:1: name conflict for module: foo.bar',
    'false\t<string>:1: module() can not be called from GFunctions.',
  ],
  [
    'a function that ends in module leaves the globals of its caller alone',
    'local function f() return module("t") end f() print(type(t))',
    'table',
  ],
  [
    'package.loaded holds the libraries, whatever became of their names',
    'local s = string string = nil package.loaded.table = nil print(require("string") == s, package.loaded._G == _G, (pcall(require, "table")))',
    'true\ttrue\tfalse',
  ],
  [
    'require loads once, and tells a loop or an earlier failure',
    'package.preload.a = function() return require("b") end package.preload.b = function() return require("a") end print(pcall(require, "a")) package.preload.n = function(n) print(n) end print(require("n"), require("n"))',
    'false\t<string>:1: loop or previous error loading module: a',
    'n',
    'true\ttrue',
  ],
  [
    'require asks package.loaders',
    'package.loaders[3] = function(n) return function(m) return "L" .. m end end print(require("nope")) package.loaders[1], package.loaders[2], package.loaders[3] = nil print(pcall(require, "other"))',
    'Lnope',
    'false\t<string>:1: module other not found:\n\t, ',
  ],
  [
    'a global that is taken away takes no other with it',
    'unknown = nil print = print math = nil for name in pairs(_G) do assert(_G[name] ~= nil) end print(math, type(string), type(table))',
    'nil\ttable\ttable',
  ],
]
for (const [name, source, ...lines] of CASES)
  test(name, async () => {
    assert.deepEqual(await printedBy(source), lines)
  })
