import type { Balancer } from '../balancer/balancer.ts'
import type { Health } from '../balancer/health.ts'
import type { InFlight } from '../balancer/in-flight.ts'
import { nextHost } from '../balancer/next-host.ts'
import { readSmall, SMALL_BODY_BYTES } from '../client/upload.ts'
import type { Snapshot, Subscription } from '../discovery/discovery.ts'
import { toGatewayError } from '../errors.ts'
import { bodySize } from '../pipe/body-size.ts'
import type { Deadline } from '../pipe/deadline.ts'
import type { Decorator, Pipe, ProxyRequest, ProxyResponse } from '../pipe/pipe.ts'
import { encodeQuery } from '../pipe/query.ts'
import { isOutage, type RetryReason, type RetryRules } from './retry-rules.ts'

export type HostChoice = {
  readonly subscription: Subscription
  readonly balance: Balancer
  readonly health: Health
  /** What `least-requests` goes by. */
  readonly inFlight: InFlight | undefined
  readonly retry: RetryRules
  readonly onRetry: (reason: RetryReason) => void
}

/** Hosts tried for one request when connections cannot be made. */
const MOST_HOSTS = 16

/**
 * Puts the chosen host in, and the query behind the path: from here on the URL is whole. A call whose connection
 * cannot be made goes to the next host, whatever its method: nothing of it was sent.
 */
export function chooseHost(choice: HostChoice): Decorator<Pipe> {
  const { subscription, retry } = choice
  return (next) => {
    const send = (snapshot: Snapshot, request: ProxyRequest, deadline: Deadline) => {
      const { urls } = snapshot
      const whole = request.query.length === 0 ? request : withQuery(request)
      if (urls.length === 1 && retry.max === 0)
        return next(toHost(whole, urls[choice.balance(snapshot, request)]), deadline)
      const { body } = whole
      if (body === undefined || Buffer.isBuffer(body))
        return new Attempts(choice, snapshot, whole, deadline, next).first()
      const size = bodySize(body)
      // What is larger is not touched before its connection stands.
      if (size === undefined || size > SMALL_BODY_BYTES)
        return new Attempts(choice, snapshot, whole, deadline, next).first()
      return readSmall(body, size, deadline).then((bytes) =>
        new Attempts(choice, snapshot, { ...whole, body: bytes }, deadline, next).first(),
      )
    }
    return async function chooseHost(request, deadline) {
      const snapshot = subscription.current ?? (await firstSnapshot(subscription, deadline))
      return send(snapshot, request, deadline)
    }
  }
}

/** One request and the hosts it was sent to. */
class Attempts {
  readonly #choice: HostChoice
  readonly #snapshot: Snapshot
  readonly #request: ProxyRequest
  readonly #deadline: Deadline
  readonly #next: Pipe
  #tried: Set<number> | undefined
  #retries = 0

  constructor(
    choice: HostChoice,
    snapshot: Snapshot,
    request: ProxyRequest,
    deadline: Deadline,
    next: Pipe,
  ) {
    this.#choice = choice
    this.#snapshot = snapshot
    this.#request = request
    this.#deadline = deadline
    this.#next = next
  }

  first(): Promise<ProxyResponse> {
    const { balance, health } = this.#choice
    return this.#to(balance(health.current(this.#snapshot), this.#request))
  }

  #to(at: number): Promise<ProxyResponse> {
    const { inFlight } = this.#choice
    const url = this.#snapshot.urls[at] as string
    inFlight?.begin(url)
    return this.#next(toHost(this.#request, url), this.#deadline).then(
      (response) => {
        inFlight?.end(url)
        return this.#answered(at, response)
      },
      (error) => {
        inFlight?.end(url)
        return this.#failed(at, error)
      },
    )
  }

  #answered(at: number, response: ProxyResponse): ProxyResponse | Promise<ProxyResponse> {
    const { health, retry } = this.#choice
    if (response.kind !== 'stream' || response.status < 500) {
      health.succeeded(this.#snapshot, at)
      return response
    }
    health.failed(this.#snapshot, at, false)
    if (!retry.takesStatus(this.#request.method, response.status)) return response
    const again = this.#following(at, 'status')
    if (again === undefined) return response
    response.body.destroy()
    return this.#to(again)
  }

  #failed(at: number, thrown: unknown): Promise<ProxyResponse> {
    const { health, retry } = this.#choice
    const error = toGatewayError(thrown)
    const isRefused = error.code === 'connect'
    if (isOutage(error)) health.failed(this.#snapshot, at, isRefused)
    const reason = isRefused ? 'connect' : retry.reasonFor(this.#request.method, error)
    if (reason === undefined || this.#deadline.reason !== undefined) throw error
    const again = this.#following(at, reason)
    if (again === undefined) throw error
    return this.#to(again)
  }

  /** Where to go after a failure at `at`; `undefined` when there were enough. */
  #following(at: number, reason: RetryReason): number | undefined {
    const { health, retry, onRetry } = this.#choice
    this.#tried ??= new Set()
    this.#tried.add(at)
    const mayRetry = this.#retries < retry.max
    if (reason !== 'connect' && !mayRetry) return undefined
    if (reason === 'connect' && this.#tried.size >= MOST_HOSTS) return undefined
    const other =
      nextHost(health.current(this.#snapshot), at, this.#tried) ??
      nextHost(this.#snapshot, at, this.#tried)
    // A retry that was asked for may go to the same host when there is no other.
    const again = other ?? (mayRetry ? at : undefined)
    if (again === undefined) return undefined
    if (reason !== 'connect' || other === undefined) this.#retries++
    onRetry(reason)
    return again
  }
}

function toHost(request: ProxyRequest, host: string | undefined): ProxyRequest {
  const { method, path, query, headers, params, body } = request
  return { method, host: host as string, path, query, headers, params, body }
}

function withQuery(request: ProxyRequest): ProxyRequest {
  const { method, host, path, query, headers, params, body } = request
  const text = encodeQuery(query)
  if (text === '') return request
  const joint = path.includes('?') ? (path.endsWith('?') ? '' : '&') : '?'
  return { method, host, path: path + joint + text, query, headers, params, body }
}

/** Waits for the look-up in flight, no longer than the request has time. */
function firstSnapshot(subscription: Subscription, deadline: Deadline): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const forget = deadline.whenOver(reject)
    subscription.first().then(resolve, reject).finally(forget)
  })
}
