const WARM_UP = 3
const ROUNDS = 20

/** Processor time of this thread: waiting for the registry, and what else runs on the machine, are free. */
async function busyMs(work: () => unknown): Promise<number> {
  const start = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / 1000
}

/**
 * The mean: the processor's clock ticks too coarsely for one round. The first ones compile. What `prepare` does before
 * each round is not counted.
 */
export async function typicalMs<Given = undefined>(
  work: (given: Given) => unknown,
  prepare?: () => Given,
): Promise<number> {
  let sum = 0
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const given = prepare?.() as Given
    const ms = await busyMs(() => work(given))
    if (round >= WARM_UP) sum += ms
  }
  return sum / ROUNDS
}
