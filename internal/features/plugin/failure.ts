import { GatewayError } from '../../errors.ts'

/** A plugin that broke its contract: its request fails. */
export const failure = (message: string): GatewayError =>
  new GatewayError('component', { message: `[PLUGIN] ${message}` })

const MIN_ERROR = 400
const MAX_STATUS = 599

/** Whatever a plugin threw, as the failure of its request: `status` and `contentType` are honoured where they make sense. */
export function failureOf(name: string, thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const { message, status, contentType } = detailsOf(thrown)
  return new GatewayError('component', {
    message: status === undefined ? `[PLUGIN: ${name}] ${message}` : message,
    status,
    contentType,
    cause: thrown,
  })
}

type Details = {
  readonly message: string
  readonly status: number | undefined
  readonly contentType: string | undefined
}

function detailsOf(thrown: unknown): Details {
  if (typeof thrown !== 'object' || thrown === null)
    return { message: String(thrown), status: undefined, contentType: undefined }
  const { message, status, contentType } = thrown as Record<string, unknown>
  const isStatus = typeof status === 'number' && Number.isInteger(status)
  return {
    message: typeof message === 'string' ? message : 'failed',
    status: isStatus && status >= MIN_ERROR && status <= MAX_STATUS ? status : undefined,
    contentType: typeof contentType === 'string' ? contentType : undefined,
  }
}
