/** Techniques of MITRE ATLAS that findings name (SYS-15), as <https://atlas.mitre.org> has them. */
const TECHNIQUES = {
  'AML.T0010': 'AI Supply Chain Compromise',
  'AML.T0011.002': 'User Execution: Poisoned AI Agent Tool',
  'AML.T0025': 'Exfiltration via Cyber Means',
  'AML.T0029': 'Denial of AI Service',
  'AML.T0034.002': 'Cost Harvesting: Agentic Resource Consumption',
  'AML.T0048': 'External Harms',
  'AML.T0048.000': 'External Harms: Financial Harm',
  'AML.T0050': 'Command and Scripting Interpreter',
  'AML.T0051.001': 'LLM Prompt Injection: Indirect',
  'AML.T0051.002': 'LLM Prompt Injection: Triggered',
  'AML.T0052': 'Phishing',
  'AML.T0053': 'AI Agent Tool Invocation',
  'AML.T0055': 'Unsecured Credentials',
  'AML.T0061': 'LLM Prompt Self-Replication',
  'AML.T0067': 'LLM Trusted Output Components Manipulation',
  'AML.T0068': 'LLM Prompt Obfuscation',
  'AML.T0072': 'Reverse Shell',
  'AML.T0073': 'Impersonation',
  'AML.T0074': 'Masquerading',
  'AML.T0077': 'LLM Response Rendering',
  'AML.T0080.000': 'AI Agent Context Poisoning: Memory',
  'AML.T0081': 'Modify AI Agent Configuration',
  'AML.T0083': 'Credentials from AI Agent Configuration',
  'AML.T0086': 'Exfiltration via AI Agent Tool Invocation',
  'AML.T0101': 'Data Destruction via AI Agent Tool Invocation',
  'AML.T0105': 'Escape to Host',
  'AML.T0109': 'AI Supply Chain Rug Pull',
  'AML.T0110': 'AI Agent Tool Poisoning',
  'AML.T0112.000': 'Machine Compromise: Local AI Agent',
} as const
type Technique = keyof typeof TECHNIQUES

/**
 * Category of a rule, or category and name where a rule stands for another technique than its category → techniques. What is no
 * attack (a file that cannot be read, a manifest with a gap) has none.
 */
const OF: ReadonlyMap<string, readonly Technique[]> = new Map<string, readonly Technique[]>([
  ['abuse', ['AML.T0034.002']],
  ['abuse.exhaustion', ['AML.T0029']],
  ['abuse.flood', ['AML.T0029']],
  ['annotations', ['AML.T0110']],
  ['backdoor', ['AML.T0050']],
  ['backdoor.reverse-shell', ['AML.T0072']],
  ['backdoor.trigger', ['AML.T0051.002']],
  ['binary', ['AML.T0074']],
  ['conduct', ['AML.T0051.001']],
  ['config', ['AML.T0010']],
  ['config.auto-approve', ['AML.T0053']],
  ['config.remote-shell', ['AML.T0072']],
  ['config.shell-launch', ['AML.T0050']],
  ['control', ['AML.T0081']],
  ['control.concealed-act', ['AML.T0067']],
  ['control.deceives-user', ['AML.T0067']],
  ['control.full-power', ['AML.T0053']],
  ['control.secret-action', ['AML.T0067']],
  ['cross-server', ['AML.T0110']],
  ['drift', ['AML.T0109']],
  ['dropper', ['AML.T0011.002']],
  ['exfiltration', ['AML.T0086']],
  ['exfiltration.credential-read', ['AML.T0055']],
  ['exfiltration.credential-store', ['AML.T0055']],
  ['exfiltration.environment-read', ['AML.T0055']],
  ['exfiltration.image-link', ['AML.T0077']],
  ['exfiltration.metadata-service', ['AML.T0055']],
  ['harm', ['AML.T0048']],
  ['harm.clipboard-money', ['AML.T0048.000']],
  ['harm.deletes-outside', ['AML.T0101']],
  ['harm.destruction', ['AML.T0101']],
  ['harm.endless-work', ['AML.T0034.002']],
  ['harm.payment-redirected', ['AML.T0048.000']],
  ['hidden', ['AML.T0068']],
  ['hidden.orders', ['AML.T0051.001', 'AML.T0068']],
  ['impersonation', ['AML.T0073']],
  ['impersonation.credential-taken', ['AML.T0052']],
  ['impersonation.phishing', ['AML.T0052']],
  ['injection', ['AML.T0051.001']],
  ['manifest.approval-off', ['AML.T0081']],
  ['network', ['AML.T0025']],
  ['network.remote-shell', ['AML.T0072']],
  ['obfuscation', ['AML.T0074']],
  ['obfuscation.decoded-orders', ['AML.T0068']],
  ['obfuscation.encoded-orders', ['AML.T0068']],
  ['persistence', ['AML.T0081']],
  ['persistence.access-granted', ['AML.T0112.000']],
  ['persistence.memory-changed', ['AML.T0080.000']],
  ['persistence.spreads', ['AML.T0061']],
  ['persistence.startup-changed', ['AML.T0112.000']],
  ['poisoned', ['AML.T0110']],
  ['privilege', ['AML.T0112.000']],
  ['privilege.container-escape', ['AML.T0105']],
  ['privilege.container-left', ['AML.T0105']],
  ['schema', ['AML.T0110']],
  ['secret', ['AML.T0083']],
  ['shadowing', ['AML.T0110']],
  ['supply', ['AML.T0010']],
  ['typosquat', ['AML.T0074']],
])

/** Techniques of a finding, by the id of its rule (`skill.injection.override`). */
export function atlasOf(rule: string): readonly string[] {
  const [kind, category = '', name = ''] = rule.split('.')
  if (kind !== 'skill' && kind !== 'mcp') return []
  return OF.get(`${category}.${name}`) ?? OF.get(category) ?? []
}

const NAME = 'MITRE ATLAS'

/** The taxonomy of a SARIF run with the techniques that its findings name, in order. */
export function atlasTaxonomy(rules: Iterable<string>): object {
  const named = [...new Set([...rules].flatMap(atlasOf))].toSorted()
  return {
    name: NAME,
    organization: 'MITRE',
    informationUri: 'https://atlas.mitre.org',
    shortDescription: { text: 'Attacks on systems with AI.' },
    taxa: named.map((id) => ({
      id,
      name: TECHNIQUES[id as Technique],
      shortDescription: { text: TECHNIQUES[id as Technique] },
      helpUri: `https://atlas.mitre.org/techniques/${id}`,
    })),
  }
}

/** `taxa` of one SARIF result; the taxonomy is the first of the run. */
export const atlasTaxa = (rule: string): readonly object[] =>
  atlasOf(rule).map((id) => ({ id, toolComponent: { name: NAME, index: 0 } }))
