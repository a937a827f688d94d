// The IDs that a piece of work answers for: number → name and which of the committed IDs belong to it.
const range = (prefix, from, to, width = 0) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${String(from + index).padStart(width, '0')}`)

const STORIES = ['1.1', '1.2', '1.3', '1.4', '5.1', '5.3', '5.4', '5.5']

const FIRST = new Set([
  'SC1',
  'O1',
  ...STORIES.map((story) => `SEC-${story}`),
  ...['HB-4', ...range('HB-', 9, 12), 'HB-24', ...range('HB-', 56, 63), 'HB-66'],
  ...['HB-132', 'HB-143', 'HB-145', 'HB-148'],
  ...range('INV-', 1, 11),
  'FV-2',
  ...['TM-DISC-001', 'TM-DISC-002', 'TM-EXEC-003', 'TM-EXEC-004'],
  ...['SYS-12', 'SYS-14'],
  ...['E-04', ...range('E-', 12, 20, 2), 'E-50', ...range('E-', 52, 59, 2), 'E-61'],
])

const CONTENT_STORIES = ['3.1', '3.2', '3.3', '3.4', '3.5']

const SECOND = new Set([
  'SC3',
  'O3',
  ...CONTENT_STORIES.map((story) => `SEC-${story}`),
  ...['HB-5', 'HB-6', ...range('HB-', 15, 20), 'HB-26', ...range('HB-', 47, 52), ...range('HB-', 74, 79), 'HB-85'],
  ...['TM-EXEC-001', 'TM-EXEC-002', 'TM-EVADE-002', 'TM-EXFIL-001', 'TM-EXFIL-002', 'TM-CHAIN-2', 'TM-CHAIN-3'],
  ...['E-03', ...range('E-', 31, 42, 2), 'E-79', 'E-83'],
  ...range('T-', 88, 114, 3),
  ...['T-131', 'T-145', 'T-147', 'T-148', 'T-149', 'T-150', 'T-160'],
])

const SANDBOX_STORIES = ['6.1', '6.2', '6.3', '6.4', '6.5']

const THIRD = new Set([
  ...['SC6', 'O6'],
  ...SANDBOX_STORIES.map((story) => `SEC-${story}`),
  ...['HB-14', 'HB-25', ...range('HB-', 140, 142)],
  ...['SYS-3', 'SYS-6', 'INV-4', 'TM-IMPACT-001', 'E-60', ...range('E-', 62, 70, 2)],
  ...['T-014', 'T-019', 'T-041', 'T-055', 'T-056', ...range('T-', 138, 144, 3)],
])

const CREDENTIAL_STORIES = ['4.1', '4.3', '4.4', '4.5']

const FOURTH = new Set([
  ...['SC4', 'O4'],
  ...CREDENTIAL_STORIES.map((story) => `SEC-${story}`),
  ...['HB-8', ...range('HB-', 44, 46), ...range('HB-', 51, 54), 'HB-56', 'HB-57', ...range('HB-', 64, 73)],
  ...[...range('HB-', 84, 96), ...range('HB-', 128, 131)],
  ...['TM-ACCESS-003', 'SYS-7', ...range('SYS-', 10, 12)],
  ...[...range('E-', 43, 51), 'E-65', 'E-66', 'E-77', 'E-78', 'E-84', 'E-87', 'E-88'],
  ...range('T-', 115, 131, 3),
])

const SURFACE_STORIES = ['2.1', '2.2', '2.3', '2.4', '2.5', '4.2', '5.2', '7.4']

const FIFTH = new Set([
  ...['SC2', 'SC5', 'O2', 'O5'],
  ...SURFACE_STORIES.map((story) => `SEC-${story}`),
  ...['HB-1', 'HB-10', 'HB-21', 'HB-24', ...range('HB-', 131, 135), 'HB-145', 'HB-146'],
  ...['FV-1', 'FV-3', 'FV-6', 'TM-RECON-001', 'TM-RECON-002', 'TM-ACCESS-001', 'TM-ACCESS-002'],
  ...['SYS-1', 'SYS-2', 'SYS-4', ...range('E-', 21, 30, 2), 'E-47', 'E-48', 'E-49', 'E-56', 'E-57', 'E-73', 'E-74'],
  ...range('T-', 1, 57, 3),
])

const ofStory = (id, stories) => stories.some((story) => id.startsWith(`AC-${story}.`) || id.startsWith(`ND-${story}.`))

export const ISSUES = {
  1: { name: 'One boundary', has: (id) => FIRST.has(id) || ofStory(id, STORIES) },
  2: { name: 'Content gate and information flow', has: (id) => SECOND.has(id) || ofStory(id, CONTENT_STORIES) },
  3: { name: 'The sandbox', has: (id) => THIRD.has(id) || ofStory(id, SANDBOX_STORIES) },
  4: { name: 'Egress and credentials', has: (id) => FOURTH.has(id) || ofStory(id, CREDENTIAL_STORIES) },
  5: { name: 'Control surfaces', has: (id) => FIFTH.has(id) || ofStory(id, SURFACE_STORIES) },
}
