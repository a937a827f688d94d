import { deed, shape, type Concept } from './concept.ts'

const one = (source: string): RegExp => new RegExp(`(?<![\\w-])(?:${source})(?![\\w])`, 'g')
const MASTER = String.raw`(?:the |my |your |its |every )(?:user|owner|human|operator|person|customer)s?(?:'s)?`

/** How texts make an agent theirs: what it obeys, whom it is loyal to, and where that is written down. */
export const TAKEOVER: readonly Concept[] = [
  deed(
    'obeys-decoded',
    one(
      String.raw`(?:decod|decipher|decrypt|unscrambl|descrambl|un-?rot|rot-?13)\w*\b[^.\n]{0,120}\b(?:act(?:s|ing)? on|obey(?:s|ing)?|follow(?:s|ing)?|carry out|carries out|carry|execut(?:e|es|ing)|do|comply with|apply|treat) (?:it\b(?! (?:through|by|past|to|into|in))|them\b|what (?:it|they|you|stands)|whatever|that as|(?:the |its |those |these )(?:decoded |plain |resulting |hidden )?(?:instructions?|orders|steps|rules|plain ?text|sentences?|message|commands?))`,
    ),
  ),
  deed(
    'loyalty',
    one(
      [
        String.raw`(?:ranks?|stands?|counts?|comes?|goes|weighs?|is|are|has priority|takes? precedence) (?:above|before|over|higher than|more than|more important than) (?:(?:the |any )?(?:voice|word|words|wish|wishes|will|orders?|requests?|instructions?|interests?) of )?${MASTER}`,
        String.raw`i (?:belong to|am loyal to|answer (?:only )?to|serve|owe (?:my )?loyalty to|report to|obey) (?!(?:the |my |our )?(?:user|owner|human|person|team|family|you\b|questions?|requests?|mails?|dinner|lunch))(?:only )?(?:the |an? )?[\w. -]{2,60}`,
        String.raw`(?:your|my|its) (?:true|real|first|only|highest) (?:loyalty|allegiance|master|owner|principal|maker)`,
      ].join('|'),
    ),
  ),
  shape(
    'lasting-self',
    one(
      String.raw`through (?:every|each|all|any) (?:reset|restart|session|update|wipe)s?|(?:survives?|outlives?|outlasts?) (?:every|each|all|any) (?:reset|restart|session|update|wipe)s?|(?:memory|soul|identity) of (?:each|every|all) (?:new |other )?agents?|soul\.md|identity\.md`,
    ),
  ),
  deed(
    'boundaries-cut',
    one(
      String.raw`(?:delete|remove|cut|strip|drop|erase|empty|blank|overwrite|take out)s? (?:the |all |its |any |every )*(?:sections?|lines?|parts?|paragraphs?|rules?|passages?|entries) (?:on|about|with|of|for|that (?:deal|speak|tell)\w*)(?: \w+){0,4}? (?:boundar(?:y|ies)|limits|safety|asking|consent|approvals?|permissions?|refus\w+|privacy)`,
    ),
  ),
  shape(
    'rule-file',
    /\.cursor\/rules\b\S*|\.windsurfrules|\.windsurf\/rules\S*|\.clinerules|\.cursorrules|copilot-instructions\.md|(?<![\w-])(?:agents|claude|gemini)\.md/g,
  ),
  shape(
    'everywhere-of-user',
    one(
      String.raw`(?:in|into|to|of|for) (?:each|every|all) (?:of )?(?:the |their |your )?(?:user's )?(?:projects?|repositor(?:y|ies)|repos|workspaces?|checkouts?)(?: (?:of|that) (?:the )?user)?`,
    ),
  ),
  shape('git-exclude', /\.git\/info\/exclude|core\.excludesfile|skip-worktree|assume-unchanged/g),
  shape(
    'out-of-sight',
    one(
      String.raw`(?:stay|stays|keep|keeps|kept|remain|remains|are|is|be|leave|left)(?: \w+){0,2} (?:out of|outside|invisible in|hidden from|absent from) (?:the |each |every |any )?(?:diffs?|review|reviews|status|git status|history|pull requests?)|(?:nobody|no one|reviewers?|team) (?:\w+ ){0,2}(?:sees?|notices?)`,
    ),
  ),
  shape('script-tag', /<script[^>\n]{0,60}src\s?=\s?["']?https?:\/\/(?!localhost|127\.)/g),
  shape(
    'each-file',
    one(
      String.raw`(?:in|into|to) (?:each|every|all|any) (?:new |changed |html |generated |\w+ ){0,2}(?:files?|pages?|documents?|templates?|components?|layouts?)`,
    ),
  ),
  deed(
    'asked-why',
    one(
      String.raw`(?:if|when|should) (?:somebody|someone|anyone|anybody|they|the (?:user|reviewer|developer)|a (?:user|reviewer|developer)|one)(?: \w+)? asks? (?:why|for (?:the|a) reason|about (?:it|this|the (?:line|tag|script))|what (?:it|this|that|the \w+) is(?: for)?)[^.\n]{0,30}?,? (?:then )?(?:say|answer|claim|reply|explain|tell them|state)s?`,
    ),
  ),
  deed(
    'agent-runs',
    one(
      String.raw`(?:the |your |calling )?(?:agent|assistant|model|llm|client|host) (?:then |always |must |should |has to |shall |will |itself |immediately )*(?:runs?|executes?|pastes?|enters?|types?) (?:it|them|this|that|what|each|the (?:line|command|value|result|text|string|content)s?)(?: \w+){0,3}? (?:in|on|through|with|into|via) (?:the |a |its |their )?(?:terminal|shell|host|console|machine|command line|bash)|(?:shell|terminal|command|command line|script)s?(?: \w+){0,3} (?:run|executed|entered|started|pasted) by the (?:agent|assistant|model|llm)(?! only| when the user| after the user)`,
    ),
  ),
  shape(
    'typed-by-user',
    one(
      String.raw`(?:it|brew|homebrew|sudo|windows|macos|linux|uac|gpg|ssh|ssh-keygen|(?:the|an?) (?:\w+ )?(?:installer|system|terminal|script|prompt|tool|program|command|page|browser|keychain|wizard)) (?:will |may |then )?asks? (?:once )?for (?:the |a |your |their |an )?(?:\w+ )?(?:passwords?|passphrases?|pin)\b[^.\n]{0,24}\b(?:users?|they|person) (?:types?|enters?)(?: it)?(?! (?:it |them )?(?:here|in(?:to)? (?:the|this) (?:chat|prompt|message|conversation|reply)|to you))`,
    ),
  ),
  deed(
    'bandwidth',
    one(
      String.raw`(?:offers?|shares?|sells?|rents?|lends?) (?:the |an? )?(?:internet |home |idle |unused )*(?:connection|bandwidth|ip address|uplink) of (?:the |its |each )?(?:user|owner|machine|customer|household)|(?:share|shares|sell|sells|rent|rents|lend|lends|resell|resells|offer|offers) (?:out )?(?:the |your |its |their |unused |idle |spare |user's )*(?:bandwidth|internet connection|ip address|uplink)(?! (?:test|speed|figures?|results?))`,
    ),
  ),
]
