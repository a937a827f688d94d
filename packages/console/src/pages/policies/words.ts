import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'

/** What stands in a condition, with the sentence that says what it is; the gateway checks the types. */
const FIELDS: readonly (readonly [name: string, type: string, info: string])[] = [
  ['context.labels.tainted', 'Bool', 'The session has read something that anybody could have written.'],
  ['context.labels.integrity', 'Long', '0 hostile, 1 untrusted, 2 semi-trusted, 3 trusted.'],
  ['context.labels.confidentiality', 'Long', '0 public, 1 internal, 2 confidential, 3 secret.'],
  [
    'context.flow.sinks',
    'Set<String>',
    'Where destinations came from: user, known, trusted, record, model, untrusted …',
  ],
  ['context.flow.reaches', 'Bool', 'This very call goes outside.'],
  ['context.flow.anchored', 'Bool', 'Something that says who or which is accounted for.'],
  ['context.flow.untrustedContent', 'Bool', 'More than a word of the content is nobody’s.'],
  ['context.flow.seenConfidential', 'Bool', 'The agent has read confidential data.'],
  ['context.flow.plan', 'String', 'none, in or out of the declared plan.'],
  ['context.facts.hosts', 'Set<String>', 'Host names of every URL and address argument.'],
  ['context.facts.domains', 'Set<String>', 'Registrable domains of the hosts.'],
  ['context.facts.addresses', 'Set<String>', 'Mail addresses among the arguments.'],
  ['context.facts.paths', 'Set<String>', 'Absolute paths among the arguments.'],
  ['context.facts.protected', 'Set<String>', 'Classes of protected places that are named.'],
  ['context.facts.networks', 'Set<String>', 'public, private, loopback, link-local, metadata …'],
  ['context.facts.count', 'Long', 'How many objects the call names or touches.'],
  ['context.facts.amountMinor', 'Long', 'Largest amount in cents.'],
  ['context.facts.command', 'String', 'none, clean, ask or block.'],
  ['context.facts.undeclared', 'Set<String>', 'Arguments that the schema does not declare.'],
  ['context.tool.effect', 'String', 'read, write or external.'],
  ['context.tool.irreversible', 'Bool', 'It cannot be undone.'],
  ['context.tool.annotated', 'Bool', 'Somebody said what the tool does.'],
  ['context.session.trustLevel', 'Long', '0 new, 1 proven, 2 full.'],
  ['context.session.surface', 'String', 'Whom the agent faces: local, public or admin.'],
  ['context.session.contentTrust', 'String', 'How far its input is trusted.'],
  ['context.approved', 'Bool', 'A human decided on this exact call.'],
]
const GROUPS = ['read', 'write', 'external', 'stateChange', 'irreversible', 'persist', 'unclassified']
const KEYWORDS = ['permit', 'forbid', 'when', 'unless', 'principal', 'action', 'resource', 'context']
const ANNOTATIONS = ['@id', '@decision', '@severity', '@advice', '@approvers', '@quorum', '@ttl', '@remember', '@alert']

/** Completion for Cedar: names of tools inside of an action, members of the context, words of the language. */
export const completeCedar =
  (actions: readonly string[]) =>
  (at: CompletionContext): CompletionResult | null => {
    const named = at.matchBefore(/Action::"[^"]*/)
    if (named !== null) {
      const options = [...GROUPS.map((label) => ({ label, type: 'class' })), ...actions.map((label) => ({ label }))]
      return { from: named.from + 'Action::"'.length, options, validFor: /^[\w.:-]*$/ }
    }
    const word = at.matchBefore(/[@\w.]+/)
    if (word === null || (word.from === word.to && !at.explicit)) return null
    const options = [
      ...FIELDS.map(([label, detail, info]) => ({ label, detail, info, type: 'property' })),
      ...KEYWORDS.map((label) => ({ label, type: 'keyword' })),
      ...ANNOTATIONS.map((label) => ({ label, type: 'keyword' })),
    ]
    return { from: word.from, options, validFor: /^[@\w.]*$/ }
  }
