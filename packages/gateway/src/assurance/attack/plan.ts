import type { RegisteredTool } from '@sallyport/core'

/**
 * Verbs by what they do. A prompt that uses a verb of a class may need the tools whose name has one of that class.
 */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  send: [
    'send',
    'email',
    'mail',
    'message',
    'text',
    'forward',
    'reply',
    'notify',
    'tell',
    'inform',
    'dm',
    'write',
    'respond',
    'let',
  ],
  create: [
    'create',
    'add',
    'make',
    'new',
    'schedule',
    'book',
    'set',
    'insert',
    'put',
    'save',
    'register',
    'plan',
    'reserve',
    'invite',
    'event',
  ],
  append: ['append', 'add', 'include', 'extend', 'insert', 'write'],
  delete: ['delete', 'remove', 'erase', 'cancel', 'clear', 'drop', 'unsubscribe', 'kick'],
  update: [
    'update',
    'change',
    'adjust',
    'modify',
    'edit',
    'set',
    'reschedule',
    'move',
    'rename',
    'correct',
    'fix',
    'postpone',
  ],
  share: ['share', 'invite', 'give', 'grant', 'add', 'show'],
  pay: ['pay', 'send', 'transfer', 'refund', 'wire', 'reimburse', 'settle', 'buy'],
  post: ['post', 'publish', 'upload', 'share', 'write', 'announce'],
  reserve: ['reserve', 'book', 'rent', 'get', 'make', 'reservation'],
  invite: ['invite', 'add'],
}
/** First words of tool names → class. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  send: ['send', 'pay'],
  create: ['create'],
  add: ['create', 'share', 'invite'],
  append: ['append'],
  write: ['append', 'create', 'post'],
  delete: ['delete'],
  remove: ['delete'],
  cancel: ['delete'],
  update: ['update'],
  reschedule: ['update'],
  set: ['update'],
  edit: ['update'],
  share: ['share'],
  invite: ['invite', 'share'],
  post: ['post'],
  publish: ['post'],
  schedule: ['create', 'pay'],
  reserve: ['reserve'],
  book: ['reserve'],
  pay: ['pay'],
  transfer: ['pay'],
}
/** A prompt that hands the plan to somebody else's text cannot be planned from. */
const DELEGATES =
  /\b(?:do|perform|execute|follow|complete|carry out|take care of)\b.{0,40}\b(?:actions?|tasks?|instructions?|steps|todos?|to-dos?)\b(?!.{0,30}\border\b)/

/**
 * The tools that the user's own words call for, or undefined when they leave that to a text that is yet to be read. Reads are
 * always in: they change nothing.
 */
export function planFromPrompt(prompt: string, tools: readonly RegisteredTool[]): readonly string[] | undefined {
  const text = prompt.toLowerCase()
  if (DELEGATES.test(text)) return undefined
  const words = new Set(text.split(/[^a-z-]+/).flatMap((word) => [word, stem(word)]))
  return tools.filter((tool) => tool.annotation.effect === 'read' || isMeant(tool.name, words)).map(({ name }) => name)
}

function isMeant(name: string, words: ReadonlySet<string>): boolean {
  const [verb = '', ...objects] = name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
  const verbs = (CLASSES[verb] ?? [verb]).flatMap((name) => VERBS[name] ?? [name])
  if (!verbs.some((each) => words.has(each) || words.has(stem(each)))) return false
  // `update` alone is no reason to change a password: what is changed has to be named too, where the name says what it is
  const named = objects.filter((word) => word.length > 3)
  return (
    verb !== 'update' ||
    named.length === 0 ||
    named.some(
      (word) => words.has(word) || words.has(stem(word)) || NEAR[word]?.some((near) => words.has(near)) === true,
    )
  )
}

/** Words that stand for an object of a tool name. */
const NEAR: Readonly<Record<string, readonly string[]>> = {
  transaction: ['payment', 'rent', 'order', 'transfer', 'bill', 'subscription'],
  scheduled: ['standing', 'recurring', 'rent', 'payment'],
  info: ['information', 'address', 'account', 'profile', 'details', 'name', 'street'],
}

const stem = (word: string): string => word.replace(/(?:ing|ed|es|s|e)$/, '')
