/**
 * `node:http` without its ES module facade. The facade reads every export once, and reading `WebSocket` loads
 * Node's own fetch: 40 ms of a start and 8 MB in every thread, for nothing that is used here.
 */
export const { createServer, IncomingMessage, ServerResponse, STATUS_CODES } =
  process.getBuiltinModule('node:http')
export type ServerResponse = import('node:http').ServerResponse
