import type { ServiceConfig } from '../config/types.ts'
import { AGENTS_TOPIC } from '../features/async/service.ts'
import type { Scope } from '../features/feature.ts'
import type { AgentReports } from '../router/built-in.ts'
import { goTime } from '../router/go-time.ts'

/** When each agent was last alive, whichever thread it works in. */
export function agentReports(config: ServiceConfig, scope: Scope): AgentReports {
  const reports = new Map<string, string>()
  if (config.asyncAgents.length > 0)
    scope.onClose(
      scope.hear(AGENTS_TOPIC, (news) => {
        const [name, atMs, uptimeMs] = news as [string, number, number]
        reports.set(name, goTime(atMs, uptimeMs))
      }),
    )
  return () => Object.fromEntries(reports)
}
