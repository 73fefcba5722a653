import assert from 'node:assert/strict'
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Upstreams } from './counting-upstreams.ts'

export type Filling = {
  readonly url: string
  /** Of the gateway: its connections are told by them. */
  readonly threads: number
  readonly upstreams: Upstreams
  /** Idle connections that it may keep, to all hosts together. */
  readonly allowed: number
}

/** So many calls at once, as a multiple of what may be kept: most threads reach most hosts with enough of them. */
const CROWD = 4
const MOST_BURSTS = 20
const STILL_MS = 200

/**
 * Makes a gateway open every idle connection that its configuration allows, in each thread to each host: bursts of
 * calls that wait for each other, until the hosts count that many connections.
 */
export async function fillPools({ url, threads, upstreams, allowed }: Filling): Promise<void> {
  const calls = CROWD * allowed
  for (let burst = 0; burst < MOST_BURSTS && upstreams.connections(threads) < allowed; burst++) {
    const gathered = upstreams.gather(calls)
    await Promise.all([...Array.from({ length: calls }, () => call(url)), gathered])
    await still(() => upstreams.connections(threads))
  }
  assert.equal(upstreams.connections(threads), allowed, `${threads} threads: connections kept idle`)
}

/** One call on a connection of its own, so that calls spread over the threads. */
function call(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      response.resume().once('end', resolve)
    })
    sent.once('error', reject).end()
  })
}

/** What the gateway may not keep it closes after the burst. */
async function still(count: () => number): Promise<void> {
  for (let last = -1; last !== count(); ) {
    last = count()
    await pause(STILL_MS)
  }
}
