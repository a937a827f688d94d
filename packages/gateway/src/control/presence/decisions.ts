import { operatorView, type ApprovalView, type Json } from '@sallyport/core'

/** Decisions other than approvals that need a human at a terminal, in the words the human is shown. */
const OPERATOR_DECISIONS: ReadonlyMap<string, string> = new Map([
  ['claim', 'become an operator of this gateway'],
  ['agent.add', 'let a new agent use this gateway'],
  ['agent.trust', 'raise the trust level of an agent'],
  ['agent.rotate-key', 'make a new key for an agent'],
  ['agent.scopes', 'give an agent more scopes'],
  ['kill.resume', 'lift the kill switch'],
  ['policy.accept', 'put a policy change into force that widens what is allowed'],
  ['policy.revert', 'put an older policy into force'],
  ['tool.pin', 'accept a tool as it is now'],
  ['server.add', 'let the gateway start a server'],
  ['egress.allow', 'let agents reach a host for a time'],
  ['vault.set', 'keep or replace a value that the gateway puts into requests'],
  ['vault.init', 'make the master key of the vault'],
  ['vault.rewrap', 'put all values under the master key that is in use, or a new one'],
  ['vault.rekey', 'encrypt all values anew'],
  ['vault.backup', 'write all values into a file that these recipients can open'],
  ['vault.restore', 'take the values of a backup over'],
  ['alerts.resolve', 'close these alerts'],
  ['alerts.silence', 'keep these alerts from being told'],
  ['init.undo', 'take the gateway out of the path of your agents'],
  ['gateway.stop', 'stop the gateway'],
])

/** The view of such a decision; gateway and CLI both build it, from what each of them knows. */
export const decisionView = (kind: string, payload: Json): ApprovalView =>
  operatorView(kind, OPERATOR_DECISIONS.get(kind) ?? `decide: ${kind}`, payload)
