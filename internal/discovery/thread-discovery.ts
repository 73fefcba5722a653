import { AddressBook } from './address-book.ts'
import type { Snapshot, Subscription, Wanted } from './discovery.ts'
import { fixedSubscription } from './fixed-subscription.ts'
import { ListIntake } from './list-intake.ts'
import type { DiscoveryPort, FromHub, FromThread } from './messages.ts'
import { packed } from './packed-snapshot.ts'
import { PolledList } from './polled-list.ts'
import { snapshot } from './snapshot.ts'
import { staticInstance } from './sources/static.ts'
import { wantedKey } from './wanted.ts'

/** A request thread's side of discovery: subscriptions fed by the main thread, and what its client must know. */
export class ThreadDiscovery {
  /** Addresses of host names, and which origins nobody needs any more. */
  readonly addresses = new AddressBook()
  readonly #port: DiscoveryPort
  readonly #lists = new Map<string, { readonly list: PolledList; readonly intake: ListIntake }>()
  /** Lists written in the configuration, by their hosts: a thousand backends often name the same ones. */
  readonly #fixed = new Map<string, { readonly list: Snapshot; users: number }>()

  constructor(port: DiscoveryPort) {
    this.#port = port
    port.on('message', this.#hear)
  }

  /** Hosts written in the configuration: there from the start. */
  fixed(name: string, hosts: readonly string[]): Subscription {
    const key = hosts.join(' ')
    const shared = this.#fixed.get(key) ?? this.#fix(key, hosts)
    shared.users++
    const { list } = shared
    return fixedSubscription(Object.freeze({ ...list, name }), () => {
      if (--shared.users > 0) return
      this.#fixed.delete(key)
      this.addresses.leave(list, list.instances)
    })
  }

  /** Hosts that a registry knows. Whoever wants the same shares one list. */
  subscribe(wanted: Wanted): Subscription {
    const key = wantedKey(wanted)
    const list = this.#lists.get(key)?.list ?? this.#start(key, wanted)
    return list.share(() => this.#end(key))
  }

  /** Stops listening. Who waits for a first list is told that none will come. */
  close(): void {
    this.#port.off('message', this.#hear)
    for (const { list } of this.#lists.values()) list.failed('discovery is closed')
    this.#lists.clear()
  }

  #fix(key: string, hosts: readonly string[]) {
    const shared = { list: writtenList({ service: key, scheme: 'http' }, hosts), users: 0 }
    this.#fixed.set(key, shared)
    this.addresses.enter(shared.list, shared.list.instances)
    return shared
  }

  #start(key: string, wanted: Wanted): PolledList {
    const list = new PolledList(wanted.service, (url, forMs) =>
      this.#tell({ type: 'ejected', key, url, forMs }),
    )
    const intake = new ListIntake(this.addresses, list)
    this.#lists.set(key, { list, intake })
    // What is written needs no answer: the main thread's may differ later, by who is down.
    if (wanted.hosts !== undefined) intake.take(packed(writtenList(wanted, wanted.hosts)))
    this.#tell({ type: 'subscribe', key, wanted })
    return list
  }

  #end(key: string): void {
    const known = this.#lists.get(key)
    if (known === undefined) return
    this.#lists.delete(key)
    known.intake.close()
    this.#tell({ type: 'unsubscribe', key })
  }

  #tell(message: FromThread): void {
    this.#port.postMessage(message)
  }

  readonly #hear = (message: FromHub): void => {
    const known = this.#lists.get(message.key)
    if (known === undefined) return
    if (message.type === 'asking') known.list.asking()
    else if (message.type === 'failed') known.list.failed(message.reason)
    else known.intake.take(message.snapshot)
  }
}

const writtenList = (
  { service: name, scheme }: Pick<Wanted, 'service' | 'scheme'>,
  hosts: readonly string[],
): Snapshot => snapshot({ name, version: 1, scheme, found: hosts.map(staticInstance) })
