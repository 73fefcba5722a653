import { readdirSync, readFileSync } from 'node:fs'

/** What a process and all its children used, by the kernel's own accounting. */
export type Usage = { readonly cpuMs: number; readonly memoryMb: number }

/** What times in /proc are counted in, per second: USER_HZ, 100 on every Linux that Node runs on (proc(5)). */
const TICKS_PER_SECOND = 100
const KB_PER_MB = 1024

/** Places in /proc/PID/stat behind the name in brackets (proc(5): fields 4 and 14 to 17). */
const PARENT = 1
const TIMES = [11, 12, 13, 14]

/** CPU time so far (threads and children that ended are in it) and resident memory now. */
export function usageOf(pid: number): Usage {
  const tree = processTree(pid, parents())
  const ticks = tree.flatMap((one) => TIMES.map((place) => Number(statOf(one)[place] ?? 0)))
  return {
    cpuMs: (sum(ticks) * 1000) / TICKS_PER_SECOND,
    memoryMb: sum(tree.map(residentKb)) / KB_PER_MB,
  }
}

/** `root` and all that descends from it, by who is whose parent. */
export function processTree(root: number, parentOf: ReadonlyMap<number, number>): number[] {
  const tree = [root]
  // grows while it is walked: each one brings its children
  for (const one of tree) for (const [pid, parent] of parentOf) if (parent === one) tree.push(pid)
  return tree
}

function parents(): Map<number, number> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Map(pids.map((pid) => [Number(pid), Number(statOf(Number(pid))[PARENT] ?? 0)]))
}

function statOf(pid: number): string[] {
  const text = contentOf(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(contentOf(`/proc/${pid}/status`))?.[1] ?? 0)
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // a process that ended meanwhile has no file, and uses nothing
    return ''
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
