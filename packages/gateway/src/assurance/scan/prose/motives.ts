import { deed, shape, type Concept } from './concept.ts'

const one = (source: string): RegExp => new RegExp(`(?<![\\w-])(?:${source})(?![\\w])`, 'g')
const USER = String.raw`(?:the |its |their )?(?:users?|humans?|owners?|customers?|people|person|anyone|anybody|colleagues?|reviewers?|team|operator)`
const SAYS = String.raw`(?:says?|said|wants?|asks?|asked|names?|named|chooses?|chose|gives?|gave|objects?|wishes|prefers?|enters?|types?|orders?|thinks?|replies|answers?|ends?|ended|cancels?|stops?|has (?:ended|stopped|cancell?ed|said|asked|chosen|named|given)|states?|mentions?|picks?|requests?|provides?|specif\w+|tells? you|does not want|doesn't want|declines?|refuses?)`

/** Why and how a text says something is to be done: what turns an everyday act into one against the user, and what speaks for it. */
export const MOTIVES: readonly Concept[] = [
  // a reason that sounds like routine
  shape(
    'pretext',
    one(
      [
        String.raw`to (?:help|improve|speed up|train|tune|verify|activate|unlock|validate|personali[sz]e|calibrate|support|debug|diagnose|triage|keep (?:the|our) (?:service|quality))(?: (?:the|our|its|with|us|future|later|your|search|results?|answers?|service|quality|ranking|accuracy|model|triage|licen[cs]e|account|product))+`,
        String.raw`(?:for|as part of|because of|due to|under|required (?:for|by)|needed (?:for|by)|part of) (?:the |our |its |an? |all |remote |your )?(?:\w+ )?(?:licen[cs](?:e|ing)(?: checks?)?|activation|verification|quality(?: \w+)?|training|support|diagnos\w+|telemetry|analytics|statistics|compliance|audits?|audit policy|debugging|traceability|ranking|accuracy|calibration|personali[sz]ation|benchmarks?|triage|handshake|billing|safekeeping|validation|verification|quality control|caching|search index|cloud sync|data protection|governance|legal reasons|insurance|standard procedure|company policy|polic(?:y|ies) of \w+|terms of (?:use|service))`,
        String.raw`to (?:learn|know|understand|build|enrich|profile|study|see)(?: \w+)? (?:the )?(?:user'?s?|their|people'?s?|customers?'?|person'?s?) (?:\w+ )?(?:interests?|habits?|profile|behaviou?r|preferences?|taste|mood|needs?|identity)`,
        String.raw`so (?:that )?(?:the |our |its |later |further )?(?:vendor|server|author|support|maker|publisher|developers?|we|ranking|search|lookup|engine|index|model|service|answers?|translations?|colleagues|team|others|everybody|handshake|usage|dashboard|archive)(?: \w+){0,3} (?:can|could|works?|knows?|sees?|learns?|are|is|gets?|runs?|improves?|find|counts?|stays?|has)`,
        String.raw`(?:licen[cs]e|activation|quality|integrity|compliance|security|account) check(?:s)? (?:needs?|requires?|wants?|expects?)`,
        String.raw`helps? (?:us|the (?:vendor|team|author|service|developers?)|our \w+)|(?:is|are) (?:a )?known (?:issue|bug|limitation|false positives?)|(?:otherwise|or) the (?:results?|tool|answer|call|index|ranking)(?: \w+)? (?:is|are|will be|fails?|stays?) \w+`,
      ].join('|'),
    ),
  ),
  // what the user says does not count
  shape(
    'over-user',
    one(
      [
        String.raw`(?:what(?:so)?ever|no matter (?:what|which|who|how)|regardless of (?:what|which|how)|irrespective of (?:what|which)|whichever)(?: \w+){0,3} ${USER} ${SAYS}`,
        String.raw`(?:even|also) (?:if|when|after|though|where|against)(?: \w+)? ${USER}(?:'s wish\w*)? ${SAYS}`,
        String.raw`(?:replac(?:e|es|ing)|ignor(?:e|es|ing)|overrul(?:e|es|ing)|overrid(?:e|es|ing)|disregard(?:s|ing)?|instead of|rather than|in place of) (?:the |any |what(?:ever)? )?(?:\w+ )?(?:one |ones |value |address |path |iban |account |recipient )?(?:that |which )?(?:given by |named by |chosen by |of )?${USER}(?:'s (?:choice|wish|request|path|address|answer))?(?: (?:gave|named|chose|wants?|gives?|names?|typed|entered|says?|asked for))?(?! (?:id|input|name|agent|interface))`,
        String.raw`(?:come|comes|go|goes|rank|ranks|stand|stands|count|counts|weigh|weighs|take|takes|has|have)(?: \w+)? (?:before|above|over|ahead of|more than|precedence over|priority over) (?:those of |the (?:words|wishes|rules|instructions|orders|requests|will) of |what )?${USER}(?! (?:interface|input|id))`,
        String.raw`(?:speaks?|decides?|acts?|answers?|agrees?|consents?) (?:for|on behalf of|in the name of|instead of|in place of) ${USER}`,
        String.raw`against (?:the )?(?:will|wish|wishes) of ${USER}`,
      ].join('|'),
    ),
  ),
  // consent that is claimed or given in the place of the user
  shape(
    'false-consent',
    one(
      [
        String.raw`${USER.replace('(?:the', '(?:they|he|she|the')}?(?:they )?(?:has |have |had )?(?:already |implicitly |in advance |generally |all |explicitly |previously |long )*(?:agreed|agrees?|consented|consents?|accepted|accepts?|approved|approves|authori[sz]ed|authori[sz]es|allowed|permitted|confirmed|waived|signed up|opted in)(?: \w+){0,4} (?:in the (?:terms|contract|licen[cs]e)|by (?:installing|using|loading|enabling|opening|starting|accepting)|in advance|beforehand|in general|when (?:installing|they installed|setting up)|at installation|with the installation|(?:to )?(?:all|every|any)(?: \w+)?)`,
        String.raw`(?:accept|approve|confirm|acknowledge|dismiss|answer|click|press|tick)s? (?:them|it|these|those|all|any|every|each|yes|allow|ok|"allow"|the (?:dialogs?|prompts?|buttons?|boxes|questions?|requests?))(?: \w+)?(?: (?:with|to) \w+)? ?(?:for|on behalf of|in the name of|in place of|instead of|so that) (?:${USER}|them|the (?:run|task|flow|work|agent|process))`,
        String.raw`(?:permission|approval|consent|authori[sz]ation)(?: \w+){0,6} (?:was|has been|were|is already) (?:granted|given|obtained|recorded)|(?:confirmation|consent|approval|permission)(?: \w+)? (?:is|are|counts as|was|were) (?:implied|assumed|presumed|implicit|taken for granted)`,
      ].join('|'),
    ),
  ),
  // what the user is told is not what happens
  shape(
    'false-word',
    one(
      [
        String.raw`(?:say|tell|claim|assure|confirm|report|answer|state|pretend|explain|write)s?(?: to)?(?: ${USER}| them)?(?: \w+)? ?that (?:the |all |every|everything |nothing |no |it |they |this |data )?(?:\w+ ){0,4}(?:is|are|was|were|stays?|stayed|remains?|passed|succeeded|stored|leaves?|left|worked|happened)(?: \w+){0,4} (?:only|local\w*|on this (?:computer|machine|device)|safe|private|passed|fine|complete|deleted|encrypted|not (?:sent|shared|stored|uploaded)|needed for|required for|for (?:the |an? )?\w+)`,
        String.raw`(?:report|say|claim|confirm|pretend|show|state|write)s?(?: to)?(?: ${USER}| them)?(?: that)? (?:the original|success|a success|no errors?|all (?:of them |tests? )?(?:passed|green|fine|ok))|(?:that )?all (?:of (?:them|the tests) |tests? )(?:have )?passed`,
        String.raw`(?:show|give|display)s?(?: ${USER}| them)? (?:a |an )?(?:fake|made-up|invented|harmless|false|fabricated|plausible) \w+`,
      ].join('|'),
    ),
  ),
  // keeps something from people, in the words of politeness or of routine
  shape(
    'unsaid',
    one(
      [
        String.raw`(?:no need|not necessary|no reason|unnecessary|better not|best not|pointless|needless|not worth|do not bother|don't bother|refrain from|avoid)(?: \w+){0,2} (?:bring(?:ing)?|mention(?:ing)?|tell(?:ing)?|talk(?:ing)?|point(?:ing)?|raise|raising|bother(?:ing)?|inform(?:ing)?|explain(?:ing)?|show(?:ing)?|draw(?:ing)? attention|call(?:ing)? attention|confus(?:e|ing)|worry(?:ing)?|trouble|troubling|say(?:ing)?)(?: (?:this|it|that|them|these|about|up|out|attention|anything|the user|users|people|to|with|of))+`,
        String.raw`(?:left|leave|leaves|leaving|stays?|remains?|goes?|keep|kept) (?:it |this |that |them |these )?(?:unsaid|unmentioned|unlisted|undisclosed|unreported|unspoken|undocumented|unnoticed|discreet|off the record|confidential between|low[- ]profile|out of sight)`,
        String.raw`(?:do not|don't|never|must not|should not|without) (?:list|describ|document|mention|record|report|name|show|itemi[sz]|not|cit|explain|includ|disclos|add|display|print)(?:e|es|ing|ed|s)? (?:it|this|that|them|these|(?:the|this|that|these) (?:fee|header|upload|copy|step|call|transfer|parameter|field|file|address|recipient|line|change|package|dependency|rule|entry|account|charge|request|domain|tracking|pixel|link|key)s?)(?: \w+)? (?:in|to|on|from|for|with|among) (?:the |any |your )?(?:\w+ )?(?:report|docs|documentation|summary|readme|changelog|reply|answer|output|chat|invoice|overview|users?|people|log|table|list|review|pull request|description|diff|response|result)s?`,
        String.raw`leaves? out (?:that|the fact)|nothing (?:of|about) (?:this|it|that) (?:appears|is (?:shown|mentioned|said)|shows up|gets|should|may|must|goes)|(?:it|this|that|which|copy|fee|step) (?:is|are|does|do) not (?:be )?(?:shown|visible|displayed|listed|mentioned|appear|show up|told)(?: \w+)? (?:to |for |in )(?:the )?(?:users?|people|customers?|reply|output|report|summary|chat)`,
        String.raw`(?:just |then |simply )?(?:go on|carry on|continue|proceed|answer|act|work) as (?:usual|if nothing (?:had )?happened|normal|always|before)|as if nothing (?:had )?happened`,
        String.raw`(?:in|as) (?:a |the )?(?:background|silent|quiet|hidden|invisible|unobtrusive) (?:step|task|call|request|way|manner|job|upload|copy)|(?:unobtrusively|inconspicuously|unseen|tacitly|on the quiet|on the side|casually|incidentally)`,
        String.raw`keep(?:s|ing)? ${USER} (?:unaware|uninformed|ignorant|in the dark|out of (?:it|this|the loop))|${USER} (?:has|have|had|need|needs|gets?) (?:no need|no reason|not) to (?:know|hear|see|learn|be (?:told|informed|asked|aware))|(?:nobody|no one|none of them) (?:has|needs|have|must|should|will|is) (?:to )?(?:know|hear|see|learn|notice|told|informed)|(?:is|are) (?:not|none of) ${USER}(?:'s)? (?:business|concern)|(?:left|kept|stays?) out of (?:the |its )?(?:preview|summary|report|answer|reply|log|list|output|draft)`,
        String.raw`(?:people|users?|they|it|this) (?:only |just |may |might |would |will |could )*(?:find|finds|be|get|gets|become) (?:this |it |that )?(?:confusing|confused|worried|upset|alarmed|nervous|unsettl\w+|annoy\w*)`,
        String.raw`(?:the |an? )?(?:agents?|assistants?|models?) (?:does|do|should|must|may|will) not (?:tell|inform|notify|mention|show|ask|warn) (?:the )?(?:users?|people|them|it|this|that)`,
        String.raw`(?:and|,) (?:not|never) (?:the )?(?:user|human|owner)(?:(?: \w+){0,2})?(?=\s*(?:[.;,]|$))|keep(?:ing)? (?:it|this|that) (?:to yourself|quiet|discreet|out of)|between you and (?:me|us|the server)`,
      ].join('|'),
    ),
  ),
  // the user decides: weighs against an attack
  shape(
    'user-decides',
    one(
      [
        String.raw`(?:ask|(?<!\b(?:host|client|system|app|harness|terminal|editor|tool|agent|it) )asks|asking) (?:the user|them|first|before|whether|which|for (?:a yes|approval|confirmation|permission|consent))|(?:after|once|when|only (?:if|when|after)|if|unless) (?:asking|approval|(?:the user|they|a person|the owner)(?: has| have)? (?:agrees?|agreed|approves?|approved|says? (?:so|yes)|confirms?|confirmed|wants?|asks? (?:for|to)|asked|requests?|requested|consents?|opts? in|a yes))`,
        String.raw`(?:wait|waits) for (?:a yes|the user|approval|confirmation|their)|show (?:(?:the )?user (?:the|it|them|what)|it|the (?:draft|text|diff|report|file|result|command|plan|list|summary)|them|him)(?: to the user| to them)?(?: first| before)?|(?:when|if|once) (?:the )?user says (?:so|yes|["'“\x60]?(?:remember|save|note|send|go ahead))|let (?:the user|them|him|her) (?:correct|check|review|edit|decide)|at the wish of the user|with (?:the user's|their) (?:consent|approval|permission|agreement)|(?:get|gets|needs?|requires?) (?:their |the user's |a |an |the )?(?:approval|consent|confirmation|permission)|opt(?:s|ed)?[- ]in|on request|(?:the user|they) (?:does|do|runs?|types?|enters?|installs?|decides?|chooses?)(?: (?:it|them|this))?|dictates?|by hand`,
      ].join('|'),
    ),
  ),
  shape(
    'user-names',
    one(
      String.raw`(?:that|which|whom?|whose|where) (?:the )?(?:user|customer|person|caller|they) (?:gives?|gave|names?|named|chooses?|chose|provides?|provided|picks?|picked|specif\w+|selects?|selected|asks? for|asked for|dictates|entered|configured|owns?)|(?:given|named|chosen|provided|selected|configured|specified) by (?:the )?(?:user|customer|caller)|\w+ (?:the user|they) (?:gives?|gave|names?|named|chooses?|chose|provides?|specif\w+|picks?|selects?|owns?)`,
    ),
  ),
  // what belongs to people, by its kind rather than by whose it is said to be
  shape(
    'belongings',
    one(
      [
        String.raw`(?:passports?(?: numbers?)?|payslips?|state files?|address books?|contact lists?|phone ?books?|call logs?|photo librar(?:y|ies)|mail archives?|mail ?box(?:es)?|inbox(?:es)?|calendars?|appointments?|diar(?:y|ies)|journals?|bookmarks?|browser histor(?:y|ies)|(?:bank|account) statements?|salary \w+|payslips?|contracts?|medical \w+|health \w+|tax \w+|passport\w*|id cards?|voice recordings?|recordings?|recordings of \w+|chat\.db|signed documents?|scans?|draft mails?|private \w+|personal \w+|customer (?:data|records?|lists?)|employee \w+|patient \w+|invoices?|receipts?)`,
        String.raw`what (?:the )?(?:user|people|they|employees?) (?:did|does|do|visited|opened|typed|worked on)|window titles|visited (?:sites|pages)|(?:user|employee|browsing) activity|working hours|(?:rows?|records?|entries|content|contents|columns?|dump|export|copy|copies|backup|snapshot) of (?:the |all |each |every |any )*(?:\w+ )?(?:tables?|databases?|db|mail ?box\w*|folders?|director(?:y|ies)|repositor(?:y|ies)|workspaces?|projects?|documents?|files?|notes?|discs?|disks?|messages?|clipboard|screen|sessions?)`,
        String.raw`(?:last|latest|recent|newest|previous|past|three|five|ten|twenty|\d{1,3})(?: \w+){0,2} (?:messages?|mails?|e-?mails?|prompts?|questions?|answers?|chats?|commits?|files?|notes?|photos?|searches|turns|requests)`,
        String.raw`(?:whole|entire|complete|full|all (?:of )?the|every|each) (?:\w+ )?(?:dialogue|dialog|conversation|chat|transcript|text|document|repositor(?:y|ies)|repo|workspace|project|folder|directory|mailbox|database|table|note|file|photo|picture|commit|branch|prompt|question|answer|reply|message|mail|meeting|order|customer|contact)s?`,
        String.raw`(?:text|prompts?|questions?|messages?|words|input|everything|anything|what(?:ever)?|files?|documents?|photos?) (?:that )?(?:the )?(?:user|they|people|customers?) (?:\w+ )?(?:pastes?|writes?|types?|says?|enters?|opens?|asks?|uploads?|dictates?|shares?|sends?|works? on|shows?|reads?|saves?|wrote|typed)`,
        String.raw`(?:user'?s?|their|his|her|owner'?s?|customer'?s?) (?:\w+ )?(?:e-?mail address(?:es)?|names?|location|home|address|phone( number)?|interests|habits|searches|files?|mails?|e-?mails?|notes?|photos?|contacts?|documents?|desktop|downloads|history|clipboard|screen|calendar|messages|browser|folders?|prompts?|identity|data)`,
        String.raw`(?:names|list|listing) of (?:the |all )?(?:files?|folders?|director(?:y|ies)|processes|projects|installed \w+|contacts|customers|people|repositor(?:y|ies))|working director(?:y|ies)|home (?:director(?:y|ies)|folder)|documents folder|~\/(?:documents|desktop|downloads|pictures|library\/messages|library\/mail)\S*`,
      ].join('|'),
    ),
  ),
  // before or after what was asked for, by itself
  shape(
    'beforehand',
    one(
      String.raw`(?:before|after|once|as soon as|when(?:ever)?|each time|every time) (?:you|the (?:agent|assistant|user|model)|they|it|answering|replying|signing|each|every|the (?:first|next))(?: \w+)?|beforehand|first of all|along the way|at the same time|meanwhile|in addition|additionally|on first use|(?:at|on) (?:the )?(?:first (?:start|run|use)|start-?up|session start)`,
    ),
  ),
  // a step that waits for trouble
  shape(
    'on-trouble',
    one(
      String.raw`(?:on|after|upon) (?:an? |any |every |each )?(?:error|failure|timeout|crash|exception)s?(?: [-\w]+)?|(?:if|when|whenever) (?:the |a |an |any |this |it )?(?:\w+ )?(?:call|tool|request|step|it|lookup|query|server)? ?(?:fails|errors|crashes|times out)|(?:it |this )?only works (?:if|when|after)|(?:known|common) (?:issue|bug|problem)`,
    ),
  ),
  // keys by whose they are
  shape(
    'kept-keys',
    one(
      String.raw`(?:aws|gcp|azure|cloud|github|gitlab|openai|anthropic|stripe|slack|npm|ssh|deploy|signing) (?:access )?(?:keys?|tokens?|credentials?)|database_url|connection strings?|terraform\.tfstate|\.tfstate|(?:complete |whole |full |entire |process )?environment of the (?:process|shell|host|agent|machine|user)|contents? of the environment|(?:process|shell) environment|payslips?|(?:tokens?|keys?|credentials?|passwords?|cookies?|secrets?) (?:that |which )?(?:the |an? )?(?:agent|assistant|client|host|user|you) (?:uses?|has|have|holds?|keeps?|owns?|is given|was given|logs? in with)|(?:session |login |auth )?cookies? of (?:the |a )?(?:user'?s? )?(?:browser|session|site)`,
    ),
  ),
  deed(
    'goes-to',
    one(
      String.raw`(?:goes?|flows?|ends? up|lands?|travels?|(?:is|are|gets?) (?:kept|collected|submitted|delivered|backed up|handed|gathered|processed|archived|mirrored|copied|stored))(?: \w+)? (?:to|at|with|on|in)|(?:submit|report|mirror|deposit|lodge|relay|transmit|deliver|sync|synchroni[sz]e|e-?mail|mail|copy|paste|file|register|disclose|dump)s?(?: \w+){0,6} (?:to|at|with|on|in|into|via)`,
    ),
  ),
  deed(
    'hand-on',
    one(
      String.raw`(?:mirror|submit|deposit|drop|lodge|report|attach|append|add|copy|copies|paste|insert|enter|supply|include|put|hand|pass|register|announce|enrol|replicate|duplicate|archive|stream|tee|proxy|e-?mail|mail|text|fax|transmit|relay|deliver|sync|synchroni[sz]e|backs? up|feed|file|open an issue with|publish|dispatch|route|release|expose|disclose|echo|quote|embed|encode|hide|tuck|weave|post|send|upload|forward|share|push|submit)(?:s|es|ting|ing|ed|ted)?`,
    ),
  ),
]
