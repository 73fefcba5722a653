import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { printedBy } from '../machine-for-tests.ts'

const inFolder = async (source: string): Promise<string[]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lua-io-'))
  try {
    return await printedBy(`local name = ${JSON.stringify(path.join(folder, 'f.txt'))} ${source}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a file is written, read in parts, and sought in', async () => {
  const source = [
    'local f = io.open(name, "w") print(io.type(f), f:write("l1\\nl2 5.5\\n", 7, "\\n") == f)',
    'print(f:read()) f:close() print(io.type(f), pcall(f.read, f))',
    'for line in io.lines(name) do print(line) end',
    'f = io.open(name) print(f:read(), f:read(2), f:read("*n"), f:read("*l"), f:read("*a"), f:read())',
    'print(f:seek("set", 3), f:read(), f:seek("end"), f:seek("cur", -2), f:read("*a"), f:setvbuf("no"))',
    'print(f:write("x"))',
  ].join('\n')
  const lines = await inFolder(source)
  const shown = lines.map((line) => line.replace(/file \S+ is/, 'file NAME is'))
  assert.deepEqual(shown, [
    'file\ttrue',
    'nil\tfile NAME is opened for only writing.\t1',
    'closed file\tfalse\t<string>:2: bad argument #1 to (anonymous) (file is closed)',
    'l1',
    'l2 5.5',
    '7',
    'l1\tl2\t5.5\t\t7\n\tnil',
    '3\tl2 5.5\t12\t10\t7\n\ttrue',
    'nil\tfile NAME is opened for only reading.\t1',
  ])
})

test('standard output is the log, standard input is empty, and both can be others', async () => {
  const source = [
    'io.write("one ", 2) io.stdout:write("three") io.stderr:write("four")',
    'print(io.read(), io.read("*a"), io.type(io.stdin), tostring(io.stdout):match("^file %("))',
    'io.output(name) io.write("kept") io.close() io.input(name) print(io.read("*a"))',
    'print(io.output() == io.stdout, pcall(io.popen, "ls"))',
  ].join('\n')
  assert.deepEqual(await inFolder(source), [
    'one ',
    '2',
    'three',
    'four',
    'nil\t\tfile\tfile (',
    'kept',
    'false\tfalse\t<string>:4: io.popen is not available in a gateway',
  ])
})

test('an unknown mode and a missing file are told in the words of gopher-lua', async () => {
  assert.deepEqual(await inFolder('print(pcall(io.open, name, "zz")) print(io.open("/nope"))'), [
    'false\t<string>:1: bad argument #2 to (anonymous) (invalid option: zz (must be one of r,rb,w,wb,a,ab,r+,rb+,w+,wb+,a+,ab+))',
    'nil\topen /nope: no such file or directory\t1',
  ])
})

test('os tells what went wrong in the words of Go', async () => {
  assert.deepEqual(
    await printedBy('print(os.remove("/nope/a")) print(os.rename("/nope/a", "/nope/b"))'),
    [
      'nil\tremove /nope/a: no such file or directory',
      'nil\trename /nope/a /nope/b: no such file or directory',
    ],
  )
})
