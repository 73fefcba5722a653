import { regionOf } from '../../cloud/aws-options.ts'
import { type Options, optionsOf, unusable } from '../../config/options.ts'
import { wholeObject } from '../../decode/json.ts'
import { GatewayError } from '../../errors.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import type { DataResponse, JsonObject, ProxyRequest } from '../../pipe/pipe.ts'
import { shaperFor } from '../../shape/shape.ts'
import { type BackendFeature, pathOf, type Scope } from '../feature.ts'
import {
  type InvokeOutput,
  type LambdaClientOptions,
  type LambdaLibrary,
  lambdaLibrary,
} from './lambda/aws-library.ts'

const NAMESPACE = 'backend/lambda'
const USUAL_PARAMETER = 'function'
const OK = 200
const BAD_REQUEST = 400

/**
 * `backend/lambda`: calls an AWS Lambda function and takes what it returns as the backend's answer. A GET hands over
 * the parameters (names in small letters), other methods the body; headers are not sent. Credentials come from where
 * the AWS SDK looks for them.
 */
export const lambda = lambdaWith(lambdaLibrary)

/** With another source of the SDK, for tests. */
export function lambdaWith(library: (path: string) => LambdaLibrary): BackendFeature {
  return {
    namespace: NAMESPACE,
    prepare(config, place, scope) {
      const path = pathOf(NAMESPACE, place)
      const options = optionsOf(config, path)
      const nameOf = functionName(options)
      const { LambdaClient, InvokeCommand } = library(path)
      const client = new LambdaClient(clientOptions(options))
      scope.onClose(() => client.destroy())
      const payloadOf = payloads(place.backend.method, scope)
      const read = answers(scope)
      const shape = shaperFor(place.backend)
      return () =>
        async function invoke(request, deadline): Promise<DataResponse> {
          const command = new InvokeCommand({
            FunctionName: nameOf(request),
            InvocationType: 'RequestResponse',
            LogType: 'None',
            Payload: await payloadOf(request, deadline),
          })
          const output = await untilOver(deadline, (abortSignal) =>
            client.send(command, { abortSignal }),
          )
          const data = read(output)
          const version = output.ExecutedVersion
          return {
            ...{ kind: 'data', sources: [], isComplete: true, errors: [] },
            data: shape === undefined ? data : shape(data),
            status: OK,
            headers: version === undefined ? [] : ['X-Amz-Executed-Version', version],
          }
        }
    },
  }
}

function functionName(options: Options): (request: ProxyRequest) => string {
  const fixed = options.text('function_name')
  if (fixed !== '') return () => fixed
  const parameter = options.text('function_param_name') || USUAL_PARAMETER
  return ({ params }) => {
    const name = params[parameter]
    if (name !== undefined && name !== '') return name
    throw failure(`aws lambda: no parameter "${parameter}" names the function`)
  }
}

function clientOptions(options: Options): LambdaClientOptions {
  const endpoint = options.text('endpoint')
  if (endpoint !== '' && !/^https?:\/\//.test(endpoint))
    throw unusable(
      endpoint,
      options.path('endpoint'),
      'not an address',
      'http://... or https://...',
    )
  const retries = options.has('max_retries') ? options.integer('max_retries') : -1
  return {
    ...regionOf(options.text('region'), process.env),
    ...(endpoint === '' ? {} : { endpoint }),
    // Below zero the SDK decides.
    ...(retries < 0 ? {} : { maxAttempts: retries + 1 }),
  }
}

type PayloadOf = (request: ProxyRequest, deadline: Deadline) => Promise<Buffer>

function payloads(method: string, { holder }: Scope): PayloadOf {
  if (method !== 'GET')
    return async ({ body }, deadline) => (await holder.hold(body, deadline)) ?? Buffer.alloc(0)
  return async ({ params }) => {
    const entries = Object.entries(params).map(([name, value]) => [name.toLowerCase(), value])
    return Buffer.from(`${JSON.stringify(Object.fromEntries(entries))}\n`)
  }
}

function answers({ maxDecodeBytes }: Scope): (output: InvokeOutput) => JsonObject | null {
  return ({ StatusCode, Payload }) => {
    if (StatusCode !== OK) throw failure('aws lambda: bad status code')
    const bytes = Buffer.from(Payload ?? [])
    if (bytes.length > maxDecodeBytes) throw new GatewayError('body-too-large')
    return wholeObject(bytes)
  }
}

/** What the SDK answers, or why the request is over. */
async function untilOver<T>(
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const stop = () => abort.abort()
  deadline.whenOver(stop)
  try {
    return await work(abort.signal)
  } catch (cause) {
    throw deadline.reason ?? refusal(cause as AwsError)
  } finally {
    deadline.forget(stop)
  }
}

type AwsError = Error & { readonly $metadata?: { readonly httpStatusCode?: number } }

/** AWS's own status goes on to the client, as in KrakenD. */
function refusal(cause: AwsError): GatewayError {
  const status = cause.$metadata?.httpStatusCode
  const known = status === undefined || status < BAD_REQUEST ? {} : { status }
  return new GatewayError('component', { message: cause.message, cause, ...known })
}

const failure = (message: string): GatewayError => new GatewayError('component', { message })
