/** One metric: what it is called, what it counts, by which labels. */
export interface Family {
  /** Its first name; the others tell the same (E-28). */
  readonly names: readonly [string, ...string[]]
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** The one of them whose values others choose: secrets are taken out of it. */
  readonly foreign?: string
  readonly buckets?: readonly number[]
  /** Also at `/metrics/security`. */
  readonly security?: true
}

/** Seconds: from what policy costs to what a person needs. */
const DECISION = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1]
const CALL = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60]
const ANSWER = [1, 2, 5, 10, 30, 60, 120, 300, 900, 3600]

const counter = (name: string, help: string, labels: readonly string[] = []): Family => ({
  ...{ names: [name], type: 'counter', help, labels },
})
const gauge = (name: string, help: string, labels: readonly string[] = []): Family => ({
  ...{ names: [name], type: 'gauge', help, labels },
})
const histogram = (name: string, help: string, labels: readonly string[], buckets: readonly number[]): Family => ({
  ...{ names: [name], type: 'histogram', help, labels, buckets },
})
const spending = (name: string, help: string): Family => ({
  ...gauge(name, help, ['budget', 'agent']),
  foreign: 'agent',
})
const security = (family: Family): Family => ({ ...family, security: true })
const alias = (family: Family, name: string): Family => ({ ...family, names: [...family.names, name] })

/**
 * Everything that is measured. Labels take words of our own tables or the names of registered tools, never what somebody sent:
 * nothing here is secret, and nobody outside decides how many series there are (AC-7.4.6, T-168).
 */
export const FAMILIES = {
  findings: security(
    gauge('sallyport_security_audit_findings', 'Findings of the last check that are open.', ['severity', 'category']),
  ),
  newFindings: security(
    counter('sallyport_security_audit_findings_total', 'Findings seen for the first time.', ['severity', 'category']),
  ),
  authAttempts: security(
    counter('sallyport_security_auth_attempts_total', 'Attempts to prove who one is.', ['result']),
  ),
  violations: security(
    counter(
      'sallyport_security_policy_violations_total',
      'Calls and requests that were refused, by the code they got.',
      ['type'],
    ),
  ),
  executions: security({
    ...counter(
      'sallyport_security_tool_executions_total',
      'Calls that were carried out, by tool and what confined it.',
      [...['tool', 'sandbox', 'outcome']],
    ),
    foreign: 'tool',
  }),
  score: security(gauge('sallyport_security_health_score', 'Security score of the last check, 0 to 100.')),
  alerts: security(counter('sallyport_alerts_total', 'Alerts that were raised.', ['name', 'severity'])),
  openAlerts: security(gauge('sallyport_alerts_open', 'Alerts that nobody has closed.', ['severity'])),
  limitHits: security(
    alias(
      counter('gateway_rate_limit_hits_total', 'Requests that a limit was asked about.', ['class']),
      'sallyport_gateway_rate_limit_hits_total',
    ),
  ),
  limitViolations: security(
    alias(
      counter('gateway_rate_limit_violations_total', 'Requests that a limit refused.', ['class']),
      'sallyport_gateway_rate_limit_violations_total',
    ),
  ),
  decisions: counter('sallyport_decisions_total', 'Decisions about calls.', ['decision', 'enforcement']),
  decisionTime: histogram(
    'sallyport_decision_duration_seconds',
    'From the arrival of a call to the decision.',
    ['decision'],
    DECISION,
  ),
  callTime: histogram(
    'sallyport_call_duration_seconds',
    'From the arrival of a call to its end, waiting included.',
    ['outcome'],
    CALL,
  ),
  addedTime: histogram(
    'sallyport_added_duration_seconds',
    'What the gateway added to calls that nobody was asked about.',
    [],
    DECISION,
  ),
  asked: counter('sallyport_approvals_requested_total', 'Calls that a person was asked about.', ['severity']),
  answered: counter('sallyport_approvals_resolved_total', 'Requests that ended, by how.', ['resolution']),
  answerTime: histogram(
    'sallyport_approval_answer_seconds',
    'From a question to the answer of a person.',
    ['resolution'],
    ANSWER,
  ),
  waiting: gauge('sallyport_approvals_waiting', 'Calls that wait for a person now.'),
  findingsInContent: counter('sallyport_content_findings_total', 'Texts that try to steer, by where they stood.', [
    ...['where', 'severity'],
  ]),
  redactions: counter('sallyport_redactions_total', 'Secrets taken out of results.'),
  egress: counter('sallyport_egress_attempts_total', 'Attempts to reach a host, by what became of them.', [
    ...['verdict', 'reason'],
  ]),
  credentials: counter('sallyport_credential_operations_total', 'Uses and changes of secrets.', [
    ...['operation', 'success'],
  ]),
  secrets: gauge('sallyport_vault_secrets', 'Secrets in the vault.', ['state']),
  policyChanges: counter('sallyport_policy_changes_total', 'Loads and changes of policies.', ['action', 'valid']),
  records: counter('sallyport_log_records_total', 'Records of the log.', ['kind']),
  logHealthy: gauge('sallyport_log_healthy', '1 while every record could be written.'),
  agents: gauge('sallyport_agents', 'Agents by state.', ['state']),
  sessions: gauge('sallyport_sessions_active', 'Sessions of agents that are open.'),
  servers: gauge('sallyport_servers', 'Servers behind the gateway, by what confines them.', ['sandbox']),
  confined: gauge('sallyport_confined_agents', 'Agents that run confined now.'),
  budgetSpent: spending('sallyport_budget_spent', 'Units that were spent of a budget in its cycle, by agent.'),
  budgetReserved: spending('sallyport_budget_reserved', 'Units that are set aside for what is under way.'),
  budgetLimit: spending('sallyport_budget_limit', 'Units of a budget in each cycle.'),
  build: gauge('sallyport_build_info', 'Always 1; the version is the label.', ['version']),
  cpu: counter('process_cpu_seconds_total', 'Time that this process used of processors.'),
  memory: gauge('process_resident_memory_bytes', 'Memory of this process.'),
  started: gauge('process_start_time_seconds', 'When this process started, seconds since 1970.'),
  trouble: counter('sallyport_metrics_errors_total', 'Figures that could not be had.', ['part']),
} as const satisfies Readonly<Record<string, Family>>

export type FamilyName = keyof typeof FAMILIES
