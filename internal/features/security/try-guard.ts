import type { Deadline } from '../../pipe/deadline.ts'
import type { ClientRequest, Handler, JsonValue, Reply } from '../../pipe/pipe.ts'
import type {
  EndpointPlace,
  HandlerFeature,
  Scope,
  ServiceFeature,
  ServicePlace,
} from '../feature.ts'

/** A service as guards see it, for tests. */
export const SERVICE = {
  service: {
    router: {
      disableHealth: false,
      healthPath: '/__health',
      forwardedByClientIp: true,
      remoteIpHeaders: ['X-Forwarded-For'],
      trustedProxies: ['192.0.2.1'],
      appEngine: false,
    },
  },
} as unknown as ServicePlace
export const ENDPOINT = {
  ...SERVICE,
  endpoint: { index: 3, endpoint: '/x', method: 'GET', extraConfig: {}, backends: [] },
  tokenRejecters: [],
} as unknown as EndpointPlace

/** What a guard said, and what it did with a request. */
export type Tried = { readonly reply: Reply; readonly passed: ClientRequest | undefined }

/** A guard around an endpoint that answers 200 with one header, and the log's lines. Tests only. */
export function tryGuard(feature: ServiceFeature | HandlerFeature, config: JsonValue) {
  const lines: string[] = []
  const write = (...words: readonly unknown[]) => void lines.push(words.join(' '))
  const log = { debug: write, info: write, warning: write, error: write, critical: write }
  const decorate = feature.prepare(config, ENDPOINT, { log } as unknown as Scope)
  let passed: ClientRequest | undefined
  const endpoint: Handler = async (request) => {
    passed = request
    return { status: 200, headers: ['X-Own', '1'], body: undefined }
  }
  const handler = decorate?.(endpoint) ?? endpoint
  return {
    lines,
    async send(changes: Partial<ClientRequest> = {}): Promise<Tried> {
      passed = undefined
      const reply = await handler({ ...REQUEST, ...changes }, {} as Deadline)
      return { reply, passed }
    },
  }
}

const REQUEST: ClientRequest = {
  method: 'GET',
  path: '/x',
  rawQuery: '',
  headers: [],
  host: 'shop.example',
  peerAddress: '192.0.2.1',
  clientAddress: '192.0.2.1',
  isEncrypted: false,
  params: {},
  body: undefined,
}
