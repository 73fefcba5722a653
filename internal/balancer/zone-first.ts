import type { Snapshot } from '../discovery/discovery.ts'
import type { ProxyRequest } from '../pipe/pipe.ts'
import type { Balancer } from './balancer.ts'

/** With fewer than this share of the zone's own weight left, requests spill over into the other zones. */
const ENOUGH = 0.5

/**
 * Balances among the instances of `zone` while at least half of its weight serves; among all otherwise, and when
 * the list has no such zone.
 */
export function zoneFirst(zone: string, balance: Balancer): Balancer {
  const locals = new WeakMap<Snapshot, Snapshot>()
  const localOf = (snapshot: Snapshot): Snapshot => {
    const known = locals.get(snapshot)
    if (known !== undefined) return known
    const local = inZone(snapshot, zone)
    locals.set(snapshot, local)
    return local
  }

  function zoneFirst(snapshot: Snapshot, request: ProxyRequest): number {
    return balance(localOf(snapshot), request)
  }
  return Object.assign(zoneFirst, {
    prepare(snapshot: Snapshot) {
      const local = localOf(snapshot)
      balance.prepare?.(local)
    },
  })
}

function inZone(snapshot: Snapshot, zone: string): Snapshot {
  const { instances, slots } = snapshot
  const slotsHere = slots.filter((host) => instances[host]?.zone === zone)
  const serving = new Set(slots)
  let whole = 0
  let left = 0
  for (const [host, instance] of instances.entries()) {
    if (instance.zone !== zone) continue
    whole += instance.weight
    if (serving.has(host)) left += instance.weight
  }
  return slotsHere.length === 0 || left < ENOUGH * whole
    ? snapshot
    : { ...snapshot, slots: slotsHere, ...(snapshot.rings && { serving: new Set(slotsHere) }) }
}
