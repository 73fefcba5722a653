import { asyncAmqp } from './async/amqp.ts'
import { apiKeys } from './auth/api-keys.ts'
import { clientCredentials } from './auth/client-credentials.ts'
import { signer } from './auth/signer.ts'
import { validator } from './auth/validator.ts'
import { amqpConsumer } from './backend/amqp/consumer.ts'
import { amqpProducer } from './backend/amqp/producer.ts'
import { conditional } from './backend/conditional.ts'
import { graphql } from './backend/graphql.ts'
import { lambda } from './backend/lambda.ts'
import { pubsubPublisher } from './backend/pubsub/publisher.ts'
import { pubsubSubscriber } from './backend/pubsub/subscriber.ts'
import { staticFolder } from './backend/static-filesystem.ts'
import type {
  AgentDriver,
  BackendFeature,
  CallFeature,
  EndingFeature,
  PipeFeature,
  ServiceFeature,
} from './feature.ts'
import { jmespathOfBackend, jmespathOfEndpoint } from './modifier/jmespath.ts'
import { luaBackend } from './modifier/lua-backend.ts'
import { luaEndpoint, luaService } from './modifier/lua-endpoint.ts'
import { luaProxy } from './modifier/lua-proxy.ts'
import { martian } from './modifier/martian.ts'
import { backendRequestBody, requestBody } from './modifier/request-body-generator.ts'
import { backendResponseBody, responseBody } from './modifier/response-body-generator.ts'
import { clientPlugin } from './plugin/http-client.ts'
import { serverPlugins } from './plugin/http-server.ts'
import { backendModifiers, endpointModifiers } from './plugin/req-resp-modifier.ts'
import { staticData } from './proxy/static.ts'
import { circuitBreaker } from './qos/circuit-breaker.ts'
import { httpCache } from './qos/http-cache.ts'
import { proxyLimit } from './qos/ratelimit/proxy.ts'
import { routerLimit } from './qos/ratelimit/router.ts'
import { botDetector, botDetectorOfService } from './security/bot-detector.ts'
import { cors } from './security/cors.ts'
import { httpSecurity } from './security/http.ts'
import { ipFilter, ipFilterOfService } from './security/ip-filter.ts'
import { staticSite } from './server/static-filesystem.ts'
import { statsOfBackend, statsOfProxy, statsOfRouter } from './telemetry/metrics.ts'
import {
  openCensusOfCall,
  openCensusOfEndpoint,
  openCensusOfService,
} from './telemetry/opencensus.ts'
import {
  openTelemetryOfBackend,
  openTelemetryOfCall,
  openTelemetryOfEndpoint,
  openTelemetryOfProxy,
  openTelemetryOfService,
} from './telemetry/opentelemetry.ts'
import { backendCel, cel } from './validation/cel.ts'
import { jsonSchema } from './validation/json-schema.ts'

/**
 * THE TABLE: what `extra_config` can switch on, in the order in which a request meets it. A feature is one line
 * here and one file at the path of its namespace.
 */

/** Around the whole router. */
export const serviceFeatures: readonly ServiceFeature[] = [
  openTelemetryOfService,
  openCensusOfService,
  cors,
  serverPlugins,
  ipFilterOfService,
  httpSecurity,
  luaService,
  botDetectorOfService,
  staticSite,
]

/** Before the proxy: what a client must pass. */
export const handlerFeatures: readonly EndingFeature[] = [
  openTelemetryOfEndpoint,
  openCensusOfEndpoint,
  ipFilter,
  botDetector,
  statsOfRouter,
  apiKeys,
  validator,
  luaEndpoint,
  routerLimit,
  signer,
]

/** Around the proxy part of an endpoint, before the shadow copies part. */
export const endpointGuards: readonly PipeFeature[] = [
  openTelemetryOfProxy,
  statsOfProxy,
  luaProxy,
  cel,
  jsonSchema,
]

/** Around an endpoint's merge. */
export const endpointFeatures: readonly PipeFeature[] = [
  staticData,
  requestBody,
  responseBody,
  jmespathOfEndpoint,
  endpointModifiers,
]

/** Around all of a backend: whether it is called at all. */
export const backendConditions: readonly BackendFeature[] = [conditional]

/** Backend steps that see the request as it is built. */
export const backendSteps: readonly BackendFeature[] = [
  graphql,
  backendRequestBody,
  backendResponseBody,
  jmespathOfBackend,
  backendModifiers,
]

/** Around the call and what becomes of its answer. */
export const backendFeatures: readonly BackendFeature[] = [
  openTelemetryOfBackend,
  statsOfBackend,
  circuitBreaker,
  proxyLimit,
  luaBackend,
  backendCel,
  lambda,
  amqpConsumer,
  amqpProducer,
  pubsubSubscriber,
  pubsubPublisher,
  clientCredentials,
]

/** Around the whole call of an upstream, redirects included: they see its answer before its status is judged. */
export const sendFeatures: readonly CallFeature[] = [martian, clientPlugin, staticFolder]

/** Around each exchange with an upstream, closest to the wire; redirects are followed outside of them. */
export const callFeatures: readonly CallFeature[] = [
  openTelemetryOfCall,
  openCensusOfCall,
  httpCache,
]

/** Where the messages of asynchronous agents come from: the first that an agent has. */
export const agentDrivers: readonly AgentDriver[] = [asyncAmqp]
