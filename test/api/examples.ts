/** One request of the reference, run in this order against a gateway of its own. `{name}` is filled in from `keep`. */
export interface Example {
  readonly title: string
  /** A human claims the gateway first. */
  readonly claimed?: true
  readonly to: 'agent' | 'operator'
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Who asks on the agent plane: the agent's key, its credential, or nobody. */
  readonly as?: 'key' | 'credential'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly status: number
  /** Members of the answer that later examples use. */
  readonly keep?: Readonly<Record<string, string>>
}

export const EXAMPLES: readonly Example[] = [
  {
    title: 'Add an agent. Its key is in this answer and nowhere else.',
    to: 'operator',
    method: 'POST',
    path: '/api/v1/agents',
    body: { name: 'coder' },
    status: 201,
    keep: { key: 'key' },
  },
  {
    title: 'Exchange the key for a credential that lives 15 minutes.',
    to: 'agent',
    method: 'POST',
    path: '/v1/token',
    as: 'key',
    status: 200,
    keep: { credential: 'credential' },
  },
  { title: 'Ask who one is.', to: 'agent', method: 'GET', path: '/v1/session', as: 'credential', status: 200 },
  {
    title: 'Call a tool of a server behind the gateway. `result` is what the server answered, inspected.',
    to: 'agent',
    method: 'POST',
    path: '/v1/calls',
    as: 'credential',
    headers: { 'idempotency-key': 'report-1', prefer: 'wait=20' },
    body: { tool: 'files.read_text_file', arguments: { path: '{workspace}/report.txt' }, purpose: 'read the report' },
    status: 200,
    keep: { call: 'callId' },
  },
  {
    title: 'Look at a call again. Only the agent that made it can.',
    to: 'agent',
    method: 'GET',
    path: '/v1/calls/{call}',
    as: 'credential',
    status: 200,
  },
  {
    title: 'A call that a human has to agree to: 202, and where to ask for the end of it.',
    claimed: true,
    to: 'agent',
    method: 'POST',
    path: '/v1/calls',
    as: 'credential',
    headers: { 'idempotency-key': 'draft-1', prefer: 'wait=2' },
    body: { tool: 'files.write_file', arguments: { path: '{workspace}/draft.txt', content: 'Hello' } },
    status: 202,
    keep: { pending: 'callId' },
  },
  {
    title: 'It still waits.',
    to: 'agent',
    method: 'GET',
    path: '/v1/calls/{pending}',
    as: 'credential',
    status: 202,
  },
  {
    title: 'A call with an unknown member: nothing is ignored, so nobody can claim to be somebody else.',
    to: 'agent',
    method: 'POST',
    path: '/v1/calls',
    as: 'credential',
    body: { tool: 'files.read_text_file', arguments: {}, approver: 'operator:ana' },
    status: 422,
  },
  {
    title: 'Register a tool that runs in the agent’s own program.',
    to: 'agent',
    method: 'POST',
    path: '/v1/tools',
    as: 'credential',
    body: {
      tools: [
        {
          name: 'lookup',
          description: 'Looks a word up.',
          inputSchema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
          effect: 'read',
          args: { word: 'param' },
        },
      ],
    },
    status: 200,
  },
  {
    title: 'Ask whether it may run now. The gateway records the decision; the program runs the tool.',
    to: 'agent',
    method: 'POST',
    path: '/v1/decisions',
    as: 'credential',
    headers: { prefer: 'wait=1' },
    body: { tool: 'sdk-coder.lookup', arguments: { word: 'sallyport' } },
    status: 200,
    keep: { event: 'eventId' },
  },
  {
    title: 'Report how it ended; the answer carries the result with secrets redacted.',
    to: 'agent',
    method: 'POST',
    path: '/v1/outcomes',
    as: 'credential',
    body: { eventId: '{event}', outcome: 'success', result: { meaning: 'a gate with two doors' } },
    status: 200,
  },
  {
    title: 'The tools that policy could allow this agent.',
    to: 'agent',
    method: 'GET',
    path: '/v1/tools?server=sdk-coder',
    as: 'credential',
    status: 200,
  },
  {
    title: 'Tell what the user said. This agent’s credential does not vouch for it, so it is only noted.',
    to: 'agent',
    method: 'POST',
    path: '/v1/session/words',
    as: 'credential',
    body: { text: 'Look the word up, please.' },
    status: 200,
  },
  {
    title:
      'Declare the tools that the task will need, too late: this agent has read a file that others may have written.',
    to: 'agent',
    method: 'POST',
    path: '/v1/session/plan',
    as: 'credential',
    body: { tools: ['sdk-coder.lookup', 'files.read_text_file'] },
    status: 409,
  },
  {
    title: 'Report reads that ran while the gateway was away.',
    to: 'agent',
    method: 'POST',
    path: '/v1/unmediated',
    as: 'credential',
    body: {
      calls: [
        {
          tool: 'sdk-coder.lookup',
          argumentsDigest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          at: '2026-01-01T12:00:00.000Z',
          reason: 'connect ECONNREFUSED',
        },
      ],
    },
    status: 200,
  },
  {
    title: 'Report the end of a call that is not this agent’s: refused.',
    to: 'agent',
    method: 'POST',
    path: '/v1/outcomes',
    as: 'credential',
    body: { eventId: '00000000-0000-7000-8000-000000000000', outcome: 'success' },
    status: 404,
  },
  { title: 'Without a credential.', to: 'agent', method: 'GET', path: '/v1/session', status: 401 },
  {
    title: 'What is not in the table is denied, not missing.',
    to: 'agent',
    method: 'GET',
    path: '/v1/secrets',
    as: 'credential',
    status: 403,
  },
  { title: 'List the agents.', to: 'operator', method: 'GET', path: '/api/v1/agents', status: 200 },
  { title: 'One agent.', to: 'operator', method: 'GET', path: '/api/v1/agents/coder', status: 200 },
  {
    title: 'Raise a trust level: only with an operator’s proof of presence.',
    to: 'operator',
    method: 'POST',
    path: '/api/v1/agents/coder/trust',
    body: { level: 1, reason: 'a week without incident' },
    status: 403,
  },
  {
    title: 'Sessions of an agent.',
    to: 'operator',
    method: 'GET',
    path: '/api/v1/sessions?agent=coder',
    status: 200,
    keep: { session: 'sessions.0.id' },
  },
  { title: 'One session.', to: 'operator', method: 'GET', path: '/api/v1/sessions/{session}', status: 200 },
  {
    title: 'Stop an agent. Running calls end within a second.',
    to: 'operator',
    method: 'POST',
    path: '/api/v1/kill',
    body: { agent: 'coder', reason: 'It went wild.' },
    status: 200,
  },
  {
    title: 'From then on:',
    to: 'agent',
    method: 'GET',
    path: '/v1/session',
    as: 'credential',
    status: 403,
  },
  { title: 'What is stopped.', to: 'operator', method: 'GET', path: '/api/v1/kill', status: 200 },
  {
    title: 'Lift it: needs presence.',
    to: 'operator',
    method: 'POST',
    path: '/api/v1/kill/resume',
    body: { agent: 'coder' },
    status: 403,
  },
  {
    title: 'A new key: once the gateway has an operator, only with a proof of presence.',
    to: 'operator',
    method: 'POST',
    path: '/api/v1/agents/coder/rotate-key',
    body: {},
    status: 403,
  },
  {
    title: 'End an agent for good.',
    to: 'operator',
    method: 'POST',
    path: '/api/v1/agents/coder/revoke',
    body: {},
    status: 200,
  },
  { title: 'Is anybody there?', to: 'agent', method: 'GET', path: '/health', status: 200 },
]
