import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import type { Cores } from './cores.ts'
import { fillIn } from './fill-in.ts'
import type { Launch } from './programs/program.ts'
import { programs } from './programs/table.ts'
import type { Upstream } from './programs/upstream.ts'
import type { Skipped } from './results.ts'
import { type Running, startProgram } from './running.ts'
import type { Contestant } from './scenario.ts'

/** Where and beside what contestants run. */
export type Course = {
  readonly folder: string
  readonly upstream: Upstream
  readonly cores: Cores
  readonly width: number
}

/** A contestant that runs. */
export type Entrant = Contestant & { readonly running: Running }

/** Starts those who can take part; the others are named with their reason. Nobody runs when somebody fails to start. */
export async function startEntrants(
  contestants: readonly Contestant[],
  course: Course,
): Promise<{ readonly entrants: Entrant[]; readonly skipped: Skipped[] }> {
  const entrants: Entrant[] = []
  const skipped: Skipped[] = []
  try {
    for (const contestant of contestants) {
      const launch = await launchOf(contestant, course)
      const reason = await reasonToSkip(contestant, launch)
      if (reason !== undefined) skipped.push({ name: contestant.name, reason })
      else entrants.push({ ...contestant, running: await start(contestant, launch, course) })
    }
  } catch (error) {
    await stopEntrants(entrants)
    throw error
  }
  return { entrants, skipped }
}

export async function stopEntrants(entrants: readonly Entrant[]): Promise<void> {
  await Promise.all(entrants.map(({ running }) => running.stop()))
}

/** What one contestant is started with; its folder exists. */
export async function launchOf({ name, document }: Contestant, course: Course): Promise<Launch> {
  const { width, upstream } = course
  const folder = path.join(course.folder, name.replaceAll(' ', '-'))
  await mkdir(folder, { recursive: true })
  const hosts = upstream.ports.map((port) => `http://127.0.0.1:${port}`)
  const text = fillIn(JSON.stringify({ ...document, host: hosts }), { UPSTREAM: hosts[0] ?? '' })
  const filled = JSON.parse(text) as Launch['document']
  return { folder, port: await freePort(), width, upstream: upstream.ports, document: filled }
}

async function reasonToSkip({ program }: Contestant, launch: Launch): Promise<string | undefined> {
  const { missing, refusal } = programs[program] as (typeof programs)['gateway']
  return missing() ?? (await refusal?.(launch))
}

async function start({ program }: Contestant, launch: Launch, { cores }: Course): Promise<Running> {
  const { folder, port } = launch
  const command = await programs[program].prepare(launch)
  return await startProgram({ command, folder, port, cores: cores.gateway })
}
