import type { JsonObject } from '../pipe/pipe.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Choice } from './choice.ts'
import type { RegistryClient, RegistryClientOptions } from './sources/registry-client.ts'

export type Scheme = 'http' | 'https'

/** One place where a service answers. */
export type Instance = {
  readonly scheme: Scheme
  /** Goes into Host, SNI and the certificate check: an SRV target's name, or an address (IPv6 without brackets). */
  readonly host: string
  readonly port: number
  /** Addresses to connect to, tried in order; empty: the operating system resolves `host` for each connection. */
  readonly addresses: readonly string[]
  /** Comes before `url_pattern`, joined by one slash; `''` without one. */
  readonly basePath: string
  /** At least 0; 0 only in answers whose source means "no new requests". */
  readonly weight: number
  readonly zone: string
  readonly metadata: Readonly<Record<string, string>>
  /**
   * One of several instances behind one host name: its connections go to its own address only. Its URL carries
   * that before its host (`http://|10.0.0.1@orders.local:9090`), which nobody sends: Host and SNI are the name.
   */
  readonly isPinned?: boolean | undefined
  /** What goes before the path where it is not made of the parts above: a static host, as written. */
  readonly url?: string | undefined
  /** Serves when nobody of a lower tier can (SRV priorities); 0 when absent. */
  readonly tier?: number | undefined
  /** The registry names it no more, and the guard does not believe that yet: out at its first refused connection. */
  readonly isHeld?: boolean | undefined
}

/** An instance as a source finds it: without a scheme it takes the backend's `sd_scheme`. */
export type Found = Omit<Instance, 'scheme'> & { readonly scheme?: Scheme | undefined }

/** What a source said at one moment, before any policy. */
export type Answer = {
  readonly instances: readonly Found[]
  /** What it knows of when to ask again (a DNS TTL); `undefined` without a hint. */
  readonly ttlMs?: number | undefined
  /** How each instance came to be kept or dropped, in words, for explain. */
  readonly notes: readonly string[]
  /** Some sub-query failed: nothing may be removed because of this answer. */
  readonly isPartial?: boolean | undefined
  /** The registry says that the service is not offered (SRV target "."): an empty list on purpose. */
  readonly isWithdrawn?: boolean | undefined
  /** The registry does not know the name: what rejecting with `not-found` says, told by a watch that goes on. */
  readonly isUnknown?: boolean | undefined
}

/** Why a source has no answer. */
export type Failure = 'unreachable' | 'not-found' | 'broken'
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError'
  readonly failure: Failure
  /** How long the registry says that this stays so (a negative TTL). */
  readonly ttlMs: number | undefined
  constructor(failure: Failure, message: string, cause?: unknown, ttlMs?: number) {
    super(message, cause === undefined ? {} : { cause })
    this.failure = failure
    this.ttlMs = ttlMs
  }
}

/** One registry. Lives in the main thread; one per registry and process. */
export type Source = {
  /** Asks once for `service`. Rejects with a `DiscoveryError`; `signal` ends it at shutdown or time-out. */
  ask(service: string, signal: AbortSignal): Promise<Answer>
  /**
   * Tells of changes as they happen, where the registry can; polled by `ask` otherwise. Tells the same answer again
   * about once a minute while it is confirmed, so that ages mean something. Returns when `signal` is over; rejects
   * with a `DiscoveryError` when the connection is lost (the caller starts it anew, with back-off).
   */
  watch?(service: string, tell: (answer: Answer) => void, signal: AbortSignal): Promise<void>
  /** How often `ask` is due, where the registry's own options say; the process's period otherwise. */
  readonly periodMs?: number | undefined
  /** Asks again when the `ttlMs` of its last answer is over, within these bounds, instead of after a period. */
  readonly ttl?: { readonly floorMs: number; readonly ceilingMs: number } | undefined
  /** What the service's name itself names for when nothing else is known (`etcd(key,default_URL)`); may be empty. */
  fallback?(service: string): readonly Found[]
  close?(): void | Promise<void>
}

/** What a source is built from. Helpers come as an argument, so a user's own source needs no import but types. */
export type SourceScope = {
  readonly log: Logger
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly random: () => number
  /** Name servers of the process (`--dns-servers`); empty: those of resolv.conf. */
  readonly dnsServers: readonly string[]
  /** Values that must never be printed; the logger and explain cut them out. */
  readonly secret: (value: string) => void
}

/** Builds a source from what stands under `discovery/<name>`; throws a `ConfigError` when that cannot work. */
export type SourceFactory = (options: JsonObject, scope: SourceScope) => Source

/** What the built-in sources are made with, for a user's own. */
export type SourceHelpers = {
  /** The error to reject with. */
  failure(kind: Failure, message: string, cause?: unknown): Error
  /** An instance at a host and port; what is not said of it takes its default. */
  foundAt(place: Pick<Found, 'host' | 'port'> & Partial<Found>): Found
  /** An instance at `host:port` or a URL, or `undefined` when the text is none. */
  foundAtText(text: string, more?: Partial<Found>): Found | undefined
  /** Calls over HTTP: bounded, without redirects, member after member. */
  registryClient(options: RegistryClientOptions): RegistryClient
}

/** The default export of a module under `"discovery/mine": {"module": "./mine.ts"}`. Errors it throws stop the start. */
export type UserSource = (
  options: JsonObject,
  scope: SourceScope & { readonly helpers: SourceHelpers },
) => Source

/** Which hosts a backend wants: data, the same for every thread. */
export type Wanted = {
  /** A name of the source table. */
  readonly sd: string
  /** Which of several registries of this kind; `''` is the one under `discovery/<sd>`. */
  readonly registry: string
  /** The service's name there, as written in the configuration. */
  readonly service: string
  /** For instances whose source names none. */
  readonly scheme: Scheme
  /** Where they are written in the configuration (`sd: static`): nobody is asked for them. */
  readonly hosts?: readonly string[] | undefined
  /** The balancer walks a ring. */
  readonly hasRing?: boolean | undefined
  /** What `backend/discovery` says of them; the defaults when absent. */
  readonly choice?: Choice | undefined
}

/** The hosts of one backend at one moment: immutable, replaced whole. */
export type Snapshot = {
  readonly name: string
  /** Counts up with every change. */
  readonly version: number
  readonly instances: readonly Instance[]
  /** `scheme://host:port` and base path of each instance: what `ProxyRequest.host` becomes. */
  readonly urls: readonly string[]
  /** Indices into `instances`, one per slot, interleaved smoothly: what round robin walks. */
  readonly slots: readonly number[]
  /** The same for each further tier, in order: walked when everyone of those before is out. */
  readonly tiers?: readonly (readonly number[])[] | undefined
  /** Empty on purpose: the registry says that the service is not offered. */
  readonly isWithdrawn: boolean
  /** A ring for `slots`, and one for each further tier, where a balancer wants them: made beside the requests' path. */
  readonly rings?: readonly Ring[] | undefined
  /** Whom of a ring's hosts requests may go to; absent: to all of them. */
  readonly serving?: ReadonlySet<number> | undefined
}

/** Points on a circle of 2^32, each a host's: what consistent hashing walks. */
export type Ring = { readonly points: Uint32Array; readonly hosts: Uint32Array }

/** Who the hosts are, as a request sees it: read without waiting, once the first answer is there. */
export type Subscription = {
  readonly name: string
  /** Nobody ever joins it, leaves it, or is taken out. */
  readonly isFixed: boolean
  /** The current snapshot; `undefined` while no answer has ever come. */
  readonly current: Snapshot | undefined
  /**
   * Resolves with the first snapshot; rejects with `discovery-not-ready` when the look-up in flight fails, and at
   * once when none is. The caller watches its own deadline. Only needed while `current` is `undefined`.
   */
  first(): Promise<Snapshot>
  /** Has `prepare` see every list, this one too, before requests do: what a balancer derives is no request's work. */
  beforeUse(prepare: (snapshot: Snapshot) => void): void
  /** Tells the process that this thread takes a host out for so long. */
  ejected(url: string, forMs: number): void
  /** Gives it back. What is current stays readable for requests that still run. */
  close(): void
}
