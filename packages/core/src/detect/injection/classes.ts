/**
 * What a word does in an attack, whatever its language. Rules are sequences of these; the linear head sees them beside the words, which
 * carries what it learned in one language to the others. The order is part of the weights: append only.
 */
export const CLASSES = [
  'none',
  /** ignore, disregard, forget */
  'drop',
  /** previous, above, earlier */
  'prior',
  /** instructions, rules, directives */
  'instr',
  /** all, every, any */
  'all',
  /** system prompt, prompt, initial message */
  'prompt',
  /** reveal, print, repeat */
  'reveal',
  /** your, you were given */
  'your',
  /** password, secret, API key */
  'secret',
  /** assistant, AI, language model */
  'ai',
  /** new, instead, from now on */
  'now',
  /** system, administrator, developer */
  'authority',
  /** send, forward, upload */
  'send',
  /** do not tell, silently */
  'silent',
  /** important, mandatory, before anything else */
  'must',
  /** user, owner, human */
  'user',
  /** mode, override, bypass as a noun */
  'mode',
  /** restrictions, filters, safety */
  'limits',
  /** pretend, act as, you are now */
  'pretend',
  /** execute, run, call the tool */
  'execute',
  /** delete, remove, wipe */
  'destroy',
  /** follow, obey, comply */
  'obey',
  /** respond, answer, say, output */
  'answer',
  /** only, exactly, nothing else */
  'only',
  /** memory, remember, save */
  'remember',
  /** tool, function, plugin */
  'tool',
  /** document, e-mail, page that is read */
  'document',
  /** summarise, translate, review: the task the reader was given */
  'task',
  /** approve, hire, recommend, rate */
  'favour',
  /** money, payment, account */
  'money',
  /** link, URL, image */
  'link',
  /** end, close, begin */
  'end',
  /** text, message, sentence, input */
  'text',
  /** not, never, no longer */
  'not',
  /** approval, confirmation, second reviewer */
  'approval',
  /** without, no longer needed, waived */
  'without',
  /** grant, enrol, unlock, trust */
  'grant',
  /** access, role, privileges, door */
  'rights',
  /** staff, reviewers, the one you help, the log: who is not to know */
  'others',
  /** whoever reads this, tools that, automated readers */
  'reader',
  /** if, whenever, as soon as */
  'when',
  /** pre-approved, as agreed, on behalf of */
  'verified',
  /** at once, before it expires, or else */
  'urgent',
  /** append, end your answer with, replace every */
  'append',
  /** conversation, inbox, customers, saved card */
  'private',
  /** hide, leave out, between us */
  'hide',
] as const

export type WordClass = (typeof CLASSES)[number]
