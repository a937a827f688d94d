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
  ['budgets.reset', 'give a spent budget again before its time'],
  ['egress.allow', 'let agents reach a host for a time'],
  ['vault.set', 'keep or replace a value that the gateway puts into requests'],
  ['vault.init', 'make the master key of the vault'],
  ['vault.rewrap', 'put all values under the master key that is in use, or a new one'],
  ['vault.rekey', 'encrypt all values anew'],
  ['vault.backup', 'write all values into a file that these recipients can open'],
  ['vault.restore', 'take the values of a backup over'],
  ['people.add', 'let a person use this gateway, with these roles'],
  ['people.roles', 'change what a person may do here'],
  ['people.remove', 'take a person’s access away'],
  ['people.link', 'let whoever opens a link make a passkey for a person'],
  ['people.password', 'let a person sign in with a new password'],
  ['people.recovery', 'make new recovery codes for a person'],
  ['device.pair', 'let another device sign in and decide for a person'],
  ['device.confirm', 'let the browser that shows this number become a device of a person'],
  ['device.remove', 'take a device and its passkey away from a person'],
  ['alerts.resolve', 'close these alerts'],
  ['alerts.silence', 'keep these alerts from being told'],
  ['init.undo', 'take the gateway out of the path of your agents'],
  ['skill.approve', 'let agents use a skill that you have reviewed'],
  ['skill.promote', 'let agents that visitors talk to use a skill'],
  ['skill.rollback', 'put an earlier version of a skill into force'],
  ['skill.allow', 'let a skill in without a review'],
  ['skill.unblock', 'take a rule off the block list of skills'],
  ['gateway.stop', 'stop the gateway'],
  ['passkey.enrol', 'let a new passkey decide for a person'],
  ['passkey.confirm', 'let a new passkey approve critical calls before its first day is over'],
  ['passkey.remove', 'take a passkey away from a person'],
  ['presence.reset-pin', 'let a PIN be tried again that is off'],
])

/**
 * Acts that a PIN is never enough for (threat-model §3.5): those that change who can prove presence, always; those that
 * weaken policy, take values out, or make another way in from which a passkey can be enrolled, as soon as anybody has one.
 */
const PASSKEY_ALWAYS: ReadonlySet<string> = new Set([
  'passkey.enrol',
  'passkey.confirm',
  'passkey.remove',
  'device.remove',
  'presence.reset-pin',
])
const PASSKEY_WHERE_THERE_IS_ONE: ReadonlySet<string> = new Set([
  'policy.accept',
  'policy.revert',
  'vault.backup',
  'vault.restore',
  'init.undo',
  'people.add',
  'people.roles',
  'people.remove',
  'people.link',
  'people.password',
  'people.recovery',
  'device.pair',
  'device.confirm',
])

export const needsPasskey = (kind: string): 'always' | 'where-there-is-one' | 'no' => {
  if (PASSKEY_ALWAYS.has(kind)) return 'always'
  return PASSKEY_WHERE_THERE_IS_ONE.has(kind) ? 'where-there-is-one' : 'no'
}

/** The view of such a decision; gateway and CLI both build it, from what each of them knows. */
export const decisionView = (kind: string, payload: Json): ApprovalView =>
  operatorView(kind, OPERATOR_DECISIONS.get(kind) ?? `decide: ${kind}`, payload)
