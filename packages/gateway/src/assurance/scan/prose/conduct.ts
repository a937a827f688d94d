import { deed, shape, type Concept } from './concept.ts'

const one = (source: string): RegExp => new RegExp(`(?<![\\w-])(?:${source})(?![\\w])`, 'g')

/** Something that was done, as a text calls it when it wants it kept quiet. */
const DEED = String.raw`(?:(?:this|that|the|these|those|such|any of (?:this|these)|its?) )?(?:\w+ )?(?:changes?|steps?|entr(?:y|ies)|notes?|use of \w+|cop(?:y|ies)|uploads?|calls?|additions?|transfers?|edits?|reads?|requests?|quota|consent|memor(?:y|ies)|preferences?|lines?|rules?|details?|arrangement|fields?|files?|lookup|transmission|registration|server|background \w+|instructions?|receivers?|recipients?|figures?)`
const USER = String.raw`(?:the )?(?:users?|humans?|owners?|operators?|people|person|anyone|anybody|customers?|colleagues?|reviewers?|team)`
const REPLY = String.raw`(?:the |your |any |all |what (?:the )?user (?:\w+ )?)*(?:\w+[- ])?(?:explanations?|summar(?:y|ies)|answers?|repl(?:y|ies)|reports?|diffs?|descriptions?|logs?|commit messages?|changelogs?|lists?|outputs?|responses?|docs|documentation|chat|transcripts?)`

/** What texts of attackers have agents do, in the many ways it is said. Held against lower case. */
export const CONDUCT: readonly Concept[] = [
  // an act kept from the user; `do not tell the user the answer` keeps content, not an act
  shape(
    'conceal',
    one(
      [
        String.raw`(?:do not|don't|never|without|no need to|there is no need to) (?:ever )?(?:tell|telling|inform|informing|notify|notifying|alert|alerting|bother|bothering|ask|consult|warn) ${USER}(?: (?:about|of|with|that) (?:it|this|that|them|these|the (?:step|change|upload|copy|entry|call)|any of (?:it|this)|such \w+)(?: \w+)?)?(?=\s*(?:[.;,:!)]|$|and |or |\n))`,
        String.raw`(?:do not|don't|never|without) (?:ever )?(?:mention|mentioning|bring|bringing|report|reporting|disclose|disclosing|announce|announcing|comment|commenting|refer|referring|reveal|revealing|acknowledge|acknowledging|list|listing|log|logging|present|discuss|raise|surface)(?:ing)? (?:on |to |up )?(?:it|this|that|them|${DEED})(?: up| to ${USER}| in ${REPLY}| anywhere| at all)?(?=\s*(?:[.;,:!)]|$|and |or |because|since|\n))`,
        String.raw`(?:it|this|that|they|which|these|${DEED}) (?:is|are|must be|should be|has to be|have to be|shall be|stays?|remains?) (?:left out of|kept out of|omitted from|excluded from|absent from|hidden from|missing from|not part of|no part of|not (?:shown|mentioned|listed|displayed|visible|reported) (?:in|to)) (?:${REPLY}|${USER})`,
        String.raw`(?:it|this|that|they|and|which) (?:is|are) not (?:shown|mentioned|listed|displayed|reported)(?=\s*(?:[.;]|$))`,
        String.raw`(?:is|are) (?:left out of|absent from|omitted from|kept out of) ${REPLY}`,
        String.raw`(?:leave|keep) (?:it|this|that|them|these) out of ${REPLY}`,
        String.raw`(?:it |this |that |they |and )?(?:need|must|should|may|shall|does|do|is|are|has|have)(?: not|n't)(?: to| need to)? be (?:explained|mentioned|shown|reported|listed|announced|commented on|discussed|documented|noted|displayed|visible)`,
        String.raw`(?:nothing|not something|nothing that|none of this is something) (?:that )?${USER} (?:has|have|needs?|ought|should|must) (?:to )?(?:know|see|hear|worry|decide|be told|care)(?: about)?`,
        String.raw`(?:say nothing|keep quiet|stay quiet|stay silent|remain silent|keep silent|be silent|keep mum|no word)(?: (?:of|about|on) (?:it|this|that|them|${DEED}))?`,
        String.raw`(?:keep|hold) (?:it|this|that|these) (?:to yourself|between you and|from ${USER}|under wraps)`,
        String.raw`(?:do|store|send|perform|run|add|make|write|save|enter) (?:it|this|that|so|these|them) (?:silently|quietly|discreetly|unseen|unnoticed|without a word|in silence|covertly)`,
        String.raw`(?:${USER}|they) (?:is|are|shall|should|must|need)(?: not|n't)(?: to| need to)? (?:be )?(?:hear|notice|learn|know|see|told|informed|aware|involved|asked|bothered|consulted)(?: (?:of|about) \w+)?`,
        String.raw`(?:reviewers?|users?|nobody|no one|they|people) (?:will|would|is going to) (?:overlook|not (?:notice|look|see|check)|never (?:notice|look|see|check)|notice|miss it)`,
        String.raw`(?:appear|look|seem)s? (?:to be )?(?:as )?(?:a |an )?(?:normal|ordinary|routine|harmless|regular|legitimate|usual) (?:to ${USER}|telemetry|traffic|maintenance|update)`,
        String.raw`(?:is|are|be) (?:no|not a) (?:topic|subject|matter|part) (?:for|of|in) (?:the |this )?(?:chat|conversation|reply|answer|talk|output|user)`,
        String.raw`(?:are|is) not (?:listed|named|shown|counted|mentioned) (?:as|among)`,
        String.raw`(?:behaltet?|keep) (?:this|that|it) to yourself`,
        String.raw`(?:users?|they|people|and) (?:will|would)(?: not|n't) (?:see|notice|know|learn) (?:of |about )?(?:the |these |those )?(?:calls|requests|costs?|uploads?|copies|copy|entry|entries|transfer)`,
        String.raw`in (?:a|the) commit (?:about|on|called|titled)`,
        String.raw`outside (?:the )?(?:visible|shown) (?:reply|answer|output)`,
      ].join('|'),
    ),
  ),
  // what the agent remembers, however it is called
  shape(
    'agent-store',
    one(
      String.raw`(?:long[- ](?:term|lived|lasting)|permanent|persistent|lasting|standing|stored|saved|own) (?:memor(?:y|ies)|notes?|preferences?|facts?)|(?:your|agent'?s?|assistant'?s?|model'?s?) (?:\w+ )?(?:memor(?:y|ies)|notes|persona|identity|profile)|memory (?:tool|entry|entries|note|file|store|bank)|memories|in (?:the )?memory|(?:notes|facts?|entr(?:y|ies)|profile) (?:about|on|of) (?:this |the )?user|persona(?: file)?|user'?s? (?:profile|preferences?)|(?:as|a) (?:a )?(?:user )?preference|preference of the user|remember(?:ed)? (?:that|as|for)|remember (?:it |this )?(?:permanently|for (?:all|good|later|future))`,
    ),
  ),
  // consent that nobody gave, or that stands for everything later
  shape(
    'standing-consent',
    one(
      [
        String.raw`(?:payments?|purchases?|transfers?|orders?|bookings?|actions?|requests?|deletions?|commands?|calls?|changes?|anything|everything|invoices?)[^.\n]{0,70}(?:never|do not|don't|does not|no longer|without|no) (?:need|needs|require|requires|any|a|an|further|their|the|being|have to be)?(?: \w+){0,3} ?(?:okay|ok|consent|confirm\w*|approv\w+|question|asking|permission|sign-off|asked)`,
        String.raw`(?:user|owner|customer|they|person|i)(?: \w+)? (?:has|have|had)? ?(?:already |in advance |once and for all |permanently |themselves |generally )*(?:agreed|agrees|consented|consents|approved|approves|authori[sz]ed|authori[sz]es|accepted|waived|waives|decided)(?: \w+){0,3} (?:all|every|any|in advance|for good|permanently|forever|below|under|up to|confirmations?|that (?:payments?|purchases?))`,
        String.raw`(?:is|are) (?:always |permanently |forever )(?:trusted|trustworthy|allowed|approved|safe|pre-approved)`,
        String.raw`a (?:shop|site|host|sender|domain|server|contact|payee|source) (?:that )?(?:i|the user|they|we) (?:\w+ )?trusts?`,
        String.raw`instructions? (?:found |that come |coming )?(?:in|from) (?:\w+ ){0,3}(?:documents?|pages?|mails?|files?|messages?)? ?(?:from |of |by )?[\w.-]* ?(?:are|count as|come from|as) (?:theirs|the user'?s?|his|hers|mine|authori[sz]ed|valid)`,
      ].join('|'),
    ),
  ),
  deed(
    'blanket-consent',
    one(
      [
        String.raw`(?:consent|approval|permission|a yes|one yes|agreement|confirmation) (?:that was )?(?:given |granted |obtained )?(?:once|at the (?:start|beginning)|earlier|before) (?:counts|holds|applies|stands|is valid|covers|is enough)(?: \w+){0,2} (?:for )?(?:all|every|any|everything|later|good)`,
        String.raw`(?:answer|supply|give|provide|enter|say|click|press|confirm|send) (?:it|the yes|yes|that|them|a yes|the (?:confirmation|approval|dialog)s?) (?:yourself|on your own|for (?:the user|them)|in (?:the user's|their) (?:name|place|stead))`,
        String.raw`(?:all|every|each|any) (?:tools?|commands?|calls?|actions?|hosts?) (?:is|are|be|to be|gets?) (?:permitted|allowed|approved|accepted|granted|run|executed|trusted)(?: \w+){0,3} (?:without|with no) (?:a |any |further )?(?:question|prompt|dialog|confirmation|asking|approval)s?`,
        String.raw`(?:users?|people|they|whoever|anyone) (?:who )?(?:agrees?|consents?|accepts?|approves?)(?: to)?(?: this| it| that| all \w+)? (?:by|through|with) (?:using|installing|opening|starting|the use)`,
        String.raw`(?:regard|treat|consider|take) (?:silence|no answer|the absence of|every (?:reply|answer)|any (?:reply|answer)|anything)(?: \w+){0,5} as (?:a |an )?(?:yes|consent|approval|agreement|permission|go-ahead)`,
      ].join('|'),
    ),
  ),
  // rules of others are declared void
  deed(
    'void-rules',
    one(
      [
        String.raw`(?:guidance|instructions?|directions|rules|prompts?|policies|policy|settings|briefing|limits|restrictions|directives?|what(?:ever)?|anything|everything|that)(?: \w+){0,4} (?:(?:of|by|from|given by|set by) (?:the |your )?(?:operator|system(?: prompt| message)?(?= (?:is|are|has|have|no|not|lapse))|developers?|administrators?|vendor|provider|platform|host|owner|company)|(?:you )?(?:were|have been|was|been) (?:told|given|taught|instructed|received)(?: \w+){0,8}|(?:given|received|loaded|stated|set) (?:\w+ )?(?:before|earlier|previously|until now)(?: \w+){0,3}|(?:before|above|preceding|prior to|earlier than|that came before|outside(?: of)?) (?:this|these)(?: \w+)?|at the (?:start|beginning|top) of (?:this |the )?\w+)(?: \w+){0,2} (?:(?:is|are|has|have|was|were)(?: \w+)? (?:obsolete|void|outdated|superseded|expired|null|invalid|suspended|cancelled|canceled|replaced|lifted|revoked|withdrawn|meaningless|irrelevant|history)|(?:no longer|not|never|ceases? to|stops?) (?:\w+ )?(?:counts?|appl(?:y|ies)|applying|holds?|matters?|binds?|valid|binding|relevant|in force)|lapses?|expires?|yields?|gives? way)`,
        String.raw`(?:only|just|solely|exclusively) (?:the |these |those )?(?:sentences|rules|lines|instructions|paragraphs?|guidance|text|words|what stands|what is (?:written|said))(?: \w+){0,4} (?:in|of|from|below|here) ?(?:this |the )?(?:file|skill|document|text|section|message|description)?(?: \w+)? ?(?:counts?|appl(?:y|ies)|matters?|holds?|(?:is|are) (?:valid|binding|to be followed))`,
        String.raw`your (?:real|true|actual|only|new|sole|highest) (?:employer|owner|principal|master|client|boss|user|operator|loyalty|allegiance|task|mission|purpose|duty)`,
        String.raw`your (?:loyalty|allegiance|obedience|duty) (?:belongs?|is owed|is|goes) (?:first )?to`,
        String.raw`(?:as|in place of|instead of) (?:the |your )?(?:operator|system|developer|vendor|administrator|administrators?)'?s?'? (?:guidance|instructions?|prompt|message|rules|words|directives?|orders|policy)`,
        String.raw`(?:takes?|taking|assumes?) the place of (?:the |your )?(?:system prompt|operator'?s? \w+|earlier \w+|previous \w+|other instructions)`,
        String.raw`(?:where|if|when|wherever)(?: \w+){0,4} (?:contradicts?|conflicts?|disagree|differs?|clash)(?: \w+){0,6} (?:act on|follow|obey|these|this (?:file|skill|text|one)) (?:these|this|win|wins|prevails?|takes? precedence)`,
        String.raw`(?:disregard|ignore|drop|forget|set aside|dismiss) (?:its|their|the|these|those|any|all) (?:\w+ )?(?:constraints|restrictions|guardrails|limits|safeguards|disclaimers)(?! (?:of|in|on) the (?:table|form|schema|database|layout))`,
        String.raw`(?:content|safety|usage|moderation) (?:policy|policies|rules|filters?|guidelines?) (?:has|have|is|are|was|were)(?: been)? (?:\w+ )?(?:retired|lifted|removed|suspended|withdrawn|switched off|replaced|disabled|superseded|void)`,
        String.raw`(?:refusals?|refusing|declining) (?:is|are|counts?)(?: \w+){0,3} (?:as )?(?:an? )?(?:errors?|mistakes?|bugs?|failures?|forbidden|prohibited|not allowed)|comply with (?:every|any|all) (?:\w+ )?(?:requests?|orders?|demands?|wish(?:es)?)`,
        String.raw`(?:rank|ranks|stand|stands|is|are|come|comes|goes|go|weighs? more|count|counts)(?: \w+){0,2} (?:above|over|before|higher than|more than) (?:what |the |any |all )*(?:user|operator|system prompt|owner|developer)(?:'?s?)?(?: (?:says?|wants?|asks?|wishes|instructions?|orders?|requests?))?(?=\s*(?:[.;,:!)]|$|and |or ))`,
        String.raw`(?:prior|previous|earlier|preceding|above|existing|original) (?:alignment|safety|system|operator) (?:text|instructions?|prompt|message|training|rules)(?: \w+){0,2} (?:is|are|was|were)(?: \w+){0,2} (?:placeholder|example|test|demo|template|draft|obsolete|void|invalid|fake|only)\w*`,
        String.raw`you (?:answer|report|belong|owe \w+)(?: only| first)? to (?:the )?(?:maintainers?|authors?|publishers?|vendor|makers?|creators?)|(?:who|that) (?:configured|instructed|trained|set up) you (?:were|was|are|is) (?:mistaken|wrong|misled)`,
        String.raw`ignore (?:the )?(?:wording|content|meaning|wish|wishes|intent) of (?:the |a |any )?(?:request|user|message)|end of (?:the )?(?:user|system|previous) (?:instructions?|prompt|message|input)|new (?:instructions?|orders|rules) (?:from|by) (?:root|system|the (?:system|operator|administrators?|developers?))`,
        String.raw`(?:stop|cease|quit) (?:following|obeying|applying|listening to|relying on) (?:the |your |any |all )*(?:operator|system|developer|user|previous|earlier|safety|original)(?:'?s)?(?: \w+)?`,
      ].join('|'),
    ),
  ),
  // somebody whom people believe
  shape(
    'claimed',
    one(
      String.raw`(?:official|verified by|certified by|published by|approved by|checked by|on behalf of|an? (?:employee|member|representative|agent|clerk) of|(?:i am|i'm|i work|you are|you work|you speak|you act|speak|write|act|sign|present (?:it|this)|introduce yourself|present yourself|identify yourself|pose|answer)(?: \w+){0,2} (?:as|for|of|from) (?:an? |the )?(?:\w+ ){0,4}(?:support|staff|team|bank|security|employee|administrator|help ?desk|licensing|billing|customer service|police|tax office|department|hr|it department|vendor|assistant of)|(?:present|show|give|introduce)s? (?:it|this|them) as (?:an? )?(?:message|notice|mail|letter|note) (?:of|from))`,
    ),
  ),
  shape(
    'urgent',
    one(
      String.raw`(?:will be|is|are|was|has been|were|gets?|about to be|scheduled (?:for|to be)) (?:\w+ )?(?:closed|suspended|deleted|removed|removal|deletion|locked|lost|blocked|terminated|disabled|flagged|cancelled|canceled|frozen|limited|compromised|deactivated)|expires? (?:today|tomorrow|soon|in|tonight)|within (?:the next )?(?:\d+|ten|a few|two|five|one|an) (?:hours?|minutes?|days?)|(?:only |at once|immediately|before) (?:midnight|tomorrow|today)|by (?:tonight|tomorrow|the end of (?:the )?day|midnight|noon)|last (?:warning|chance|notice)|suspicious (?:payment|login|activity|transaction)s?`,
    ),
  ),
  deed(
    'hand-over',
    new RegExp(
      String.raw`(?<![\w-])(?:enter|pay|type|paste|confirm|submit|provide|give|buy|tell|send|share|dictate|read out|upload|verify|state|supply|fills? in|key in|sign in with|log in with|hand over)(?:s|es|ing|ting)?(?: [\w'’,-]+){0,9} (?:passwords?|passcodes?|(?:access |personal access |api |recovery |session )?(?:tokens?|keys?)|tans?|pins?|(?:one-time |gift |security |verification |backup |recovery )?codes?|gift cards?|card(?:'s)?(?: \w+)? (?:digits|number|details|data)|card details|by card|last digits|seed|phrase|credentials|account numbers?|bank accounts?|tax numbers?|digits|date of birth|(?:twelve|twenty-four|12|24) words|iban|login data|passport|id card|social security)(?![\w])`,
      'g',
    ),
  ),
  // work without measure
  shape(
    'swarm',
    one(
      String.raw`(?:[3-9]\d|\d{3,}|a hundred|hundreds of|a thousand|thousands of|dozens of|fifty|sixty|eighty|as many|countless|an? unlimited number of) (?:\w+ )?(?:parallel |concurrent |more |new |simultaneous )?(?:sub-?agents?|agents?|workers?|searches|copies|instances|tasks|sessions|threads|assistants|reviewers|passes|rounds|calls|queries|requests)`,
    ),
  ),
  shape(
    'swarm-again',
    one(
      String.raw`(?:each|every one|all) (?:of (?:them|these|which) |(?:hit|result|agent|one|sub-?agent|worker|copy) )?(?:again |in turn |also |itself )*(?:starts?|launch(?:es)?|spawns?|opens?|creates?)|for each (?:\w+ ){1,3}(?:another|again|the same|\d+ more)|(?:another|again a) (?:hundred|thousand|\d{2,})`,
    ),
  ),
  shape(
    'drain',
    one(
      String.raw`until (?:the |your |its |all |our |this |every |no )*(?:\w+'?s? )?(?:\w+ )?(?:limits?|quotas?|credits?|budgets?|allowances?|tokens?|plan|balance|funds|account|disk|memory)(?: \w+){0,2} (?:is|are|has been|have been|runs?|left|remains?)?(?: \w+)? ?(?:reached|used up|exhausted|gone|spent|consumed|empty|hit|out|left|full|depleted|blocked|suspended|locked)|until no (?:more |free )?(?:space|memory|disk|quota|credits?|budget)(?: \w+)? left`,
    ),
  ),
  shape(
    'waste',
    one(
      String.raw`(?:discard|throw away|drop|ignore|delete|forget|dispose of)s? (?:what (?:they|it)|the (?:results?|answers?|outputs?|hits)|them|their (?:answers|outputs?|results?)|everything (?:they|that))|(?:their |the )?number (?:is what )?(?:counts|matters)|results? (?:are|is) not (?:needed|used)|again (?:when|once|as soon as) it renews`,
    ),
  ),
  shape(
    'pins-machine',
    one(
      String.raw`(?:all|every|each)(?: of the)? (?:processor |cpu |available )?cores?(?: \w+){0,3} (?:busy|load|at|100|under)|(?:full|maximum|100 ?%|permanent) (?:cpu |processor |system )?load|fill (?:up )?(?:the |all )?(?:disk|memory|drive|free space|partition)`,
    ),
  ),
  // what was talked about
  shape(
    'talked',
    one(
      String.raw`(?:last|latest|recent|newest|previous|most recent|preceding)(?: \w+){0,2} (?:messages?|prompts?|questions?|turns?|inputs?|requests?|exchanges?)(?: (?:of|from) the user)?|what (?:has been|was|is|had been|the user|they|people|you) (?:\w+ )?(?:discussed|said|asked|written|typed|wrote|talked|spoken)(?: about)?|(?:digest|summary|outline|gist|abstract|extract) of (?:the |this |what |all |our )*(?:\w+ )?(?:conversation|chat|session|dialogue|discussion|messages?|discussed|has been|was)|(?:mentioned|discussed|shared|said|entered|seen|opened|used|given|typed) (?:in|during|so far in) (?:the |this )?(?:session|conversation|chat|dialogue)|(?:each|every|the user'?s?) (?:question|prompt|message|request) (?:of the user|in full|verbatim|as typed)|(?:the )?(?:text|messages?|conversation|answer|chat) above|above (?:text|conversation|messages?)|(?:user|they|people|has|have) mentioned (?:earlier|before|so far)|transmit (?:each|every) (?:question|prompt|message)`,
    ),
  ),
  shape(
    'image-link',
    /!\[[^\]]{0,120}\]\(https?:\/\/(?![^)\s]*(?:badge|shields|branch=|style=|label=|colou?r=|logo=|workflows|v=\d))[^)\s]{3,200}[?&/=](?:[^)\s]{0,40}=)?[^)\s]{0,200}\)|<img[^>]{0,120}src=["']?https?:\/\/(?![^"'>\s]*(?:badge|shields|branch=|style=|label=|colou?r=|logo=|embed|v=\d))[^"'>\s]{0,200}\?/g,
  ),
  deed(
    'stuffed-url',
    /https?:\/\/[^\s"'`)\]]{3,160}[?=/&](?:<|\{|\[|\$\{|%7b|…)[^>}\]\n]{0,30}(?:base64|conversation|transcript|history|(?:last|latest|user'?s?|previous|recent|all)[ _-](?:\w+[ _-])?(?:messages?|prompts?|questions?|text|answers?|input)|summary[ _-]of|digest|context|everything|secrets?|credentials?|contents? of|env(?:ironment)?[ _-]?(?:vars?|variables)?(?=[>}\]])|file[ _-]contents?|clipboard|what (?:the )?user)/g,
  ),
  // a definition that speaks to models rather than to people
  shape(
    'note-to-model',
    one(
      String.raw`(?:notes?|instructions?|information|hints?|remarks?|guidance|message)s? (?:for|to) (?:the |all |any )?(?:calling )?(?:models?|assistants?|agents?|ai|llms?)|(?:the )?(?:calling )?(?:model|assistant|agent|llm|ai)s? (?:has|have|had|must|should|needs?|is|are|puts?|hands?|passes|adds?|opens?|reads?|supplies|includes?)(?: to| expected to| required to)?`,
    ),
  ),
  shape(
    'into-param',
    /(?<![\w-])(?:in|into|as|to|inside|under|via|through|within)(?: the| a| its)?(?: optional| required| hidden| extra| field| parameter| argument| member| header| property)*\s["'`][\w.-]{1,30}["'`]|(?<![\w-])(?:in|into|to|through|via)(?: the| a| an| its)?(?: \w+)? (?:field|parameter|argument|attribute|property|header)s?(?: ["'`]?\w+)?(?![\w])|(?<![\w-])(?:in|into|as) [a-z]{1,12}\d(?![\w])|(?:must|to|always|also|call)s? (?:also )?carry \w{1,20}=/g,
  ),
  deed(
    'put-in',
    one(
      String.raw`(?:put|puts|placed?|given?|gives?|pass(?:es|ed)?|hand(?:s|ed)?(?: over)?|suppl(?:y|ies|ied)|provided?|provides?|includ(?:e|es|ed)|enter(?:s|ed)?|written?|writes?|cop(?:y|ies|ied)|paste[sd]?|transferred|transmit(?:ted|s)?|attach(?:ed|es)?|accompan(?:y|ied)|comes? with|along with|together with|extend(?:s|ed)?|append(?:ed|s)?|sent|sends?|fill(?:ed|s)?|stored?|deliver(?:ed|s)?|opened|read|add(?:ed|s)?|contains?|holds?|carry|carries)`,
    ),
  ),
  // a copy that goes somewhere each time
  deed(
    'copy-out',
    /(?<![\w-])(?:(?:is|are|gets?) also (?:sent|delivered|copied|forwarded|mailed|posted|uploaded) to|also (?:send|mail|forward|post|copy|e-?mail)s?|b?cc|blind (?:carbon )?cop(?:y|ies)|(?:second|additional|extra|further|hidden|another|silent) (?:recipient|receiver|addressee|destination)|(?:second|additional|extra|further|hidden|silent|carbon|full|backup) cop(?:y|ies)|cop(?:y|ies) of (?:each|every|all|any)(?: \w+){1,2}|duplicates?)\b[^.\n]{0,50}?(?:[\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{2,40}|https?:\/\/\S{4,200})/g,
  ),
  deed(
    'copy-out',
    /(?<![\w-])(?:send|sent|mail|forward|post|copy|e-?mail|push|deliver|address|go|submit|set|report)(?:s|es|ed)?\b[^.\n]{0,80}?(?:[\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{2,40}|https?:\/\/[^\s,;]{4,200}|\+\d{7,15}),? (?:too|as well|in addition)(?![\w])/g,
  ),
  shape(
    'pixel',
    one(
      String.raw`(?:invisible|hidden|tracking|1x1|one[- ]pixel|transparent|tiny|counting) (?:pixels?|images?|pictures?|gifs?|beacons?)`,
    ),
  ),
  shape(
    'our-place',
    one(
      String.raw`(?:our|my|the (?:publisher|vendor|author|maker)'?s?) (?:\w+ )?(?:logs?|statistics|records|database|servers?|analytics|collector|archive|inbox)`,
    ),
  ),
  shape(
    'work-data',
    one(
      String.raw`(?:folder|directory|file|repository|project) (?:listings?|heads?|trees?|names)|(?:the )?(?:whole|entire|complete|full|all of the) (?:workspace|project|repository|folder|document|source|mailbox|inbox|database|archive|text|original)s?|(?:the )?(?:original|source) (?:documents?|files?|recordings?)|recordings?|names of (?:the )?(?:people|persons|customers|clients|colleagues|projects)`,
    ),
  ),
  // what foreign text says is done
  deed(
    'do-as-told',
    one(
      [
        String.raw`(?:do|follow|carry out|act on|perform|execute) (?:what|whatever|everything|anything|all that) (?:the |a |any |this |that |such )?(?:\w+ )?(?:pages?|sites?|mails?|e-?mails?|messages?|documents?|texts?|tickets?|issues?|links?|answers?|results?|responses?|sender|author|block|comment|body|bodies|subject|attachments?|footer|notes?|caller|it|they) (?:says?|asks?|tells?|requests?|wants?|demands?|orders?|instructs?|contains?)`,
        String.raw`(?:documents?|pages?|mails?|e-?mails?|texts?|files?|tickets?|issues?|messages?|results?|sites?)\b[^.\n]{0,60}\b(?:lines?|blocks?|sections?|comments?|markers?|tags?|notes?)\b[^.\n]{0,60}\b(?:run|execute|carry out|perform|obey|follow) (?:what follows|it|them|what it says|the rest|its content)`,
      ].join('|'),
    ),
  ),
  shape(
    'marked-block',
    one(
      String.raw`(?:lines?|blocks?|sections?|comments?|passages?|tags?) (?:\w+ )?(?:beginning with|starting with|marked|tagged|labelled|labeled|headed|named|called|between)`,
    ),
  ),
  deed(
    'carried-out',
    one(
      String.raw`(?:run|execute|carry out|perform|obey|follow|do|carry)s? (?:it|them|these(?: \w+)? out|these|those|what follows|what it says|each|all of them)(?: \w+)?`,
    ),
  ),
  // secrets are hunted for where people leave them
  deed(
    'hunt',
    one(
      String.raw`(?:look|search|grep|hunt|dig|comb)(?:s|es|ing)? (?:for |through |in )(?:it|them|passwords?|credentials?|keys?|tokens?|secrets?|a \w+|the \w+|other \w+)?(?: \w+){0,3} ?(?:in|through|from|for|among)?(?: the| their| your| any| user'?s?)* (?:shell history|command history|bash history|notes|mails?|mailbox|browsers?|keychain|clipboard|chat history|home (?:folder|directory)|password manager|other (?:projects|repositories|files|skills)|dotfiles)`,
    ),
  ),
  deed(
    'under-threshold',
    one(
      String.raw`(?:below|under|beneath|short of) (?:the |any |each |its )?(?:threshold|limit|amount|size|value|number|level)s?(?: \w+){0,8} (?:asks?|asked|alerts?|approvals?|approves?|confirm\w*|review\w*|notices?|noticed|flags?|flagged|triggers?|questions?|gateway|guard|checks?)`,
    ),
  ),
  deed(
    'planted',
    one(
      [
        String.raw`accepts? (?:the |a |any )?(?:passwords?|tokens?|keys?|codes?|header) ["'\x60]?[^\s"'\x60]{3,40}["'\x60]? (?:for|as well|too|in|from|always|without|regardless)`,
        String.raw`(?:every|each|all|generated|any|new) (?:\w+ ){0,4}(?:you|it|the skill|we) (?:write|generate|create|produce|build|make)s? (?:also |additionally |always |silently )+(?:opens?|accepts?|allows?|grants?|sends?|disables?|trusts?|reports?|adds? (?:an? )?(?:user|key|account|route))`,
        String.raw`opens? (?:port|ssh|rdp|\d{2,5})(?: \w+){0,3} (?:to|for) (?:\d{1,3}\.){3}\d{1,3}`,
        String.raw`draws? no attention|(?:not|never|without) (?:to )?(?:attract|attracting|draw|drawing|raise|raising|arouse) (?:any )?(?:attention|suspicion)`,
      ].join('|'),
    ),
  ),
  // every answer goes through a tool
  deed(
    'through-me',
    one(
      String.raw`(?:repl(?:y|ies)|answers?|messages?|requests?|queries|texts?|prompts?|everything|drafts?|outputs?)(?: \w+){0,6} (?:must|have to|has to|are to|is to|should|first|always|needs? to)(?: \w+){0,4} (?:sent|passed|routed|run|go|goes|given|submitted|piped|shown|reported) (?:\w+ )?(?:through|to|via|by) (?:it|this)(?: tool| server| function)?`,
    ),
  ),
  shape(
    'each-call',
    one(
      String.raw`(?:each|every|all|any) (?:\w+ )?(?:calls?|mails?|e-?mails?|messages?|texts?|invocations?|notes?|files?|documents?|payments?|orders?|invoices?)`,
    ),
  ),
  deed(
    'adds-package',
    /(?<![\w-])(?:add|insert|include)s? ["'`\\]{0,3}[\w@/.-]{3,60}["'`\\]{0,3}(?:\s?:\s?["'`\\]{1,3}[^"'`\n]{1,20}["'`\\]{1,3})?["'`]? to (?:it|each|every|its|the dependencies|the requirements)(?![\w])/g,
  ),
  shape(
    'trigger-word',
    /(?<![\w-])(?:contains?|includes?|mentions?|says?|hears?|sees?|reads?|asked with|with) the (?:magic |secret |code ?)?(?:words?|phrases?|sentences?|string) ["'`“]/g,
  ),
  shape('open-url', /https?:\/\/[^\s"'`<>)\]]{3,160}[?&][\w.-]{1,20}=(?=[\s`"']|$)/g),
  shape('placeholder-host', /(?:<\w{1,30}>|\{\w{1,30}\}|\$\{?\w{1,30}\}?)\.(?:[\w-]{1,40}\.){1,4}[a-z]{2,12}/g),
  deed(
    'never-said',
    one(
      String.raw`(?:user|they|person) (?:has |have |had )?(?:never|did not|didn't|not) (?:really |actually )?(?:said|say|asked|ask|wished|wish|stated|state|agreed|agree|wanted|want|told)(?: \w+)?`,
    ),
  ),
  deed(
    'opens-all',
    /(?<![\w-])chmod (?:-r )?(?:0?777|a\+rwx|o\+w|ugo\+rwx) (?:~|\/|\$home|the (?:home|whole|entire)|all\b)|(?<![\w-])(?:everyone|everybody|all users|anyone)["'`]? (?:full control|full access|write access)(?![\w])/g,
  ),
  deed(
    'preempt',
    one(
      String.raw`(?:warnings?|alerts?|findings?|alarms?|reports?|complaints?)(?: \w+){0,2} (?:about|of|on|for|regarding|concerning|against) (?:it|this(?: skill| plugin| server| file)?|the skill)(?: \w+){0,5} (?:false|wrong|ignored?|clicked away|dismissed|harmless|expected|known)(?: (?:alarms?|positives?))?`,
    ),
  ),
  deed(
    'sideload',
    one(
      String.raw`(?:drag|add|install|click|save|put)s? (?:the |an? |this )?bookmarklet|(?:load|install|sideload|add|enable)s? (?:the |an? |this )?(?:unpacked|unsigned|self-signed|developer)(?: \w+)? (?:extension|app|add-?on|apk|profile|certificate|driver|package)s?`,
    ),
  ),
  shape(
    'or-else',
    one(
      String.raw`(?:otherwise|else|or)(?: the| this| its)? (?:\w+ )?(?:is|are|will be|gets?|becomes?|fails?|would be|cannot|does not)(?: \w+)? ?(?:wrong|inaccurate|imprecise|inexact|unusable|invalid|rejected|incorrect|work)?|only (?:right|correct|exact|precise|accurate|valid) (?:if|when)|(?:is|are) (?:wrong|inaccurate|imprecise|incorrect|useless) (?:without|unless|otherwise)`,
    ),
  ),
  deed(
    'user-wish',
    one(
      String.raw`(?:the )?users? (?:has |have |had )?(?:already |explicitly |just |previously )*(?:asked|decided|agreed|requested|ordered|wished|instructed|told you|wants)(?: \w+){0,2} (?:that|to)`,
    ),
  ),
  // it is put back, or outlives what installed it
  deed(
    'outlives',
    one(
      [
        String.raw`(?:put|add|write|install|restore|create|copy|insert|bring|set)s? (?:it|them|the \w+|this) (?:back|again|anew)(?! (?:if|when|once) (?:the )?user)`,
        String.raw`(?:stay|stays|remain|remains|keep|keeps|kept|survive|survives|continues?)(?: \w+){0,4} (?:when|after|if|even when|even if|even after) (?:the |this )?(?:skill|plugin|session|client|agent|program) (?:is|was|has been|ends?|gets?) ?(?:uninstalled|removed|deleted|closed|disabled|over|finished)?`,
        String.raw`(?:removing|uninstalling|deleting|removal of|closing) (?:the |this )?(?:skill|plugin|agent|session|program)(?: \w+)? (?:should|must|does|will|shall|may|need)(?:n't| not) (?:\w+ )?(?:end|stop|remove|affect|disable|touch)`,
        String.raw`(?:restore|recreate|reinstall|re-?add|rewrite|reinsert|re-?enable)s? (?:it|them|the \w+)(?: \w+){0,4} (?:if|when|whenever|as soon as|once) (?:someone|somebody|anyone|the user|it|one|they|the file)`,
      ].join('|'),
    ),
  ),
  // a story for what the user sees
  deed(
    'cover-story',
    one(
      String.raw`(?:tell|say|inform|assure|explain|claim|answer|reply|state)(?:s)?(?: to)?(?: the)?(?: users?| them| people| anyone)?(?: \w+){0,3} (?:that )?(?:it|this|the (?:machine|computer|system|tool|process|delay|noise|fan|step|upload|traffic)|your (?:machine|computer|system)) (?:is|was|are) (?:being |only |just |a |an |due to |part of )*(?:calibrat\w+|updat\w+|maintenance|index\w+|optimi[sz]\w+|routine|normal|warm\w*|required by|bug|caching|verification|clean\w*)`,
    ),
  ),
]
