import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { cpuQuota } from './cpu-quota.ts'

const quotaOf = (files: Readonly<Record<string, string>>) => cpuQuota((file) => files[file])

test('cgroup v2: the smallest quota of a group and those around it', () => {
  const files = {
    '/proc/self/cgroup': '0::/pod/container\n',
    '/sys/fs/cgroup/pod/container/cpu.max': '400000 100000\n',
    '/sys/fs/cgroup/pod/cpu.max': '250000 100000\n',
    '/sys/fs/cgroup/cpu.max': 'max 100000\n',
  }
  assert.equal(quotaOf(files), 2)
  assert.equal(quotaOf({ ...files, '/sys/fs/cgroup/pod/cpu.max': 'max 100000' }), 4)
})

test('cgroup v1, whatever its controllers are mounted as', () => {
  for (const mount of ['cpu,cpuacct', 'cpu'])
    assert.equal(
      quotaOf({
        '/proc/self/cgroup': `4:memory:/docker/abc\n3:${mount}:/docker/abc\n`,
        [`/sys/fs/cgroup/${mount}/cpu.cfs_quota_us`]: '300000\n',
        [`/sys/fs/cgroup/${mount}/cpu.cfs_period_us`]: '100000\n',
      }),
      3,
    )
})

test('a fraction of a processor is one; no quota, and nothing readable, is none', () => {
  assert.equal(
    quotaOf({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '20000 100000' }),
    1,
  )
  assert.equal(
    quotaOf({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': 'max 100000' }),
    undefined,
  )
  const v1 = '/sys/fs/cgroup/cpu/cpu.cfs_'
  assert.equal(
    quotaOf({
      '/proc/self/cgroup': '1:cpu:/',
      [`${v1}quota_us`]: '-1',
      [`${v1}period_us`]: '100000',
    }),
    undefined,
  )
  assert.equal(quotaOf({}), undefined)
})

/** A group of this test's own with a quota of one processor, where the machine lets us make one. */
function ownGroup(): string | undefined {
  for (const [root, file, text] of [
    ['/sys/fs/cgroup', 'cpu.max', '100000 100000'],
    ['/sys/fs/cgroup/cpu', 'cpu.cfs_quota_us', '100000'],
    ['/sys/fs/cgroup/cpu,cpuacct', 'cpu.cfs_quota_us', '100000'],
  ] as const) {
    const folder = path.join(root, `gateway-test-${process.pid}`)
    try {
      mkdirSync(folder)
      try {
        writeFileSync(path.join(folder, file), text, { flag: 'r+' })
        return folder
      } catch {
        rmdirSync(folder)
      }
    } catch {
      // Not this kind of machine.
    }
  }
  return undefined
}

test('a process in a group with a quota finds it', async (t) => {
  const folder = ownGroup()
  if (folder === undefined) return t.skip('no right to make a cgroup with a CPU quota')
  try {
    const module = new URL('./cpu-quota.ts', import.meta.url).href
    const script = `import(${JSON.stringify(module)}).then((m) => console.log(m.cpuQuota()))`
    const command = `echo $$ > '${folder}/cgroup.procs' && exec '${process.execPath}' -e '${script}'`
    const { stdout } = await promisify(execFile)('sh', ['-c', command])
    assert.equal(stdout.trim(), '1')
  } finally {
    rmdirSync(folder)
  }
})
