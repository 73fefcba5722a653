import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A file's text; `undefined` when it cannot be read. */
export type ReadText = (file: string) => string | undefined

const CGROUPS = '/sys/fs/cgroup'

/**
 * Whole processors that the container may use, at least one; `undefined` without a quota. Node asks libuv, which
 * looks at fewer places than container runtimes write to.
 */
export function cpuQuota(read: ReadText = readText): number | undefined {
  const quotas = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers = '', place = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === '') return quotasOf(place, (folder) => unified(folder, read))
    if (!controllers.split(',').includes('cpu')) return []
    return [controllers, 'cpu'].flatMap((mount) =>
      quotasOf(place, (folder) => legacy(path.join(mount, folder), read)),
    )
  })
  return quotas.length === 0 ? undefined : Math.max(1, Math.floor(Math.min(...quotas)))
}

/** A group's own quota and those of the groups around it; inside a container its own group is the root. */
function quotasOf(place: string, quotaIn: (folder: string) => number | undefined): number[] {
  const quotas: number[] = []
  for (let folder = place; ; folder = path.dirname(folder)) {
    const quota = quotaIn(folder)
    if (quota !== undefined) quotas.push(quota)
    if (folder === '/' || folder === '.') return quotas
  }
}

/** cgroup v2: `cpu.max` holds quota and period, or `max`. */
function unified(folder: string, read: ReadText): number | undefined {
  const [quota, period] = (read(path.join(CGROUPS, folder, 'cpu.max')) ?? '').split(/\s+/)
  return share(quota, period)
}

/** cgroup v1: two files, -1 for no quota. */
function legacy(folder: string, read: ReadText): number | undefined {
  const text = (name: string) => read(path.join(CGROUPS, folder, name))
  return share(text('cpu.cfs_quota_us'), text('cpu.cfs_period_us'))
}

function share(quota: string | undefined, period: string | undefined): number | undefined {
  const processors = Number.parseInt(quota ?? '', 10) / Number.parseInt(period ?? '', 10)
  return processors > 0 && Number.isFinite(processors) ? processors : undefined
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not every system has it.
    return undefined
  }
}
