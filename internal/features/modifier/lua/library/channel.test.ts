import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../../../../errors.ts'
import { printedBy } from '../machine-for-tests.ts'

/** Name, script, and what KrakenD's gopher-lua 1.1.1 printed. */
const CASES: readonly (readonly [name: string, source: string, ...lines: string[]])[] = [
  [
    'what is sent is received in its order, and nothing after the end',
    'local c = channel.make(2) c:send(1) c:send("two") print(c:receive()) print(c:receive()) c:close() print(c:receive()) print(type(c))',
    'true\t1',
    'true\ttwo',
    'false\tnil',
    'channel',
  ],
  [
    'a closed channel takes nothing more',
    'local c = channel.make(1) c:close() print(pcall(c.close, c)) print(pcall(c.send, c, 1)) print(pcall(channel.select, {"<-|", c, 1}))',
    'false\tclose of closed channel',
    'false\tsend on closed channel',
    'false\tsend on closed channel',
  ],
  [
    'functions and tables with a metatable cannot be sent',
    'local c = channel.make(2) print(pcall(c.send, c, print)) print(pcall(c.send, c, setmetatable({}, {}))) print(pcall(c.send, c, {1})) print(pcall(c.send, c, nil))',
    'false\t<string>:1: bad argument #2 to (anonymous) (can not send a function, userdata, thread or table that has a metatable)',
    'false\t<string>:1: bad argument #2 to (anonymous) (can not send a function, userdata, thread or table that has a metatable)',
    'true',
    'true',
  ],
  [
    'select takes what is ready, calls its function, and has a default',
    'local c, d = channel.make(1), channel.make(1) c:send("v") print(channel.select({"|<-", d}, {"|<-", c, function(ok, v) print("got", ok, v) end})) print(channel.select({"<-|", c, 5, function(v) print("sent", v) end})) print(channel.select({"<-|", c, 6}, {"default", function() print("default") end}))',
    'got\ttrue\tv',
    '2\tv\ttrue',
    'sent\t5',
    '1\tnil\tfalse',
    'default',
    '2\tnil\tfalse',
  ],
  [
    'select refuses what is no case',
    'print(pcall(channel.select, {"x"})) print(pcall(channel.select, {"|<-", 5})) print(pcall(channel.select, 5)) print(pcall(channel.select, {"default"}, {"default"}))',
    'false\t<string>:1: bad argument #1 to (anonymous) (invalid channel direction:x)',
    'false\t<string>:1: bad argument #1 to (anonymous) (invalid select case)',
    'false\t<string>:1: bad argument #1 to (anonymous) (table expected, got number)',
    'false\treflect.Select: multiple default cases',
  ],
]
for (const [name, source, ...lines] of CASES)
  test(name, async () => {
    assert.deepEqual(await printedBy(source), lines)
  })

test('what would wait for ever is an error, since nobody else is there to send or receive', async () => {
  const source = [
    'print(pcall(function() channel.make(1):receive() end))',
    'print(pcall(function() channel.make():send(1) end))',
    'print(pcall(channel.select, {"|<-", channel.make(1)}))',
    'print(pcall(channel.select))',
  ].join('\n')
  const error = (line: number): string =>
    `false\t<string>:${line}: all goroutines are asleep - deadlock!`
  assert.deepEqual(await printedBy(source), [1, 2, 3, 4].map(error))
})

test('places of channels take memory', async () => {
  await assert.rejects(
    printedBy('while true do channel.make(1e6) end'),
    (thrown) => thrown instanceof GatewayError && thrown.message === 'the script is out of memory',
  )
})
