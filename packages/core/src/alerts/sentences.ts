type Said = (of: (member: string) => string) => string

/** What alert records without a message mean, for people. */
export const SENTENCES: ReadonlyMap<string, Said> = new Map<string, Said>([
  ['presence.failed', (of) => `A proof of presence of ${of('operator')} was wrong.`],
  ['presence.locked', (of) => `The PIN of ${of('operator')} is locked after too many wrong proofs.`],
  ['presence.refused', (of) => `A command that needs a human was started without one: ${of('command')}.`],
  ['presence.pin-reset', (of) => `The PIN of ${of('operator')} was taken away by ${of('by')}.`],
  ['presence.unexpected', (of) => `A passkey of ${of('operator')} signed what nobody had asked for: ${of('reason')}`],
  ['presence.claim-refused', () => 'Somebody tried to become operator of this gateway, which has one.'],
  ['passkey.enrolled', (of) => `${of('operator')} has a new passkey.`],
  ['passkey.removed', (of) => `A passkey of ${of('operator')} was removed by ${of('by')}.`],
  ['passkey.refused', (of) => `A new passkey for ${of('operator')} was refused: ${of('reason')}`],
  ['passkey.counter', (of) => `A passkey of ${of('operator')} counts backwards: there may be a copy of it.`],
  ['device.paired', (of) => `${of('operator')} paired a device from ${of('address')}.`],
  ['setup.claimed', (of) => `${of('operator')} became the first person of this gateway, from ${of('address')}.`],
  ['setup.refused', (of) => `A set-up link was refused at ${of('address')}: ${of('reason')}`],
  ['person.recovery-used', (of) => `${of('operator')} used a recovery code at ${of('address')}.`],
  ['login.failures', (of) => `Signing in as ${of('who')} failed again and again, and waits now.`],
  ['login.exposed', (of) => `The session of ${of('operator')} was shown outside of its browser, and was ended.`],
  [
    'login.new-address',
    (of) => `A session of ${of('operator')} goes on at ${of('address')}; it was at ${of('before')}.`,
  ],
  ['approval.flood', () => 'An agent asks more than people can answer; what it asks beyond is denied.'],
  ['approval.forged', (of) => `A decision about ${of('approvalId')} was not made by who it says: ${of('reason')}`],
  ['approval.overtaken', (of) => `Two decisions about ${of('approvalId')} met; the first one counts.`],
  ['approval.unrecorded', () => 'A decision could not be written into the log, so it does not count.'],
  ['sdk.unmediated', (of) => `${of('agentId')} ran ${of('toolName')} without asking.`],
])
